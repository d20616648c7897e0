/* Dots on cells, each cell in the style of what was drawn there last: what scatter and parallel are made
 * of. In ASCII a dot is a character of its cell. */
#ifndef GANDER_DRAW_DOTS_H
#define GANDER_DRAW_DOTS_H

#include "draw/chart.h"

struct dots {
    enum chart_glyphs glyphs;
    struct rect rect;
    int width, height; /* in dots */
    uint8_t *bits;     /* (rect.height, rect.width) */
    struct style *styles;
    int is_sparse; /* only every so manieth dot of a line is drawn; 0: all */
};

void dots_init(struct dots *dots, struct rect rect, enum chart_glyphs glyphs);
void dots_release(struct dots *dots);
void dots_put(struct dots *dots, int x, int y, struct style style); /* from the top left */
void dots_line(struct dots *dots, int x, int y, int end_x, int end_y, struct style style);
void dots_paint(const struct dots *dots, struct canvas *canvas);

#endif
