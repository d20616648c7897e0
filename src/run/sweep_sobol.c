#include "base/random.h"
#include "sweep_parts.h"

enum { BITS = 32, DEGREES = 7 };

/* From the second dimension on: degree and inner coefficients of the primitive polynomial, and the
 * first direction numbers. */
static const struct {
    int degree;
    uint32_t coefficients;
    uint32_t first[DEGREES];
} table[SWEEP_PARAMETERS - 1] = {
    { 1, 0, { 1 } },
    { 2, 1, { 1, 3 } },
    { 3, 1, { 1, 3, 1 } },
    { 3, 2, { 1, 1, 1 } },
    { 4, 1, { 1, 1, 3, 3 } },
    { 4, 4, { 1, 3, 5, 13 } },
    { 5, 2, { 1, 1, 5, 5, 17 } },
    { 5, 4, { 1, 1, 5, 5, 5 } },
    { 5, 7, { 1, 1, 7, 11, 19 } },
    { 5, 11, { 1, 1, 5, 1, 1 } },
    { 5, 13, { 1, 1, 1, 3, 11 } },
    { 5, 14, { 1, 3, 5, 5, 31 } },
    { 6, 1, { 1, 3, 3, 9, 7, 49 } },
    { 6, 13, { 1, 1, 1, 15, 21, 21 } },
    { 6, 16, { 1, 3, 1, 13, 27, 49 } },
    { 6, 19, { 1, 1, 1, 15, 7, 5 } },
    { 6, 22, { 1, 3, 1, 15, 13, 25 } },
    { 6, 25, { 1, 1, 5, 5, 19, 61 } },
    { 7, 1, { 1, 3, 7, 11, 23, 15, 103 } },
    { 7, 4, { 1, 3, 7, 13, 13, 15, 69 } },
};

static void find_directions(int dimension, uint32_t directions[BITS])
{
    if (dimension == 0) {
        for (int i = 0; i < BITS; i++)
            directions[i] = UINT32_C(1) << (BITS - 1 - i);
        return;
    }
    int degree = table[dimension - 1].degree;
    for (int i = 0; i < BITS; i++) {
        if (i < degree) {
            directions[i] = table[dimension - 1].first[i] << (BITS - 1 - i);
            continue;
        }
        directions[i] = directions[i - degree] ^ directions[i - degree] >> degree;
        for (int k = 1; k < degree; k++)
            if (table[dimension - 1].coefficients >> (degree - 1 - k) & 1)
                directions[i] ^= directions[i - k];
    }
}

void sobol_point(double *out, int dimensions, uint32_t index, uint64_t draw)
{
    for (int d = 0; d < dimensions; d++) {
        struct random random;
        uint32_t directions[BITS];
        random_seed(&random, draw, (uint64_t)d);
        uint32_t point = (uint32_t)(random_next(&random) >> 32);
        find_directions(d, directions);
        for (int bit = 0; bit < BITS; bit++)
            if (index >> bit & 1)
                point ^= directions[bit];
        out[d] = (double)point / 4294967296.0;
    }
}
