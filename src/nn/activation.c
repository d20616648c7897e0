/* relu, lrelu, tanh, sigmoid on their own: where the layer before does not do them itself (after a
 * pool, a reshape, a join …). */
#include <string.h>

#include "base/error.h"
#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/words.h"

static int relu_shape(struct layer *layer, struct layer_words *words)
{
    (void)words;
    layer->activation = ACTIVATION_RELU;
    return 0;
}

static int lrelu_shape(struct layer *layer, struct layer_words *words)
{
    double slope = 0.2;
    words_take_real(words, &slope);
    if (slope < 0 || slope >= 1)
        return fail(ERR_INVALID, "needs a slope from 0 to below 1, got %g", slope);
    layer->activation = ACTIVATION_LRELU;
    layer->slope = (float)slope;
    return 0;
}

static int tanh_shape(struct layer *layer, struct layer_words *words)
{
    (void)words;
    layer->activation = ACTIVATION_TANH;
    return 0;
}

static int sigmoid_shape(struct layer *layer, struct layer_words *words)
{
    (void)words;
    layer->activation = ACTIVATION_SIGMOID;
    return 0;
}

/* This thread's part of the values of `images` images, as one row. */
static struct range values_of(const struct work *work, int images)
{
    return team_range(&work->team, images * shape_size(work->layer->in), 16);
}

static void activation_forward(const struct work *work)
{
    struct range mine = values_of(work, work->images);
    int count = mine.end - mine.begin;
    memcpy(work->y + mine.begin, work->x + mine.begin, (size_t)count * sizeof *work->y);
    bias_activate(work->y + mine.begin, NULL, 1, count, count, work->layer->activation,
                  work->layer->slope);
}

static void times_slope(const struct work *work, const float *from, float *to, int images)
{
    struct range mine = values_of(work, images);
    int count = mine.end - mine.begin;
    memcpy(to + mine.begin, from + mine.begin, (size_t)count * sizeof *to);
    activation_backward(to + mine.begin, work->y + mine.begin, 1, count, count,
                        work->layer->activation, work->layer->slope);
}

static void activation_way_back(const struct work *work)
{
    if (work->dx)
        times_slope(work, work->dy, work->dx, work->images);
}

static void activation_tangent(const struct work *work)
{
    times_slope(work, work->tx, work->ty, work->penalised);
}

#define ACTIVATION(word, words, tangent_function)                                                  \
    const struct layer_ops layer_##word = {                                                        \
        .name = #word,                                                                             \
        .arguments = words,                                                                        \
        .flags = LAYER_ACTIVATION,                                                                 \
        .shape = word##_shape,                                                                     \
        .forward = activation_forward,                                                             \
        .backward = activation_way_back,                                                           \
        .tangent = tangent_function,                                                               \
    }

ACTIVATION(relu, "", activation_tangent);
ACTIVATION(lrelu, "[SLOPE]", activation_tangent);
ACTIVATION(tanh, "", NULL);
ACTIVATION(sigmoid, "", NULL);
