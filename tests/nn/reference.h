/* Every layer a second time, for tests: in double precision, as its definition reads and no faster,
 * images in PyTorch's order (C, H, W) throughout, so that flatten and reshape do nothing.
 *
 * The first pass writes down its decisions: on which side of a kink a value lies, which pixel is
 * the largest, what dropout dropped. Later passes repeat them. The function is then smooth (for
 * layers that are linear in pieces: a polynomial), and finite differences of it are exact to many
 * digits, whatever the step. */
#ifndef GANDER_TESTS_NN_REFERENCE_H
#define GANDER_TESTS_NN_REFERENCE_H

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
#include "nn/layer.h"
#include "nn/network.h"

struct reference {
    const struct network *net;
    struct pass pass;
    struct random random; /* as it was before the network's own pass */
    double *parameters;   /* a copy of the network's, to be moved about */
    double *decisions;    /* of the first pass */
    size_t decided, room, next;
    bool repeats;
};

static inline void reference_new(struct reference *reference, const struct network *net,
                                 const struct pass *pass)
{
    *reference = (struct reference){ .net = net, .pass = *pass };
    reference->pass.groups = MAX(pass->groups, 1);
    if (pass->random)
        reference->random = *pass->random;
    reference->parameters = xcalloc(net->parameter_count + 1, sizeof(double));
    for (size_t i = 0; i < net->parameter_count; i++)
        reference->parameters[i] = (double)net->parameters[i];
}

static inline void reference_free(struct reference *reference)
{
    free(reference->parameters);
    free(reference->decisions);
}

/* `fresh` on the first pass, what was decided then on later ones. */
static inline double reference_decide(struct reference *reference, double fresh)
{
    if (reference->repeats) {
        assert_true(reference->next < reference->decided);
        return reference->decisions[reference->next++];
    }
    if (reference->decided == reference->room) {
        reference->room = 2 * reference->room + 64;
        reference->decisions = xrealloc(reference->decisions, reference->room, sizeof(double));
    }
    return reference->decisions[reference->decided++] = fresh;
}

/* What a layer works on: x (N, C, H, W) to y (N, F, OH, OW). */
struct reference_work {
    struct reference *reference;
    const struct layer *layer;
    const double *weights, *biases; /* in the layer's own layout */
    int N, C, H, W, F, OH, OW;
    const double *x;
    double *y;
};

static inline double reference_x(const struct reference_work *w, int n, int c, int h, int v)
{
    bool inside = h >= 0 && h < w->H && v >= 0 && v < w->W;
    return inside ? w->x[((n * w->C + c) * w->H + h) * w->W + v] : 0;
}

static inline double *reference_y(const struct reference_work *w, int n, int f, int h, int v)
{
    return &w->y[((n * w->F + f) * w->OH + h) * w->OW + v];
}

static inline void reference_dense(const struct reference_work *w)
{
    int K = w->C * w->H * w->W;
    for (int n = 0; n < w->N; n++)
        for (int f = 0; f < w->F; f++) {
            double sum = w->layer->bias ? w->biases[f] : 0;
            for (int k = 0; k < K; k++)
                sum += w->weights[k * w->F + f] * w->x[n * K + k];
            w->y[n * w->F + f] = sum;
        }
}

static inline double reference_conv_at(const struct reference_work *w, int n, int f, int oy, int ox)
{
    int K = w->layer->kernel, S = w->layer->stride, P = w->layer->pad;
    double sum = w->layer->bias ? w->biases[f] : 0;
    for (int ky = 0; ky < K; ky++)
        for (int kx = 0; kx < K; kx++)
            for (int c = 0; c < w->C; c++)
                sum += w->weights[((ky * K + kx) * w->C + c) * w->F + f] *
                       reference_x(w, n, c, oy * S - P + ky, ox * S - P + kx);
    return sum;
}

static inline void reference_conv(const struct reference_work *w)
{
    for (int n = 0; n < w->N; n++)
        for (int f = 0; f < w->F; f++)
            for (int i = 0; i < w->OH * w->OW; i++)
                *reference_y(w, n, f, i / w->OW, i % w->OW) =
                    reference_conv_at(w, n, f, i / w->OW, i % w->OW);
}

