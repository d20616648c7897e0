/* Tensors as PyTorch's modules have them: Linear (F, K), Conv2d (F, C, K, K), ConvTranspose2d (C,
 * F, K, K), BatchNorm and LayerNorm, Embedding (classes, F). In memory channels come last; here
 * they come where PyTorch has them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "nn/layer.h"

struct named { /* what every exporter needs */
    const struct layer *layer;
    tensor_visitor visit;
    void *context;
};

static int give(const struct named *to, const char *what, int dimensions, const int64_t *shape,
                const float *values)
{
    char name[48];
    snprintf(name, sizeof name, "%d.%s", to->layer->index, what);
    return to->visit(to->context, name, dimensions, shape, values);
}

static int give_vector(const struct named *to, const char *what, const float *values, int64_t count)
{
    return give(to, what, 1, &count, values);
}

static int give_bias(const struct named *to, const float *biases)
{
    return to->layer->bias_count ? give_vector(to, "bias", biases, (int64_t)to->layer->bias_count)
                                 : 0;
}

/* (outer, places, channels) to (outer, channels, places); the caller frees. */
static float *channels_first(const float *from, int outer, int places, int channels)
{
    float *to = xcalloc((size_t)outer * (size_t)places * (size_t)channels, sizeof *to), *at = to;
    for (int o = 0; o < outer; o++)
        for (int c = 0; c < channels; c++)
            for (int p = 0; p < places; p++)
                *at++ =
                    from[((size_t)o * (size_t)places + (size_t)p) * (size_t)channels + (size_t)c];
    return to;
}

int dense_export(const struct layer *layer, const float *weights, const float *biases,
                 const float *buffers, tensor_visitor visit, void *context)
{
    (void)buffers;
    struct named to = { layer, visit, context };
    int64_t shape[] = { layer->rows, layer->columns };
    int code = give(&to, "weight", 2, shape, weights);
    return code ? code : give_bias(&to, biases);
}

/* Both kinds are (rows, K, K, channels) in memory. */
static int export_kernels(const struct named *to, int channels, const float *weights,
                          const float *biases)
{
    int K = to->layer->kernel;
    int64_t shape[] = { to->layer->rows, channels, K, K };
    float *moved = channels_first(weights, to->layer->rows, K * K, channels);
    int code = give(to, "weight", 4, shape, moved);
    free(moved);
    return code ? code : give_bias(to, biases);
}

int conv_export(const struct layer *layer, const float *weights, const float *biases,
                const float *buffers, tensor_visitor visit, void *context)
{
    (void)buffers;
    return export_kernels(&(struct named){ layer, visit, context }, layer->in.channels, weights,
                          biases);
}

int upconv_export(const struct layer *layer, const float *weights, const float *biases,
                  const float *buffers, tensor_visitor visit, void *context)
{
    (void)buffers;
    return export_kernels(&(struct named){ layer, visit, context }, layer->out.channels, weights,
                          biases);
}

int norm_export(const struct layer *layer, const float *weights, const float *biases,
                const float *buffers, tensor_visitor visit, void *context)
{
    struct named to = { layer, visit, context };
    int C = layer->in.channels, code = give_vector(&to, "weight", weights, C);
    code = code ? code : give_vector(&to, "bias", biases, C);
    code = code ? code : give_vector(&to, "running_mean", buffers, C);
    return code ? code : give_vector(&to, "running_var", buffers + C, C);
}

int layernorm_export(const struct layer *layer, const float *weights, const float *biases,
                     const float *buffers, tensor_visitor visit, void *context)
{
    (void)buffers;
    struct named to = { layer, visit, context };
    struct shape in = layer->in;
    int64_t shape[] = { in.channels, in.height, in.width };
    float *scale = channels_first(weights, 1, in.height * in.width, in.channels);
    float *shift = channels_first(biases, 1, in.height * in.width, in.channels);
    int code = give(&to, "weight", shape_is_flat(in) ? 1 : 3, shape, scale);
    code = code ? code : give(&to, "bias", shape_is_flat(in) ? 1 : 3, shape, shift);
    free(scale);
    free(shift);
    return code;
}

int embed_export(const struct layer *layer, const float *weights, const float *biases,
                 const float *buffers, tensor_visitor visit, void *context)
{
    (void)biases, (void)buffers;
    int64_t shape[] = { layer->classes, layer->out.channels - layer->in.channels };
    return give(&(struct named){ layer, visit, context }, "weight", 2, shape, weights);
}

int network_export(struct network *net, const float *parameters, const float *buffers,
                   tensor_visitor visit, void *context)
{
    const float *block = parameters ? parameters : net->parameters,
                *state = buffers ? buffers : net->buffers;
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        if (!layer->ops->export)
            continue;
        float *scaled = NULL;
        const float *weights = block + layer->weights;
        if (layer->spectral) {
            float sigma = state[layer->spectrals + spectral_sigma_at(layer)];
            scaled = xcalloc(layer->weight_count, sizeof *scaled);
            for (size_t w = 0; w < layer->weight_count; w++)
                scaled[w] = weights[w] / sigma;
        }
        int code = layer->ops->export(layer, scaled ? scaled : weights, block + layer->biases,
                                      state + layer->buffers, visit, context);
        free(scaled);
        if (code)
            return code;
    }
    return 0;
}
