/* Penalties on g = df/dx, the gradient of D's logit by its input, through network_tangent: whatever
 * v = d penalty / d g is, the penalty's gradient is that of <v, g> with v held. */
#include <math.h>
#include <string.h>

#include "trainer_pairs.h"

enum {
    LANES = 16
}; /* partial sums, so that the order of a sum is fixed and vector code possible */

VECTOR_CLONES
static double square_sum(const float *values, int count)
{
    float sums[LANES] = { 0 };
    double total = 0;
    int whole = count / LANES * LANES;
    for (int i = 0; i < whole; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += values[i + lane] * values[i + lane];
    for (int i = whole; i < count; i++)
        sums[i - whole] += values[i] * values[i];
    for (int lane = 0; lane < LANES; lane++)
        total += (double)sums[lane];
    return total;
}

VECTOR_CLONES
static void scale_into(float *out, const float *values, float factor, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = factor * values[i];
}

/* out = from + share * (to - from) */
VECTOR_CLONES
static void mix_into(float *out, const float *from, const float *to, float share, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = from[i] + share * (to[i] - from[i]);
}

static void fill(float *values, float value, int count)
{
    for (int i = 0; i < count; i++)
        values[i] = value;
}

/* Lazy regularisation: a penalty at every k-th update weighs k times as much. */
static double lazy_weight(const struct trainer *trainer)
{
    return trainer->recipe->training.penalty_weight * trainer->recipe->training.penalty_every;
}

static bool penalty_is_due(const struct trainer *trainer)
{
    int kind = trainer->recipe->training.penalty;
    return (kind == PENALTY_R1 || kind == PENALTY_GRADIENT) &&
           trainer->discriminator.optimiser.step % trainer->recipe->training.penalty_every == 0;
}

/* R1 (Mescheder 2018, equation 9): weight / 2 * mean |g|^2 at the real images. Seeds of 1 for real
 * rows give g; the loss's slopes for them come back in as scales, so that loss and penalty share
 * the products. */
static void r1_backward(struct trainer *trainer)
{
    struct network *net = trainer->discriminator.net;
    struct tape *tape = trainer->both;
    int n = trainer->batch, pixels = trainer->pixels;
    float *seeds = tape_output_gradient(tape);
    double squares = 0;

    fill(seeds, 1, n);
    memcpy(seeds + n, trainer->slopes + n, (size_t)n * sizeof *seeds);
    network_backward(net, tape, GRADIENT_INPUT);
    const float *g = tape_input_gradient(tape);
    for (int i = 0; i < n; i++)
        squares += square_sum(g + (size_t)i * (size_t)pixels, pixels);
    trainer->penalty = trainer->recipe->training.penalty_weight / 2 * squares / n;

    scale_into(tape_input_tangent(tape), g, (float)(lazy_weight(trainer) / n), n * pixels);
    memcpy(trainer->scales, trainer->slopes, (size_t)n * sizeof *trainer->scales);
    fill(trainer->scales + n, 1, n);
    network_tangent(net, tape, n, trainer->scales, GRADIENT_SET);
}

/* Points between each real image and a fake, one share an image (Gulrajani 2017, algorithm 1). A
 * point takes the label of its real image. */
static void forward_between(struct trainer *trainer)
{
    int n = trainer->batch;
    size_t pixels = (size_t)trainer->pixels;
    const float *real = tape_input(trainer->both), *fake = real + (size_t)n * pixels;
    float *between = tape_input(trainer->judged);
    for (int i = 0; i < n; i++) {
        size_t at = (size_t)i * pixels;
        float share = (float)random_uniform(&trainer->mixing);
        mix_into(between + at, real + at, fake + at, share, (int)pixels);
    }
    network_forward(trainer->discriminator.net, trainer->judged,
                    &(struct pass){ .images = n,
                                    .mode = PASS_FROZEN,
                                    .labels = trainer->classes > 0 ? trainer->image_labels : NULL,
                                    .condition = conditions_from(trainer, 0),
                                    .random = &trainer->discriminator.dropout });
}

/* weight * mean (|g| - 1)^2 (Gulrajani 2017, equation 3), added to the loss's gradients. The norm
 * is one over all pixels of an image; 1e-12 keeps it off the root's pole. */
static void gradient_penalty_backward(struct trainer *trainer)
{
    struct network *net = trainer->discriminator.net;
    struct tape *tape = trainer->judged;
    int n = trainer->batch;
    size_t pixels = (size_t)trainer->pixels;
    double sum = 0;

    forward_between(trainer);
    fill(tape_output_gradient(tape), 1, n);
    network_backward(net, tape, GRADIENT_INPUT);
    const float *g = tape_input_gradient(tape);
    float *v = tape_input_tangent(tape);
    for (int i = 0; i < n; i++) {
        size_t at = (size_t)i * pixels;
        double norm = sqrt(square_sum(g + at, (int)pixels) + 1e-12);
        double factor = 2 * lazy_weight(trainer) / n * (1 - 1 / norm);
        sum += (norm - 1) * (norm - 1);
        scale_into(v + at, g + at, (float)factor, (int)pixels);
    }
    trainer->penalty = trainer->recipe->training.penalty_weight * sum / n;
    fill(trainer->scales, 0, n);
    network_tangent(net, tape, n, trainer->scales, GRADIENT_ADD);
}

static void loss_backward(struct trainer *trainer)
{
    memcpy(tape_output_gradient(trainer->both), trainer->slopes,
           2 * (size_t)trainer->batch * sizeof *trainer->slopes);
    network_backward(trainer->discriminator.net, trainer->both, GRADIENT_SET);
}

void discriminator_backward(struct trainer *trainer)
{
    bool due = penalty_is_due(trainer);
    if (due && trainer->recipe->training.penalty == PENALTY_R1) {
        r1_backward(trainer);
        return;
    }
    loss_backward(trainer);
    if (due)
        gradient_penalty_backward(trainer);
}
