/* Spectral normalisation (Miyato et al. 2018, algorithm 1): W / sigma, sigma = u^T W v by power
 * iteration; u and v count as constants in the gradient: dL/dW = (G - <G, W / sigma> u v^T) / sigma
 * for G = dL/d(W / sigma), their equation 12. */
#include <math.h>
#include <string.h>

#include "nn/kernels.h"
#include "nn/layer.h"

/* Where a layer's vectors are: u over the F outputs, v over all that one output sums over. In
 * memory a row of weights belongs to one entry of v and holds F values; an upconv's to one of u,
 * and holds the C values that v has for a tap. */
struct spectrum {
    float *u, *v, *sigma;
    int outputs, inputs, row, rows; /* sizes of u, v, of a row of weights, their number */
    bool turned;                    /* upconv */
};

static int outputs_of(const struct layer *layer)
{
    return layer->out.channels;
}

size_t spectral_sigma_at(const struct layer *layer)
{
    return (size_t)outputs_of(layer) + layer->weight_count / (size_t)outputs_of(layer);
}

static struct spectrum spectrum_of(const struct layer *layer, float *buffers)
{
    struct spectrum s = { .u = buffers + layer->spectrals,
                          .outputs = outputs_of(layer),
                          .turned = layer->ops == &layer_upconv };
    s.inputs = (int)(layer->weight_count / (size_t)s.outputs);
    s.v = s.u + s.outputs;
    s.sigma = s.v + s.inputs;
    s.row = s.turned ? layer->in.channels : s.outputs;
    s.rows = (int)(layer->weight_count / (size_t)s.row);
    return s;
}

/* What row r of the weights is multiplied with in u^T W v: a number and a vector. */
static float factor_of(const struct spectrum *s, int r)
{
    return s->turned ? s->u[r % s->outputs] : s->v[r];
}

static float *vector_of(const struct spectrum *s, int r)
{
    return s->turned ? s->v + (ptrdiff_t)(r / s->outputs) * s->row : s->u;
}

static void normalise(float *x, int count)
{
    float length = sqrtf(dot(x, x, (size_t)count));
    scale_copy(x, 1 / fmaxf(length, 1e-12f), x, (size_t)count);
}

/* What varies along a row of weights: the sum of the rows, each times its factor; what varies from
 * row to row: products with them. */
static void along_rows(const struct spectrum *s, const float *weights, float *out, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = 0;
    for (int r = 0; r < s->rows; r++)
        axpy(s->turned ? out + (ptrdiff_t)(r / s->outputs) * s->row : out, factor_of(s, r),
             weights + (size_t)r * (size_t)s->row, (size_t)s->row);
}

static void across_rows(const struct spectrum *s, const float *weights, float *out, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = 0;
    for (int r = 0; r < s->rows; r++)
        out[s->turned ? r % s->outputs : r] +=
            dot(weights + (size_t)r * (size_t)s->row, vector_of(s, r), (size_t)s->row);
}

/* v = W^T u, u = W v, each of length 1 */
static void power_iteration(const struct spectrum *s, const float *weights)
{
    (s->turned ? along_rows : across_rows)(s, weights, s->v, s->inputs);
    normalise(s->v, s->inputs);
    (s->turned ? across_rows : along_rows)(s, weights, s->u, s->outputs);
    normalise(s->u, s->outputs);
}

static float largest_singular_value(const struct spectrum *s, const float *weights)
{
    double sum = 0;
    for (int r = 0; r < s->rows; r++)
        sum += (double)factor_of(s, r) *
               dot(weights + (size_t)r * (size_t)s->row, vector_of(s, r), (size_t)s->row);
    return (float)sum;
}

void network_prepare(struct network *net, const float *parameters, float *buffers, bool advance)
{
    const float *block = parameters ? parameters : net->parameters;
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        if (!layer->spectral)
            continue;
        struct spectrum s = spectrum_of(layer, buffers ? buffers : net->buffers);
        const float *weights = block + layer->weights;
        if (advance)
            power_iteration(&s, weights);
        *s.sigma = largest_singular_value(&s, weights);
        scale_copy(net->effective + layer->effective, 1 / *s.sigma, weights, layer->weight_count);
    }
}

void network_finish_gradients(struct network *net)
{
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        if (!layer->spectral)
            continue;
        struct spectrum s = spectrum_of(layer, net->buffers);
        float *gradient = net->gradients + layer->weights;
        float along = dot(gradient, net->effective + layer->effective, layer->weight_count);
        for (int r = 0; r < s.rows; r++)
            axpy(gradient + (size_t)r * (size_t)s.row, -along * factor_of(&s, r), vector_of(&s, r),
                 (size_t)s.row);
        scale_copy(gradient, 1 / *s.sigma, gradient, layer->weight_count);
    }
}
