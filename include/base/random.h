/* Random numbers: xoshiro256++ (Blackman & Vigna 2019), seeded through splitmix64.
 *
 * A stream is a value: copy it, save it (it is four words), go on from it later, bit for bit.
 * Independent purposes take independent streams of one seed: random_seed(&r, seed, STREAM_LATENTS).
 */
#ifndef GANDER_BASE_RANDOM_H
#define GANDER_BASE_RANDOM_H

#include "base/base.h"

struct random {
    uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed, uint64_t stream);
uint64_t random_next(struct random *random);
double random_uniform(struct random *random);                 /* [0, 1) */
uint32_t random_below(struct random *random, uint32_t bound); /* 0 … bound-1, unbiased */
double random_normal(struct random *random);                  /* mean 0, deviation 1 */
/* One draw for two values, fast; the values of a shorter fill are the first of a longer one. */
void random_fill_normal(struct random *random, float *out, size_t count);
void random_fill_uniform(struct random *random, float *out, size_t count, float low, float high);
void random_shuffle(struct random *random, uint32_t *items, uint32_t count); /* Fisher-Yates */

#endif
