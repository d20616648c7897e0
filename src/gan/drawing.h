/* Drawing images with a generator, in the same way whether it is still being trained or came out of
 * a checkpoint. */
#ifndef GANDER_GAN_DRAWING_H
#define GANDER_GAN_DRAWING_H

#include "base/base.h"
#include "nn/network.h"

struct drawing {
    struct network *net;
    struct tape *tape; /* what is on it is lost */
    int batch;         /* images of the tape */
    int *labels;       /* (batch), room */
    int classes;       /* 0: the generator takes no labels */
    const float *parameters;
    float *buffers;
};

/* Re-estimates the norm statistics in `buffers` for `parameters`, from so many batches of latents
 * that are always the same; finds the spectral norms of `parameters`, too. */
enum { DRAWING_ESTIMATES = 8 };
void drawing_estimate(const struct drawing *drawing);

/* images (count, output) as bytes, from latents (count, input) and labels (count, or NULL where the
 * generator takes none). `pixels` (count, output) or NULL gets what the bytes are rounded from. */
void drawing_draw(const struct drawing *drawing, const float *latents, const int *labels, int count,
                  uint8_t *images, float *pixels);

/* From the latents that `seed` gives: the image at a place depends on seed and place only. label
 * -1: place % classes. */
void drawing_draw_seeded(const struct drawing *drawing, uint64_t seed, int label, int count,
                         uint8_t *images);

#endif
