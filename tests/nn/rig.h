/* A network with everything that a test of it needs: a pool, a tape, inputs and labels; and numbers
 * compared by how far they are off. */
#ifndef GANDER_TESTS_NN_RIG_H
#define GANDER_TESTS_NN_RIG_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h" /* before cmocka's fail() */
#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "nn/layer.h"
#include "nn/network.h"
#include "nn/pool.h"
#include "nn/reference.h"

enum { RIG_CLASSES = 4, RIG_IMAGES = 256, RIG_THREADS = 8, RIG_CONDITION = 12 * 6 };
static const struct shape rig_condition = { 1, 12, 6 };

struct rig {
    struct network *net;
    struct tape *tape;
    struct pass pass;
    struct random random; /* dropout's */
    int labels[RIG_IMAGES];
    float conditions[RIG_IMAGES * RIG_CONDITION];
};

/* Pools are slow to make under sanitizers, so a program makes one of each size. */
static inline struct pool *rig_pool(int threads)
{
    static struct pool *pools[RIG_THREADS + 1];
    assert_in_range(threads, 1, RIG_THREADS);
    if (!pools[threads])
        assert_int_equal(pool_new(&pools[threads], threads), 0);
    return pools[threads];
}

static inline void rig_fill(float *values, size_t count, uint64_t seed)
{
    struct random random;
    random_seed(&random, seed, 77);
    random_fill_normal(&random, values, count);
}

/* Parameters at which nothing is special: weights that keep the size of what flows, biases and
 * shifts near 0, scales near 1. Weights with spectral norm get some power iterations. */
static inline void rig_set_parameters(struct network *net, uint64_t seed)
{
    struct random random;
    random_seed(&random, seed, 5);
    network_init(net, &random);
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        float *weights = net->parameters + layer->weights;
        float *biases = net->parameters + layer->biases;
        bool scales = layer->weight_count > 0 && layer->fan_in == 0 && layer->ops != &layer_embed;
        float deviation = layer->fan_in > 0 ? 1 / sqrtf((float)layer->fan_in) : 0.2f;
        for (size_t k = 0; k < layer->weight_count; k++)
            weights[k] = (float)scales + deviation * (float)random_normal(&random);
        for (size_t k = 0; k < layer->bias_count; k++)
            biases[k] = 0.2f * (float)random_normal(&random);
    }
    for (int i = 0; i < 4; i++)
        network_prepare(net, net->parameters, net->buffers, true);
}

static inline void rig_new(struct rig *rig, const char *layers, struct shape input, int images,
                           int threads)
{
    *rig = (struct rig){ .net = NULL };
    assert_true(images <= RIG_IMAGES);
    if (network_new_conditioned(&rig->net, "network", layers, input, RIG_CLASSES, rig_condition,
                                rig_pool(threads)) < 0)
        fail_msg("%s", error_text());
    rig_set_parameters(rig->net, 1);
    rig->tape = tape_new(rig->net, images, network_check_penalty(rig->net) == 0);
    rig_fill(tape_input(rig->tape), (size_t)images * (size_t)shape_size(input), 2);
    random_seed(&rig->random, 3, 3);
    for (int n = 0; n < images; n++)
        rig->labels[n] = n * 7 % RIG_CLASSES;
    rig_fill(rig->conditions, (size_t)images * RIG_CONDITION, 6);
    rig->pass = (struct pass){
        .images = images, .mode = PASS_TRAIN, .labels = rig->labels, .condition = rig->conditions
    };
}

static inline void rig_free(struct rig *rig)
{
    tape_free(rig->tape);
    network_free(rig->net);
}

/* Always with the same random state, so that dropout drops the same. */
static inline void rig_forward(struct rig *rig)
{
    struct random random = rig->random;
    rig->pass.random = &random;
    network_forward(rig->net, rig->tape, &rig->pass);
    rig->pass.random = NULL;
}

/* The reference of the rig's next pass. */
static inline void rig_reference(struct rig *rig, struct reference *reference)
{
    rig->pass.random = &rig->random;
    reference_new(reference, rig->net, &rig->pass);
}

static inline size_t rig_count(const struct rig *rig, struct shape shape)
{
    return (size_t)rig->pass.images * (size_t)shape_size(shape);
}

/* Forward and backward with random gradients of the output. */
static inline void rig_backward(struct rig *rig, int wanted)
{
    rig_forward(rig);
    rig_fill(tape_output_gradient(rig->tape), rig_count(rig, rig->net->output), 4);
    network_backward(rig->net, rig->tape, wanted);
}

/* Images (N, H, W, C) in floats to (N, C, H, W) in doubles, which the caller frees. */
static inline double *rig_channels_first(const float *from, int images, struct shape shape)
{
    int size = shape_size(shape), places = shape.height * shape.width;
    double *to = xcalloc((size_t)images * (size_t)size, sizeof *to);
    for (int i = 0; i < images * size; i++) {
        int at = i % size;
        to[i] = (double)from[i - at + at % places * shape.channels + at / places];
    }
    return to;
}

static inline double rig_length(const float *values, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (double)values[i] * (double)values[i];
    return sqrt(squares);
}

static inline double rig_dot(const float *a, const float *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* What is being checked, for the sentence of a failure. */
static char rig_place[512];

static inline void PRINTF_LIKE(1, 2) rig_at(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(rig_place, sizeof rig_place, format, arguments);
    va_end(arguments);
}

/* `got` within `tolerance`, relative to the larger of what is wanted and `scale` (the typical size
 * of such a number). A NaN is not near anything. */
static inline void rig_near(double got, double wanted, double scale, double tolerance,
                            const char *what)
{
    double off = fabs(got - wanted), allowed = tolerance * (fabs(wanted) + scale) + 1e-7;
    if (!(off <= allowed))
        fail_msg("%s: %s: got %.9g, not %.9g (off by %.2g, allowed %.2g)", rig_place, what, got,
                 wanted, off, allowed);
}

static inline void rig_near_doubles(const double *got, const double *wanted, size_t count,
                                    double tolerance, const char *what)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += wanted[i] * wanted[i];
    for (size_t i = 0; i < count; i++)
        rig_near(got[i], wanted[i], sqrt(squares / (double)count), tolerance, what);
}

/* Two blocks alike, measured by the root of the mean square of what is wanted. */
static inline void rig_near_all(const float *got, const float *wanted, size_t count,
                                double tolerance, const char *what)
{
    double typical = count ? rig_length(wanted, count) / sqrt((double)count) : 0;
    for (size_t i = 0; i < count; i++)
        rig_near((double)got[i], (double)wanted[i], typical, tolerance, what);
}

static inline float *rig_copy(const float *values, size_t count)
{
    float *copy = xcalloc(count, sizeof *copy);
    memcpy(copy, values, count * sizeof *copy);
    return copy;
}

#endif
