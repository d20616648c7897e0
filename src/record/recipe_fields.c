#include "record/recipe.h"

static const char *const objectives[] = {
    [OBJECTIVE_MINIMAX] = "minimax",
    [OBJECTIVE_NON_SATURATING] = "non-saturating",
    [OBJECTIVE_LEAST_SQUARES] = "least-squares",
    [OBJECTIVE_HINGE] = "hinge",
    [OBJECTIVE_WASSERSTEIN] = "wasserstein",
    NULL,
};
_Static_assert(ARRAY_SIZE(objectives) == OBJECTIVE_COUNT + 1, "OBJECTIVE_COUNT is wrong");
static const char *const penalties[] = {
    [PENALTY_NONE] = "none",
    [PENALTY_R1] = "r1",
    [PENALTY_GRADIENT] = "gradient",
    [PENALTY_CLIP] = "clip",
    NULL,
};
static const char *const corruptions[] = {
    [CORRUPTION_NONE] = "none",         [CORRUPTION_LEFT] = "left",
    [CORRUPTION_RIGHT] = "right",       [CORRUPTION_TOP] = "top",
    [CORRUPTION_BOTTOM] = "bottom",     [CORRUPTION_BOX] = "box",
    [CORRUPTION_HALF] = "half",         [CORRUPTION_PART] = "part",
    [CORRUPTION_SHRINK_2] = "shrink-2", [CORRUPTION_SHRINK_4] = "shrink-4",
    [CORRUPTION_SHRINK] = "shrink",     NULL,
};
_Static_assert(ARRAY_SIZE(corruptions) == CORRUPTION_COUNT + 1, "CORRUPTION_COUNT is wrong");
static const char *const optimisers[] = {
    [OPTIMISER_ADAM] = "adam",
    [OPTIMISER_RMSPROP] = "rmsprop",
    [OPTIMISER_SGD] = "sgd",
    NULL,
};
static const char *const schedules[] = {
    [SCHEDULE_CONSTANT] = "constant",
    [SCHEDULE_LINEAR] = "linear",
    [SCHEDULE_COSINE] = "cosine",
    NULL,
};

#define FIELD(part, member)                                                                        \
    .key = #part "." #member, .offset = offsetof(struct recipe, part.member),                      \
    .wide = sizeof(((struct recipe *)NULL)->part.member) == sizeof(int64_t)
#define INTEGER(part, member, from, to)                                                            \
    FIELD(part, member), .type = FIELD_INTEGER, .minimum = (from), .maximum = (to)
#define REAL(part, member, from, to)                                                               \
    FIELD(part, member), .type = FIELD_REAL, .minimum = (from), .maximum = (to)
#define TEXT(part, member, longest) FIELD(part, member), .type = FIELD_TEXT, .maximum = (longest)
#define CHOICE(part, member, words) FIELD(part, member), .type = FIELD_CHOICE, .choices = (words)

