#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "watch.h"
#include "gan/generator.h"
#include "chosen_checkpoint.h"
#include "print_images.h"
#include "run/sheet.h"
#include "run/walk.h"

enum { COUNT_LIMIT = 4096, DEFAULT_COUNT = 64 };

static const struct command_option options[] = {
    { 0, "count", "N", "Make N images (64).", false },
    { 0, "seed", "S", "Draw the latents from seed S instead of that of the samples.", false },
    { 0, "label", "D", "Make images of class D, where the run is conditional.", false },
    CHECKPOINT_OPTIONS,
    PICTURE_MODE_OPTION,
    { 'o', "output", "FILE", "Write one PNG to FILE instead of drawing.", false },
};

struct wish {
    int64_t count, seed, label; /* seed, label: -1 where not given */
    struct checkpoint_choice checkpoint;
    enum picture_mode mode;
    const char *output;
};

static int read_wish(const struct arguments *arguments, struct wish *wish)
{
    *wish = (struct wish){
        .count = DEFAULT_COUNT, .seed = -1, .label = -1, .output = option_text(arguments, "output")
    };
    int error;
    if ((error = option_picture_mode(arguments, &wish->mode)) < 0 ||
        (error = option_integer(arguments, "count", 1, COUNT_LIMIT, &wish->count)) < 0 ||
        (error = option_integer(arguments, "seed", 0, INT64_MAX, &wish->seed)) < 0 ||
        (error = option_integer(arguments, "label", 0, INT32_MAX, &wish->label)) < 0)
        return error;
    return option_checkpoint(arguments, &wish->checkpoint);
}

static int check_label(const struct open_run *run, const struct generator_facts *facts,
                       int64_t label)
{
    if (label < 0 || label < facts->classes)
        return 0;
    if (facts->classes == 0)
        return fail(ERR_INVALID,
                    "option '--label': run %lld is not conditional, its generator takes no label",
                    (long long)run->number);
    return fail(ERR_INVALID, "option '--label': run %lld knows the classes 0 to %d",
                (long long)run->number, facts->classes - 1);
}

/* The class below each image of a conditional generator; NULL for others. */
static const char *const *class_labels(struct open_run *run, const struct generator_facts *facts,
                                       const struct wish *wish)
{
    if (facts->classes == 0)
        return NULL;
    const char **labels = arena_alloc(&run->arena, (size_t)wish->count, sizeof *labels);
    for (int i = 0; i < wish->count; i++)
        labels[i] = arena_printf(&run->arena, "%d",
                                 wish->label >= 0 ? (int)wish->label : i % facts->classes);
    return labels;
}

static void print(struct open_run *run, const struct generator_facts *facts,
                  const struct wish *wish, const uint8_t *images)
{
    printf("run %lld, step %s\n", (long long)run->number,
           format_count(&run->arena, (double)facts->step));
    print_images(&(struct picture_sheet){ .images = images,
                                          .count = (int)wish->count,
                                          .height = facts->height,
                                          .width = facts->width,
                                          .labels = class_labels(run, facts, wish) },
                 wish->mode);
}

static int generate(struct open_run *run, const struct recipe *recipe, const char *checkpoint,
                    const struct wish *wish)
{
    struct generator *generator;
    int error = walk_check_recipe(recipe, run->number);
    if (!error)
        error = generator_open(&generator, recipe, checkpoint);
    if (error)
        return error;
    struct generator_facts facts = generator_facts(generator);
    error = check_label(run, &facts, wish->label);
    if (!error) {
        int64_t seed = wish->seed >= 0 ? wish->seed : recipe->training.seed;
        uint8_t *images = xcalloc((size_t)wish->count, (size_t)facts.height * (size_t)facts.width);
        generator_draw_seeded(generator, (uint64_t)seed, (int)wish->label, (int)wish->count,
                              images);
        if (wish->output)
            error = sheet_write(wish->output, images, (int)wish->count, facts.height, facts.width);
        else
            print(run, &facts, wish, images);
        free(images);
    }
    generator_close(generator);
    return error;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    struct run_file checkpoint;
    struct recipe recipe;
    struct wish wish;
    if (read_wish(arguments, &wish) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    int error = find_checkpoint(&place, arguments, &wish.checkpoint, &checkpoint);
    if (!error)
        error =
            recipe_read(&recipe, path_join(&place.arena, place.directory, "recipe.ini"), NULL, 0);
    if (!error) {
        error = generate(&place, &recipe, checkpoint.path, &wish);
        recipe_release(&recipe);
    }
    if (error)
        status = command_failed(arguments);
    close_run(&place);
    return status;
}

const struct command command_generate = {
    .name = "generate",
    .summary = "Draw new images from a trained generator",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Draw images from the newest checkpoint of RUN, or from its best. Image number i depends "
        "on the seed and on "
        "i "
        "only, so that a larger count begins with the same images. A conditional generator draws "
        "its classes in turn unless --label chooses one.",
    .run = run,
};
