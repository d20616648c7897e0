#include "base/error.h"
#include "base/text.h"
#include "data/resize.h"
#include "restore.h"
#include "watch.h"

enum { COUNT_LIMIT = 10000, DEFAULT_COUNT = 6 };

static const struct command_option options[] = {
    { 0, "from", "SIDE", "Upscale from images of SIDE pixels a side: 7 or 14, of 28.", false },
    { 0, "count", "N",
      "Upscale N images: of the files the first ones, else of the test images (6).", false },
    { 0, "seed", "S", "Draw the generator's noise from seed S (1).", false },
    CHECKPOINT_OPTIONS,
    { 0, "measure", "N",
      "Measure on N test images how near they come, beside bilinear and bicubic "
      "interpolation.",
      false },
    { 0, "train", NULL,
      "Train the classifier that measures without asking, where the store has none yet.", false },
    { 0, "json", NULL, "Print the measures as a JSON object.", false },
    PICTURE_MODE_OPTION,
    { 'o', "output", "FILE",
      "Write the upscaled images to FILE instead of drawing: one PNG, or IDX where the name ends "
      "in ubyte or .idx; a PNG to standard output where it is -.",
      false },
    { 0, "beside", NULL,
      "Write to FILE the shrunk image, bicubic interpolation and the original beside each, too.",
      false },
};

struct wish {
    int64_t count, seed, measure, from; /* measure, from 0: not given */
    enum picture_mode mode;
    struct checkpoint_choice checkpoint;
};

static int read_wish(const struct arguments *arguments, struct wish *wish)
{
    bool has_files = arguments->operand_count > 1;
    *wish = (struct wish){ .count = has_files ? COUNT_LIMIT : DEFAULT_COUNT, .seed = 1 };
    int error;
    if ((error = option_picture_mode(arguments, &wish->mode)) < 0 ||
        (error = option_integer(arguments, "from", 1, DATASET_SIDE_LIMIT, &wish->from)) < 0 ||
        (error = option_integer(arguments, "count", 1, COUNT_LIMIT, &wish->count)) < 0 ||
        (error = option_integer(arguments, "seed", 0, INT64_MAX, &wish->seed)) < 0 ||
        (error = option_checkpoint(arguments, &wish->checkpoint)) < 0 ||
        (error = option_integer(arguments, "measure", 1, COUNT_LIMIT, &wish->measure)) < 0)
        return error;
    return restore_check_options(arguments);
}

static int side_of(const struct restore *restore, enum corruption plain)
{
    return restore->facts.width / corruption_factor(plain);
}

static int refuse_side(struct restore *restore, int64_t from)
{
    enum corruption trained = restore->facts.corruption;
    const char *sides = "";
    for (int i = 0; i < corruption_choices(trained); i++)
        sides = arena_printf(&restore->run.arena, "%s%s%d", sides, i > 0 ? " and " : "",
                             side_of(restore, corruption_choice(trained, i)));
    return fail(ERR_INVALID,
                "option '--from': run %lld was trained to upscale from %s pixels a side, not %lld",
                (long long)restore->run.number, sides, (long long)from);
}

/* The corruption that leaves `from` pixels a side. Where that is 0: what suits each file, else the
 * strongest that the run knows. */
static int choose_factor(struct restore *restore, int64_t from, enum corruption *chosen)
{
    enum corruption trained = restore->facts.corruption;
    int choices = corruption_choices(trained);
    if (corruption_factor(corruption_choice(trained, 0)) == 1)
        return fail(ERR_INVALID,
                    "run %lld was not trained to upscale images (data.corruption is '%s'): train "
                    "experiments/upscale.ini",
                    (long long)restore->run.number, corruption_name(trained));
    bool has_files = restore->arguments->operand_count > 1;
    *chosen = has_files ? trained : corruption_choice(trained, choices - 1);
    if (from == 0)
        return 0;
    for (int i = 0; i < choices; i++) {
        *chosen = corruption_choice(trained, i);
        if (side_of(restore, *chosen) == from)
            return 0;
    }
    return refuse_side(restore, from);
}

/* Of each image as it was shrunk. */
static float *interpolate(struct restore *restore, enum resize_kind kind)
{
    int height = restore->facts.height, width = restore->facts.width;
    float *result = restore_copy(restore, restore->conditions);
    float *small = arena_alloc(&restore->run.arena, restore->area, sizeof *small);
    for (int i = 0; i < restore->count; i++) {
        int factor = corruption_factor(restore->plain[i]), columns = width / factor;
        float *image = result + (size_t)i * restore->area;
        for (int k = 0; k < height / factor * columns; k++)
            small[k] = image[k / columns * factor * width + k % columns * factor];
        resize_image(kind, small, height / factor, columns, image, height, width);
    }
    return result;
}

static bool has_originals(const struct restore *restore)
{
    for (int i = 0; i < restore->count; i++)
        if (restore->is_small[i])
            return false;
    return true;
}

static int finish(struct restore *restore, const struct wish *wish, enum corruption chosen)
{
    struct arena *arena = &restore->run.arena;
    int side = side_of(restore, chosen);
    const struct restore_part parts[] = {
        { "shrunk", restore->conditions },
        { "bilinear", interpolate(restore, RESIZE_BILINEAR) },
        { "bicubic", interpolate(restore, RESIZE_BICUBIC) },
        { "upscaled", restore->restored },
        { "original", restore->images },
    };
    if (wish->measure > 0)
        return restore_measure(restore, parts, ARRAY_SIZE(parts),
                               arena_printf(arena, "%s test images from %dx%d to %dx%d",
                                            format_count(arena, restore->count), side,
                                            side * restore->facts.height / restore->facts.width,
                                            restore->facts.width, restore->facts.height),
                               option_given(restore->arguments, "json"));
    const struct restore_part shown[] = { parts[0], parts[2], parts[3], parts[4] };
    return restore_show(restore, shown, ARRAY_SIZE(shown) - !has_originals(restore), wish->mode);
}

static int work(struct restore *restore, const struct wish *wish)
{
    enum corruption chosen = CORRUPTION_NONE;
    int error = choose_factor(restore, wish->from, &chosen);
    if (!error)
        error =
            restore_take(restore, chosen, (int)(wish->measure > 0 ? wish->measure : wish->count));
    if (error)
        return error;
    restore_corrupt(restore);
    restore_generate(restore, (uint64_t)wish->seed);
    return finish(restore, wish, chosen);
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

const struct command command_upscale = {
    .name = "upscale",
    .summary = "Raise the resolution of images",
    .operands = "RUN [IMAGE...]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Make images of 28 x 28 pixels of such of 7 x 7 or 14 x 14, with the generator of a RUN "
        "that "
        "was trained for it (experiments/upscale.ini). An IMAGE, a PNG or an IDX file, of one of "
        "those "
        "sizes is taken as it is; of any other the ink is cut out, scaled and centred as that of "
        "the "
        "data is, and inverted where it is dark and theirs is light, which a note says; then it is "
        "shrunk. Without IMAGE the test images of the run's data are. Drawn are the shrunk image, "
        "bicubic interpolation, the upscaled image and, where there is one, the original.",
    .run = run,
};
