/* Checkpoints of a generator for run 10 of the studio, made of a formula, so that a walk through it
 * shows the same on every machine: the label's digit, its strokes thicker and thinner here and there
 * as the latent says. No training, and no product longer than 16 numbers; what rounding does to a
 * pixel is far less than one of its 256 greys. */
#ifndef GANDER_TESTS_STUDIO_GENERATOR_H
#define GANDER_TESTS_STUDIO_GENERATOR_H

#include "base/tensors.h"
#include "studio.h"

enum {
    GENERATOR_LATENT = 6,
    GENERATOR_INPUTS =
        GENERATOR_LATENT + DIGITS_CLASSES, /* join puts the label behind the latent */
    GENERATOR_PIXELS = DIGITS_SIDE * DIGITS_SIDE,
    GENERATOR_FLOATS = GENERATOR_INPUTS * GENERATOR_PIXELS + GENERATOR_PIXELS,
    DISCRIMINATOR_FLOATS = GENERATOR_PIXELS + 16 /* its one bias, and what fills up its line */
};

/* Where the latent's i-th number makes strokes thicker: a wave across the image. x and y -1 … 1. */
static inline double generator_wave(int i, double x, double y)
{
    const double waves[GENERATOR_LATENT] = { x, y, x * y, x * x - y * y, 1 - 2 * x * x, 1 };
    return waves[i];
}

/* W (inputs, pixels) and a bias for each pixel; `contrast` is how sharp the strokes are. */
static inline void generator_fill(float *parameters, double contrast)
{
    static uint8_t digits[DIGITS_CLASSES * GENERATOR_PIXELS], labels[DIGITS_CLASSES];
    float *biases = parameters + GENERATOR_INPUTS * GENERATOR_PIXELS;
    digits_draw(1, 0, DIGITS_CLASSES, digits, labels);
    for (int pixel = 0; pixel < GENERATOR_PIXELS; pixel++) {
        double x = (pixel % DIGITS_SIDE - 13.5) / 13.5, y = (pixel / DIGITS_SIDE - 13.5) / 13.5;
        for (int i = 0; i < GENERATOR_LATENT; i++)
            parameters[i * GENERATOR_PIXELS + pixel] =
                (float)(0.2 * contrast * generator_wave(i, x, y));
        for (int i = 0; i < DIGITS_CLASSES; i++)
            parameters[(GENERATOR_LATENT + labels[i]) * GENERATOR_PIXELS + pixel] =
                (float)(contrast * digits[i * GENERATOR_PIXELS + pixel] / 255);
        biases[pixel] = (float)(-0.5 * contrast);
    }
}

/* The more ink, the more real. */
static inline void discriminator_fill(float *parameters)
{
    for (int pixel = 0; pixel < GENERATOR_PIXELS; pixel++)
        parameters[pixel] = 1.0F / 64;
    parameters[GENERATOR_PIXELS] = 9;
}

static inline void generator_checkpoint(int64_t run, int64_t step, double contrast,
                                        const char *recipe)
{
    static float generator[GENERATOR_FLOATS], discriminator[DISCRIMINATOR_FLOATS];
    const int64_t images[3] = { DIGITS_SIDE, DIGITS_SIDE, DIGITS_CLASSES };
    const struct tensor tensors[] = {
        { "state.generator.parameters", TENSOR_F32, 1, { GENERATOR_FLOATS }, generator },
        { "state.discriminator.parameters",
          TENSOR_F32,
          1,
          { DISCRIMINATOR_FLOATS },
          discriminator },
        { "state.images", TENSOR_I64, 1, { 3 }, images },
        { "state.step", TENSOR_I64, 0, { 0 }, &step },
    };
    const struct tensor_metadata metadata[] = { { "gander.checkpoint", "1" },
                                                { "gander.recipe", recipe } };
    char *name = xasprintf("checkpoints/%08lld.safetensors", (long long)step);
    generator_fill(generator, contrast);
    discriminator_fill(discriminator);
    assert_int_equal(tensors_write(made_path(run, name), tensors, ARRAY_SIZE(tensors), metadata,
                                   ARRAY_SIZE(metadata)),
                     0);
    free(name);
}

/* In a copy of the studio. */
static inline void studio_generator(void)
{
    enum { RUN = 10 };
    const struct studio_run run = {
        .number = RUN,
        .recipe = "conditional",
        .settings = { "training.steps=300", "samples.count=16", "generator.latent=6",
                      "generator.layers=join | dense 784 | tanh | reshape 1x28x28",
                      "discriminator.layers=flatten | dense 1" },
    };
    studio_recipe(&run);
    char *recipe = made_read(made_path(RUN, "recipe.ini"));
    generator_checkpoint(RUN, 200, 1.5, recipe);
    generator_checkpoint(RUN, 300, 8, recipe);
    free(recipe);
}

#endif
