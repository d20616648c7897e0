/* Corruptions: what an image-to-image generator gets of the real image, as its condition.
 *
 *     left right top bottom    that half is hidden (the smaller one, where a side is odd)
 *     box                      a box of half the height and width in the middle is hidden
 *     shrink-2 shrink-4        every square of 2 x 2, 4 x 4 pixels has its mean
 *     half part shrink         a choice among these, drawn anew for each image
 *
 * A condition has the size of the image. Hidden pixels are 0, a grey half way between background
 * and ink, of which digits have little: so a network sees what is hidden. Of a generator that fills
 * in what is hidden, the pixels that are not are copied through: D, the reconstruction and whoever
 * looks see the composite. */
#ifndef GANDER_GAN_CORRUPTION_H
#define GANDER_GAN_CORRUPTION_H

#include "base/base.h"
#include "record/recipe.h"

/* The plain corruptions that a recipe's word stands for: how many (0 for none), and the one at
 * `index`, counted round. */
int corruption_choices(enum corruption corruption);
enum corruption corruption_choice(enum corruption corruption, int index);
bool corruption_includes(enum corruption corruption, enum corruption plain);

/* Pixels of a square's side: 2 or 4 of those that shrink, 1 of those that hide. */
int corruption_factor(enum corruption plain);

/* ERR_INVALID unless images of this size can be corrupted so. */
int corruption_check(enum corruption corruption, int height, int width);

/* condition (height, width) of image (height, width), for a plain corruption. `made` (height, width)
 * or NULL gets 1 where the generator's pixel counts, 0 where the real one is copied through. */
void corruption_apply(enum corruption plain, const float *image, int height, int width,
                      float *condition, float *made);

/* image = real where made is 0. */
void corruption_restore(float *image, const float *real, const float *made, size_t count);

#endif
