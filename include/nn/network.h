/* A feed-forward network from a layer list, and the passes through it.
 *
 * A layer list is text, a word group a layer, '|' between them:
 *
 *     dense 6272 | reshape 128x7x7 | norm | relu | upconv 64 4/2 | norm | relu | upconv 1 4/2 |
 * tanh
 *
 *     dense F [spectral]            conv F K/S[/P] [spectral]     upconv F K/S[/P] [spectral]
 *     upsample N                    pool max|average N            flatten         reshape CxHxW
 *     norm                          layernorm                     dropout P       stddev
 *     relu   lrelu [SLOPE]   tanh   sigmoid        condition      embed F         join
 *
 * `embed F` joins a learned vector of F features for the label to what flows (as F constant planes
 * where that is an image), `join` the label itself, one-hot, and `condition` an image: one more plane
 * of what flows, averaged down to it, or its pixels where a vector flows. A weighted layer that `norm` follows
 * has no bias. A padding P that is not written is (K - S + 1) / 2 on every side, rounded down:
 * upconv then gives H * S, conv H / S (rounded down; (H + 1) / S if K - S is odd).
 *
 * Letters: N images in a batch, C channels, H W rows and columns, F features, K kernel, S stride.
 * Images are (N, H, W, C) in memory; at a flatten or reshape they are put into PyTorch's order (C,
 * H, W), so that a flat vector always has the order that a reader expects. Images of one channel
 * are the same either way.
 *
 * A pass writes what it needs for the way back to a tape:
 *
 *     memcpy(tape_input(tape), x, …);
 *     network_forward(net, tape, &(struct pass){ .images = n, .mode = PASS_TRAIN });
 *     … tape_output(tape) → tape_output_gradient(tape) …
 *     network_backward(net, tape, GRADIENT_SET);      fills net->gradients
 */
#ifndef GANDER_NN_NETWORK_H
#define GANDER_NN_NETWORK_H

#include "base/base.h"
#include "base/random.h"
#include "nn/pool.h"

struct shape {
    int channels, height, width; /* a flat vector of F features is (F, 1, 1) */
};
int shape_size(struct shape shape);

struct layer;
struct tape;

struct network {
    const char *name; /* "generator", "discriminator": for sentences and tensor names */
    struct layer *layers;
    int layer_count;
    struct shape input, output;
    int classes;            /* of the labels that join and embed take; 0 if there are none */
    struct shape condition; /* the grey image that condition takes; all 0 if there is none */
    bool uses_labels, uses_condition;
    size_t parameter_count, buffer_count;
    float *parameters; /* one block; layout in nn/layer.h */
    float *gradients;  /* one block, as parameters */
    float *buffers;    /* running statistics of norms, spectral norm's vectors */
    float *effective;  /* weights as used: W / sigma for layers with spectral norm, else unused */
    struct pool *pool; /* borrowed */
};

/* Builds a network; ERR_INVALID says which layer of which network, what it got and what it needs.
 * Parameters are zero until network_init. `pool` NULL: a network to look at (shapes, counts),
 * without memory for parameters. */
int network_new(struct network **out, const char *name, const char *layers, struct shape input,
                int classes, struct pool *pool);
/* The same of networks that may take a grey image beside each input: `condition` (1, h, w). */
int network_new_conditioned(struct network **out, const char *name, const char *layers,
                            struct shape input, int classes, struct shape condition,
                            struct pool *pool);
void network_free(struct network *net);
void network_init(struct network *net,
                  struct random *random); /* He for what lrelu/relu follow, N(0, 0.02) for a last
                                             layer … see layer.h */

/* A sentence and ERR_INVALID if some layer cannot take part in a penalty on the input gradient (R1,
 * gradient). */
int network_check_penalty(const struct network *net);

/* Facts about layer i, for tables: text as written, output shape, parameters, multiply-adds of one
 * image's forward pass. */
struct layer_facts {
    char text[64];
    struct shape output;
    size_t parameters;
    double multiply_adds;
};
void network_layer_facts(const struct network *net, int i, struct layer_facts *out);

/* Memory that a network takes with its parameters, gradients and buffers, and that tape_new would
 * take in a pool of so many threads; of networks to look at, too. */
