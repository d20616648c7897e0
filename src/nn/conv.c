/* conv: y (N, OH, OW, F) = columns(x) W^T + b, W (F, K, K, C).
 * upconv, its transpose: y (N, OH, OW, F) = scatter(x W) + b, W (C, K, K, F).
 *
 * Threads split the batch. Each works through its images some at a time, so that their columns stay
 * in its cache; gradients of weights are summed a thread, then over the threads in order. */
#include <string.h>

#include "base/error.h"
#include "nn/blas.h"
#include "nn/columns.h"
#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/words.h"

enum { COLUMN_FLOATS = 1 << 18, ROWS_AT_ONCE = 784, COLUMNS_LIMIT = 1 << 26 };

static struct columns geometry(const struct layer *layer, bool transposed)
{
    struct shape large = transposed ? layer->out : layer->in,
                 small = transposed ? layer->in : layer->out;
    return (struct columns){ large.height, large.width,   large.channels, small.height,
                             small.width,  layer->kernel, layer->stride,  layer->pad };
}

static struct columns columns_of(const struct layer *layer)
{
    return geometry(layer, layer->ops == &layer_upconv);
}

/* Images whose columns are made at once: enough rows for an efficient product. */
static int images_at_once(const struct columns *g)
{
    int places = g->small_height * g->small_width, row = g->kernel * g->kernel * g->channels;
    int by_rows = (ROWS_AT_ONCE + places - 1) / places,
        by_size = COLUMN_FLOATS / (places * row) + 1;
    return MAX(1, MIN(MAX(by_rows, by_size), 64));
}

/* How much a kernel of K reaches beyond a stride of S, split evenly; the rest is upconv's output
 * padding. */
static int place_kernel(struct layer *layer, struct layer_words *words, int *features)
{
    int code = words_need_integer(words, "a number of feature maps", 1, 1 << 16, features);
    if (code == 0)
        code = words_need_kernel(words, &layer->kernel, &layer->stride, &layer->pad);
    if (code < 0)
        return code;
    layer->bias = true;
    layer->bias_count = (size_t)*features;
    return 0;
}

/* K * K / (S * S) places of every input map reach an output, on average. Where that does not fit an
 * int, the weights that go with it are more than a network may have. */
static int upconv_fan_in(const struct layer *layer)
{
    int64_t kernel = (int64_t)layer->kernel * layer->kernel, strides = layer->stride;
    int64_t fan_in = kernel * layer->in.channels / (strides * strides);
    return (int)MAX(1, MIN(fan_in, INT32_MAX));
}

/* Also keeps what follows from sizes inside an int: places, patch and their product. */
static int count_weights(struct layer *layer, bool transposed)
{
    struct columns g = geometry(layer, transposed);
    if (columns_per_image(&g) > COLUMNS_LIMIT)
        return fail(ERR_INVALID, "would spread an image to %zu values, more than %d",
                    columns_per_image(&g), COLUMNS_LIMIT);
    int patch = g.kernel * g.kernel * g.channels;
    layer->rows = transposed ? layer->in.channels : layer->out.channels;
    layer->columns = patch;
    layer->weight_count = (size_t)layer->rows * (size_t)patch;
    layer->scratch_count = round_up_floats((size_t)images_at_once(&g) * columns_per_image(&g)) +
                           round_up_floats(layer->weight_count) +
                           round_up_floats(layer->bias_count);
    layer->fan_in = transposed ? upconv_fan_in(layer) : patch;
    return 0;
}

static int conv_shape(struct layer *layer, struct layer_words *words)
{
    int features, code = place_kernel(layer, words, &features);
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
    return count_weights(layer, false);
}

static int upconv_shape(struct layer *layer, struct layer_words *words)
{
    int features, code = place_kernel(layer, words, &features);
    if (code < 0)
        return code;
    int K = layer->kernel, S = layer->stride;
    if (layer->pad < 0) {
        layer->pad = (K - S + 1) / 2;
        layer->extra = 2 * layer->pad - (K - S);
    }
    int height = (layer->in.height - 1) * S - 2 * layer->pad + K + layer->extra;
    int width = (layer->in.width - 1) * S - 2 * layer->pad + K + layer->extra;
    if (height < 1 || width < 1 || height > 4096 || width > 4096)
        return fail(ERR_INVALID, "would make an image of %dx%d pixels", height, width);
    layer->out = (struct shape){ features, height, width };
    return count_weights(layer, true);
}

