/* Printing a canvas: cells reduced to what a terminal shows, with as few bytes as do. */
#define _GNU_SOURCE
#include <string.h>

#include "base/text.h"
#include "draw/canvas.h"

enum {
    UPPER_HALF = 0x2580,
    LOWER_HALF = 0x2584,
    FULL_BLOCK = 0x2588,
    LEFT_HALF = 0x258C,
    RIGHT_HALF = 0x2590,
    FIRST_SEXTANT = 0x1FB00,
    LAST_SEXTANT = 0x1FB3B
};

static bool is_sextant(uint32_t character)
{
    return character >= FIRST_SEXTANT && character <= LAST_SEXTANT;
}

/* The dots of a sextant, as bits row by row. */
static unsigned dots_of_sextant(uint32_t character)
{
    enum { LEFT_DOTS = 0x15, RIGHT_DOTS = 0x2A }; /* they are no sextants but half blocks */
    unsigned dots = character - FIRST_SEXTANT + 1;
    dots += dots >= LEFT_DOTS;
    return dots + (dots >= RIGHT_DOTS);
}

/* By which rows of dots there is something in. */
static char ascii_of_sextant(uint32_t character)
{
    static const char by_rows[] =
        " \"-*_:=#"; /* bit 0: the upper row, 1: the middle, 2: the lower */
    unsigned dots = dots_of_sextant(character);
    int rows = ((dots & 3) != 0) + 2 * ((dots >> 2 & 3) != 0) + 4 * ((dots >> 4) != 0);
    return by_rows[rows];
}

/* clang-format off */
static const struct {
    uint32_t character;
    char ascii;
} likeness[] = {
    { 0xA0, ' ' },
    { 0xB0, 'o' },
    { 0xB1, '~' },
    { 0xB7, '.' },
    { 0xBB, '}' },
    { 0x2010, '-' },
    { 0x2013, '-' },
    { 0x2014, '-' },
    { 0x2018, '\'' },
    { 0x2019, '\'' },
    { 0x201C, '"' },
    { 0x201D, '"' },
    { 0x2020, '+' },
    { 0x2022, '*' },
    { 0x2026, '~' },
    { 0x2039, '<' },
    { 0x203A, '>' },
    { 0x2190, '<' },
    { 0x2191, '^' },
    { 0x2192, '>' },
    { 0x2193, 'v' },
    { 0x2212, '-' },
    { 0x221E, '%' },
    { 0x22EE, ':' },
    { 0x2500, '-' },
    { 0x2502, '|' },
    { 0x250A, ':' },
    { 0x250C, '+' },
    { 0x2510, '+' },
    { 0x2514, '+' },
    { 0x2518, '+' },
    { 0x251C, '+' },
    { 0x2524, '+' },
    { 0x252C, '+' },
    { 0x2534, '+' },
    { 0x253C, '+' },
    { 0x2551, '=' },
    { 0x256D, '+' },
    { 0x256E, '+' },
    { 0x256F, '+' },
    { 0x2570, '+' },
    { 0x2580, '"' },
    { 0x2581, '_' },
    { 0x2582, '.' },
    { 0x2583, '-' },
    { 0x2584, '=' },
    { 0x2585, '+' },
    { 0x2586, '*' },
    { 0x2587, '%' },
    { 0x2588, '#' },
    { 0x2589, '#' },
    { 0x258A, '=' },
    { 0x258B, '=' },
    { 0x258C, '-' },
    { 0x258D, '-' },
    { 0x258E, '|' },
    { 0x258F, '|' },
    { 0x2590, '|' },
    { 0x2591, '.' },
    { 0x2592, ':' },
    { 0x2593, '%' },
    { 0x2595, '|' },
    { 0x25A0, '#' },
    { 0x25A1, '_' },
    { 0x25B2, '^' },
    { 0x25B8, '>' },
    { 0x25BA, '>' },
    { 0x25BC, 'v' },
    { 0x25BE, 'v' },
    { 0x25C9, '@' },
    { 0x25CB, 'o' },
    { 0x25CF, '*' },
    { 0x2713, 'v' },
    { 0x2717, 'x' },
    { 0x2800, ' ' },
};
/* clang-format on */

char canvas_ascii(uint32_t character)
{
    static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty";
    if (character < 0x7F)
        return (char)character;
    if (character >= 0xC0 && character <= 0xFF)
        return latin[character - 0xC0]; /* its letters without their accents */
    if (is_sextant(character))
        return ascii_of_sextant(character);
    for (int i = 0; i < ARRAY_SIZE(likeness); i++)
        if (likeness[i].character == character)
            return likeness[i].ascii;
    return '?';
}

/* Whether a cell shows nothing but two colours that are known, as pictures do. */
static bool is_pixels(const struct cell *cell)
{
    uint32_t c = cell->character;
    return (c == UPPER_HALF || c == LEFT_HALF || c == RIGHT_HALF || is_sextant(c)) &&
           colour_luma(cell->style.foreground) >= 0 && colour_luma(cell->style.background) >= 0;
}

