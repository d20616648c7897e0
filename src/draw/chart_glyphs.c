/* What charts are drawn with: characters for dots, colours and markers of series. */
#include "chart_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

static const char *const glyph_names[] = { "auto", "ascii", "half", "quadrant", "braille", NULL };

int chart_glyphs_parse(enum chart_glyphs *out, const char *word)
{
    int count = ARRAY_SIZE(glyph_names) - 1;
    for (int i = 0; i < count; i++) {
        if (strcmp(word, glyph_names[i]) != 0)
            continue;
        *out = (enum chart_glyphs)i;
        return 0;
    }
    const char *nearest = text_nearest(word, glyph_names, count, sizeof *glyph_names);
    if (nearest)
        return fail(ERR_INVALID, "unknown chart glyphs '%.40s' (did you mean '%s'?)", word,
                    nearest);
    return fail(ERR_INVALID,
                "unknown chart glyphs '%.40s' (there are auto, ascii, half, quadrant, braille)",
                word);
}

const char *const *chart_glyphs_names(void)
{
    return glyph_names;
}

enum chart_glyphs chart_glyphs_for(const struct terminal *terminal)
{
    if (!terminal->is_terminal || !terminal->utf8)
        return CHART_ASCII;
    return terminal->braille ? CHART_BRAILLE : CHART_HALF;
}

/* --- dots --- */

int chart_glyph_across(enum chart_glyphs glyphs)
{
    return glyphs == CHART_HALF ? 1 : 2;
}

int chart_glyph_down(enum chart_glyphs glyphs)
{
    return glyphs == CHART_HALF || glyphs == CHART_QUADRANT ? 2 : 4;
}

static uint32_t braille(unsigned dots)
{
    /* Unicode 15, chapter 21.1: dots 1 2 3 7 go down the left column, 4 5 6 8 down the right one */
    static const uint8_t bits[] = { 1, 8, 2, 16, 4, 32, 64, 128 };
    uint32_t pattern = 0;
    for (int i = 0; i < ARRAY_SIZE(bits); i++)
        if (dots >> i & 1)
            pattern |= bits[i];
    return 0x2800 + pattern;
}

/* Dots of one of the two columns of a cell: how many, and the sum of their rows 0 … 3. */
static int count_dots(unsigned dots, int column, int *rows)
{
    int count = 0;
    *rows = 0;
    for (int row = 0; row < 4; row++) {
        if (!(dots >> (2 * row + column) & 1))
            continue;
        count++;
        *rows += row;
    }
    return count;
}

/* The character whose ink lies where the dots of a curve do. */
static uint32_t ascii(unsigned dots)
{
    enum { STEEP = 3, BULKY = 5 };
    static const char levels[] = { '\'', '\'', '-', '-', '-', '.', '_' };
    int left_rows, right_rows;
    int left = count_dots(dots, 0, &left_rows), right = count_dots(dots, 1, &right_rows);
    int count = left + right, twice_row = 2 * (left_rows + right_rows) / MAX(count, 1);
    if (left > 0 && right > 0) {
        int twice_drop = 2 * right_rows / right - 2 * left_rows / left;
        if (abs(twice_drop) >= STEEP)
            return twice_drop > 0 ? '\\' : '/';
        return count >= BULKY ? '|' : (unsigned char)levels[twice_row];
    }
    return count >= STEEP ? '|' : (unsigned char)levels[twice_row];
}

uint32_t chart_glyph_of_dots(enum chart_glyphs glyphs, unsigned dots)
{
    static const uint16_t quadrants[16] = { ' ',    0x2598, 0x259D, 0x2580, 0x2596, 0x258C,
                                            0x259E, 0x259B, 0x2597, 0x259A, 0x2590, 0x259C,
                                            0x2584, 0x2599, 0x259F, 0x2588 };
    static const uint16_t halves[4] = { ' ', 0x2580, 0x2584, 0x2588 };
    switch (glyphs) {
    case CHART_BRAILLE:
        return braille(dots);
    case CHART_QUADRANT:
        return quadrants[dots & 15];
    case CHART_HALF:
        return halves[dots & 3];
    default:
        return ascii(dots);
    }
}

