/* Numbers that PyTorch computed, and the formula that both sides take theirs from.
 *
 * A tensor is held by six numbers: its length, its projections on two directions, and its first,
 * middle and last value. Order is PyTorch's. */
#ifndef GANDER_TESTS_NN_PYTORCH_H
#define GANDER_TESTS_NN_PYTORCH_H

#include "nn/optimiser.h"
#include "nn/rig.h"

enum {
    PYTORCH_TENSORS = 24,
    PYTORCH_INPUT = 100,
    PYTORCH_SEEDS,
    PYTORCH_PROJECTION,
    PYTORCH_CONDITION = 104
};

struct pytorch_tensor {
    const char *name;
    double signature[6];
};

struct pytorch_case {
    const char *layers;
    struct shape input;
    int images;
    struct pytorch_tensor tensors[PYTORCH_TENSORS]; /* without a name behind the last */
};

struct pytorch_optimiser {
    const char *name;
    enum optimiser_kind kind;
    double beta1, beta2, bound;
    struct pytorch_tensor tensors[2]; /* the parameters, their average */
};

/* Value `at` of a tensor, in [-1, 1): a hash of the place. */
static inline double pytorch_number(int tensor, size_t at)
{
    uint32_t x = (uint32_t)((at + (uint64_t)tensor * 1000003) * 2654435761u);
    x = (x ^ (x >> 16)) * 0x45d9f3bu;
    x ^= x >> 16;
    return x / 2147483648.0 - 1;
}

static inline struct pytorch_tensor pytorch_find(const struct pytorch_tensor *tensors, int count,
                                                 const char *name)
{
    struct pytorch_tensor found = { .name = NULL };
    for (int i = 0; i < count && tensors[i].name; i++)
        if (strcmp(tensors[i].name, name) == 0)
            found = tensors[i];
    if (!found.name)
        fail_msg("%s: PyTorch has no '%s'", rig_place, name);
    return found;
}

static inline void pytorch_check(struct pytorch_tensor wanted, const float *got, size_t count,
                                 double tolerance)
{
    double length = wanted.signature[0], projections[2] = { 0 };
    for (size_t i = 0; i < count; i++)
        for (int k = 0; k < 2; k++)
            projections[k] += (double)got[i] * pytorch_number(PYTORCH_PROJECTION + k, i);
    const double *values = wanted.signature + 3, typical = length / sqrt((double)count);
    rig_near(rig_length(got, count), length, 0, tolerance, wanted.name);
    for (int k = 0; k < 2; k++)
        rig_near(projections[k], wanted.signature[1 + k], length, tolerance, wanted.name);
    rig_near((double)got[0], values[0], typical, tolerance, wanted.name);
    rig_near((double)got[count / 2], values[1], typical, tolerance, wanted.name);
    rig_near((double)got[count - 1], values[2], typical, tolerance, wanted.name);
}

#endif
