/* norm: batch normalisation (Ioffe & Szegedy 2015), y = scale * (x - mean) / sqrt(variance + 1e-5)
 * + shift, statistics over the images and places of a group, one for each channel.
 *
 * Flat vectors: threads split the channels. Images: threads split the rows, and sum their partial
 * statistics in order. */
#include <math.h>
#include <string.h>

#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/words.h"

#include "base/error.h"

static const float epsilon = 1e-5f, momentum = 0.1f; /* PyTorch's */

static int norm_shape(struct layer *layer, struct layer_words *words)
{
    (void)words;
    int C = layer->in.channels;
    layer->weight_count = layer->bias_count = (size_t)C;
    layer->bias = true;
    layer->buffer_count = 2 * (size_t)C + 1;          /* running mean, variance; passes estimated */
    layer->saved_count = 2 * (size_t)C * NORM_GROUPS; /* mean, 1 / deviation of each group */
    layer->scratch_count = 7 * (size_t)C;
    return 0;
}

static void norm_init(const struct layer *layer, float gain, float *weights, float *biases,
                      struct random *random)
{
    (void)gain, (void)biases, (void)random;
    for (size_t i = 0; i < layer->weight_count; i++)
        weights[i] = 1;
}

struct view { /* of this pass: rows of channels, `rows` a group */
    int C, rows, groups;
    bool flat;
    struct range channels; /* this thread's, of every row */
    struct range within;   /* this thread's rows of each group */
};

static struct view view_of(const struct work *work)
{
    struct shape in = work->layer->in;
    int rows = work->images / work->groups * in.height * in.width;
    struct view view = { .C = in.channels,
                         .rows = rows,
                         .groups = work->groups,
                         .channels = { 0, in.channels },
                         .within = { 0, rows } };
    view.flat = shape_is_flat(in);
    if (view.flat)
        view.channels = team_range(&work->team, in.channels, 16);
    else
        view.within = team_range(&work->team, rows, 1);
    return view;
}

/* Where group g begins in a block of rows of C. */
static size_t group_at(const struct view *view, int g)
{
    return (size_t)g * (size_t)view->rows * (size_t)view->C;
}

/* Where this thread's part of group g begins. */
static size_t part_at(const struct view *view, int g)
{
    return group_at(view, g) + (size_t)view->within.begin * (size_t)view->C +
           (size_t)view->channels.begin;
}

static int part_rows(const struct view *view)
{
    return view->within.end - view->within.begin;
}

static int part_columns(const struct view *view)
{
    return view->channels.end - view->channels.begin;
}

/* The sum over the threads of what each left at `offset` of its scratch. */
static float total(const struct work *work, const struct view *view, int offset)
{
    float sum = 0;
    for (int t = 0; !view->flat && t < work->team.threads; t++)
        sum += work_scratch_of(work, t)[offset];
    return view->flat ? work->scratch[offset] : sum;
}

static void meet_over_rows(const struct work *work, const struct view *view)
{
    if (!view->flat)
        team_barrier(&work->team);
}

VECTOR_CLONES
static void sum_squares(const float *restrict x, const float *restrict origin, int rows,
                        int columns, int stride, float *restrict sums, float *restrict squares)
{
    for (int r = 0; r < rows; r++, x += stride)
        for (int c = 0; c < columns; c++) {
            float v = x[c] - origin[c];
            sums[c] += v;
            squares[c] += v * v;
        }
}

static void update_running(const struct work *work, const struct view *view, int c, float mean,
                           float variance)
{
    float *running = work->buffers;
    float unbiased = variance * (float)view->rows / (float)MAX(view->rows - 1, 1);
    float weight = work->pass->mode == PASS_ESTIMATE ? 1 / (running[2 * view->C] + 1) : momentum;
    running[c] += weight * (mean - running[c]);
    running[view->C + c] += weight * (unbiased - running[view->C + c]);
}

/* Mean and 1 / deviation of group g into saved. Sums are those of x - x[first row of the group]:
 * shifting by any sample keeps the difference of squares from cancelling. */
static void batch_moments(const struct work *work, const struct view *view, int g)
{
    float *mean = work->saved + 2 * (ptrdiff_t)g * view->C, *inverse = mean + view->C;
    const float *origin = work->x + group_at(view, g);
    int C = view->C, begin = view->channels.begin;
    bool keep = work->pass->mode == PASS_TRAIN || work->pass->mode == PASS_ESTIMATE;
    memset(work->scratch, 0, 2 * (size_t)C * sizeof *work->scratch);
    sum_squares(work->x + part_at(view, g), origin + begin, part_rows(view), part_columns(view), C,
                work->scratch + begin, work->scratch + C + begin);
    meet_over_rows(work, view);
    for (int c = begin; (view->flat || work->team.thread == 0) && c < view->channels.end; c++) {
        float shift = total(work, view, c) / (float)view->rows;
        float variance = total(work, view, C + c) / (float)view->rows - shift * shift;
        variance = variance < 0 ? 0 : variance;
        mean[c] = origin[c] + shift;
        inverse[c] = 1 / sqrtf(variance + epsilon);
        if (keep)
            update_running(work, view, c, mean[c], variance);
    }
    meet_over_rows(work, view);
}

static void running_moments(const struct work *work, const struct view *view, int g)
{
    float *mean = work->saved + 2 * (ptrdiff_t)g * view->C, *inverse = mean + view->C;
    for (int c = view->channels.begin;
         (view->flat || work->team.thread == 0) && c < view->channels.end; c++) {
        mean[c] = work->buffers[c];
        inverse[c] = 1 / sqrtf(work->buffers[view->C + c] + epsilon);
    }
    meet_over_rows(work, view);
}

