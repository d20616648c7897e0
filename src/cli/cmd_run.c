#include "base/error.h"
#include "foreground.h"
#include "run/interrupt.h"
#include "run/rundir.h"

static const struct command_option options[] = {
    { 'f', "foreground", NULL, "Train in this terminal until the end.", false },
    { 's', "set", "KEY=VALUE", "Set a value of the recipe, as in -s training.steps=5000.", true },
    { 0, "name", "NAME", "Call the run NAME.", false },
    PICTURE_MODE_OPTION,
};

static enum exit_status run(struct arguments *arguments)
{
    struct recipe recipe;
    struct training *training;
    enum picture_mode mode;
    int setting_count;
    const char *const *settings = option_texts(arguments, "set", &setting_count);
    const char *name = option_text(arguments, "name");
    if (option_picture_mode(arguments, &mode) < 0 || (name && run_name_check(name) < 0))
        return command_misused(arguments);
    if (!option_given(arguments, "foreground")) {
        fail(ERR_INVALID, "this version trains in the foreground only: gander run -f %.200s",
             arguments->operands[0]);
        return command_misused(arguments);
    }
    interrupt_catch();
    if (recipe_read(&recipe, arguments->operands[0], settings, setting_count) < 0)
        return command_failed(arguments);
    struct training_start start = { .store = option_text(arguments, "store"),
                                    .name = name,
                                    .argc = arguments->argc,
                                    .argv = arguments->argv };
    enum exit_status status = training_begin(&training, &recipe, &start) < 0
                                  ? command_failed(arguments)
                                  : train_in_foreground(arguments, training, mode);
    recipe_release(&recipe);
    return status;
}

const struct command command_run = {
    .name = "run",
    .summary = "Train a recipe",
    .operands = "RECIPE",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Train what RECIPE says, as a new run. Its number is the next of the store, and its "
        "directory holds run.json, recipe.ini, the journal (events.jsonl and worker.jsonl), "
        "samples as PNG and checkpoints as safetensors.\n\n"
        "On a terminal the samples grow above a progress bar, the losses of both networks, and "
        "D(x) and D(G(z)), what the discriminator makes of real images and of generated ones; "
        "elsewhere each report is one line.\n\n"
        "^C and SIGTERM write a checkpoint and a closing journal line first, and 'gander resume' "
        "goes on from there; a second one ends it at once, and nothing already written is lost.",
    .run = run,
};
