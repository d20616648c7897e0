/* The two networks of a recipe, which must fit it, the images and each other. */
#ifndef GANDER_GAN_GAME_H
#define GANDER_GAN_GAME_H

#include "base/base.h"
#include "nn/network.h"
#include "record/recipe.h"

struct game {
    struct network *generator, *discriminator;
};

struct game_images {
    const char *source; /* for sentences */
    int height, width;
    int classes; /* 0: without labels */
};

/* Builds and checks both: shapes, labels on both sides or on neither, a generator that takes the
 * image that data.corruption makes (D may, to judge the pair), a discriminator that ends in
 * one logit and that the penalty can differentiate. `pool` NULL: only to look at, as network_new.
 * ERR_INVALID says what does not fit and the remedy. */
int game_new(struct game *out, const struct recipe *recipe, const struct game_images *images,
             struct pool *pool);
/* The condition that networks of a recipe may take: all 0 where data.corruption makes none. */
struct shape condition_shape(const struct recipe *recipe, int height, int width);
void game_release(struct game *game);

#endif
