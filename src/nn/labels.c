/* embed F and join: what the label adds to each image, as F more features of a flat vector or F
 * more constant planes of an image. embed learns its F numbers for each class, join adds the
 * one-hot label. y (N, H, W, C + F) = x (N, H, W, C) beside the label's (F). Threads split the
 * images. */
#include <string.h>

#include "base/error.h"
#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/words.h"

static int need_classes(const struct layer *layer)
{
    return layer->classes > 0 ? 0 : fail(ERR_INVALID, "needs labels, and the data has none");
}

static int embed_shape(struct layer *layer, struct layer_words *words)
{
    int features = 0, code = need_classes(layer);
    if (code == 0)
        code = words_need_integer(words, "a number of features", 1, 4096, &features);
    if (code < 0)
        return code;
    layer->out.channels += features;
    layer->weight_count = (size_t)layer->classes * (size_t)features;
    return 0;
}

static int join_shape(struct layer *layer, struct layer_words *words)
{
    (void)words;
    layer->out.channels += layer->classes;
    return need_classes(layer);
}

static void embed_init(const struct layer *layer, float gain, float *weights, float *biases,
                       struct random *random)
{
    (void)gain, (void)biases;
    random_fill_normal(random, weights, layer->weight_count);
}

static int added(const struct layer *layer)
{
    return layer->out.channels - layer->in.channels;
}

static int places(const struct layer *layer)
{
    return layer->in.height * layer->in.width;
}

/* The label's features of image n into `to`. */
static void write_label(const struct work *work, int n, float *to)
{
    const struct layer *layer = work->layer;
    int F = added(layer), label = work->pass->labels[n];
    if (layer->weight_count) {
        memcpy(to, work->weights + (size_t)label * (size_t)F, (size_t)F * sizeof *to);
        return;
    }
    memset(to, 0, (size_t)F * sizeof *to);
    to[label] = 1;
}

static void labels_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    size_t C = (size_t)layer->in.channels, wide = (size_t)layer->out.channels;
    struct range mine = work_images(work);
    for (int n = mine.begin; n < mine.end; n++)
        for (int p = 0; p < places(layer); p++) {
            size_t row = (size_t)n * (size_t)places(layer) + (size_t)p;
            memcpy(work->y + row * wide, work->x + row * C, C * sizeof *work->y);
            write_label(work, n, work->y + row * wide + C);
        }
}

/* Rows of the embedding are few and labels repeat, so one thread adds, image after image. */
static void embedding_gradient(const struct work *work)
{
    const struct layer *layer = work->layer;
    int F = added(layer);
    size_t wide = (size_t)layer->out.channels;
    if (!work->add)
        memset(work->d_weights, 0, layer->weight_count * sizeof *work->d_weights);
    for (int n = 0; n < work->bias_images; n++)
        for (int p = 0; p < places(layer); p++) {
            size_t row = (size_t)n * (size_t)places(layer) + (size_t)p;
            axpy(work->d_weights + (size_t)work->pass->labels[n] * (size_t)F,
                 work->scale ? work->scale[n] : 1, work->dy + row * wide + layer->in.channels,
                 (size_t)F);
        }
}

static void labels_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    size_t C = (size_t)layer->in.channels, wide = (size_t)layer->out.channels;
    struct range mine = team_range(&work->team, work->images * places(layer), 1);
    for (int row = mine.begin; work->dx && row < mine.end; row++)
        memcpy(work->dx + (size_t)row * C, work->dy + (size_t)row * wide, C * sizeof *work->dx);
    if (work->d_weights && work->team.thread == 0)
        embedding_gradient(work);
}

/* The label does not move with the image: its tangent is zero. */
static void labels_tangent(const struct work *work)
{
    const struct layer *layer = work->layer;
    size_t C = (size_t)layer->in.channels, wide = (size_t)layer->out.channels;
    struct range mine = team_range(&work->team, work->penalised * places(layer), 1);
    for (int row = mine.begin; row < mine.end; row++) {
        memcpy(work->ty + (size_t)row * wide, work->tx + (size_t)row * C, C * sizeof *work->ty);
        memset(work->ty + (size_t)row * wide + C, 0, (wide - C) * sizeof *work->ty);
    }
    if (work->d_weights && work->team.thread == 0)
        embedding_gradient(work);
}

const struct layer_ops layer_embed = {
    .name = "embed",
    .arguments = "F",
    .flags = LAYER_LABELS,
    .shape = embed_shape,
    .init = embed_init,
    .forward = labels_forward,
    .backward = labels_backward,
    .tangent = labels_tangent,
    .export = embed_export,
};

const struct layer_ops layer_join = {
    .name = "join",
    .arguments = "",
    .flags = LAYER_LABELS,
    .shape = join_shape,
    .forward = labels_forward,
    .backward = labels_backward,
    .tangent = labels_tangent,
};
