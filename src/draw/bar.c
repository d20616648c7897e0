#include "draw/bar.h"

#include <math.h>

#include "base/text.h"

enum { LEFT_END = 0x2595, RIGHT_END = 0x258F, FULL_BLOCK = 0x2588, EIGHTHS = 8, BLOCK_BYTES = 3 };
enum { FEWEST_WITH_ENDS = 4 };

/* How many eighths of `columns` cells are done. All of them only at 1. */
static int eighths_done(double fraction, int columns)
{
    double whole = (double)columns * EIGHTHS;
    if (!(fraction > 0))
        return 0;
    return (int)(fraction >= 1 ? whole : fmin(floor(fraction * whole), whole - 1));
}

/* What stands in column `x`; *is_end tells the frame from the bar. */
static uint32_t bar_character(double fraction, int x, int columns, bool *is_end)
{
    bool has_ends = columns >= FEWEST_WITH_ENDS;
    *is_end = has_ends && (x == 0 || x == columns - 1);
    if (*is_end)
        return x == 0 ? LEFT_END : RIGHT_END;
    int inside = columns - (has_ends ? 2 : 0), at = x - has_ends;
    int eighths = eighths_done(fraction, inside) - at * EIGHTHS;
    if (eighths <= 0)
        return ' ';
    return (uint32_t)(FULL_BLOCK + EIGHTHS - MIN(eighths, EIGHTHS)); /* U+2588 … U+258F */
}

void bar_draw(struct canvas *canvas, struct rect rect, double fraction, struct style style)
{
    static const struct style end_style = { .attributes = STYLE_DIM };
    if (rect.height <= 0)
        return;
    for (int x = 0; x < rect.width; x++) {
        bool is_end;
        uint32_t character = bar_character(fraction, x, rect.width, &is_end);
        canvas_put(canvas, rect.x + x, rect.y, character, is_end ? end_style : style);
    }
}

char *bar_text(struct arena *arena, double fraction, int columns, bool utf8)
{
    columns = MAX(columns, 0);
    char *text = arena_alloc(arena, (size_t)columns * BLOCK_BYTES + 2, 1), *end = text;
    for (int x = 0; x < columns; x++) {
        bool is_end;
        char bytes[5];
        uint32_t character = bar_character(fraction, x, columns, &is_end);
        int length = text_encode(utf8 ? character : (unsigned char)canvas_ascii(character), bytes);
        for (int i = 0; i < length; i++)
            *end++ = bytes[i];
    }
    *end = '\0';
    return text;
}
