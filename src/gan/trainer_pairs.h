/* Image-to-image games: what G gets of each real image, and what is asked of the image that it
 * makes of it. (In an alphabetical listing this stands beside the trainer, whose part it is.) */
#ifndef GANDER_GAN_TRAINER_PAIRS_H
#define GANDER_GAN_TRAINER_PAIRS_H

#include "trainer_state.h"

/* Room and streams; nothing where the recipe has no corruption. */
void pairs_init(struct trainer *trainer);
void pairs_release(struct trainer *trainer);
bool has_pairs(const struct trainer *trainer);

/* Rows of conditions, as `both` has its rows, from `row` on; NULL where there are none. */
const float *conditions_from(const struct trainer *trainer, int row);

/* Corrupts the real images (N, pixels) of a batch anew: conditions, of real rows and of fakes, and
 * what the fakes are to be like. */
void pairs_take(struct trainer *trainer, const float *real);

/* Copies through what was not hidden, in fakes (N, pixels) that G made of those. */
void pairs_restore(const struct trainer *trainer, float *fakes);

/* The mean absolute difference, over the pixels that G made, of composed fakes and real images. To
 * `gradient` (N, pixels), that of the objective by the fakes, adds that of training.reconstruction
 * times it; pixels that are copied through have none. */
double pairs_reconstruct(const struct trainer *trainer, const float *fakes, float *gradient);

/* See trainer_sample. */
void pairs_sample(struct trainer *trainer, int count, uint8_t *images);
/* See trainer_make. */
void pairs_make(struct trainer *trainer, int count, uint8_t *images, int *asked);

#endif
