/* Images of another size, pixel centres half way into pixels, as image libraries have it; what lies
 * beyond the edge has no weight. */
#ifndef GANDER_DATA_RESIZE_H
#define GANDER_DATA_RESIZE_H

#include "base/base.h"

enum resize_kind {
    RESIZE_BILINEAR, /* the triangle */
    RESIZE_BICUBIC   /* Keys 1981 (equation 15), a = -1/2: it overshoots at edges */
};

/* to (height, width) from (from_height, from_width). Where an image shrinks, the kernel widens as
 * much, so that every pixel counts. */
void resize_image(enum resize_kind kind, const float *from, int from_height, int from_width,
                  float *to, int height, int width);

#endif
