#include "augment.h"
#include "chosen_checkpoint.h"

static const struct command_option options[] = {
    { 0, "count", "N", "Make N images.", false },
    { 'o', "output", "DIR", "Write them to DIR, which must not be there yet.", false },
    { 0, "seed", "S", "Draw the latents from seed S instead of that of the run.", false },
    CHECKPOINT_OPTIONS,
    { 0, "keep-agreed", NULL, "Keep those that the classifier reads as the class asked for.",
      false },
    { 0, "train", NULL, "Train the classifier of the data if there is none yet.", false },
    { 0, "study", NULL, "Find out what made images are worth to a classifier.", false },
    { 0, "sizes", "N,N", "With so many real images (100,300,1000,10000).", false },
    { 0, "seeds", "N", "With seeds 1 to N (5).", false },
    { 0, "steps", "N", "Train each GAN for N steps instead of the recipe's.", false },
    { 0, "updates", "N", "Train each classifier for N updates (2,000).", false },
    { 0, "made", "N", "Let each GAN make N images (10,000).", false },
    { 's', "set", "KEY=VALUE", "Change a value of the recipe; repeat it for more.", true },
    { 'y', "yes", NULL, "Start a study that takes long, without a question.", false },
    { 0, "json", NULL, "Print JSON.", false },
};

static enum exit_status run(struct arguments *arguments)
{
    return option_given(arguments, "study") ? augment_study(arguments) : augment_make(arguments);
}

const struct command command_augment = {
    .name = "augment",
    .summary = "Make labelled images, or learn what they are worth",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Write so many images of RUN's generator, with their labels, to a directory of IDX files "
        "named as MNIST's training files are, so that data.source can name it. RUN must be "
        "conditional. Each class gets as many images as any other, or one more. A file made.json "
        "says where they come from. DIR appears whole or not at all.\n\n"
        "With --keep-agreed, images that the classifier reads as another class than was asked for "
        "are drawn again. The classifier has learned from all the data of the run: who is to "
        "learn from the images then learns from them, too, at second hand.\n\n"
        "With --study, a file of a conditional RECIPE stands in the place of RUN. For each size "
        "and seed, so many labelled images are drawn from the training images; a GAN is trained on "
        "just these; and the classifier's network is trained five times, with the same number of "
        "updates: on the real images (real), on the same shifted by up to 2 pixels and turned by "
        "up to 15 degrees (moved), on batches of which the GAN made half (made), on these with all "
        "images moved (both), and on made images only (alone). Told is the share of the test "
        "images that each reads rightly. How long it will take is measured before it begins; "
        "beyond five minutes it asks, or wants --yes. ^C keeps what is done, in the store, and the "
        "same command goes on from there.",
    .run = run,
};