static const struct recipe_field fields[] = {
    { TEXT(experiment, name, 64), .unit = "",
      .help =
          "Name of the experiment, under which its runs are listed: letters, digits and . _ -" },

    { TEXT(data, source, 4096), .unit = "", .fallback = "digits",
      .help = "Training images: digits (built in), mnist, fashion or kmnist (once fetched), or a "
              "directory of IDX or PNG files" },
    { INTEGER(data, count, 0, 1e8), .unit = "images", .fallback = "0",
      .help = "Only so many training images, the first ones; 0 for all" },
    { CHOICE(data, corruption, corruptions), .unit = "", .fallback = "none",
      .help = "What an image-to-image generator gets of the real image, through its condition "
              "layers" },

    { INTEGER(generator, latent, 1, 4096), .unit = "features", .fallback = "100",
      .help = "Length of the noise vector that the generator turns into an image" },
    { TEXT(generator, layers, 16384), .unit = "",
      .help = "Layer list of the generator, from the noise vector to an image in [-1, 1]" },
    { TEXT(discriminator, layers, 16384), .unit = "",
      .help = "Layer list of the discriminator, from an image to one logit, without sigmoid" },

    { CHOICE(training, objective, objectives), .unit = "", .fallback = "non-saturating",
      .help = "The adversarial loss that both networks play for" },
    { CHOICE(training, penalty, penalties), .unit = "", .fallback = "none",
      .help = "What holds the discriminator's slope: r1 and gradient add a loss on its input "
              "gradient, clip bounds its weights" },
    { REAL(training, penalty_weight, 0, 1e6), .unit = "", .fallback = "0",
      .help = "Gamma of r1, lambda of gradient, or the bound of clip; 0 for what is usual: r1 1, "
              "gradient 10, clip 0.01" },
    { INTEGER(training, penalty_every, 1, 1000), .unit = "steps", .fallback = "1",
      .help = "Discriminator steps from one r1 or gradient penalty to the next, its weight "
              "multiplied by as many" },
    { CHOICE(training, optimiser, optimisers), .unit = "", .fallback = "adam",
      .help = "Optimiser of both networks" },
    { REAL(training, rate, 1e-8, 10), .unit = "", .fallback = "0.0002",
      .help = "Learning rate of the generator" },
    { REAL(training, d_rate, 0, 10), .unit = "", .fallback = "0",
      .help = "Learning rate of the discriminator; 0 for the generator's" },
    { REAL(training, beta1, 0, 0.9999), .unit = "", .fallback = "0.5",
      .help = "Decay of adam's first moment; the momentum of sgd" },
    { REAL(training, beta2, 0, 0.999999), .unit = "", .fallback = "0.999",
      .help = "Decay of adam's second moment, and of the mean square of rmsprop" },
    { CHOICE(training, schedule, schedules), .unit = "", .fallback = "constant",
      .help = "How both learning rates move over the steps: not at all, or down to 0 along a line "
              "or a half cosine" },
    { INTEGER(training, batch, 2, 4096), .unit = "images", .fallback = "64",
      .help = "Real images, and as many generated ones, in a step" },
    { INTEGER(training, steps, 1, 1e9), .unit = "steps", .fallback = "20000",
      .help = "Generator steps in all" },
    { INTEGER(training, until, 0, 1e9), .unit = "steps", .fallback = "0",
      .help = "The step to stop at for now, schedules being those of all steps; 0 for the last" },
    { INTEGER(training, d_steps, 1, 100), .unit = "steps", .fallback = "1",
      .help = "Discriminator steps for each generator step" },
    { REAL(training, smoothing, 0, 0.5), .unit = "", .fallback = "0",
      .help = "One-sided label smoothing: real images are labelled 1 less this much" },
    { REAL(training, reconstruction, 0, 1e6), .unit = "", .fallback = "0",
      .help = "Weight, in the generator's loss, of how far its image is from the real one that the "
              "condition was made of" },
    { REAL(training, noise, 0, 10), .unit = "", .fallback = "0",
      .help = "Standard deviation of the noise on what the discriminator sees, pixels being in "
              "[-1, 1]; it falls to 0 along a line" },
    { REAL(training, noise_until, 0.001, 1), .unit = "", .fallback = "0.5",
      .help = "Share of the steps after which that noise is gone" },
    { REAL(training, clip, 0, 1e6), .unit = "", .fallback = "0",
      .help = "Largest gradient norm of a network, longer gradients being scaled down to it; 0 for "
              "no limit" },
    { REAL(training, average, 0, 0.999999), .unit = "", .fallback = "0.999",
      .help = "Decay of the moving average of the generator's weights, which draws the samples; 0 "
              "for none" },
    { INTEGER(training, seed, 0, 9007199254740991), .unit = "", .fallback = "1",
      .help = "Fixes everything random: weights, noise, the order of the images" },
    { INTEGER(training, threads, 0, 1024), .unit = "threads", .fallback = "0",
      .help = "Threads that train; 0 for one a core" },
    { INTEGER(training, report_every, 1, 1e9), .unit = "steps", .fallback = "50",
      .help = "Steps from one line of metrics to the next" },
    { INTEGER(training, checkpoint_every, 0, 1e9), .unit = "steps", .fallback = "1000",
      .help = "Steps from one checkpoint to the next; 0 for one at the end only" },
    { INTEGER(training, keep, 1, 1e6), .unit = "checkpoints", .fallback = "3",
      .help = "How many of the newest checkpoints stay on disk" },
    { INTEGER(training, evaluate_every, 0, 1e9), .unit = "steps", .fallback = "1000",
      .help = "Steps from one evaluation of the samples to the next, which takes a few tenths of a "
              "second, the first one some more; 0 for none" },
    { TEXT(training, stop_when, 1024), .unit = "", .fallback = "",
      .help = "States of health that end the run, with commas between them: mode-collapse, "
              "no-progress and the like, or none if empty" },

    { INTEGER(samples, every, 1, 1e9), .unit = "steps", .fallback = "500",
      .help = "Steps from one sheet of samples to the next" },
    { INTEGER(samples, count, 1, 1024), .unit = "images", .fallback = "64",
      .help = "Images on a sheet" },
};
_Static_assert(ARRAY_SIZE(fields) == RECIPE_FIELD_COUNT, "RECIPE_FIELD_COUNT is wrong");

const struct recipe_field *recipe_fields(int *count)
{
    *count = ARRAY_SIZE(fields);
    return fields;
}

const char *objective_name(enum objective objective)
{
    return objectives[objective];
}

const char *penalty_name(enum penalty penalty)
{
    return penalties[penalty];
}

const char *corruption_name(enum corruption corruption)
{
    return corruptions[corruption];
}

const char *const *corruption_names(void)
{
    return corruptions;
}
