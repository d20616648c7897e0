/* Drawing images with a generator, in the same way whether it is still being trained or came out of
 * a checkpoint. */
#ifndef GANDER_GAN_DRAWING_H
#define GANDER_GAN_DRAWING_H

#include "base/base.h"
#include "gan/generator.h"
#include "nn/network.h"

enum { DRAWING_ESTIMATES = 8 }; /* batches that norm statistics are estimated from */

struct drawing {
    struct network *net;
    struct tape *tape; /* what is on it is lost */
    int batch;         /* images of the tape */
    int *labels;       /* (batch), room */
    int classes;       /* 0: the generator takes no labels */
    const float *parameters;
    float *buffers;
    float *conditions;      /* (batch, condition), room; NULL: the generator takes none */
    const float *estimates; /* (DRAWING_ESTIMATES, batch, condition) to estimate with, likewise */
};

/* Re-estimates the norm statistics in `buffers` for `parameters`, from latents that are always the
 * same; finds the spectral norms of `parameters`, too. */
void drawing_estimate(const struct drawing *drawing);

/* images (count, output) as bytes; `pixels` (count, output) gets what the bytes are rounded from.
 * Either may be NULL. */
void drawing_draw(const struct drawing *drawing, const struct generator_input *input, int count,
                  uint8_t *images, float *pixels);

/* From the latents that `seed` gives: the image at a place depends on seed and place only. label
 * -1: place % classes. A generator that takes an image gets one that is hidden whole. */
void drawing_draw_seeded(const struct drawing *drawing, uint64_t seed, int label, int count,
                         uint8_t *images);

#endif
