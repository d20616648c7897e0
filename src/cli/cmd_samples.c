#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "watch.h"
#include "gan/trainer.h"
#include "open_run.h"
#include "print_images.h"
#include "run/sheet.h"

enum { SHEET_LIMIT = 16384 }; /* pixels; a sheet of 64 x 64 images of 64 pixels is 4096 */

static const struct command_option options[] = {
    { 0, "step", "N", "Show the samples of step N instead of the newest.", false },
    PICTURE_MODE_OPTION,
    { 'o', "output", "FILE", "Copy the PNG to FILE instead of drawing it.", false },
};

/* The sheet of `step`, the newest if that is -1. */
static int find_sheet(struct open_run *run, int64_t step, struct run_file *out)
{
    struct run_file *files;
    int count;
    int error = run_list_samples(&run->arena, run->directory, &files, &count);
    if (error)
        return error;
    for (int i = count - 1; i >= 0; i--)
        if (step < 0 || files[i].step == step) {
            *out = files[i];
            return 0;
        }
    if (count == 0)
        return fail(ERR_NOT_FOUND, "run %lld has no samples yet", (long long)run->number);
    return fail(ERR_NOT_FOUND, "run %lld has no samples of step %lld (the newest are of %lld)",
                (long long)run->number, (long long)step, (long long)files[count - 1].step);
}

/* How many images a sheet of this run has (0 where nothing tells), and how many of them belong
 * together. */
static int sheet_count(struct open_run *run, int *group)
{
    struct recipe recipe;
    const char *path = path_join(&run->arena, run->directory, "recipe.ini");
    if (recipe_read(&recipe, path, NULL, 0) < 0)
        return 0;
    int count = recipe.samples.count;
    *group = recipe.data.corruption != CORRUPTION_NONE ? SAMPLE_PARTS : 0;
    recipe_release(&recipe);
    return count;
}

static int draw_sheet(struct open_run *run, const struct run_file *file, enum picture_mode mode)
{
    struct image sheet;
    int height = 0, width = 0, group = 0, count = sheet_count(run, &group);
    int error = image_read_png(&sheet, file->path, SHEET_LIMIT);
    if (error)
        return error;
    printf("run %lld, step %s\n", (long long)run->number,
           format_count(&run->arena, (double)file->step));
    uint8_t *images = sheet_cut(&sheet, count, &height, &width);
    struct picture_sheet picture = { images, count, height, width, NULL, group };
    if (!images) /* not a sheet of ours: one picture */
        picture = (struct picture_sheet){ sheet.pixels, 1, sheet.height, sheet.width, NULL, 0 };
    print_images(&picture, mode);
    free(images);
    image_release(&sheet);
    return 0;
}

static int copy_file(const char *from, const char *to)
{
    enum { FILE_LIMIT = 1 << 28 };
    char *data;
    size_t size;
    int error = file_read(from, FILE_LIMIT, &data, &size);
    if (error)
        return error;
    error = file_replace(to, data, size);
    free(data);
    return error;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    struct run_file file = { 0 };
    enum picture_mode mode;
    int64_t step = -1;
    if (option_picture_mode(arguments, &mode) < 0 ||
        option_integer(arguments, "step", 0, INT32_MAX, &step) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    const char *output = option_text(arguments, "output");
    int error = find_sheet(&place, step, &file);
    if (!error)
        error = output ? copy_file(file.path, output) : draw_sheet(&place, &file, mode);
    if (error)
        status = command_failed(arguments);
    close_run(&place);
    return status;
}

const struct command command_samples = {
    .name = "samples",
    .summary = "Draw the samples of a run",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details = "Draw images that the generator made while it trained, always from the same "
               "latents, so that one sees the same digits grow from step to step.",
    .run = run,
};
