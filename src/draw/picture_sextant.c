/* Sextants: six dots a cell in two greys, chosen together so that the squared error is smallest. Of
 * the ways to part six dots in two, only those matter that part the dots sorted by brightness. */
#include "picture_parts.h"

enum { DOTS = SEXTANT_ACROSS * SEXTANT_DOWN, UPPER_HALF = 0x2580 };

/* Dot `i` of a cell is bit `i`, row by row (Unicode 15, chapter 22.7); what older blocks show has no
 * character there. */
static uint32_t sextant_of(unsigned bits)
{
    enum { FIRST = 0x1FB00, LEFT = 0x15, RIGHT = 0x2A, LEFT_HALF = 0x258C, RIGHT_HALF = 0x2590 };
    if (bits == LEFT || bits == RIGHT)
        return bits == LEFT ? LEFT_HALF : RIGHT_HALF;
    return FIRST + bits - 1 - (bits > LEFT) - (bits > RIGHT);
}

/* The dots from the darkest on. */
static void sort_dots(const float dots[DOTS], int order[DOTS])
{
    for (int i = 0; i < DOTS; i++) {
        int at = i;
        for (; at > 0 && dots[order[at - 1]] > dots[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

static uint32_t grey_of(float brightness)
{
    return colour_grey((uint8_t)(brightness * 255 + 0.5F));
}

static struct cell cell_of(const float dots[DOTS])
{
    int order[DOTS], best = 0;
    float total = 0, dark = 0, best_dark = 0, most = -1;
    sort_dots(dots, order);
    for (int i = 0; i < DOTS; i++)
        total += dots[i];
    /* n dark dots of sum a and m light ones of sum b: the error falls by a^2/n + b^2/m */
    for (int n = 1; n < DOTS; n++) {
        dark += dots[order[n - 1]];
        float light = total - dark;
        float explained = dark * dark / (float)n + light * light / (float)(DOTS - n);
        if (explained > most)
            most = explained, best = n, best_dark = dark;
    }
    uint32_t foreground = grey_of((total - best_dark) / (float)(DOTS - best));
    uint32_t background = grey_of(best_dark / (float)best);
    unsigned bits = 0;
    for (int i = best; i < DOTS; i++)
        bits |= 1U << order[i];
    return (struct cell){ foreground == background ? UPPER_HALF : sextant_of(bits),
                          { foreground, background, 0 } };
}

void picture_paint_sextant(struct canvas *canvas, int x, int y, const struct points *points)
{
    for (int row = 0; row < points->height / SEXTANT_DOWN; row++) {
        for (int column = 0; column < points->width / SEXTANT_ACROSS; column++) {
            float dots[DOTS];
            for (int i = 0; i < DOTS; i++)
                dots[i] = points->values[(size_t)(row * SEXTANT_DOWN + i / SEXTANT_ACROSS) *
                                             (size_t)points->width +
                                         (size_t)(column * SEXTANT_ACROSS + i % SEXTANT_ACROSS)];
            struct cell cell = cell_of(dots);
            canvas_put(canvas, x + column, y + row, cell.character, cell.style);
        }
    }
}
