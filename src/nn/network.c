#include "nn/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "nn/blas.h"
#include "nn/layer.h"
#include "nn/windows.h"
#include "nn/words.h"

enum { LAYER_LIMIT = 64, PARAMETER_LIMIT = 1 << 28, IMAGE_LIMIT = 1 << 24 };

struct owned_network { /* what struct network does not show */
    struct network face;
    struct arena arena;
};

int shape_size(struct shape shape)
{
    return shape.channels * shape.height * shape.width;
}

bool shape_is_flat(struct shape shape)
{
    return shape.height == 1 && shape.width == 1;
}

const char *shape_text(struct shape shape, char text[32])
{
    if (shape_is_flat(shape))
        snprintf(text, 32, "%d", shape.channels);
    else
        snprintf(text, 32, "%dx%dx%d", shape.channels, shape.height, shape.width);
    return text;
}

static const struct layer_ops *find_ops(const char *name)
{
    for (int i = 0; layer_table[i]; i++)
        if (strcmp(layer_table[i]->name, name) == 0)
            return layer_table[i];
    return NULL;
}

static int unknown_layer(const char *name)
{
    const char *names[LAYER_LIMIT], *nearest;
    int count = 0;
    for (; layer_table[count]; count++)
        names[count] = layer_table[count]->name;
    nearest = text_nearest(name, names, count, sizeof *names);
    return nearest ? fail(ERR_INVALID, "unknown layer '%.40s' (did you mean '%s'?)", name, nearest)
                   : fail(ERR_INVALID, "unknown layer '%.40s'", name);
}

static int parse_layer(struct layer *layer, struct arena *arena, const char *text, size_t length)
{
    struct layer_words words;
    words_split(&words, arena, text, length);
    const char *name = words_peek(&words);
    if (!name)
        return fail(ERR_INVALID, "nothing stands between two '|'");
    layer->ops = find_ops(name);
    if (!layer->ops)
        return unknown_layer(name);
    words_skip(&words);
    int code = layer->ops->shape(layer, &words);
    if (code < 0)
        return code;
    if ((layer->ops->flags & LAYER_WEIGHTED) && words_take(&words, "spectral"))
        layer->spectral = true;
    if (words_peek(&words) || words.overflow)
        return fail(ERR_INVALID, "does not know what to do with '%.40s'",
                    words_peek(&words) ? words_peek(&words) : "so many words");
    int64_t size = (int64_t)layer->out.channels * layer->out.height * layer->out.width;
    if (size > IMAGE_LIMIT)
        return fail(ERR_INVALID, "makes %lld values an image, more than %d", (long long)size,
                    IMAGE_LIMIT);
    return 0;
}

static const char *trimmed(const char *begin, const char *end, size_t *length)
{
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *length = (size_t)(end - begin);
    return begin;
}

static int parse_layers(struct owned_network *net, const char *list)
{
    struct network *face = &net->face;
    struct shape shape = face->input;
    char got[32];
    face->layers = arena_alloc(&net->arena, LAYER_LIMIT, sizeof *face->layers);
    for (const char *at = list; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        struct layer *layer = &face->layers[face->layer_count];
        const char *bar = strchr(at, '|');
        size_t length;
        const char *text = trimmed(at, bar ? bar : at + strlen(at), &length);
        if (face->layer_count == LAYER_LIMIT)
            return fail(ERR_INVALID, "%s has more than %d layers", face->name, LAYER_LIMIT);
        *layer = (struct layer){ .index = face->layer_count,
                                 .in = shape,
                                 .out = shape,
                                 .classes = face->classes,
                                 .condition = face->condition,
                                 .arena = &net->arena };
        layer->text = arena_strndup(&net->arena, text, length);
        if (parse_layer(layer, &net->arena, text, length) < 0)
            return fail_prefix("%s layer %d '%.60s', which gets %s", face->name, layer->index + 1,
                               layer->text, shape_text(layer->in, got));
        face->uses_labels |= (layer->ops->flags & LAYER_LABELS) != 0;
        face->uses_condition |= (layer->ops->flags & LAYER_CONDITION) != 0;
        shape = layer->out;
        face->layer_count++;
    }
    face->output = shape;
    return 0;
}

static bool only_reorders(const struct layer *layer)
{
    return layer->ops == &layer_flatten || layer->ops == &layer_reshape;
}

/* A norm takes the mean away, and a bias with it (through a reshape as well, as is the custom).
 * Activations are done by the layer that they follow, in place. */
static void link_layers(struct network *net)
{
    struct layer *weighted = NULL; /* whose sums reach this layer as they are */
    for (int i = 0; i < net->layer_count; i++) {
        struct layer *layer = &net->layers[i], *last = i > 0 ? layer - 1 : NULL;
        if ((layer->ops->flags & LAYER_NORM) && weighted) {
            weighted->bias = false;
            weighted->bias_count = 0;
        }
        if ((layer->ops->flags & LAYER_ACTIVATION) && last && (last->ops->flags & LAYER_ABSORBS) &&
            last->activation == ACTIVATION_NONE) {
            last->activation = layer->activation;
            last->slope = layer->slope;
            layer->alias = true;
        }
        if (!only_reorders(layer))
            weighted = (layer->ops->flags & LAYER_WEIGHTED) ? layer : NULL;
    }
}

