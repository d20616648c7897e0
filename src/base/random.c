#include "base/random.h"

#include <math.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void random_seed(struct random *random, uint64_t seed, uint64_t stream)
{
    uint64_t mixed = stream * 0xD1342543DE82EF95u + 0x2545F4914F6CDD1Du;
    uint64_t state = seed ^ splitmix64(&mixed);
    for (int i = 0; i < 4; i++)
        random->state[i] = splitmix64(&state);
}

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state, result = rotate(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double random_uniform(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

uint32_t random_below(struct random *random, uint32_t bound)
{
    for (;;) { /* Lemire 2019: multiply and reject the few that would bias */
        uint64_t product = (random_next(random) >> 32) * bound;
        if ((uint32_t)product >= -bound % bound)
            return (uint32_t)(product >> 32);
    }
}

/* Box & Muller 1958, the cosine half only, so that a stream holds no spare value. */
double random_normal(struct random *random)
{
    double radius = sqrt(-2 * log(1 - random_uniform(random)));
    return radius * cos(6.283185307179586 * random_uniform(random));
}

void random_fill_normal(struct random *random, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)random_normal(random);
}

void random_fill_uniform(struct random *random, float *out, size_t count, float low, float high)
{
    for (size_t i = 0; i < count; i++)
        out[i] = low + (high - low) * (float)(random_next(random) >> 40) * 0x1p-24f;
}

void random_shuffle(struct random *random, uint32_t *items, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = random_below(random, i), spare = items[i - 1];
        items[i - 1] = items[other];
        items[other] = spare;
    }
}
