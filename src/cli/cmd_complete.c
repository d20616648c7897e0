#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "gan/judge.h"
#include "gan/search.h"
#include "restore.h"
#include "watch.h"

enum { COUNT_LIMIT = 10000, DEFAULT_COUNT = 6 };

static const struct command_option options[] = {
    { 0, "hide", "PART",
      "Hide left, right, top, bottom, the box in the middle, or the four halves "
      "or all five in turn: half, part.",
      false },
    { 0, "count", "N",
      "Complete N images: of the files the first ones, else of the test images "
      "(6).",
      false },
    { 0, "seed", "S",
      "Draw the generator's noise, or the latents that a search begins with, from "
      "seed S (1).",
      false },
    CHECKPOINT_OPTIONS,
    { 0, "measure", "N",
      "Measure on N test images whether a classifier reads them as what they "
      "were, beside simpler ways to complete them.",
      false },
    { 0, "train", NULL,
      "Train the classifier that measures without asking, where the store has none yet.", false },
    { 0, "json", NULL, "Print the measures as a JSON object.", false },
    PICTURE_MODE_OPTION,
    { 'o', "output", "FILE",
      "Write the completed images to FILE instead of drawing: one PNG, or IDX where the name ends "
      "in ubyte or .idx; a PNG to standard output where it is -.",
      false },
    { 0, "beside", NULL, "Write to FILE what was left and the original beside each, too.", false },
};

struct wish {
    int64_t count, seed, measure; /* measure 0: no */
    enum corruption hide;         /* CORRUPTION_NONE: not given */
    enum picture_mode mode;
    struct checkpoint_choice checkpoint;
};

static int read_hide(const struct arguments *arguments, enum corruption *hide)
{
    const char *word = option_text(arguments, "hide");
    const char *const *names = corruption_names();
    *hide = CORRUPTION_NONE;
    for (int i = CORRUPTION_LEFT; word && i <= CORRUPTION_PART; i++)
        if (strcmp(word, names[i]) == 0) {
            *hide = (enum corruption)i;
            return 0;
        }
    return word ? fail(ERR_INVALID,
                       "option '--hide' takes left, right, top, bottom, box, half or part, not "
                       "'%.40s'",
                       word)
                : 0;
}

static int read_wish(const struct arguments *arguments, struct wish *wish)
{
    bool has_files = arguments->operand_count > 1;
    *wish = (struct wish){ .count = has_files ? COUNT_LIMIT : DEFAULT_COUNT, .seed = 1 };
    int error;
    if ((error = option_picture_mode(arguments, &wish->mode)) < 0 ||
        (error = option_integer(arguments, "count", 1, COUNT_LIMIT, &wish->count)) < 0 ||
        (error = option_integer(arguments, "seed", 0, INT64_MAX, &wish->seed)) < 0 ||
        (error = option_checkpoint(arguments, &wish->checkpoint)) < 0 ||
        (error = option_integer(arguments, "measure", 1, COUNT_LIMIT, &wish->measure)) < 0 ||
        (error = read_hide(arguments, &wish->hide)) < 0)
        return error;
    return restore_check_options(arguments);
}

/* What is hidden: as the run was trained, unless one of that is asked for; of a plain GAN anything. */
static int choose_hide(const struct restore *restore, const struct wish *wish,
                       enum corruption *hide)
{
    enum corruption trained = restore->facts.corruption;
    long long number = restore->run.number;
    if (trained == CORRUPTION_NONE) {
        *hide = wish->hide != CORRUPTION_NONE ? wish->hide : CORRUPTION_PART;
        return 0;
    }
    if (corruption_factor(corruption_choice(trained, 0)) > 1)
        return fail(ERR_INVALID,
                    "run %lld was trained to upscale images (data.corruption is '%s'): use 'gander "
                    "upscale %lld'",
                    number, corruption_name(trained), number);
    *hide = wish->hide != CORRUPTION_NONE ? wish->hide : trained;
    for (int i = 0; i < corruption_choices(*hide); i++)
        if (!corruption_includes(trained, corruption_choice(*hide, i)))
            return fail(ERR_INVALID,
                        "run %lld was trained with data.corruption '%s', and so does not complete "
                        "'%s'",
                        number, corruption_name(trained), corruption_name(*hide));
    return 0;
}