/* The one walk that gives everything its place. */
static int place_layers(struct network *net)
{
    size_t parameters = 0, buffers = 0, effective = 0,
           value = round_up_floats((size_t)shape_size(net->input));
    size_t previous = 0;
    for (int i = 0; i < net->layer_count; i++) {
        struct layer *layer = &net->layers[i];
        if (layer->rows == 0) {
            layer->rows = (int)layer->weight_count;
            layer->grain = 16;
        }
        layer->weights = parameters;
        layer->biases = layer->weights + round_up_floats(layer->weight_count);
        parameters = layer->biases + round_up_floats(layer->bias_count);
        if (parameters > PARAMETER_LIMIT)
            return fail(ERR_INVALID, "%s has more than %d parameters at layer %d '%.60s'",
                        net->name, PARAMETER_LIMIT, i + 1, layer->text);
        layer->buffers = buffers;
        buffers += round_up_floats(layer->buffer_count);
        layer->spectrals = buffers;
        layer->effective = effective;
        if (layer->spectral) {
            buffers += round_up_floats(spectral_sigma_at(layer) + 1);
            effective += round_up_floats(layer->weight_count);
        }
        layer->value = layer->alias ? previous : value;
        value += layer->alias ? 0 : round_up_floats((size_t)shape_size(layer->out));
        previous = layer->value;
    }
    net->parameter_count = parameters;
    net->buffer_count = buffers;
    return 0;
}

static size_t effective_count(const struct network *net)
{
    size_t count = 0;
    for (int i = 0; i < net->layer_count; i++)
        count += net->layers[i].spectral ? round_up_floats(net->layers[i].weight_count) : 0;
    return count;
}

size_t network_bytes(const struct network *net)
{
    return (2 * net->parameter_count + net->buffer_count + effective_count(net)) * sizeof(float);
}

static void allocate(struct owned_network *owned)
{
    struct network *net = &owned->face;
    net->parameters = float_block_new(net->parameter_count);
    net->gradients = float_block_new(net->parameter_count);
    net->buffers = float_block_new(net->buffer_count);
    net->effective = float_block_new(effective_count(net));
    for (int i = 0; i < net->layer_count; i++)
        if (net->layers[i].windows)
            windows_list(net->layers[i].windows, &owned->arena);
}

int network_new_conditioned(struct network **out, const char *name, const char *layers,
                            struct shape input, int classes, struct shape condition,
                            struct pool *pool)
{
    struct owned_network *net = xcalloc(1, sizeof *net);
    net->face = (struct network){
        .name = name, .input = input, .classes = classes, .condition = condition, .pool = pool
    };
    int code = parse_layers(net, layers);
    if (code == 0) {
        link_layers(&net->face);
        code = place_layers(&net->face);
    }
    if (code == 0 && pool)
        code = blas_load();
    if (code < 0) {
        network_free(&net->face);
        return code;
    }
    if (pool)
        allocate(net);
    *out = &net->face;
    return 0;
}

int network_new(struct network **out, const char *name, const char *layers, struct shape input,
                int classes, struct pool *pool)
{
    return network_new_conditioned(out, name, layers, input, classes, (struct shape){ 0, 0, 0 },
                                   pool);
}

void network_free(struct network *net)
{
    if (!net)
        return;
    struct owned_network *owned = (struct owned_network *)net;
    float_block_free(net->parameters);
    float_block_free(net->gradients);
    float_block_free(net->buffers);
    float_block_free(net->effective);
    arena_release(&owned->arena);
    free(owned);
}

/* He et al. 2015 for what a rectifier follows (through a norm, too), LeCun's for what nothing
 * follows, and the 0.02 of DCGAN (Radford et al. 2016) before tanh and sigmoid, so that a generator
 * begins with grey. Times 1 / sqrt(fan in). */
enum { GAIN_FIXED = -1 };
static float gain_after(const struct network *net, int i)
{
    const struct layer *layer = &net->layers[i];
    if (layer->activation == ACTIVATION_NONE && i + 1 < net->layer_count) {
        const struct layer *next = &net->layers[i + 1];
        if ((next->ops->flags & LAYER_NORM) || next->alias)
            return gain_after(net, i + 1);
        return 1;
    }
    switch (layer->activation) {
    case ACTIVATION_RELU:
        return sqrtf(2);
    case ACTIVATION_LRELU:
        return sqrtf(2 / (1 + layer->slope * layer->slope));
    case ACTIVATION_TANH:
    case ACTIVATION_SIGMOID:
        return GAIN_FIXED;
    default:
        return 1;
    }
}

void network_init(struct network *net, struct random *random)
{
    memset(net->parameters, 0, net->parameter_count * sizeof *net->parameters);
    memset(net->buffers, 0, net->buffer_count * sizeof *net->buffers);
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        if (layer->ops->init)
            layer->ops->init(layer, gain_after(net, i), net->parameters + layer->weights,
                             net->parameters + layer->biases, random);
        if (layer->spectral)
            random_fill_normal(random, net->buffers + layer->spectrals, spectral_sigma_at(layer));
    }
    network_forget_statistics(net, net->buffers);
    for (int i = 0; i < 16; i++) /* the first step should know sigma well */
        network_prepare(net, net->parameters, net->buffers, true);
}

int network_check_penalty(const struct network *net)
{
    for (int i = 0; i < net->layer_count; i++)
        if (!net->layers[i].ops->tangent)
            return fail(ERR_INVALID,
                        "%s layer %d '%s' cannot take part in a gradient penalty, which needs "
                        "layers that are linear in pieces: "
                        "use relu, lrelu, dense, conv, dropout or pool, or training.penalty = none",
                        net->name, i + 1, net->layers[i].text);
    return 0;
}

void network_layer_facts(const struct network *net, int i, struct layer_facts *out)
{
    const struct layer *layer = &net->layers[i];
    *out = (struct layer_facts){ .output = layer->out,
                                 .parameters = layer->weight_count + layer->bias_count };
    snprintf(out->text, sizeof out->text, "%.60s", layer->text);
    if (layer->ops->cost)
        out->multiply_adds = layer->ops->cost(layer);
}