struct part { /* some images of a thread's share */
    int begin, images, rows;
};

static struct part next_part(const struct columns *g, struct range mine, int begin)
{
    struct part part = { .begin = begin, .images = MIN(images_at_once(g), mine.end - begin) };
    part.rows = part.images * g->small_height * g->small_width;
    return part;
}

static const float *at_image(const float *block, struct shape shape, int image)
{
    return block + (size_t)image * (size_t)shape_size(shape);
}

static float *at_image_mutable(float *block, struct shape shape, int image)
{
    return block + (size_t)image * (size_t)shape_size(shape);
}

static void activate_part(const struct work *work, float *y, struct part part)
{
    const struct layer *layer = work->layer;
    int F = layer->out.channels, rows = part.images * layer->out.height * layer->out.width;
    bias_activate(y, layer->bias ? work->biases : NULL, rows, F, F, layer->activation,
                  layer->slope);
}

static void deactivate_part(const struct work *work, struct part part)
{
    const struct layer *layer = work->layer;
    int size = shape_size(layer->out);
    activation_backward(at_image_mutable(work->dy, layer->out, part.begin),
                        at_image(work->y, layer->out, part.begin), part.images, size, size,
                        layer->activation, layer->slope);
}

/* large -> small: conv's forward, upconv's way back. */
static void product_down(const struct work *work, const float *columns, struct part part,
                         float *small)
{
    int patch = work->layer->columns, maps = work->layer->rows;
    blas_sgemm(false, true, part.rows, maps, patch, 1, columns, patch, work->weights, patch, 0,
               small, maps);
}

/* small -> columns: upconv's forward, conv's way back. */
static void product_up(const struct work *work, const float *small, struct part part,
                       float *columns)
{
    int patch = work->layer->columns, maps = work->layer->rows;
    blas_sgemm(false, false, part.rows, patch, maps, 1, small, maps, work->weights, patch, 0,
               columns, patch);
}

static float *weight_partial(const struct work *work)
{
    struct columns g = columns_of(work->layer);
    return work->scratch + round_up_floats((size_t)images_at_once(&g) * columns_per_image(&g));
}

/* dW (maps, patch) += small^T columns, where this thread sums. */
static void weight_gradient(const struct work *work, const float *small, const float *columns,
                            struct part part, bool first)
{
    int patch = work->layer->columns, maps = work->layer->rows;
    bool own = work->team.thread > 0;
    float *sum = own ? weight_partial(work) : work->d_weights;
    float beta = first && (own || !work->add) ? 0 : 1;
    blas_sgemm(true, false, maps, patch, part.rows, 1, small, maps, columns, patch, beta, sum,
               patch);
}

static void bias_gradient(const struct work *work, struct part part, bool first)
{
    struct shape out = work->layer->out;
    int places = out.height * out.width, images = MIN(part.images, work->bias_images - part.begin);
    bool own = work->team.thread > 0;
    float *sum =
        own ? weight_partial(work) + round_up_floats(work->layer->weight_count) : work->d_biases;
    bool add = !(first && (own || !work->add));
    if (images > 0 || !add)
        column_sums(sum, at_image(work->dy, out, part.begin), MAX(images, 0) * places, out.channels,
                    out.channels, work->scale ? work->scale + part.begin : NULL, places, add);
}

/* A thread without images still owes zeros. */
static void begin_gradients(const struct work *work, struct range mine)
{
    bool own = work->team.thread > 0;
    if (!work->d_weights || mine.begin < mine.end || (!own && work->add))
        return;
    float *weights = own ? weight_partial(work) : work->d_weights;
    float *biases = own ? weights + round_up_floats(work->layer->weight_count) : work->d_biases;
    memset(weights, 0, work->layer->weight_count * sizeof *weights);
    if (work->d_biases)
        memset(biases, 0, work->layer->bias_count * sizeof *biases);
}

static void end_gradients(const struct work *work)
{
    if (!work->d_weights)
        return;
    struct columns g = columns_of(work->layer);
    size_t offset = round_up_floats((size_t)images_at_once(&g) * columns_per_image(&g));
    work_sum_partials(work, work->d_weights, work->layer->weight_count, offset);
    if (work->d_biases)
        work_sum_partials(work, work->d_biases, work->layer->bias_count,
                          offset + round_up_floats(work->layer->weight_count));
}

