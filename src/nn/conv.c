/* conv: y = windows(x) W + b, and upconv, its transpose: y = what x puts into windows of y, + b.
 * The three products of nn/windows.h, in both roles: conv's large image is x, upconv's is y.
 *
 * Threads split the images, but for the gradient of the weights, whose rows they split: no sums
 * over threads. */
#include <string.h>

#include "base/error.h"
#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/windows.h"
#include "nn/words.h"

enum { SPREAD_LIMIT = 1 << 26, WEIGHTS_LIMIT = 1 << 28 };
enum { TANGENT_IMAGES = 4, COLUMN_IMAGES = 4 }; /* that go through a thread's scratch at once */

static int read_words(struct layer *layer, struct layer_words *words, int *features)
{
    int code = words_need_integer(words, "a number of feature maps", 1, 1 << 14, features);
    if (code == 0)
        code = words_need_kernel(words, &layer->kernel, &layer->stride, &layer->pad);
    if (code < 0)
        return code;
    layer->bias = true;
    layer->bias_count = (size_t)*features;
    return 0;
}

/* What a tape keeps an image: the padded large image, then the padded small one. */
static size_t wide_floats(const struct windows *w)
{
    return windows_prefer_columns(w) ? 0 : windows_wide_size(w);
}

static size_t extra_scratch(const struct windows *w)
{
    size_t columns =
        (size_t)(w->small_height * w->small_width * w->kernel * w->kernel * w->channels);
    return MAX(TANGENT_IMAGES * windows_padded_size(w),
               windows_prefer_columns(w) ? COLUMN_IMAGES * columns : 0);
}

/* Weights that go into one output: all of a window's, or of those that cover a pixel of upconv's,
 * on average. */
static int fan_in(const struct layer *layer)
{
    int reach = layer->ops == &layer_upconv ? layer->stride * layer->stride : 1;
    return (int)MAX(1, layer->weight_count / (size_t)layer->out.channels / (size_t)reach);
}

static int place_windows(struct layer *layer, struct shape large, struct shape small)
{
    int64_t patch = (int64_t)layer->kernel * layer->kernel * large.channels;
    int64_t spread = patch * small.height * small.width; /* bounds every table below, too */
    if (spread > SPREAD_LIMIT)
        return fail(ERR_INVALID, "would spread an image to %lld values, more than %d",
                    (long long)spread, SPREAD_LIMIT);
    if (patch * small.channels > WEIGHTS_LIMIT)
        return fail(ERR_INVALID, "has %lld weights, more than %d",
                    (long long)(patch * small.channels), WEIGHTS_LIMIT);
    struct windows *w = layer->windows = arena_alloc(layer->arena, 1, sizeof *w);
    *w = (struct windows){ .height = large.height,
                           .width = large.width,
                           .channels = large.channels,
                           .small_height = small.height,
                           .small_width = small.width,
                           .small_channels = small.channels,
                           .kernel = layer->kernel,
                           .stride = layer->stride,
                           .pad = layer->pad };
    windows_init(w);
    layer->weight_count = (size_t)(patch * small.channels);
    layer->fan_in = fan_in(layer);
    layer->rows = (int)patch;
    layer->grain = 1;
    layer->saved_count = layer->weight_count; /* the weights transposed */
    layer->kept_per_image = windows_padded_size(w) + wide_floats(w);
    layer->scratch_count = PRODUCT_SCRATCH + extra_scratch(w);
    return 0;
}

static int conv_shape(struct layer *layer, struct layer_words *words)
{
    int features, code = read_words(layer, words, &features);
    if (code < 0)
        return code;
    int K = layer->kernel, S = layer->stride;
    if (layer->pad < 0)
        layer->pad = (K - S + 1) / 2;
    int height = layer->in.height + 2 * layer->pad - K,
        width = layer->in.width + 2 * layer->pad - K;
    if (height < 0 || width < 0)
        return fail(ERR_INVALID, "needs an image of at least %dx%d pixels", K - 2 * layer->pad,
                    K - 2 * layer->pad);
    layer->out = (struct shape){ features, height / S + 1, width / S + 1 };
    return place_windows(layer, layer->in, layer->out);
}

/* A kernel of K reaches K - S beyond a stride of S, split evenly; the rest is PyTorch's output
 * padding. */