/* What shows the light one of the two, where colours cannot tell them apart. */
static uint32_t light_alone(const struct cell *cell)
{
    bool is_light = colour_luma(cell->style.foreground) >= 128;
    if (is_light == (colour_luma(cell->style.background) >= 128))
        return is_light ? FULL_BLOCK : ' ';
    return is_light || cell->character != UPPER_HALF ? cell->character : LOWER_HALF;
}

static struct cell reduce(const struct cell *cell, const struct terminal *terminal)
{
    enum colour_depth depth = terminal->colours;
    const struct style *style = &cell->style;
    struct cell result = {
        .character = cell->character,
        .style = { colour_reduce(style->foreground, depth), colour_reduce(style->background, depth),
                   depth == COLOUR_NONE ? 0 : style->attributes },
    };
    bool is_same = result.style.foreground == result.style.background;
    if (is_pixels(cell) && (depth == COLOUR_NONE || is_same))
        result.character = depth == COLOUR_NONE ? light_alone(cell) : ' ';
    if (!terminal->utf8 && result.character)
        result.character = (unsigned char)canvas_ascii(result.character);
    return result;
}

static bool shows_ink(const struct cell *cell)
{
    return cell->character != ' ' || (cell->style.attributes & (STYLE_UNDERLINE | STYLE_REVERSE));
}

int canvas_row_columns(const struct canvas *canvas, int y, const struct terminal *terminal)
{
    int columns = y >= 0 && y < canvas->height ? canvas->width : 0;
    while (columns > 0) {
        struct cell cell = reduce(canvas_at(canvas, columns - 1, y), terminal);
        if (shows_ink(&cell) || cell.style.background != COLOUR_DEFAULT)
            break;
        columns--;
    }
    return columns;
}

/* The parameters of one SGR sequence as they gather. */
struct parameters {
    char text[96]; /* reset, five attributes and two true colours take 50 */
    int length;
};

static void add(struct parameters *parameters, const char *text)
{
    int room = (int)sizeof parameters->text - parameters->length;
    parameters->length += snprintf(parameters->text + parameters->length, (size_t)room, "%s%s",
                                   parameters->length > 0 ? ";" : "", text);
}

static void add_attributes(struct parameters *parameters, uint32_t attributes)
{
    static const struct {
        uint32_t attribute;
        const char *code;
    } codes[] = {
        { STYLE_BOLD, "1" },      { STYLE_DIM, "2" },     { STYLE_ITALIC, "3" },
        { STYLE_UNDERLINE, "4" }, { STYLE_REVERSE, "7" },
    };
    for (int i = 0; i < ARRAY_SIZE(codes); i++)
        if (attributes & codes[i].attribute)
            add(parameters, codes[i].code);
}

static bool is_same(const struct style *a, const struct style *b)
{
    return a->attributes == b->attributes && a->foreground == b->foreground &&
           a->background == b->background;
}

static void print_change(FILE *stream, struct style *from, struct style to)
{
    if (is_same(from, &to))
        return;
    struct parameters parameters = { .length = 0 };
    char code[COLOUR_SGR_SIZE];
    bool is_plain =
        !to.attributes && to.foreground == COLOUR_DEFAULT && to.background == COLOUR_DEFAULT;
    if (is_plain || (from->attributes & ~to.attributes)) {
        if (!is_plain)
            add(&parameters, "0");
        *from = (struct style){ 0 };
    }
    add_attributes(&parameters, to.attributes & ~from->attributes);
    if (to.foreground != from->foreground) {
        colour_sgr(code, to.foreground, false);
        add(&parameters, code);
    }
    if (to.background != from->background) {
        colour_sgr(code, to.background, true);
        add(&parameters, code);
    }
    fprintf(stream, "\033[%sm", parameters.text);
    *from = to;
}

static void put_character(uint32_t character, FILE *stream)
{
    char bytes[5];
    if (character < 0x80) {
        putc_unlocked((int)character, stream);
        return;
    }
    int length = text_encode(character, bytes);
    fwrite(bytes, 1, (size_t)length, stream);
}

void canvas_print_row(const struct canvas *canvas, int y, FILE *stream,
                      const struct terminal *terminal)
{
    struct style now = { 0 };
    int columns = canvas_row_columns(canvas, y, terminal);
    for (int x = 0; x < columns; x++) {
        struct cell cell = reduce(canvas_at(canvas, x, y), terminal);
        if (cell.character == 0)
            continue;
        if (!shows_ink(&cell)) /* a blank shows no foreground: the one that is set will do */
            cell.style.foreground = now.foreground;
        print_change(stream, &now, cell.style);
        put_character(cell.character, stream);
    }
    print_change(stream, &now, (struct style){ 0 });
}

void canvas_print(const struct canvas *canvas, FILE *stream, const struct terminal *terminal)
{
    for (int y = 0; y < canvas->height; y++) {
        canvas_print_row(canvas, y, stream, terminal);
        fputc('\n', stream);
    }
}