static void conv_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct columns g = columns_of(layer);
    struct range mine = work_images(work);
    for (int begin = mine.begin; begin < mine.end; begin += images_at_once(&g)) {
        struct part part = next_part(&g, mine, begin);
        float *y = at_image_mutable(work->y, layer->out, begin);
        columns_gather(&g, at_image(work->x, layer->in, begin), part.images, work->scratch);
        product_down(work, work->scratch, part, y);
        activate_part(work, y, part);
    }
}

static void conv_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct columns g = columns_of(layer);
    struct range mine = work_images(work);
    begin_gradients(work, mine);
    for (int begin = mine.begin; begin < mine.end; begin += images_at_once(&g)) {
        struct part part = next_part(&g, mine, begin);
        const float *dy = at_image(work->dy, layer->out, begin);
        deactivate_part(work, part);
        if (work->d_weights) {
            columns_gather(&g, at_image(work->x, layer->in, begin), part.images, work->scratch);
            weight_gradient(work, dy, work->scratch, part, begin == mine.begin);
        }
        if (work->d_biases)
            bias_gradient(work, part, begin == mine.begin);
        if (work->dx) {
            product_up(work, dy, part, work->scratch);
            columns_scatter(&g, work->scratch, part.images,
                            at_image_mutable(work->dx, layer->in, begin));
        }
    }
    end_gradients(work);
}

/* Of the images [0, penalised): ty from tx. */
static void conv_tangent_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct columns g = columns_of(layer);
    struct range mine = team_range(&work->team, work->penalised, 1);
    int size = shape_size(layer->out);
    for (int begin = mine.begin; begin < mine.end; begin += images_at_once(&g)) {
        struct part part = next_part(&g, mine, begin);
        float *ty = at_image_mutable(work->ty, layer->out, begin);
        columns_gather(&g, at_image(work->tx, layer->in, begin), part.images, work->scratch);
        product_down(work, work->scratch, part, ty);
        activation_backward(ty, at_image(work->y, layer->out, begin), part.images, size, size,
                            layer->activation, layer->slope);
    }
}

static void conv_tangent(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct columns g = columns_of(layer);
    struct range mine = team_range(&work->team, work->mixed_images, 1);
    conv_tangent_forward(work);
    if (!work->d_weights)
        return;
    work_mix(work);
    begin_gradients(work, mine);
    for (int begin = mine.begin; begin < mine.end; begin += images_at_once(&g)) {
        struct part part = next_part(&g, mine, begin);
        columns_gather(&g, at_image(work->mixed, layer->in, begin), part.images, work->scratch);
        weight_gradient(work, at_image(work->dy, layer->out, begin), work->scratch, part,
                        begin == mine.begin);
        if (work->d_biases)
            bias_gradient(work, part, begin == mine.begin);
    }
    end_gradients(work);
}

static void upconv_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct columns g = columns_of(layer);
    struct range mine = work_images(work);
    for (int begin = mine.begin; begin < mine.end; begin += images_at_once(&g)) {
        struct part part = next_part(&g, mine, begin);
        float *y = at_image_mutable(work->y, layer->out, begin);
        product_up(work, at_image(work->x, layer->in, begin), part, work->scratch);
        columns_scatter(&g, work->scratch, part.images, y);
        activate_part(work, y, part);
    }
}

static void upconv_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct columns g = columns_of(layer);
    struct range mine = work_images(work);
    begin_gradients(work, mine);
    for (int begin = mine.begin; begin < mine.end; begin += images_at_once(&g)) {
        struct part part = next_part(&g, mine, begin);
        deactivate_part(work, part);
        columns_gather(&g, at_image(work->dy, layer->out, begin), part.images, work->scratch);
        if (work->d_weights)
            weight_gradient(work, at_image(work->x, layer->in, begin), work->scratch, part,
                            begin == mine.begin);
        if (work->d_biases)
            bias_gradient(work, part, begin == mine.begin);
        if (work->dx)
            product_down(work, work->scratch, part, at_image_mutable(work->dx, layer->in, begin));
    }
    end_gradients(work);
}

static double conv_cost(const struct layer *layer)
{
    struct columns g = columns_of(layer);
    return (double)g.small_height * g.small_width * (double)layer->weight_count;
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
    .export = upconv_export,
};
