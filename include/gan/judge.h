/* A trained discriminator on its own, out of a checkpoint: what judges images.
 *
 * It judges as norms remember all of its training (their running statistics), without dropout and
 * without the noise of the recipe, so that a verdict does not depend on what else is judged: D(G(z))
 * of a training step, where norms look at the batch, differs from it a little. Only `stddev`, which
 * is about the batch, sees the images of one call together. */
#ifndef GANDER_GAN_JUDGE_H
#define GANDER_GAN_JUDGE_H

#include "base/base.h"
#include "record/recipe.h"

struct judge;

/* ERR_INVALID also for a checkpoint that has no discriminator. */
int judge_open(struct judge **out, const struct recipe *recipe, const char *checkpoint);
void judge_close(struct judge *judge);

struct judge_facts {
    int height, width;
    int classes; /* 0: it takes no labels */
};
struct judge_facts judge_facts(const struct judge *judge);

/* logits (count) of images (count, height, width) from -1 to 1; labels (count), or NULL where the
 * discriminator takes none. */
void judge_images(struct judge *judge, const float *images, const int *labels, int count,
                  float *logits);

/* The same of bytes, as in a data set. A discriminator that judges pairs gets each image beside what
 * its recipe's corruption leaves of it, its choices in turn. */
void judge_bytes(struct judge *judge, const uint8_t *images, const int *labels, int count,
                 float *logits);

/* The same beside conditions (count, height, width), for a discriminator that judges pairs
 * (gan/corruption.h); judge_images gives it such as are hidden whole. Others do not look at them. */
void judge_pairs(struct judge *judge, const float *images, const int *labels,
                 const float *conditions, int count, float *logits);

/* The same for a discriminator that takes no condition, with the gradient of each logit by its image
 * in slopes (count, height, width). */
void judge_slopes(struct judge *judge, const float *images, const int *labels, int count,
                  float *logits, float *slopes);

#endif
