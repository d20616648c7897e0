/* A trained generator on its own, out of a checkpoint: what draws new images. */
#ifndef GANDER_GAN_GENERATOR_H
#define GANDER_GAN_GENERATOR_H

#include "base/base.h"
#include "nn/network.h"
#include "record/recipe.h"

struct generator;

struct generator_facts {
    int latent, height, width, classes; /* classes 0: not conditional */
    enum corruption corruption;         /* what it takes as condition; none: no image */
    int64_t step;
    bool is_averaged; /* its weights are the moving average */
};

int generator_open(struct generator **out, const struct recipe *recipe, const char *checkpoint);
/* The same with the weights as they were trained, although there is an average. */
int generator_open_raw(struct generator **out, const struct recipe *recipe, const char *checkpoint);
void generator_close(struct generator *generator);
struct generator_facts generator_facts(const struct generator *generator);

/* images (count, height, width) from latents (count, latent); labels (count) or NULL. An image does
 * not depend on its batch. `pixels` (count, height, width) gets the same as the generator made it,
 * from -1 to 1, for a judge; either may be NULL. */
void generator_draw(struct generator *generator, const float *latents, const int *labels, int count,
                    uint8_t *images, float *pixels);

/* The same with images as conditions, for a generator that takes them (gan/corruption.h); generator_draw
 * gives it such as are hidden whole. What is not hidden is not copied through. */
struct generator_input {
    const float *latents;    /* (count, latent) */
    const int *labels;       /* (count), or NULL */
    const float *conditions; /* (count, height, width), or NULL */
};
void generator_draw_from(struct generator *generator, const struct generator_input *input,
                         int count, uint8_t *images, float *pixels);

/* The way back of the last of these calls, which must have been for at most GENERATOR_BATCH images:
 * d_latents (count, latent) of d_pixels (count, height, width). */
enum { GENERATOR_BATCH = 64 };
void generator_backward(struct generator *generator, const float *d_pixels, int count,
                        float *d_latents);

/* Images for the latents that `seed` gives: image i depends on seed and i only. label -1: i %
 * classes. */
void generator_draw_seeded(struct generator *generator, uint64_t seed, int label, int count,
                           uint8_t *images);

/* Its layers, and its weights for network_export; borrowed. */
struct network *generator_network(const struct generator *generator);

/* Pixels from -1 to 1 as bytes, what lies beyond as black or white. */
void pixels_to_bytes(const float *pixels, uint8_t *bytes, size_t count);

#endif
