#include "drawing.h"

#include <string.h>

#include "base/random.h"
#include "streams.h"

enum {
    POWER_ITERATIONS = 8, /* the vectors come from weights nearby */
    ESTIMATE_SEED = 1     /* any: the statistics of every run come from the same latents */
};

VECTOR_CLONES
void pixels_to_bytes(const float *pixels, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float level = (pixels[i] + 1) * 127.5F + 0.5F;
        level = level > 0 ? level : 0; /* NaN, too */
        level = level < 255 ? level : 255;
        bytes[i] = (uint8_t)(int)level;
    }
}

static void forward(const struct drawing *drawing, enum pass_mode mode, const float *conditions,
                    struct random *random)
{
    network_forward(drawing->net, drawing->tape,
                    &(struct pass){ .images = drawing->batch,
                                    .mode = mode,
                                    .labels = drawing->classes > 0 ? drawing->labels : NULL,
                                    .condition = conditions,
                                    .parameters = drawing->parameters,
                                    .buffers = drawing->buffers,
                                    .random = random });
}

/* Image by image, so that latents do not depend on the batch even where their length is odd. */
static void fill_latents(const struct drawing *drawing, struct random *random)
{
    size_t length = (size_t)shape_size(drawing->net->input);
    for (int i = 0; i < drawing->batch; i++)
        random_fill_normal(random, tape_input(drawing->tape) + (size_t)i * length, length);
}

/* Labels of the images from place `first` on. */
static void count_labels(const struct drawing *drawing, int label, int first)
{
    for (int i = 0; i < drawing->batch && drawing->classes > 0; i++)
        drawing->labels[i] = label >= 0 ? label : (first + i) % drawing->classes;
}

static size_t condition_size(const struct drawing *drawing)
{
    return (size_t)shape_size(drawing->net->condition);
}

static const float *estimate_conditions(const struct drawing *drawing, int batch)
{
    return drawing->estimates ? drawing->estimates +
                                    (size_t)batch * (size_t)drawing->batch * condition_size(drawing)
                              : NULL;
}

void drawing_estimate(const struct drawing *drawing)
{
    struct random random;
    random_seed(&random, ESTIMATE_SEED, STREAM_STATISTICS);
    for (int i = 0; i < POWER_ITERATIONS; i++)
        network_prepare(drawing->net, drawing->parameters, drawing->buffers, true);
    network_forget_statistics(drawing->net, drawing->buffers);
    for (int i = 0; i < DRAWING_ESTIMATES; i++) {
        fill_latents(drawing, &random);
        count_labels(drawing, -1, i * drawing->batch);
        forward(drawing, PASS_ESTIMATE, estimate_conditions(drawing, i), &random);
    }
}

/* The conditions of `count` images, or of images that are hidden whole, to their room. */
static void put_conditions(const struct drawing *drawing, const float *conditions, int count)
{
    size_t size = condition_size(drawing);
    if (!drawing->conditions)
        return;
    memset(drawing->conditions, 0, (size_t)drawing->batch * size * sizeof *conditions);
    if (conditions)
        memcpy(drawing->conditions, conditions, (size_t)count * size * sizeof *conditions);
}

/* One full batch, of which `count` images are wanted: a product's rounding may depend on the number
 * of its rows. */
static void draw_batch(const struct drawing *drawing, int count, uint8_t *images)
{
    forward(drawing, PASS_SAMPLE, drawing->conditions, NULL);
    if (images)
        pixels_to_bytes(tape_output(drawing->tape), images,
                        (size_t)count * (size_t)shape_size(drawing->net->output));
}

void drawing_draw(const struct drawing *drawing, const struct generator_input *input, int count,
                  uint8_t *images, float *pixels)
{
    size_t length = (size_t)shape_size(drawing->net->input);
    size_t area = (size_t)shape_size(drawing->net->output);
    network_prepare(drawing->net, drawing->parameters, drawing->buffers, false);
    for (int first = 0; first < count; first += drawing->batch) {
        int n = MIN(drawing->batch, count - first);
        memset(tape_input(drawing->tape), 0, (size_t)drawing->batch * length * sizeof(float));
        memcpy(tape_input(drawing->tape), input->latents + (size_t)first * length,
               (size_t)n * length * sizeof(float));
        count_labels(drawing, 0, first);
        if (input->labels && drawing->classes > 0)
            memcpy(drawing->labels, input->labels + first, (size_t)n * sizeof *input->labels);
        put_conditions(
            drawing,
            input->conditions ? input->conditions + (size_t)first * condition_size(drawing) : NULL,
            n);
        draw_batch(drawing, n, images ? images + (size_t)first * area : NULL);
        if (pixels)
            memcpy(pixels + (size_t)first * area, tape_output(drawing->tape),
                   (size_t)n * area * sizeof *pixels);
    }
}

void drawing_draw_seeded(const struct drawing *drawing, uint64_t seed, int label, int count,
                         uint8_t *images)
{
    struct random random;
    size_t pixels = (size_t)shape_size(drawing->net->output);
    random_seed(&random, seed, STREAM_SAMPLES);
    network_prepare(drawing->net, drawing->parameters, drawing->buffers, false);
    put_conditions(drawing, NULL, 0);
    for (int first = 0; first < count; first += drawing->batch) {
        fill_latents(drawing, &random);
        count_labels(drawing, label, first);
        draw_batch(drawing, MIN(drawing->batch, count - first), images + (size_t)first * pixels);
    }
}