size_t network_bytes(const struct network *net);
size_t tape_bytes(const struct network *net, int images, bool penalty, int threads);

enum pass_mode {
    PASS_TRAIN,    /* batch statistics, running statistics updated, dropout on */
    PASS_FROZEN,   /* the same without updating anything: D while G learns */
    PASS_ESTIMATE, /* batch statistics; running ones become the plain mean over the passes since
                      network_forget_statistics */
    PASS_SAMPLE,   /* running statistics, no dropout: an image does not depend on its batch, nor
                      does its gradient */
};

struct pass {
    int images; /* at most the tape's */
    int groups; /* batch statistics are taken in so many equal groups of images (real, fake); 0
                   means 1 */
    enum pass_mode mode;
    const int *labels;      /* (images), or NULL where the network uses none */
    const float *condition; /* (images, condition), likewise */
    const float
        *parameters; /* NULL: the network's own; else another block (the moving average) … */
    float *buffers;  /* … with its own statistics */
    struct random *random; /* dropout; may be NULL where the mode or the network has none */
};

/* `penalty`: also room for tangents. */
struct tape *tape_new(const struct network *net, int images, bool penalty);
void tape_free(struct tape *tape);
float *tape_input(struct tape *tape);              /* (images, input) to be filled before forward */
const float *tape_output(const struct tape *tape); /* (images, output) */
float *tape_output_gradient(
    struct tape *tape); /* (images, output) to be filled before backward; destroyed by it */
const float *tape_input_gradient(
    const struct tape *tape); /* (images, input) after backward with GRADIENT_INPUT */
float *
tape_input_tangent(struct tape *tape); /* (images, input) to be filled before network_tangent */

/* Spectral norms: one power iteration (if `advance`), then effective = W / sigma. Call once per
 * optimiser step before the first forward; does nothing for networks without. */
void network_prepare(struct network *net, const float *parameters, float *buffers, bool advance);

void network_forward(struct network *net, struct tape *tape, const struct pass *pass);

enum {
    GRADIENT_INPUT = 1, /* d loss / d input is wanted */
    GRADIENT_SET = 2,   /* parameter gradients are written over what was there … */
    GRADIENT_ADD = 4,   /* … or added to it; neither: none are computed */
};
/* The way back of the tape's last forward pass, from tape_output_gradient. */
void network_backward(struct network *net, struct tape *tape, int wanted);

/* Penalties on the input gradient g = df/dx of a scalar output f, exactly and without a graph, for
 * networks of linear and piecewise linear layers (gan-notes.md 3d; d/dW of <v, df/dx> with v held
 * is d/dW of the Jacobian-vector product). Before: forward; fill the output gradient with seeds (1
 * for the penalised images); network_backward with GRADIENT_INPUT alone, which keeps every delta;
 * fill tape_input_tangent with v for images [0, penalised). Then this adds, for every weighted
 * layer with delta d, input x, tangent t of image i, gradients (set or added, as `wanted`) d_i ⊗
 * (scale_i x_i + t_i),  t = 0 from `penalised` on, which with scale_i = dloss_i/df_i (seed 1) gives
 * the loss's own gradient in the same products. scale (images). */
void network_tangent(struct network *net, struct tape *tape, int penalised, const float *scale,
                     int wanted);

/* Gradients of layers with spectral norm, from those by W / sigma to those by W. Call once after
 * the last backward of a step. */
void network_finish_gradients(struct network *net);

/* Before PASS_ESTIMATE passes: forgets the statistics in `buffers`. */
void network_forget_statistics(const struct network *net, float *buffers);

/* Tensors as a PyTorch nn.Sequential of the same list would name and shape them. Visits "N.weight",
 * "N.bias", "N.running_mean" … of the given parameter block; weights with spectral norm as W /
 * sigma. `values` lives during the call only. */
struct tensor;
typedef int (*tensor_visitor)(void *context, const char *name, int dimensions, const int64_t *shape,
                              const float *values);
int network_export(struct network *net, const float *parameters, const float *buffers,
                   tensor_visitor visit, void *context);

#endif