static int upconv_shape(struct layer *layer, struct layer_words *words)
{
    int features, extra = 0, code = read_words(layer, words, &features);
    if (code < 0)
        return code;
    int K = layer->kernel, S = layer->stride;
    if (layer->pad < 0) {
        layer->pad = (K - S + 1) / 2;
        extra = 2 * layer->pad - (K - S);
    }
    int height = (layer->in.height - 1) * S - 2 * layer->pad + K + extra;
    int width = (layer->in.width - 1) * S - 2 * layer->pad + K + extra;
    if (height < 1 || width < 1 || height > 4096 || width > 4096)
        return fail(ERR_INVALID, "would make an image of %dx%d pixels", height, width);
    layer->out = (struct shape){ features, height, width };
    return place_windows(layer, layer->out, layer->in);
}

static const float *image_of(const float *block, struct shape shape, int n)
{
    return block + (size_t)n * (size_t)shape_size(shape);
}

static float *image_to(float *block, struct shape shape, int n)
{
    return block + (size_t)n * (size_t)shape_size(shape);
}

static float *padded_of(const struct work *work, int n)
{
    return work->kept + (size_t)n * windows_padded_size(work->layer->windows);
}

/* Behind all the padded large images of the tape. */
static float *wide_of(const struct work *work, int n)
{
    const struct windows *w = work->layer->windows;
    return work->kept + (size_t)work->capacity * windows_padded_size(w) +
           (size_t)n * wide_floats(w);
}

static void transpose_weights(const struct work *work)
{
    const struct windows *w = work->layer->windows;
    struct range taps = team_range(&work->team, w->kernel * w->kernel, 1);
    windows_transpose(w, work->weights, work->saved, taps.begin, taps.end);
    team_barrier(&work->team);
}

static void finish_activation(const struct work *work, struct range mine)
{
    const struct layer *layer = work->layer;
    int size = shape_size(layer->out);
    if (layer->activation == ACTIVATION_TANH || layer->activation == ACTIVATION_SIGMOID)
        bias_activate(image_to(work->y, layer->out, mine.begin), NULL, mine.end - mine.begin, size,
                      size, layer->activation, 0);
}

static void undo_activation(const struct work *work, float *gradient, struct range mine)
{
    const struct layer *layer = work->layer;
    int size = shape_size(layer->out);
    activation_backward(image_to(gradient, layer->out, mine.begin),
                        image_of(work->y, layer->out, mine.begin), mine.end - mine.begin, size,
                        size, layer->activation, layer->slope);
}

/* `up` for this thread's images, by whichever way. small and large are the whole blocks. */
static void up(const struct work *work, const float *small, float *large, struct range mine,
               const float *bias, float slope)
{
    const struct windows *w = work->layer->windows;
    size_t small_size = (size_t)(w->small_height * w->small_width * w->small_channels);
    size_t large_size = (size_t)(w->height * w->width * w->channels);
    int count = mine.end - mine.begin;
    if (!windows_prefer_columns(w)) {
        windows_widen(w, small + (size_t)mine.begin * small_size, count, wide_of(work, mine.begin));
        windows_up(w, wide_of(work, mine.begin), count, work->saved, bias, slope,
                   large + (size_t)mine.begin * large_size, work->scratch);
        return;
    }
    for (int n = mine.begin; n < mine.end; n += COLUMN_IMAGES) {
        int images = MIN(COLUMN_IMAGES, mine.end - n), pixels = images * w->height * w->width;
        float *to = large + (size_t)n * large_size;
        windows_up_by_columns(w, small + (size_t)n * small_size, images, work->saved, to,
                              work->scratch + PRODUCT_SCRATCH, work->scratch);
        bias_activate(to, bias, pixels, w->channels, w->channels,
                      slope == 1 ? ACTIVATION_NONE : ACTIVATION_LRELU, slope);
    }
}

/* After all threads' images are ready: this thread's rows of dW and columns of db, from padded
 * large images and small ones. */
static void gradients(const struct work *work, const float *small, int images)
{
    const struct windows *w = work->layer->windows;
    struct shape out = work->layer->out;
    struct range rows = layer_rows(work->layer, &work->team);
    struct range features = team_range(&work->team, out.channels, 16);
    if (!work->d_weights)
        return;
    team_barrier(&work->team);
    windows_gradient(w, padded_of(work, 0), small, images, rows.begin, rows.end, work->add,
                     work->d_weights, work->scratch);
    if (work->d_biases)
        column_sums(work->d_biases + features.begin, work->dy + features.begin,
                    work->bias_images * out.height * out.width, features.end - features.begin,
                    out.channels, work->scale, out.height * out.width, work->add);
}

