/* upsample N: every pixel becomes N x N (nearest neighbour). pool max|average N: the largest or
 * mean of N x N pixels. Threads split the images. */
#include <string.h>

#include "base/error.h"
#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/words.h"

static int upsample_shape(struct layer *layer, struct layer_words *words)
{
    int code = words_need_integer(words, "a factor", 1, 16, &layer->stride);
    if (code < 0)
        return code;
    layer->out.height = layer->in.height * layer->stride;
    layer->out.width = layer->in.width * layer->stride;
    return 0;
}

static int pool_shape(struct layer *layer, struct layer_words *words)
{
    layer->maximum = words_take(words, "max");
    if (!layer->maximum && !words_take(words, "average"))
        return fail(ERR_INVALID, "needs 'max' or 'average' and a size");
    int code = words_need_integer(words, "a size", 1, 64, &layer->stride);
    if (code < 0)
        return code;
    if (layer->in.height % layer->stride || layer->in.width % layer->stride)
        return fail(ERR_INVALID, "needs a height and width that %d divides", layer->stride);
    layer->out.height = layer->in.height / layer->stride;
    layer->out.width = layer->in.width / layer->stride;
    layer->kept_per_image = layer->maximum ? (size_t)shape_size(layer->out)
                                           : 0; /* where the largest was, 0 … N * N - 1 */
    return 0;
}

/* What one cell of N x N fine pixels and its coarse pixel (C floats each) do to each other. */
typedef void cell_job(const struct layer *layer, float *fine, float *coarse, float *kept, int step,
                      float factor);

/* Fine pixel k of a cell; `step` floats lie between two rows of the fine image. */
static float *cell_pixel(const struct layer *layer, float *fine, int k, int step)
{
    return fine + (k / layer->stride) * step + (k % layer->stride) * layer->in.channels;
}

static void spread(const struct layer *layer, float *fine, float *coarse, float *kept, int step,
                   float factor)
{
    (void)kept;
    for (int k = 0; k < layer->stride * layer->stride; k++)
        scale_copy(cell_pixel(layer, fine, k, step), factor, coarse, (size_t)layer->in.channels);
}

static void collect(const struct layer *layer, float *fine, float *coarse, float *kept, int step,
                    float factor)
{
    (void)kept;
    memset(coarse, 0, (size_t)layer->in.channels * sizeof *coarse);
    for (int k = 0; k < layer->stride * layer->stride; k++)
        axpy(coarse, factor, cell_pixel(layer, fine, k, step), (size_t)layer->in.channels);
}

static void find_largest(const struct layer *layer, float *fine, float *coarse, float *kept,
                         int step, float factor)
{
    (void)factor;
    for (int c = 0; c < layer->in.channels; c++) {
        int best = 0;
        for (int k = 1; k < layer->stride * layer->stride; k++)
            if (cell_pixel(layer, fine, k, step)[c] > cell_pixel(layer, fine, best, step)[c])
                best = k;
        kept[c] = (float)best;
        coarse[c] = cell_pixel(layer, fine, best, step)[c];
    }
}

static void spread_to_largest(const struct layer *layer, float *fine, float *coarse, float *kept,
                              int step, float factor)
{
    (void)factor;
    for (int k = 0; k < layer->stride * layer->stride; k++)
        for (int c = 0; c < layer->in.channels; c++)
            cell_pixel(layer, fine, k, step)[c] = (int)kept[c] == k ? coarse[c] : 0;
}

static void collect_largest(const struct layer *layer, float *fine, float *coarse, float *kept,
                            int step, float factor)
{
    (void)factor;
    for (int c = 0; c < layer->in.channels; c++)
        coarse[c] = cell_pixel(layer, fine, (int)kept[c], step)[c];
}

static void every_cell(const struct work *work, cell_job *job, float *fine, float *coarse,
                       struct shape small, int images, float factor)
{
    const struct layer *layer = work->layer;
    int C = layer->in.channels, N = layer->stride, step = small.width * N * C;
    struct range mine = team_range(&work->team, images, 1);
    for (int n = mine.begin; n < mine.end; n++)
        for (int y = 0; y < small.height; y++)
            for (int x = 0; x < small.width; x++) {
                size_t place =
                    (((size_t)n * (size_t)small.height + (size_t)y) * (size_t)small.width +
                     (size_t)x) *
                    (size_t)C;
                size_t corner =
                    ((size_t)n * (size_t)small.height + (size_t)y) * (size_t)(N * step) +
                    (size_t)(x * N * C);
                job(layer, fine + corner, coarse + place,
                    layer->maximum ? work->kept + place : NULL, step, factor);
            }
}

/* The x of a layer is const for bodies; the jobs above take both sides without, and each writes
 * only one. */
static float *unconst(const float *x)
{
    union {
        const float *from;
        float *to;
    } pointer = { .from = x };
    return pointer.to;
}

static void upsample_forward(const struct work *work)
{
    every_cell(work, spread, work->y, unconst(work->x), work->layer->in, work->images, 1);
}

static void upsample_backward(const struct work *work)
{
    if (work->dx)
        every_cell(work, collect, work->dy, work->dx, work->layer->in, work->images, 1);
}

static void upsample_tangent(const struct work *work)
{
    every_cell(work, spread, work->ty, work->tx, work->layer->in, work->penalised, 1);
}

static float mean_factor(const struct layer *layer)
{
    return 1 / (float)(layer->stride * layer->stride);
}

static void pool_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    every_cell(work, layer->maximum ? find_largest : collect, unconst(work->x), work->y, layer->out,
               work->images, mean_factor(layer));
}

static void pool_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    if (work->dx)
        every_cell(work, layer->maximum ? spread_to_largest : spread, work->dx, work->dy,
                   layer->out, work->images, mean_factor(layer));
}

static void pool_tangent(const struct work *work)
{
    const struct layer *layer = work->layer;
    every_cell(work, layer->maximum ? collect_largest : collect, work->tx, work->ty, layer->out,
               work->penalised, mean_factor(layer));
}

const struct layer_ops layer_upsample = {
    .name = "upsample",
    .arguments = "N",
    .shape = upsample_shape,
    .forward = upsample_forward,
    .backward = upsample_backward,
    .tangent = upsample_tangent,
};

const struct layer_ops layer_pool = {
    .name = "pool",
    .arguments = "max|average N",
    .shape = pool_shape,
    .forward = pool_forward,
    .backward = pool_backward,
    .tangent = pool_tangent,
};
