/* condition: the pass's condition, a grey image for each image of the batch, beside what flows: as
 * one more plane where that is an image, averaged down where it is smaller by a whole factor; as
 * h * w more features where it is a vector. With a condition c (h, w), in squares of s x s pixels:
 *
 *     y (N, H, W, C + 1) = x (N, H, W, C) beside the means of the squares,  h = s H, w = s W
 *     y (N, C + h w)     = x (N, C) beside c
 *
 * Threads split the images. */
#include <string.h>

#include "base/error.h"
#include "nn/layer.h"
#include "nn/words.h"

static int refuse(const struct layer *layer)
{
    return fail(ERR_INVALID,
                "needs an image of %dx%d, one smaller by a whole factor, or a flat vector, to put "
                "the condition of %dx%d beside",
                layer->condition.height, layer->condition.width, layer->condition.height,
                layer->condition.width);
}

static int condition_shape(struct layer *layer, struct layer_words *words)
{
    struct shape in = layer->in, condition = layer->condition;
    (void)words;
    if (shape_size(condition) == 0)
        return fail(ERR_INVALID, "needs an image as condition, and there is none (data.corruption "
                                 "makes one of the real image)");
    if (shape_is_flat(in)) {
        layer->out.channels += shape_size(condition);
        return 0;
    }
    layer->stride = condition.height / in.height;
    layer->out.channels++;
    bool fits = layer->stride * in.height == condition.height &&
                layer->stride * in.width == condition.width;
    return fits ? 0 : refuse(layer);
}

/* The mean of the condition's square at row h, column w of what flows. */
static float square_mean(const struct layer *layer, const float *condition, int h, int w)
{
    int s = layer->stride, stride = layer->condition.width;
    float sum = 0;
    condition += (ptrdiff_t)h * s * stride + (ptrdiff_t)w * s;
    for (int y = 0; y < s; y++, condition += stride)
        for (int x = 0; x < s; x++)
            sum += condition[x];
    return s > 1 ? sum / (float)(s * s) : sum;
}

static void put_vector(const struct layer *layer, const float *condition, float *y)
{
    memcpy(y + layer->in.channels, condition, (size_t)shape_size(layer->condition) * sizeof *y);
}

static void put_plane(const struct layer *layer, const float *condition, float *y)
{
    int C = layer->in.channels;
    for (int h = 0; h < layer->in.height; h++)
        for (int w = 0; w < layer->in.width; w++, y += C + 1)
            y[C] = square_mean(layer, condition, h, w);
}

/* Rows of C values, and rows of more that begin with them. */
struct rows {
    size_t narrow, wide; /* values */
    int places;          /* rows of an image */
};

static struct rows rows_of(const struct layer *layer)
{
    return (struct rows){ (size_t)layer->in.channels, (size_t)layer->out.channels,
                          layer->in.height * layer->in.width };
}

static void condition_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct rows rows = rows_of(layer);
    struct range mine = work_images(work);
    size_t size = (size_t)shape_size(layer->condition);
    for (int row = mine.begin * rows.places; row < mine.end * rows.places; row++)
        memcpy(work->y + (size_t)row * rows.wide, work->x + (size_t)row * rows.narrow,
               rows.narrow * sizeof *work->y);
    for (int n = mine.begin; n < mine.end; n++) {
        const float *condition = work->pass->condition + (size_t)n * size;
        float *y = work->y + (size_t)n * (size_t)rows.places * rows.wide;
        if (shape_is_flat(layer->in))
            put_vector(layer, condition, y);
        else
            put_plane(layer, condition, y);
    }
}

static void condition_backward(const struct work *work)
{
    struct rows rows = rows_of(work->layer);
    struct range mine = team_range(&work->team, work->images * rows.places, 1);
    for (int row = mine.begin; work->dx && row < mine.end; row++)
        memcpy(work->dx + (size_t)row * rows.narrow, work->dy + (size_t)row * rows.wide,
               rows.narrow * sizeof *work->dx);
}

/* The condition does not move with the image: its tangent is zero. */
static void condition_tangent(const struct work *work)
{
    struct rows rows = rows_of(work->layer);
    struct range mine = team_range(&work->team, work->penalised * rows.places, 1);
    for (int row = mine.begin; row < mine.end; row++) {
        float *ty = work->ty + (size_t)row * rows.wide;
        memcpy(ty, work->tx + (size_t)row * rows.narrow, rows.narrow * sizeof *ty);
        memset(ty + rows.narrow, 0, (rows.wide - rows.narrow) * sizeof *ty);
    }
}

const struct layer_ops layer_condition = {
    .name = "condition",
    .arguments = "",
    .flags = LAYER_CONDITION,
    .shape = condition_shape,
    .forward = condition_forward,
    .backward = condition_backward,
    .tangent = condition_tangent,
};
