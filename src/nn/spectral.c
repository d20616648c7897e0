/* Spectral normalisation (Miyato et al. 2018, algorithm 1): W / sigma, sigma = u^T W v by power
 * iteration; u and v count as constants in the gradient: dL/dW = (G - <G, W / sigma> u v^T) / sigma
 * for G = dL/d(W / sigma), their equation 12. */
#include <math.h>
#include <string.h>

#include "nn/blas.h"
#include "nn/kernels.h"
#include "nn/layer.h"

struct spectrum { /* of an (m, n) matrix: where the layer's vectors are */
    float *u, *v, *sigma;
    int m, n;
};

/* upconv's matrix in memory, (C, K K F), is (C K K, F) row by row; PyTorch's is that one
 * transposed, which has the same sigma. */
static int matrix_columns(const struct layer *layer)
{
    return layer->ops == &layer_upconv ? layer->out.channels : layer->columns;
}

static int matrix_rows(const struct layer *layer)
{
    return (int)(layer->weight_count / (size_t)matrix_columns(layer));
}

size_t spectral_sigma_at(const struct layer *layer)
{
    return (size_t)matrix_rows(layer) + (size_t)matrix_columns(layer);
}

static struct spectrum spectrum_of(const struct layer *layer, float *buffers)
{
    float *u = buffers + layer->spectrals;
    return (struct spectrum){ .u = u,
                              .v = u + matrix_rows(layer),
                              .sigma = u + spectral_sigma_at(layer),
                              .m = matrix_rows(layer),
                              .n = matrix_columns(layer) };
}

static void normalise(float *x, int count)
{
    float length = sqrtf(dot(x, x, (size_t)count));
    scale_copy(x, 1 / fmaxf(length, 1e-12f), x, (size_t)count);
}

static void iterate(struct spectrum s, const float *weights)
{
    blas_sgemv(true, s.m, s.n, 1, weights, s.n, s.u, 0, s.v);
    normalise(s.v, s.n);
    blas_sgemv(false, s.m, s.n, 1, weights, s.n, s.v, 0, s.u);
    normalise(s.u, s.m);
}

/* u^T W v, a row at a time. */
static float largest_singular_value(struct spectrum s, const float *weights)
{
    double sum = 0;
    for (int i = 0; i < s.m; i++)
        sum += (double)s.u[i] * dot(weights + (size_t)i * (size_t)s.n, s.v, (size_t)s.n);
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
            iterate(s, weights);
        *s.sigma = largest_singular_value(s, weights);
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
        for (int row = 0; row < s.m; row++)
            axpy(gradient + (size_t)row * (size_t)s.n, -along * s.u[row], s.v, (size_t)s.n);
        scale_copy(gradient, 1 / *s.sigma, gradient, layer->weight_count);
    }
}