/* --- completing --- */

static bool tell_search(void *context, int done)
{
    const int *count = context;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\rsearching: %d of %d images ", done, *count);
    return true;
}

static int search(struct restore *restore, uint64_t seed)
{
    struct judge *judge;
    struct search_wish wish = search_usual;
    wish.seed = seed;
    int error = judge_open(&judge, &restore->recipe, restore->checkpoint.path);
    if (error)
        return error;
    error = search_complete(restore->generator, judge,
                            (enum objective)restore->recipe.training.objective, &wish,
                            restore->images, restore->made, restore->count, restore->restored,
                            tell_search, &restore->count);
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K");
    corruption_restore(restore->restored, restore->images, restore->made,
                       (size_t)restore->count * restore->area);
    judge_close(judge);
    return error;
}

static int complete(struct restore *restore, uint64_t seed)
{
    restore_corrupt(restore);
    if (restore->facts.corruption == CORRUPTION_NONE)
        return search(restore, seed);
    restore_generate(restore, seed);
    return 0;
}

static int measure(struct restore *restore, enum corruption hide, bool is_json)
{
    struct dataset *set;
    int error = restore_training_set(&set, restore);
    if (error)
        return error;
    float *mean = restore_copy(restore, restore->images);
    float *nearest = restore_copy(restore, restore->images);
    fill_mean(set, restore->made, restore->count, mean);
    fill_nearest(set, restore->made, restore->count, nearest);
    dataset_close(set);
    struct arena *arena = &restore->run.arena;
    const struct restore_part parts[] = {
        { "hidden", restore->conditions }, { "mean of the training images", mean },
        { "nearest neighbour", nearest },  { "completed", restore->restored },
        { "original", restore->images },
    };
    return restore_measure(restore, parts, ARRAY_SIZE(parts),
                           arena_printf(arena, "%s test images, %s hidden",
                                        format_count(arena, restore->count), corruption_name(hide)),
                           is_json);
}

static int work(struct restore *restore, const struct wish *wish)
{
    enum corruption hide = CORRUPTION_NONE;
    int error = choose_hide(restore, wish, &hide);
    if (!error)
        error = restore_take(restore, hide, (int)(wish->measure > 0 ? wish->measure : wish->count));
    if (!error)
        error = complete(restore, (uint64_t)wish->seed);
    if (error)
        return error;
    if (wish->measure > 0)
        return measure(restore, hide, option_given(restore->arguments, "json"));
    const struct restore_part shown[] = { { "hidden", restore->conditions },
                                          { "completed", restore->restored },
                                          { "original", restore->images } };
    return restore_show(restore, shown, ARRAY_SIZE(shown), wish->mode);
}

static enum exit_status run(struct arguments *arguments)
{
    struct restore restore;
    struct wish wish;
    if (read_wish(arguments, &wish) < 0)
        return command_misused(arguments);
    enum exit_status status = restore_open(&restore, arguments, &wish.checkpoint);
    if (status == STATUS_DONE && work(&restore, &wish))
        status = command_failed(arguments);
    restore_close(&restore);
    return status;
}

const struct command command_complete = {
    .name = "complete",
    .summary = "Complete images of which a part is hidden",
    .operands = "RUN [IMAGE...]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Hide a part of each IMAGE, a PNG or an IDX file, and let RUN's generator fill it in; "
        "without "
        "IMAGE do so with test images of the run's data. Drawn are what was left, the completed "
        "image "
        "and the original. A run that was trained for it (experiments/complete.ini) gets what is "
        "left "
        "as its condition; of any other the latent is searched for whose image is most like what "
        "is "
        "left, as Yeh and others did in 2017, which takes a second or so an image. What was not "
        "hidden "
        "is copied through.\n\n"
        "Of images that have another size than the data, the ink is cut out, scaled and centred as "
        "theirs is; dark ink where theirs is light is inverted. A note says so.",
    .run = run,
};
