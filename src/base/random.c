#include "base/random.h"

#include <math.h>
#include <string.h>

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

enum { NORMAL_BLOCK = 128 }; /* draws, each of which gives two values */

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* ln x for normal x > 0, polynomial of Cephes' logf on [sqrt(1/2), sqrt(2)). */
static inline float natural_log(float x)
{
    uint32_t shifted = bits_of_float(x) + (0x3F800000 - 0x3F3504F3);
    float exponent = (float)((int32_t)(shifted >> 23) - 127);
    float m = float_of_bits((shifted & 0x7FFFFF) + 0x3F3504F3) - 1;
    float p = 7.0376836292e-2F;
    p = p * m - 1.1514610310e-1F;
    p = p * m + 1.1676998740e-1F;
    p = p * m - 1.2420140846e-1F;
    p = p * m + 1.4249322787e-1F;
    p = p * m - 1.6668057665e-1F;
    p = p * m + 2.0000714765e-1F;
    p = p * m - 2.4999993993e-1F;
    p = p * m + 3.3333331174e-1F;
    return m + (m * m * (m * p - 0.5F) + exponent * 0.693147181F);
}

/* Box & Muller, both halves: the high bits of a draw give the radius, the low ones a quarter of the
 * circle and the angle in it. Without branches and library calls, so that it becomes vector code;
 * as C17 does not contract, every vector clone gives the same bits. */
VECTOR_CLONES
static void normals_of_draws(const uint64_t *draws, float *out, int count)
{
    for (int i = 0; i < count; i++) {
        uint32_t high = (uint32_t)(draws[i] >> 32), low = (uint32_t)draws[i];
        float uniform = ((float)(int32_t)(high >> 1) + 0.5F) * 0x1p-31F;
        float energy = -2 * natural_log(uniform), radius = sqrtf(energy > 0 ? energy : 0);
        float angle = ((float)(int32_t)(low & 0x3FFFFFFF) * 0x1p-30F - 0.5F) * 1.57079633F;
        float square = angle * angle;
        float s = -1.9515295891e-4F, c = 2.443315711809948e-5F;
        s = s * square + 8.3321608736e-3F;
        s = s * square - 1.6666654611e-1F;
        s = s * square * angle + angle;
        c = c * square - 1.388731625493765e-3F;
        c = c * square + 4.166664568298827e-2F;
        c = c * square * square - 0.5F * square + 1;
        bool swap = low & 0x40000000;
        uint32_t sign = low & 0x80000000;
        float x = swap ? s : c, y = swap ? -c : s;
        out[2 * i] = float_of_bits(bits_of_float(radius * x) ^ sign);
        out[2 * i + 1] = float_of_bits(bits_of_float(radius * y) ^ sign);
    }
}

void random_fill_normal(struct random *random, float *out, size_t count)
{
    uint64_t draws[NORMAL_BLOCK];
    for (size_t done = 0; done < count;) {
        size_t left = count - done, pairs = MIN((size_t)NORMAL_BLOCK, (left + 1) / 2);
        for (size_t i = 0; i < pairs; i++)
            draws[i] = random_next(random);
        if (2 * pairs <= left) {
            normals_of_draws(draws, out + done, (int)pairs);
        } else {
            float last[2];
            normals_of_draws(draws, out + done, (int)pairs - 1);
            normals_of_draws(draws + pairs - 1, last, 1);
            out[count - 1] = last[0];
        }
        done += 2 * pairs;
    }
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