VECTOR_CLONES
static void normalise(const float *restrict x, float *restrict y, int rows, int columns, int stride,
                      const float *restrict factor, const float *restrict offset, float slope)
{
    for (int r = 0; r < rows; r++, x += stride, y += stride)
        for (int c = 0; c < columns; c++) {
            float v = x[c] * factor[c] + offset[c];
            y[c] = v > 0 ? v : v * slope;
        }
}

static void norm_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct view view = view_of(work);
    bool rectifier = layer->activation == ACTIVATION_RELU || layer->activation == ACTIVATION_LRELU;
    float *factor = work->scratch + 2 * view.C, *offset = factor + view.C;
    for (int g = 0; g < view.groups; g++) {
        const float *mean = work->saved + 2 * (ptrdiff_t)g * view.C, *inverse = mean + view.C;
        float *y = work->y + part_at(&view, g);
        if (work->pass->mode == PASS_SAMPLE)
            running_moments(work, &view, g);
        else
            batch_moments(work, &view, g);
        for (int c = view.channels.begin; c < view.channels.end; c++) {
            factor[c] = work->weights[c] * inverse[c];
            offset[c] = work->biases[c] - mean[c] * factor[c];
        }
        normalise(work->x + part_at(&view, g), y, part_rows(&view), part_columns(&view), view.C,
                  factor + view.channels.begin, offset + view.channels.begin,
                  rectifier ? layer->activation == ACTIVATION_RELU ? 0 : layer->slope : 1);
        if (!rectifier)
            bias_activate(y, NULL, part_rows(&view), part_columns(&view), view.C, layer->activation,
                          layer->slope);
    }
}

VECTOR_CLONES
static void gradient_sums(const float *restrict x, const float *restrict dy, int rows, int columns,
                          int stride, const float *restrict mean, const float *restrict inverse,
                          float *restrict shifts, float *restrict scales)
{
    for (int r = 0; r < rows; r++, x += stride, dy += stride)
        for (int c = 0; c < columns; c++) {
            shifts[c] += dy[c];
            scales[c] += dy[c] * ((x[c] - mean[c]) * inverse[c]);
        }
}

VECTOR_CLONES
static void input_gradient(const float *restrict x, const float *restrict dy, float *restrict dx,
                           int rows, int columns, int stride, const float *restrict a,
                           const float *restrict b, const float *restrict d)
{
    for (int r = 0; r < rows; r++, x += stride, dy += stride, dx += stride)
        for (int c = 0; c < columns; c++)
            dx[c] = a[c] * dy[c] + b[c] * x[c] + d[c];
}

/* Sum of dy and of dy * normalised x over group g, in scratch[0, 2C) of each thread that needs
 * them; both also into the gradients. */
static void group_sums(const struct work *work, const struct view *view, int g, float *sums)
{
    const float *mean = work->saved + 2 * (ptrdiff_t)g * view->C, *inverse = mean + view->C;
    int begin = view->channels.begin, C = view->C;
    memset(work->scratch, 0, 2 * (size_t)C * sizeof *work->scratch);
    gradient_sums(work->x + part_at(view, g), work->dy + part_at(view, g), part_rows(view),
                  part_columns(view), C, mean + begin, inverse + begin, work->scratch + begin,
                  work->scratch + C + begin);
    meet_over_rows(work, view);
    for (int c = begin; c < view->channels.end; c++) {
        sums[c] = total(work, view, c);
        sums[C + c] = total(work, view, C + c);
    }
    meet_over_rows(work, view);
    bool add = work->add || g > 0, writer = view->flat || work->team.thread == 0;
    for (int c = begin; work->d_weights && writer && c < view->channels.end; c++) {
        work->d_biases[c] = sums[c] + (add ? work->d_biases[c] : 0);
        work->d_weights[c] = sums[C + c] + (add ? work->d_weights[c] : 0);
    }
}

/* dx = scale / deviation * (dy - mean(dy) - x^ mean(dy x^)), as a dy + b x + d for each channel.
 * Running statistics do not move with x: then dx = scale / deviation * dy. */
static void norm_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    struct view view = view_of(work);
    int C = view.C, begin = view.channels.begin;
    bool held = work->pass->mode == PASS_SAMPLE;
    float *sums = work->scratch + 2 * C, *a = work->scratch + 4 * C, *b = a + C, *d = b + C;
    for (int g = 0; g < view.groups; g++) {
        const float *mean = work->saved + 2 * (ptrdiff_t)g * C, *inverse = mean + C;
        activation_backward(work->dy + part_at(&view, g), work->y + part_at(&view, g),
                            part_rows(&view), part_columns(&view), C, layer->activation,
                            layer->slope);
        group_sums(work, &view, g, sums);
        if (!work->dx)
            continue;
        for (int c = begin; c < view.channels.end; c++) {
            a[c] = work->weights[c] * inverse[c];
            b[c] = held ? 0 : -a[c] * inverse[c] * sums[C + c] / (float)view.rows;
            d[c] = held ? 0 : -a[c] * sums[c] / (float)view.rows - b[c] * mean[c];
        }
        input_gradient(work->x + part_at(&view, g), work->dy + part_at(&view, g),
                       work->dx + part_at(&view, g), part_rows(&view), part_columns(&view), C,
                       a + begin, b + begin, d + begin);
    }
}

const struct layer_ops layer_norm = {
    .name = "norm",
    .arguments = "",
    .flags = LAYER_ABSORBS | LAYER_NORM,
    .shape = norm_shape,
    .init = norm_init,
    .forward = norm_forward,
    .backward = norm_backward,
    .export = norm_export,
};