static void conv_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct range mine = work_images(work);
    windows_pad(layer->windows, image_of(work->x, layer->in, mine.begin), mine.end - mine.begin,
                padded_of(work, mine.begin));
    windows_down(layer->windows, padded_of(work, mine.begin), mine.end - mine.begin, work->weights,
                 layer->bias ? work->biases : NULL, rectifier_slope(layer),
                 image_to(work->y, layer->out, mine.begin), work->scratch);
    finish_activation(work, mine);
}

static void conv_backward(const struct work *work)
{
    struct range mine = work_images(work);
    undo_activation(work, work->dy, mine);
    if (work->dx) {
        transpose_weights(work);
        up(work, work->dy, work->dx, mine, NULL, 1);
    }
    gradients(work, work->dy, work->images);
}

/* Of images of this thread: ty from tx, whose padded copy then joins the scaled padded x. */
static void conv_tangent_images(const struct work *work, int n, int images)
{
    const struct layer *layer = work->layer;
    float *padded = work->scratch + PRODUCT_SCRATCH;
    size_t size = windows_padded_size(layer->windows);
    memset(padded, 0, (size_t)images * size * sizeof *padded);
    windows_pad(layer->windows, image_of(work->tx, layer->in, n), images, padded);
    windows_down(layer->windows, padded, images, work->weights, NULL, 1,
                 image_to(work->ty, layer->out, n), work->scratch);
    undo_activation(work, work->ty, (struct range){ n, n + images });
    for (int i = 0; work->d_weights && i < images; i++) {
        scale_copy(padded_of(work, n + i), work->scale ? work->scale[n + i] : 0,
                   padded_of(work, n + i), size);
        add_into(padded_of(work, n + i), padded + (size_t)i * size, size);
    }
}

static void conv_tangent(const struct work *work)
{
    size_t size = windows_padded_size(work->layer->windows);
    struct range mine = team_range(&work->team, work->penalised, 1);
    for (int n = mine.begin; n < mine.end; n += TANGENT_IMAGES)
        conv_tangent_images(work, n, MIN(TANGENT_IMAGES, mine.end - n));
    struct range others = team_range(&work->team, work->mixed_images - work->penalised, 1);
    for (int n = work->penalised + others.begin;
         work->d_weights && n < work->penalised + others.end; n++)
        scale_copy(padded_of(work, n), work->scale[n], padded_of(work, n), size);
    gradients(work, work->dy, work->mixed_images);
}

static void upconv_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct range mine = work_images(work);
    transpose_weights(work);
    up(work, work->x, work->y, mine, layer->bias ? work->biases : NULL, rectifier_slope(layer));
    finish_activation(work, mine);
}

static void upconv_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct range mine = work_images(work);
    undo_activation(work, work->dy, mine);
    windows_pad(layer->windows, image_of(work->dy, layer->out, mine.begin), mine.end - mine.begin,
                padded_of(work, mine.begin));
    if (work->dx)
        windows_down(layer->windows, padded_of(work, mine.begin), mine.end - mine.begin,
                     work->weights, NULL, 1, image_to(work->dx, layer->in, mine.begin),
                     work->scratch);
    gradients(work, work->x, work->images);
}

static double conv_cost(const struct layer *layer)
{
    return (double)layer->windows->small_height * layer->windows->small_width *
           (double)layer->weight_count;
}

const struct layer_ops layer_conv = {
    .name = "conv",
    .arguments = "F K/S[/P] [spectral]",
    .flags = LAYER_ABSORBS | LAYER_WEIGHTED,
    .shape = conv_shape,
    .init = weighted_init,
    .forward = conv_forward,
    .backward = conv_backward,
    .tangent = conv_tangent,
    .cost = conv_cost,
    .export = conv_export,
};

const struct layer_ops layer_upconv = {
    .name = "upconv",
    .arguments = "F K/S[/P] [spectral]",
    .flags = LAYER_ABSORBS | LAYER_WEIGHTED,
    .shape = upconv_shape,
    .init = weighted_init,
    .forward = upconv_forward,
    .backward = upconv_backward,
    .cost = conv_cost,
    .export = conv_export,
};
