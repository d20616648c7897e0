/* stddev: minibatch standard deviation (Karras et al. 2018, section 3): the deviation of each value
 * over the images of a group, averaged over the values, joins every image of the group as one more
 * feature or constant plane. Variances are biased, with 1e-8 under the root. In PASS_SAMPLE as in
 * training: the layer belongs into discriminators. */
#include <math.h>
#include <string.h>

#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/words.h"

static int stddev_shape(struct layer *layer, struct layer_words *words)
{
    (void)words;
    size_t size = (size_t)shape_size(layer->in);
    layer->out.channels += 1;
    layer->saved_count = 2 * size * NORM_GROUPS; /* mean, deviation of each value */
    return 0;
}

/* Mean and deviation of this thread's values over the images of group g. */
static void deviations(const struct work *work, int g, int images, struct range mine)
{
    size_t size = (size_t)shape_size(work->layer->in), count = (size_t)(mine.end - mine.begin);
    float *mean = work->saved + 2 * size * (size_t)g, *deviation = mean + size;
    const float *x = work->x + (size_t)g * (size_t)images * size;
    memset(mean + mine.begin, 0, count * sizeof *mean);
    memset(deviation + mine.begin, 0, count * sizeof *deviation);
    for (int n = 0; n < images; n++)
        axpy(mean + mine.begin, 1 / (float)images, x + (size_t)n * size + mine.begin, count);
    for (int n = 0; n < images; n++)
        for (int i = mine.begin; i < mine.end; i++) {
            float difference = x[(size_t)n * size + (size_t)i] - mean[i];
            deviation[i] += difference * difference / (float)images;
        }
    for (int i = mine.begin; i < mine.end; i++)
        deviation[i] = sqrtf(deviation[i] + 1e-8f);
}

static float average(const float *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return (float)(sum / (double)count);
}

static void stddev_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    int places = layer->in.height * layer->in.width, images = work->images / work->groups;
    size_t size = (size_t)shape_size(layer->in), C = (size_t)layer->in.channels;
    for (int g = 0; g < work->groups; g++)
        deviations(work, g, images, team_range(&work->team, (int)size, 16));
    team_barrier(&work->team);
    for (int g = 0; g < work->groups; g++) {
        float added = average(work->saved + size * (size_t)(2 * g + 1), size);
        struct range rows = team_range(&work->team, images * places, 1);
        for (int r = rows.begin; r < rows.end; r++) {
            size_t row = (size_t)g * (size_t)(images * places) + (size_t)r;
            memcpy(work->y + row * (C + 1), work->x + row * C, C * sizeof *work->y);
            work->y[row * (C + 1) + C] = added;
        }
    }
}

/* d added / d x = (x - mean) / (images * deviation * size); `added` gets the gradient of every
 * place of every image of its group. */
static void stddev_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    int places = layer->in.height * layer->in.width, images = work->images / work->groups;
    size_t size = (size_t)shape_size(layer->in), C = (size_t)layer->in.channels;
    struct range mine = team_range(&work->team, images, 1);
    for (int g = 0; work->dx && g < work->groups; g++) {
        const float *mean = work->saved + 2 * size * (size_t)g, *deviation = mean + size;
        const float *dy = work->dy + (size_t)(g * images * places) * (C + 1);
        double sum = 0;
        for (int r = 0; r < images * places; r++)
            sum += dy[(size_t)r * (C + 1) + C];
        float factor = (float)(sum / ((double)images * (double)size));
        for (int n = mine.begin; n < mine.end; n++) {
            size_t row = (size_t)((g * images + n) * places);
            for (size_t i = 0; i < size; i++)
                work->dx[row * C + i] = dy[((size_t)(n * places) + i / C) * (C + 1) + i % C] +
                                        factor * (work->x[row * C + i] - mean[i]) / deviation[i];
        }
    }
}

const struct layer_ops layer_stddev = {
    .name = "stddev",
    .arguments = "",
    .shape = stddev_shape,
    .forward = stddev_forward,
    .backward = stddev_backward,
};
