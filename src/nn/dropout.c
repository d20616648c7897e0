/* dropout P (Srivastava et al. 2014): each value is zero with probability P, else 1 / (1 - P) of
 * itself; nothing happens in PASS_SAMPLE. The mask is kept on the tape. One thread draws it, so
 * that it does not depend on their number. */
#include "base/error.h"
#include "nn/layer.h"
#include "nn/words.h"

static int dropout_shape(struct layer *layer, struct layer_words *words)
{
    double probability;
    if (!words_take_real(words, &probability) || probability < 0 || probability >= 1)
        return fail(ERR_INVALID, "needs a probability from 0 to below 1");
    layer->amount = (float)probability;
    layer->kept_per_image = (size_t)shape_size(layer->in);
    return 0;
}

static void draw_mask(const struct work *work)
{
    size_t count = (size_t)work->images * (size_t)shape_size(work->layer->in);
    float keep = 1 / (1 - work->layer->amount);
    random_fill_uniform(work->pass->random, work->kept, count, 0, 1);
    for (size_t i = 0; i < count; i++)
        work->kept[i] = work->kept[i] < work->layer->amount ? 0 : keep;
}

static void times_mask(const struct work *work, const float *from, float *to, int images)
{
    struct range mine = team_range(&work->team, images * shape_size(work->layer->in), 16);
    for (int i = mine.begin; i < mine.end; i++)
        to[i] = from[i] * work->kept[i];
}

static void no_mask(const struct work *work)
{
    int count = work->images * shape_size(work->layer->in);
    for (int i = 0; i < count; i++)
        work->kept[i] = 1;
}

static void dropout_forward(const struct work *work)
{
    if (work->team.thread == 0 && work->pass->mode == PASS_SAMPLE)
        no_mask(work);
    else if (work->team.thread == 0)
        draw_mask(work);
    team_barrier(&work->team);
    times_mask(work, work->x, work->y, work->images);
}

static void dropout_backward(const struct work *work)
{
    if (work->dx)
        times_mask(work, work->dy, work->dx, work->images);
}

static void dropout_tangent(const struct work *work)
{
    times_mask(work, work->tx, work->ty, work->penalised);
}

const struct layer_ops layer_dropout = {
    .name = "dropout",
    .arguments = "P",
    .shape = dropout_shape,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .tangent = dropout_tangent,
};
