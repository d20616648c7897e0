/* Tensors as PyTorch's modules have them: Linear (F, K), Conv2d (F, C, K, K), ConvTranspose2d (C,
 * F, K, K), BatchNorm and LayerNorm, Embedding (classes, F). In memory channels come last; here
 * they come where PyTorch has them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "nn/kernels.h"
#include "nn/layer.h"
#include "nn/windows.h"

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
    size_t block = (size_t)places * (size_t)channels;
    float *to = xcalloc((size_t)outer * block, sizeof *to);
    for (int o = 0; o < outer; o++)
        transpose(from + (size_t)o * block, channels, to + (size_t)o * block, places, places,
                  channels);
    return to;
}

int dense_export(const struct layer *layer, const float *weights, const float *biases,
                 const float *buffers, tensor_visitor visit, void *context)
{
    (void)buffers;
    struct named to = { layer, visit, context };
    int K = layer->in.channels, F = layer->out.channels;
    int64_t shape[] = { F, K };
    float *turned = channels_first(weights, 1, K, F);
    int code = give(&to, "weight", 2, shape, turned);
    free(turned);
    return code ? code : give_bias(&to, biases);
}

/* (K * K, large, small) in memory, (small, large, K, K) in PyTorch: Conv2d's (F, C, K, K) and
 * ConvTranspose2d's (C, F, K, K). */
int conv_export(const struct layer *layer, const float *weights, const float *biases,
                const float *buffers, tensor_visitor visit, void *context)
{
    (void)buffers;
    struct named to = { layer, visit, context };
    int large = layer->windows->channels, small = layer->windows->small_channels,
        taps = layer->kernel * layer->kernel;
    int64_t shape[] = { small, large, layer->kernel, layer->kernel };
    float *turned = channels_first(weights, 1, taps * large, small),
          *moved = channels_first(turned, small, taps, large);
    int code = give(&to, "weight", 4, shape, moved);
    free(turned);
    free(moved);
    return code ? code : give_bias(&to, biases);
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