/* Adds what one input value gives to feature map f. */
static inline void reference_spread(const struct reference_work *w, int n, int f, int c, int place)
{
    int K = w->layer->kernel, S = w->layer->stride, P = w->layer->pad;
    int iy = place / w->W, ix = place % w->W;
    for (int k = 0; k < K * K; k++) {
        int oy = iy * S - P + k / K, ox = ix * S - P + k % K;
        if (oy >= 0 && oy < w->OH && ox >= 0 && ox < w->OW)
            *reference_y(w, n, f, oy, ox) +=
                w->weights[(k * w->F + f) * w->C + c] * reference_x(w, n, c, iy, ix);
    }
}

static inline void reference_upconv(const struct reference_work *w)
{
    for (int n = 0; n < w->N; n++)
        for (int f = 0; f < w->F; f++) {
            for (int i = 0; i < w->OH * w->OW; i++)
                *reference_y(w, n, f, 0, i) = w->layer->bias ? w->biases[f] : 0;
            for (int i = 0; i < w->C * w->H * w->W; i++)
                reference_spread(w, n, f, i / (w->H * w->W), i % (w->H * w->W));
        }
}

static inline void reference_upsample(const struct reference_work *w)
{
    int N = w->layer->stride;
    for (int n = 0; n < w->N; n++)
        for (int c = 0; c < w->C; c++)
            for (int i = 0; i < w->OH * w->OW; i++)
                *reference_y(w, n, c, i / w->OW, i % w->OW) =
                    reference_x(w, n, c, i / w->OW / N, i % w->OW / N);
}

static inline double reference_pool_at(const struct reference_work *w, int n, int c, int oy, int ox)
{
    int S = w->layer->stride, best = 0;
    double sum = 0;
    for (int k = 0; k < S * S; k++) {
        double value = reference_x(w, n, c, oy * S + k / S, ox * S + k % S);
        sum += value;
        if (value > reference_x(w, n, c, oy * S + best / S, ox * S + best % S))
            best = k;
    }
    if (!w->layer->maximum)
        return sum / (S * S);
    best = (int)reference_decide(w->reference, best);
    return reference_x(w, n, c, oy * S + best / S, ox * S + best % S);
}

static inline void reference_pool(const struct reference_work *w)
{
    for (int n = 0; n < w->N; n++)
        for (int c = 0; c < w->C; c++)
            for (int i = 0; i < w->OH * w->OW; i++)
                *reference_y(w, n, c, i / w->OW, i % w->OW) =
                    reference_pool_at(w, n, c, i / w->OW, i % w->OW);
}

static inline void reference_same(const struct reference_work *w)
{
    memcpy(w->y, w->x, (size_t)(w->N * w->C * w->H * w->W) * sizeof *w->y);
}

/* Mean and biased variance of channel c over the images of group g. */
static inline void reference_moments(const struct reference_work *w, int g, int c, double *mean,
                                     double *variance)
{
    int images = w->N / w->reference->pass.groups, places = w->H * w->W;
    double sum = 0, squares = 0, count = (double)images * places;
    for (int i = 0; i < images * places; i++)
        sum += reference_x(w, g * images + i / places, c, i % places / w->W, i % w->W);
    *mean = sum / count;
    for (int i = 0; i < images * places; i++) {
        double x = reference_x(w, g * images + i / places, c, i % places / w->W, i % w->W);
        squares += (x - *mean) * (x - *mean);
    }
    *variance = squares / count;
}

static inline void reference_norm(const struct reference_work *w)
{
    const struct reference *r = w->reference;
    const float *running =
        (r->pass.buffers ? r->pass.buffers : r->net->buffers) + w->layer->buffers;
    int images = w->N / r->pass.groups, places = w->H * w->W;
    for (int i = 0; i < w->C * r->pass.groups; i++) {
        int c = i % w->C, g = i / w->C;
        double mean = (double)running[c], variance = (double)running[w->C + c];
        if (r->pass.mode != PASS_SAMPLE)
            reference_moments(w, g, c, &mean, &variance);
        for (int k = 0; k < images * places; k++) {
            int n = g * images + k / places, h = k % places / w->W, v = k % w->W;
            *reference_y(w, n, c, h, v) =
                w->weights[c] * (reference_x(w, n, c, h, v) - mean) / sqrt(variance + 1e-5) +
                w->biases[c];
        }
    }
}

