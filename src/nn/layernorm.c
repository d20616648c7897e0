/* layernorm (Ba et al. 2016): y = scale * (x - mean) / sqrt(variance + 1e-5) + shift, statistics
 * over all values of one image, scale and shift one for each value. Threads split the images. */
#include <math.h>
#include <string.h>

#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/words.h"

static const float epsilon = 1e-5f;

static int layernorm_shape(struct layer *layer, struct layer_words *words)
{
    (void)words;
    size_t size = (size_t)shape_size(layer->in);
    layer->weight_count = layer->bias_count = size;
    layer->bias = true;
    layer->kept_per_image = 2; /* mean, 1 / deviation */
    layer->scratch_count = 2 * size;
    return 0;
}

static void layernorm_init(const struct layer *layer, float gain, float *weights, float *biases,
                           struct random *random)
{
    (void)gain, (void)biases, (void)random;
    for (size_t i = 0; i < layer->weight_count; i++)
        weights[i] = 1;
}

static void moments(const float *x, size_t size, float *mean, float *inverse)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < size; i++)
        sum += x[i];
    double average = sum / (double)size;
    for (size_t i = 0; i < size; i++)
        squares += (x[i] - average) * (x[i] - average);
    *mean = (float)average;
    *inverse = 1 / sqrtf((float)(squares / (double)size) + epsilon);
}

static void layernorm_forward(const struct work *work)
{
    const struct layer *layer = work->layer;
    int size = shape_size(layer->in);
    struct range mine = work_images(work);
    for (int n = mine.begin; n < mine.end; n++) {
        const float *x = work->x + (size_t)n * (size_t)size;
        float *y = work->y + (size_t)n * (size_t)size, *mean = work->kept + 2 * (size_t)n,
              *inverse = mean + 1;
        moments(x, (size_t)size, mean, inverse);
        for (int i = 0; i < size; i++)
            y[i] = (x[i] - *mean) * *inverse * work->weights[i] + work->biases[i];
        bias_activate(y, NULL, 1, size, size, layer->activation, layer->slope);
    }
}

/* With g = dy * scale and x^ the normalised x: dx = (g - mean(g) - x^ mean(g x^)) / deviation. */
static void image_gradient(const struct work *work, const float *x, const float *dy,
                           const float *kept, float *dx)
{
    int size = shape_size(work->layer->in);
    double sum = 0, product = 0;
    for (int i = 0; i < size; i++) {
        double g = (double)dy[i] * work->weights[i];
        sum += g;
        product += g * (x[i] - kept[0]) * kept[1];
    }
    float mean_g = (float)(sum / size), mean_gx = (float)(product / size);
    for (int i = 0; i < size; i++)
        dx[i] =
            kept[1] * (dy[i] * work->weights[i] - mean_g - (x[i] - kept[0]) * kept[1] * mean_gx);
}

static void layernorm_backward(const struct work *work)
{
    const struct layer *layer = work->layer;
    size_t size = (size_t)shape_size(layer->in);
    struct range mine = work_images(work);
    bool own = work->team.thread > 0;
    float *d_weights = own ? work->scratch : work->d_weights,
          *d_biases = own ? work->scratch + size : work->d_biases;
    if (work->d_weights && (own || !work->add)) {
        memset(d_weights, 0, size * sizeof *d_weights);
        memset(d_biases, 0, size * sizeof *d_biases);
    }
    for (int n = mine.begin; n < mine.end; n++) {
        const float *x = work->x + (size_t)n * size, *kept = work->kept + 2 * (size_t)n;
        float *dy = work->dy + (size_t)n * size;
        activation_backward(dy, work->y + (size_t)n * size, 1, (int)size, (int)size,
                            layer->activation, layer->slope);
        for (size_t i = 0; work->d_weights && i < size; i++) {
            d_weights[i] += dy[i] * (x[i] - kept[0]) * kept[1];
            d_biases[i] += dy[i];
        }
        if (work->dx)
            image_gradient(work, x, dy, kept, work->dx + (size_t)n * size);
    }
    if (!work->d_weights)
        return;
    work_sum_partials(work, work->d_weights, size, 0);
    work_sum_partials(work, work->d_biases, size, size);
}

const struct layer_ops layer_layernorm = {
    .name = "layernorm",
    .arguments = "",
    .flags = LAYER_ABSORBS,
    .shape = layernorm_shape,
    .init = layernorm_init,
    .forward = layernorm_forward,
    .backward = layernorm_backward,
    .export = layernorm_export,
};
