/* Layers: rows of a table, each its mathematics on one screen.
 *
 * A layer sees one pass through `struct work`, on every thread of the team at once; it decides
 * itself how to split (weighted layers on flat vectors by output columns, images by the batch) and
 * must leave x, y, dy, dx, gradients independent of timing.
 *
 * Legend: N images, C channels, H W rows and columns, K kernel, F features; images are (N, H, W,
 * C). Weights in the parameter block: dense (inputs, F); conv (K, K, C, F); upconv (K, K, F, C);
 * then the bias (F). norm: scale (C), shift (C); layernorm: scale (H, W, C), shift (H, W, C);
 * embed: (classes, F). */
#ifndef GANDER_NN_LAYER_H
#define GANDER_NN_LAYER_H

#include "nn/network.h"

enum activation {
    ACTIVATION_NONE,
    ACTIVATION_RELU,
    ACTIVATION_LRELU,
    ACTIVATION_TANH,
    ACTIVATION_SIGMOID
};

struct layer_ops;
struct windows;

enum { NORM_GROUPS = 2 }; /* groups of a pass at most */

struct layer {
    const struct layer_ops *ops;
    int index;        /* place in the list, as in nn.Sequential */
    const char *text; /* as written; in the network's arena */
    struct shape in, out;
    int classes;            /* of the labels, where the layer takes them */
    struct shape condition; /* of the pass, where the layer takes it; all 0: there is none */
    int kernel, stride, pad;
    float amount; /* slope of lrelu, probability of dropout */
    bool maximum; /* pool max */
    bool spectral, bias;
    bool alias; /* output and input are the same memory: nothing to do */
    enum activation
        activation; /* done by this layer to its output, for an activation that follows */
    float slope;    /* of that activation, if it is lrelu */
    size_t weights, weight_count; /* place and length in the parameter block */
    size_t biases, bias_count;    /* likewise (norm: the shift) */
    size_t buffers, buffer_count; /* in the network's buffers */
    size_t spectrals;             /* in the network's buffers: u (rows), v (columns), sigma */
    int rows, grain; /* of the weights: gradients and updates are shared out by so many rows */
    struct windows *windows; /* of conv and upconv */
    struct arena *arena;     /* the network's, for what shape() makes */
    int fan_in;              /* inputs that one output sums over */
    size_t effective;        /* in the network's effective weights */
    size_t saved_count;      /* floats on a tape, whatever the batch … */
    size_t kept_per_image;   /* … and floats an image */
    size_t scratch_count;    /* floats a thread */
    size_t value; /* floats an image before this layer's output on a tape (its input's, if alias) */
};

struct work {
    const struct layer *layer;
    int capacity; /* images that the tape has room for */
    const struct pass *pass;
    struct team team;
    int images, groups;
    const float *weights, *biases; /* as used: spectral norm done */
    float *d_weights, *d_biases;   /* NULL: not wanted */
    bool add;                      /* add to the gradients instead of setting them */
    float *buffers;                /* the layer's */
    const float *x;                /* (N, in) */
    float *y;                      /* (N, out) */
    float *dy;      /* (N, out): turned into the gradient before the layer's activation */
    float *dx;      /* (N, in); NULL: not wanted */
    float *tx, *ty; /* tangents of x and y, for the first `penalised` images */
    int penalised;
    const float *scale; /* (N), see network_tangent; NULL outside of it, or where x takes no part */
    float *mixed; /* tangent: (mixed_images, in), what the deltas meet; valid after work_mix */
    int mixed_images, bias_images; /* images that count for the gradients of weights and biases */
    float *saved, *kept;           /* the layer's place on the tape */
    float *scratch;                /* this thread's */
    size_t scratch_stride;         /* to the next thread's */
};

struct layer_words; /* nn/words.h */

enum {
    LAYER_ABSORBS = 1,    /* applies an activation that follows itself */
    LAYER_ACTIVATION = 2, /* can be absorbed */
    LAYER_WEIGHTED = 4,   /* takes `spectral`; loses its bias before a norm */
    LAYER_LABELS = 8,     /* needs labels */
    LAYER_NORM = 16,      /* makes a bias before it useless */
    LAYER_CONDITION = 32, /* needs a condition */
};

struct layer_ops {
    const char *name;
    const char *arguments; /* for sentences and the manual: "F [spectral]" */
    int flags;
    /* Reads the words, sets out and all counts; ERR_INVALID with the reason. */
    int (*shape)(struct layer *layer, struct layer_words *words);
    void (*init)(const struct layer *layer, float gain, float *weights, float *biases,
                 struct random *random);
    void (*forward)(const struct work *work);
    void (*backward)(const struct work *work);
    void (*tangent)(
        const struct work *work); /* NULL: cannot take part in a penalty on the input gradient */
    double (*cost)(const struct layer *layer); /* multiply-adds of one image forward; NULL: none */
    /* Visits the layer's tensors as PyTorch has them; NULL: it has none. `name` prefix is "INDEX.".
     */
    int (*export)(const struct layer *layer, const float *weights, const float *biases,
                  const float *buffers, tensor_visitor visit, void *context);
};

/* The table; NULL-terminated. */
extern const struct layer_ops *const layer_table[];

extern const struct layer_ops layer_dense, layer_conv, layer_upconv, layer_upsample, layer_pool,
    layer_flatten, layer_reshape, layer_norm, layer_layernorm, layer_dropout, layer_stddev,
    layer_relu, layer_lrelu, layer_tanh, layer_sigmoid, layer_embed, layer_join, layer_condition;

size_t round_up_floats(size_t count); /* to a cache line */
bool shape_is_flat(struct shape shape);
const char *shape_text(struct shape shape, char text[32]); /* "128x7x7", or "6272" */

/* Tensors of the weighted layers, see src/nn/export.c. */
typedef int layer_exporter(const struct layer *layer, const float *weights, const float *biases,
                           const float *buffers, tensor_visitor visit, void *context);
layer_exporter dense_export, conv_export, norm_export, layernorm_export, embed_export;

/* Where sigma stands behind layer->spectrals. */
size_t spectral_sigma_at(const struct layer *layer);

/* Weights from N(0, (gain / sqrt(fan_in))^2), or N(0, 0.02^2) where gain is negative; biases zero.
 */
void weighted_init(const struct layer *layer, float gain, float *weights, float *biases,
                   struct random *random);

/* The slope that a product may apply by itself: 1 where no rectifier follows (and other activations
 * are still to be done). */
float rectifier_slope(const struct layer *layer);

/* Helpers for the bodies. */
struct range work_images(const struct work *work); /* this thread's images, whole */
struct range layer_rows(const struct layer *layer,
                        const struct team *team); /* this thread's rows of weights */
float *work_scratch_of(const struct work *work, int thread);
/* In a tangent: mixed = scale * x + tx (in the place of x, which nobody reads again), or tx itself
 * where scale is NULL. Has a barrier after. */
void work_mix(const struct work *work);
/* grad (count): sums the partials that threads 1 … left in their scratches at `offset` into grad,
 * where thread 0 wrote. Has a barrier before and none after. */
void work_sum_partials(const struct work *work, float *grad, size_t count, size_t offset);

#endif
