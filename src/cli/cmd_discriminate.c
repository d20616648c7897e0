#include "base/error.h"
#include "base/text.h"
#include "discriminate.h"

static const struct command_option options[] = {
    { 0, "roc", NULL, "Tell test images from samples and noise, and draw how well.", false },
    { 0, "against", "RUN", "With --roc: from samples of this run, too.", true },
    { 0, "label", "D", "Tell a conditional discriminator that the images are of class D.", false },
    { 0, "count", "N", "List N images of an IDX file (20); with --roc, judge N a kind (2000).",
      false },
    { 0, "snapshots", "N", "Judge by the mean of N checkpoints, the newest ones (1).", false },
    CHECKPOINT_OPTIONS,
    { 0, "train", NULL, "Train the classifier of the data if there is none yet.", false },
    { 0, "json", NULL, "Print JSON.", false },
};

struct judges_wish {
    struct checkpoint_choice checkpoint;
    int64_t snapshots;
};

static int read_wish(struct arguments *arguments, struct discriminate_wish *wish,
                     struct judges_wish *judges)
{
    enum { COUNT_LIMIT = 1000000 };
    int error;
    *wish = (struct discriminate_wish){ .label = -1,
                                        .count = -1,
                                        .is_json = option_given(arguments, "json"),
                                        .paths = arguments->operands + 1,
                                        .path_count = arguments->operand_count - 1 };
    *judges = (struct judges_wish){ .snapshots = 1 };
    wish->against = option_texts(arguments, "against", &wish->against_count);
    if ((error = option_integer(arguments, "label", 0, INT32_MAX, &wish->label)) < 0 ||
        (error = option_integer(arguments, "count", 1, COUNT_LIMIT, &wish->count)) < 0 ||
        (error = option_integer(arguments, "snapshots", 1, SNAPSHOT_LIMIT, &judges->snapshots)) <
            0 ||
        (error = option_checkpoint(arguments, &judges->checkpoint)) < 0)
        return error;
    bool is_roc = option_given(arguments, "roc");
    if (wish->against_count > 0 && !is_roc)
        return fail(ERR_INVALID, "option '--against' goes with --roc");
    if (wish->path_count == 0 && !is_roc)
        return fail(ERR_INVALID, "it needs images to judge, or --roc");
    return 0;
}

char *discriminate_title(struct judging *judging)
{
    struct arena *arena = &judging->place.arena;
    const char *name = text_clean(arena, judging->recipe.experiment.name, 60);
    const char *step = format_count(arena, (double)judging->snapshots[0].step);
    if (judging->snapshot_count == 1)
        return arena_printf(arena, "run %lld (%s, step %s)", (long long)judging->place.number, name,
                            step);
    const struct snapshot *oldest = &judging->snapshots[judging->snapshot_count - 1];
    return arena_printf(arena, "run %lld (%s, mean of %d checkpoints, steps %s to %s)",
                        (long long)judging->place.number, name, judging->snapshot_count,
                        format_count(arena, (double)oldest->step), step);
}

static enum exit_status run(struct arguments *arguments)
{
    struct judging judging;
    struct discriminate_wish wish;
    struct judges_wish judges;
    if (read_wish(arguments, &wish, &judges) < 0)
        return command_misused(arguments);
    enum exit_status status =
        judging_open(&judging, arguments, &judges.checkpoint, (int)judges.snapshots);
    if (status != STATUS_DONE)
        return status;
    int error = judging_open_classifier(&judging, option_given(arguments, "train"));
    if (!error)
        error = (option_given(arguments, "roc") ? discriminate_roc : discriminate_images)(&judging,
                                                                                          &wish);
    if (error)
        status = error == ERR_NOT_FOUND && wish.against_count > 0 ? STATUS_NO_RUN : STATUS_FAILED;
    if (error)
        command_failed(arguments);
    judging_close(&judging);
    return status;
}

const struct command command_discriminate = {
    .name = "discriminate",
    .summary = "Judge images with a trained discriminator",
    .operands = "RUN [IMAGE...]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Ask RUN's discriminator D how much each image is like the training data. What D says has "
        "no scale of its own, so it is set beside the test images, which neither network has seen: "
        "the percentile is the share of them that D finds less real. Below the first percentile an "
        "image is unlike the training data; that does not make it a fake, since D learned no more "
        "than to tell the data from what its own generator drew. With the objectives minimax and "
        "non-saturating there is also D(x), the probability that D gives to real. Beside it stands "
        "what the classifier of the data reads, if the store has one or --train makes it.\n\n"
        "An image is a PNG file, or an IDX file of many, gzipped or not. Of images that have "
        "another size than the data, the ink is cut out, scaled and centred as theirs is; dark "
        "ink where theirs is light is inverted. A note says so. A conditional discriminator is "
        "told the class that --label says, else what the classifier reads.\n\n"
        "With --roc, D tells test images from training images, from the run's own samples, from "
        "those of other runs, from noise, and from the images given, if any. AUC is how often D "
        "finds the test image more real: 0.5 is chance, 1 always. A discriminator that finds "
        "training images more real than test images has learned them by heart.",
    .run = run,
};
