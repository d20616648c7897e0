#include "dots.h"

#include <stdlib.h>

#include "base/memory.h"
#include "chart_parts.h"

static int across(const struct dots *dots)
{
    return dots->glyphs == CHART_ASCII ? 1 : chart_glyph_across(dots->glyphs);
}

static int down(const struct dots *dots)
{
    return dots->glyphs == CHART_ASCII ? 1 : chart_glyph_down(dots->glyphs);
}

void dots_init(struct dots *dots, struct rect rect, enum chart_glyphs glyphs)
{
    rect.width = MAX(rect.width, 0);
    rect.height = MAX(rect.height, 0);
    size_t cells = (size_t)rect.width * (size_t)rect.height;
    *dots = (struct dots){ .glyphs = glyphs, .rect = rect };
    dots->width = rect.width * across(dots);
    dots->height = rect.height * down(dots);
    dots->bits = xcalloc(MAX(cells, 1), sizeof *dots->bits);
    dots->styles = xcalloc(MAX(cells, 1), sizeof *dots->styles);
}

void dots_release(struct dots *dots)
{
    free(dots->bits);
    free(dots->styles);
    *dots = (struct dots){ .bits = NULL };
}

void dots_put(struct dots *dots, int x, int y, struct style style)
{
    if (x < 0 || y < 0 || x >= dots->width || y >= dots->height)
        return;
    int columns = across(dots), rows = down(dots);
    size_t cell = (size_t)(y / rows) * (size_t)dots->rect.width + (size_t)(x / columns);
    dots->bits[cell] |= (uint8_t)(1u << (y % rows * columns + x % columns));
    dots->styles[cell] = style;
}

/* Bresenham 1965. */
void dots_line(struct dots *dots, int x, int y, int end_x, int end_y, struct style style)
{
    int wide = abs(end_x - x), high = abs(end_y - y), error = wide - high, count = 0;
    int step_x = x < end_x ? 1 : -1, step_y = y < end_y ? 1 : -1;
    for (;;) {
        if (dots->is_sparse == 0 || count++ % dots->is_sparse == 0)
            dots_put(dots, x, y, style);
        if (x == end_x && y == end_y)
            return;
        int twice = 2 * error;
        if (twice > -high)
            error -= high, x += step_x;
        if (twice < wide)
            error += wide, y += step_y;
    }
}

void dots_paint(const struct dots *dots, struct canvas *canvas)
{
    for (int y = 0; y < dots->rect.height; y++)
        for (int x = 0; x < dots->rect.width; x++) {
            size_t cell = (size_t)y * (size_t)dots->rect.width + (size_t)x;
            unsigned bits = dots->bits[cell];
            if (bits)
                canvas_put(canvas, dots->rect.x + x, dots->rect.y + y,
                           dots->glyphs == CHART_ASCII ? '*'
                                                       : chart_glyph_of_dots(dots->glyphs, bits),
                           dots->styles[cell]);
        }
}
