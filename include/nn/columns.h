/* im2col and its transpose, for images (N, H, W, C).
 *
 * `large` is the side that the kernel slides over (a convolution's input, a transposed
 * convolution's output), `small` the other. A row of columns belongs to one place of `small` and
 * holds the K * K * C values under the kernel, (ky, kx, c). */
#ifndef GANDER_NN_COLUMNS_H
#define GANDER_NN_COLUMNS_H

#include "base/base.h"

struct columns {
    int height, width, channels; /* of large */
    int small_height, small_width;
    int kernel, stride, pad;
};

size_t columns_per_image(
    const struct columns *geometry); /* floats: small_height * small_width * K * K * C */

/* columns (images * small places, K * K * C) from large (images, H, W, C); outside of the image is
 * zero. */
void columns_gather(const struct columns *geometry, const float *large, int images, float *columns);

/* large = sum of the columns that cover each pixel (set, not added). */
void columns_scatter(const struct columns *geometry, const float *columns, int images,
                     float *large);

#endif