/* --- signs --- */

static bool is_plain(enum chart_glyphs glyphs)
{
    return glyphs == CHART_ASCII || glyphs == CHART_HALF; /* few fonts of the console have more */
}

uint32_t chart_character(enum chart_glyphs glyphs, uint32_t character)
{
    return glyphs == CHART_ASCII ? (unsigned char)canvas_ascii(character) : character;
}

uint32_t chart_glyph_of_event(enum chart_event_kind kind, enum chart_glyphs glyphs)
{
    static const uint16_t signs[][2] = {
        [CHART_MARK] = { 0x2575, '\'' },
        [CHART_CHECKPOINT] = { 0x25CA, '^' },
        [CHART_RESUME] = { 0x25BA, '>' },
        [CHART_HEALTH] = { '!', '!' },
    };
    return signs[kind][is_plain(glyphs)];
}

/* --- looks --- */

enum { LOOKS = 8 };

/* After Okabe & Ito 2008, moved so that each contrasts with black and with white by 2.6 : 1 or more
 * (most by 3 : 1), that no two become the same of 256 or of 16 colours, and that protanopes and
 * deuteranopes can tell any two: they are 8 or more apart in CIELAB as Machado et al. 2009 simulate
 * them, and the first four 24. */
static const struct {
    uint8_t colour[3];
    uint8_t faint[3]; /* the same nearly grey: fainter on black and on white */
} palette[LOOKS] = {
    { { 0x24, 0x6C, 0xF0 }, { 0x54, 0x76, 0xA5 } }, /* blue */
    { { 0xD8, 0x90, 0x00 }, { 0xAA, 0x7D, 0x4E } }, /* orange */
    { { 0x00, 0x90, 0x54 }, { 0x49, 0x74, 0x62 } }, /* green */
    { { 0xE0, 0x78, 0xB8 }, { 0x8C, 0x6C, 0x80 } }, /* pink */
    { { 0xD8, 0x20, 0x20 }, { 0x8A, 0x52, 0x5E } }, /* red */
    { { 0x10, 0xA8, 0xD0 }, { 0x4D, 0x7B, 0x87 } }, /* sky */
    { { 0x9A, 0x30, 0xB8 }, { 0x77, 0x59, 0x82 } }, /* violet */
    { { 0x78, 0x78, 0x78 }, { 0x6C, 0x6C, 0x6C } }, /* grey */
};

static int place_of(int look)
{
    return (MAX(look, 1) - 1) % LOOKS;
}

static struct style style_of(const uint8_t rgb[3])
{
    return (struct style){ .foreground = colour_rgb(rgb[0], rgb[1], rgb[2]) };
}

struct style chart_style(int look)
{
    return style_of(palette[place_of(look)].colour);
}

struct style chart_faint_style(int look)
{
    return style_of(palette[place_of(look)].faint);
}

/* Looks beyond the palette have its colours again, with other markers. */
uint32_t chart_marker(int look, enum chart_glyphs glyphs)
{
    static const uint16_t shapes[LOOKS] = { 0x25CF, 0x25B2, 0x25A0, 0x25C6,
                                            0x25CB, 0x25B3, 0x25A1, 0x25C7 };
    static const char letters[LOOKS] = {
        '*', 'o', '+', '%', '#', '@', '&', '='
    }; /* not x v ^ : . -: marks */
    int place = (place_of(look) + (MAX(look, 1) - 1) / LOOKS) % LOOKS;
    return is_plain(glyphs) ? (unsigned char)letters[place] : shapes[place];
}

int chart_look(const struct chart *chart, int index)
{
    return chart->series[index].look > 0 ? chart->series[index].look : index + 1;
}

int chart_curves(const struct chart *chart)
{
    int count = 0;
    for (int i = 0; i < chart->series_count; i++)
        count += !chart->series[i].is_faint;
    return count;
}
