#include "tape.h"

#include <stdlib.h>

#include "base/memory.h"

static size_t values_per_image(const struct network *net)
{
    size_t most = round_up_floats((size_t)shape_size(net->input));
    for (int i = 0; i < net->layer_count; i++)
        if (!net->layers[i].alias)
            most = net->layers[i].value + round_up_floats((size_t)shape_size(net->layers[i].out));
    return most;
}

/* Floats that the layers keep; `at` (or NULL) gets the place of each layer's. */
static size_t saved_floats(const struct network *net, int images, size_t *at)
{
    size_t total = 0;
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        if (at)
            at[i] = total;
        total += round_up_floats(layer->saved_count) +
                 round_up_floats(layer->kept_per_image * (size_t)images);
    }
    return total;
}

static size_t scratch_floats(const struct network *net)
{
    size_t most = 0;
    for (int i = 0; i < net->layer_count; i++)
        most = MAX(most, net->layers[i].scratch_count);
    return round_up_floats(most) + 16;
}

size_t tape_bytes(const struct network *net, int images, bool penalty, int threads)
{
    size_t values = values_per_image(net) * (size_t)images * (penalty ? 3 : 2);
    return (values + saved_floats(net, images, NULL) + scratch_floats(net) * (size_t)threads) *
           sizeof(float);
}

struct tape *tape_new(const struct network *net, int images, bool penalty)
{
    struct tape *tape = xcalloc(1, sizeof *tape);
    *tape = (struct tape){ .net = net, .capacity = images, .scratch_stride = scratch_floats(net) };
    tape->value_count = values_per_image(net) * (size_t)images;
    tape->saved_at = xcalloc((size_t)net->layer_count, sizeof *tape->saved_at);
    tape->saved_count = saved_floats(net, images, tape->saved_at);
    tape->values = float_block_new(tape->value_count);
    tape->deltas = float_block_new(tape->value_count);
    tape->tangents = penalty ? float_block_new(tape->value_count) : NULL;
    tape->saved = float_block_new(tape->saved_count);
    tape->scratch = float_block_new(tape->scratch_stride * (size_t)pool_threads(net->pool));
    return tape;
}

void tape_free(struct tape *tape)
{
    if (!tape)
        return;
    float_block_free(tape->values);
    float_block_free(tape->deltas);
    float_block_free(tape->tangents);
    float_block_free(tape->saved);
    float_block_free(tape->scratch);
    free(tape->saved_at);
    free(tape);
}
