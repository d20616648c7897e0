#include <string.h>

#include "nn/kernels.h"
#include "tape.h"

size_t round_up_floats(size_t count)
{
    return (count + 15) / 16 * 16;
}

float *tape_input(struct tape *tape)
{
    return tape->values;
}

static float *place(const struct tape *tape, float *block, int layer)
{
    return layer < 0 ? block : block + tape->net->layers[layer].value * (size_t)tape->capacity;
}

const float *tape_output(const struct tape *tape)
{
    return place(tape, tape->values, tape->net->layer_count - 1);
}

float *tape_output_gradient(struct tape *tape)
{
    return place(tape, tape->deltas, tape->net->layer_count - 1);
}

const float *tape_input_gradient(const struct tape *tape)
{
    return tape->deltas;
}

float *tape_input_tangent(struct tape *tape)
{
    return tape->tangents;
}

struct range work_images(const struct work *work)
{
    return team_range(&work->team, work->images, 1);
}

float *work_scratch_of(const struct work *work, int thread)
{
    return work->scratch +
           ((ptrdiff_t)thread - work->team.thread) * (ptrdiff_t)work->scratch_stride;
}

/* What all three walks tell a layer. */
static struct work describe(const struct network *net, const struct tape *tape,
                            const struct team *team, int i)
{
    const struct layer *layer = &net->layers[i];
    const struct pass *pass = &tape->pass;
    const float *parameters = pass->parameters ? pass->parameters : net->parameters;
    float *buffers = pass->buffers ? pass->buffers : net->buffers;
    struct work work = {
        .layer = layer,
        .capacity = tape->capacity,
        .pass = pass,
        .team = *team,
        .images = pass->images,
        .bias_images = pass->images,
        .groups = MAX(pass->groups, 1),
        .weights =
            layer->spectral ? net->effective + layer->effective : parameters + layer->weights,
        .biases = parameters + layer->biases,
        .buffers = buffers + layer->buffers,
        .x = place(tape, tape->values, i - 1),
        .y = place(tape, tape->values, i),
        .dy = place(tape, tape->deltas, i),
        .dx = place(tape, tape->deltas, i - 1),
        .saved = tape->saved + tape->saved_at[i],
        .kept = tape->saved + tape->saved_at[i] + round_up_floats(layer->saved_count),
        .scratch = tape->scratch + (size_t)team->thread * tape->scratch_stride,
        .scratch_stride = tape->scratch_stride,
    };
    if (tape->tangents) {
        work.tx = place(tape, tape->tangents, i - 1);
        work.ty = place(tape, tape->tangents, i);
    }
    return work;
}

struct walk {
    struct network *net;
    struct tape *tape;
    int wanted, penalised;
    const float *scale;
};

static void want_gradients(struct work *work, const struct walk *walk)
{
    const struct layer *layer = work->layer;
    if (!(walk->wanted & (GRADIENT_SET | GRADIENT_ADD)))
        return;
    work->d_weights = layer->weight_count ? walk->net->gradients + layer->weights : NULL;
    work->d_biases = layer->bias_count ? walk->net->gradients + layer->biases : NULL;
    work->add = (walk->wanted & GRADIENT_ADD) != 0;
}

static void forward_job(const struct team *team, void *context)
{
    const struct walk *walk = context;
    for (int i = 0; i < walk->net->layer_count; i++) {
        if (walk->net->layers[i].alias)
            continue;
        struct work work = describe(walk->net, walk->tape, team, i);
        work.layer->ops->forward(&work);
        team_barrier(team);
    }
}

/* The number of passes that the running statistics are the mean of stands behind them. */
static void count_estimate(const struct network *net, float *buffers)
{
    for (int i = 0; i < net->layer_count; i++)
        if (net->layers[i].ops == &layer_norm)
            buffers[net->layers[i].buffers + 2 * (size_t)net->layers[i].in.channels] += 1;
}

void network_forget_statistics(const struct network *net, float *buffers)
{
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        for (int c = 0; layer->ops == &layer_norm && c < layer->in.channels; c++) {
            buffers[layer->buffers + (size_t)c] = 0;
            buffers[layer->buffers + (size_t)(layer->in.channels + c)] = 1;
        }
        if (layer->ops == &layer_norm)
            buffers[layer->buffers + 2 * (size_t)layer->in.channels] = 0;
    }
}

void network_forward(struct network *net, struct tape *tape, const struct pass *pass)
{
    tape->pass = *pass;
    pool_run(net->pool, forward_job, &(struct walk){ .net = net, .tape = tape });
    if (pass->mode == PASS_ESTIMATE)
        count_estimate(net, pass->buffers ? pass->buffers : net->buffers);
}

/* The first layer that does work: what lies before it needs no gradient unless the input's is
 * wanted. */
static int first_layer(const struct network *net)
{
    int i = 0;
    while (i < net->layer_count - 1 && net->layers[i].alias)
        i++;
    return i;
}

static void backward_job(const struct team *team, void *context)
{
    const struct walk *walk = context;
    int first = first_layer(walk->net);
    for (int i = walk->net->layer_count - 1; i >= first; i--) {
        if (walk->net->layers[i].alias)
            continue;
        struct work work = describe(walk->net, walk->tape, team, i);
        want_gradients(&work, walk);
        if (i == first && !(walk->wanted & GRADIENT_INPUT))
            work.dx = NULL;
        work.layer->ops->backward(&work);
        team_barrier(team);
    }
}

void network_backward(struct network *net, struct tape *tape, int wanted)
{
    pool_run(net->pool, backward_job, &(struct walk){ .net = net, .tape = tape, .wanted = wanted });
}

static void tangent_job(const struct team *team, void *context)
{
    const struct walk *walk = context;
    for (int i = 0; i < walk->net->layer_count; i++) {
        if (walk->net->layers[i].alias)
            continue;
        struct work work = describe(walk->net, walk->tape, team, i);
        want_gradients(&work, walk);
        work.penalised = walk->penalised;
        work.scale = walk->scale;
        work.mixed = walk->scale ? place(walk->tape, walk->tape->values, i - 1) : work.tx;
        work.mixed_images = walk->scale ? work.images : walk->penalised;
        work.bias_images = walk->scale ? work.images : 0;
        work.layer->ops->tangent(&work);
        team_barrier(team);
    }
}

void network_tangent(struct network *net, struct tape *tape, int penalised, const float *scale,
                     int wanted)
{
    struct walk walk = {
        .net = net, .tape = tape, .wanted = wanted, .penalised = penalised, .scale = scale
    };
    pool_run(net->pool, tangent_job, &walk);
}

void work_mix(const struct work *work)
{
    size_t size = (size_t)shape_size(work->layer->in);
    struct range images = work_images(work);
    team_barrier(&work->team);
    for (int n = images.begin; work->scale && n < images.end; n++) {
        float *mixed = work->mixed + (size_t)n * size;
        scale_copy(mixed, work->scale[n], mixed, size);
        if (n < work->penalised)
            add_into(mixed, work->tx + (size_t)n * size, size);
    }
    team_barrier(&work->team);
}

void work_sum_partials(const struct work *work, float *grad, size_t count, size_t offset)
{
    team_barrier(&work->team);
    struct range mine = team_range(&work->team, (int)count, 16);
    for (int t = 1; t < work->team.threads; t++) {
        const float *partial = work_scratch_of(work, t) + offset;
        for (int i = mine.begin; i < mine.end; i++)
            grad[i] += partial[i];
    }
}