/* Scale and shift lie in memory as images do, (H, W, C). */
static inline void reference_layernorm(const struct reference_work *w)
{
    int size = w->C * w->H * w->W, places = w->H * w->W;
    for (int n = 0; n < w->N; n++) {
        const double *x = w->x + n * size;
        double sum = 0, squares = 0;
        for (int i = 0; i < size; i++)
            sum += x[i];
        for (int i = 0; i < size; i++)
            squares += (x[i] - sum / size) * (x[i] - sum / size);
        for (int i = 0; i < size; i++) {
            int at = i % places * w->C + i / places;
            w->y[n * size + i] =
                w->weights[at] * (x[i] - sum / size) / sqrt(squares / size + 1e-5) + w->biases[at];
        }
    }
}

/* What dropout draws is its own affair. All that is held: a network of dropout alone, given ones
 * and the same random state, shows it. Memory order (N, H, W, C). */
static inline float *reference_mask(struct reference *reference, const struct layer *layer, int N)
{
    struct network *net;
    size_t count = (size_t)N * (size_t)shape_size(layer->in);
    float *mask = xcalloc(count, sizeof *mask);
    assert_int_equal(network_new(&net, "dropout", layer->text, layer->in, 0, reference->net->pool),
                     0);
    struct tape *tape = tape_new(net, N, false);
    for (size_t i = 0; i < count; i++)
        tape_input(tape)[i] = 1;
    struct pass pass = reference->pass;
    pass.parameters = NULL;
    pass.buffers = NULL;
    pass.random = &reference->random;
    network_forward(net, tape, &pass);
    memcpy(mask, tape_output(tape), count * sizeof *mask);
    tape_free(tape);
    network_free(net);
    return mask;
}

static inline void reference_dropout(const struct reference_work *w)
{
    struct reference *r = w->reference;
    int places = w->H * w->W, size = w->C * places;
    float *mask = r->repeats ? NULL : reference_mask(r, w->layer, w->N);
    for (int i = 0; i < w->N * size; i++) {
        int at = i / size * size + i % places * w->C + i % size / places;
        w->y[i] = w->x[i] * reference_decide(r, mask ? (double)mask[at] : 0);
    }
    free(mask);
}

static inline void reference_stddev(const struct reference_work *w)
{
    int size = w->C * w->H * w->W, images = w->N / w->reference->pass.groups;
    for (int g = 0; g < w->reference->pass.groups; g++) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            const double *x = w->x + g * images * size + i;
            double mean = 0, variance = 0;
            for (int n = 0; n < images; n++)
                mean += x[n * size] / images;
            for (int n = 0; n < images; n++)
                variance += (x[n * size] - mean) * (x[n * size] - mean) / images;
            sum += sqrt(variance + 1e-8);
        }
        for (int n = g * images; n < (g + 1) * images; n++) {
            memcpy(reference_y(w, n, 0, 0, 0), w->x + n * size, (size_t)size * sizeof *w->x);
            for (int i = 0; i < w->H * w->W; i++)
                *reference_y(w, n, w->C, 0, i) = sum / size;
        }
    }
}

/* embed and join: planes that hold the label's features. */
static inline void reference_label(const struct reference_work *w)
{
    int places = w->H * w->W, added = w->F - w->C;
    bool learned = w->layer->ops == &layer_embed;
    for (int n = 0; n < w->N; n++) {
        int label = w->reference->pass.labels[n];
        memcpy(reference_y(w, n, 0, 0, 0), w->x + n * w->C * places,
               (size_t)(w->C * places) * sizeof *w->x);
        for (int i = 0; i < added * places; i++)
            *reference_y(w, n, w->C, 0, i) =
                learned ? w->weights[label * added + i / places] : i / places == label;
    }
}

/* condition: a plane of the condition's means, or all of it behind a vector. */
static inline double reference_condition_at(const struct reference_work *w, const float *condition,
                                            int place)
{
    struct shape shape = w->layer->condition;
    int s = shape.height / w->H;
    double sum = 0;
    for (int k = 0; k < s * s; k++)
        sum +=
            (double)condition[(place / w->W * s + k / s) * shape.width + place % w->W * s + k % s];
    return sum / (s * s);
}

static inline void reference_condition(const struct reference_work *w)
{
    int places = w->H * w->W, size = shape_size(w->layer->condition);
    for (int n = 0; n < w->N; n++) {
        const float *condition = w->reference->pass.condition + n * size;
        memcpy(reference_y(w, n, 0, 0, 0), w->x + n * w->C * places,
               (size_t)(w->C * places) * sizeof *w->x);
        for (int i = 0; places == 1 && i < size; i++)
            *reference_y(w, n, w->C + i, 0, 0) = (double)condition[i];
        for (int i = 0; places > 1 && i < places; i++)
            *reference_y(w, n, w->C, 0, i) = reference_condition_at(w, condition, i);
    }
}

