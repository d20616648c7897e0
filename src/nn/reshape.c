/* flatten and reshape: images are (H, W, C) in memory, flat vectors have PyTorch's order (C, H, W);
 * between them values move, unless the two orders are one. Threads split the images. */
#include "base/error.h"
#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/words.h"

static bool orders_agree(struct shape shape)
{
    return shape.channels == 1 || (shape.height == 1 && shape.width == 1);
}

static int flatten_shape(struct layer *layer, struct layer_words *words)
{
    (void)words;
    layer->out = (struct shape){ shape_size(layer->in), 1, 1 };
    layer->alias = orders_agree(layer->in);
    return 0;
}

static int reshape_shape(struct layer *layer, struct layer_words *words)
{
    struct shape out;
    if (!shape_is_flat(layer->in))
        return fail(ERR_INVALID, "needs a flat vector (put 'flatten' before it)");
    int code = words_need_sizes(words, &out.channels, &out.height, &out.width);
    if (code < 0)
        return code;
    double size = (double)out.channels * out.height * out.width;
    if (size != layer->in.channels)
        return fail(ERR_INVALID, "needs %.0f values, that is %dx%dx%d", size, out.channels,
                    out.height, out.width);
    layer->out = out;
    layer->alias = orders_agree(out);
    return 0;
}

/* The image's side of the layer is `shape`: between (H * W, C) and (C, H * W). */
static void move(const struct work *work, struct shape shape, bool to_image, const float *from,
                 float *to, int images)
{
    int places = shape.height * shape.width, rows = to_image ? places : shape.channels;
    struct range mine = team_range(&work->team, images, 1);
    size_t size = (size_t)shape_size(shape);
    for (int n = mine.begin; n < mine.end; n++)
        transpose(from + (size_t)n * size, rows, to + (size_t)n * size, (int)size / rows,
                  (int)size / rows, rows);
}

static void flatten_forward(const struct work *work)
{
    move(work, work->layer->in, false, work->x, work->y, work->images);
}

static void flatten_backward(const struct work *work)
{
    if (work->dx)
        move(work, work->layer->in, true, work->dy, work->dx, work->images);
}

static void flatten_tangent(const struct work *work)
{
    move(work, work->layer->in, false, work->tx, work->ty, work->penalised);
}

static void reshape_forward(const struct work *work)
{
    move(work, work->layer->out, true, work->x, work->y, work->images);
}

static void reshape_backward(const struct work *work)
{
    if (work->dx)
        move(work, work->layer->out, false, work->dy, work->dx, work->images);
}

static void reshape_tangent(const struct work *work)
{
    move(work, work->layer->out, true, work->tx, work->ty, work->penalised);
}

const struct layer_ops layer_flatten = {
    .name = "flatten",
    .arguments = "",
    .shape = flatten_shape,
    .forward = flatten_forward,
    .backward = flatten_backward,
    .tangent = flatten_tangent,
};

const struct layer_ops layer_reshape = {
    .name = "reshape",
    .arguments = "CxHxW",
    .shape = reshape_shape,
    .forward = reshape_forward,
    .backward = reshape_backward,
    .tangent = reshape_tangent,
};
