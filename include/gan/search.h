/* Completing images with a GAN that was not trained for it: the latent z whose image is most like
 * what is seen (Yeh et al. 2017, "Semantic Image Inpainting with Deep Generative Models").
 *
 *     z* = argmin  sum_i w_i |G(z)_i - x_i| / sum_i w_i  +  prior * g_loss(D(G(z)))
 *
 * over the pixels that are seen, by Adam from several random z, of which the best is kept. w_i is
 * FAR plus the share of hidden pixels in the 7 x 7 around pixel i (the paper's equation 3, which
 * has no FAR: with digits what is far from the hole tells, too). g_loss is the run's own loss of the
 * generator. A conditional generator begins with each class in turn. */
#ifndef GANDER_GAN_SEARCH_H
#define GANDER_GAN_SEARCH_H

#include "base/base.h"
#include "gan/generator.h"
#include "gan/judge.h"

struct search_wish {
    int steps;    /* of Adam */
    int restarts; /* at most GENERATOR_BATCH */
    double rate, prior;
    uint64_t seed; /* of the latents to begin with */
};
extern const struct search_wish search_usual;

/* found (count, height, width): G(z*) for each image (count, height, width), of which what has made
 * (count, height, width) 1 is hidden. Both networks are of one checkpoint and take no condition.
 * Depends on each image, its place and the seed, not on the others. `objective` is the run's.
 * `watch` (or NULL) is told how many are done; false breaks it off (ERR_CANCELLED). */
int search_complete(struct generator *generator, struct judge *judge, enum objective objective,
                    const struct search_wish *wish, const float *images, const float *made,
                    int count, float *found, bool (*watch)(void *context, int done), void *context);

#endif