static inline double reference_activate(const struct reference_work *w, double x)
{
    const struct layer_ops *ops = w->layer->ops;
    if (ops == &layer_tanh)
        return tanh(x);
    if (ops == &layer_sigmoid)
        return 1 / (1 + exp(-x));
    double slope = ops == &layer_relu ? 0 : (double)w->layer->slope;
    return x * reference_decide(w->reference, x > 0 ? 1 : slope);
}

static inline void reference_activation(const struct reference_work *w)
{
    for (int i = 0; i < w->N * w->C * w->H * w->W; i++)
        w->y[i] = reference_activate(w, w->x[i]);
}

/* W / (u^T W v) with u (F) and v from the network's buffers, held. In memory W is (inputs, F),
 * upconv's (K K, F, C). The caller frees. */
static inline double *reference_normed_weights(const struct reference *reference,
                                               const struct layer *layer)
{
    const double *weights = reference->parameters + layer->weights;
    int count = (int)layer->weight_count, F = layer->out.channels, C = layer->in.channels;
    bool turned = layer->ops == &layer_upconv;
    const float *u = reference->net->buffers + layer->spectrals, *v = u + F;
    double sigma = 0, *normed = xcalloc((size_t)count, sizeof *normed);
    for (int i = 0; i < count; i++)
        sigma += weights[i] * (double)(turned ? u[i / C % F] : u[i % F]) *
                 (double)(turned ? v[i / (C * F) * C + i % C] : v[i / F]);
    for (int i = 0; i < count; i++)
        normed[i] = weights[i] / sigma;
    return normed;
}

static const struct {
    const struct layer_ops *ops;
    void (*forward)(const struct reference_work *work);
} reference_table[] = {
    { &layer_dense, reference_dense },         { &layer_conv, reference_conv },
    { &layer_upconv, reference_upconv },       { &layer_upsample, reference_upsample },
    { &layer_pool, reference_pool },           { &layer_flatten, reference_same },
    { &layer_reshape, reference_same },        { &layer_norm, reference_norm },
    { &layer_layernorm, reference_layernorm }, { &layer_dropout, reference_dropout },
    { &layer_stddev, reference_stddev },       { &layer_embed, reference_label },
    { &layer_join, reference_label },          { &layer_relu, reference_activation },
    { &layer_lrelu, reference_activation },    { &layer_tanh, reference_activation },
    { &layer_sigmoid, reference_activation },  { &layer_condition, reference_condition },
};

static inline double *reference_layer(struct reference *reference, const struct layer *layer,
                                      const double *x)
{
    int N = reference->pass.images;
    double *y = xcalloc((size_t)N * (size_t)shape_size(layer->out), sizeof *y);
    double *normed = layer->spectral ? reference_normed_weights(reference, layer) : NULL;
    struct reference_work work = { reference,
                                   layer,
                                   normed,
                                   reference->parameters + layer->biases,
                                   N,
                                   layer->in.channels,
                                   layer->in.height,
                                   layer->in.width,
                                   layer->out.channels,
                                   layer->out.height,
                                   layer->out.width,
                                   x,
                                   y };
    work.weights = normed ? normed : reference->parameters + layer->weights;
    bool known = false;
    for (int i = 0; i < ARRAY_SIZE(reference_table); i++)
        if (reference_table[i].ops == layer->ops) {
            reference_table[i].forward(&work);
            known = true;
        }
    if (!known)
        fail_msg("the reference has no layer '%s'", layer->ops->name);
    free(normed);
    return y;
}

/* y (N, output) for x (N, input); the caller frees. */
static inline double *reference_forward(struct reference *reference, const double *x)
{
    size_t count = (size_t)reference->pass.images * (size_t)shape_size(reference->net->input);
    double *values = xcalloc(count, sizeof *values);
    memcpy(values, x, count * sizeof *values);
    reference->next = 0;
    for (int i = 0; i < reference->net->layer_count; i++) {
        double *y = reference_layer(reference, &reference->net->layers[i], values);
        free(values);
        values = y;
    }
    reference->repeats = true;
    return values;
}

#endif
