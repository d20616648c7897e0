#include "found.h"

#include <ctype.h>

#include "base/text.h"

static uint32_t folded(uint32_t character)
{
    return character < 128 ? (uint32_t)tolower((int)character) : character;
}

/* How many cells from x on show the text; 0: it does not stand there. */
static int cells_of(const struct canvas *canvas, int x, int end, int y, const char *text)
{
    int begun = x;
    for (; *text; x++) {
        const struct cell *cell = x < end ? canvas_at(canvas, x, y) : NULL;
        if (!cell)
            return 0;
        bool is_right_half = cell->character == 0 && x > begun;
        if (!is_right_half && folded(cell->character) != folded(text_next(&text)))
            return 0;
    }
    return x - begun;
}

void found_draw(struct frame *frame, struct rect row, const char *text, bool is_reversed)
{
    struct style style = look_style(frame->look, ROLE_FOUND);
    int end = row.x + row.width;
    if (!text || !*text)
        return;
    if (is_reversed)
        style.attributes ^= STYLE_REVERSE;
    for (int x = row.x; x < end;) {
        int cells = cells_of(frame->canvas, x, end, row.y, text);
        for (int i = 0; i < cells; i++) {
            const struct cell *cell = canvas_at(frame->canvas, x + i, row.y);
            if (cell->character != 0)
                canvas_put(frame->canvas, x + i, row.y, cell->character, style);
        }
        x += cells > 0 ? cells : 1;
    }
}
