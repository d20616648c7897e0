#include "base/error.h"
#include "foreground.h"
#include "open_run.h"
#include "run/interrupt.h"

static const struct command_option options[] = {
    { 's', "set", "KEY=VALUE",
      "Change training.steps or threads, or how often is reported, drawn and saved.", true },
    PICTURE_MODE_OPTION,
};

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    struct training *training;
    enum picture_mode mode;
    int setting_count;
    const char *const *settings = option_texts(arguments, "set", &setting_count);
    if (option_picture_mode(arguments, &mode) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    interrupt_catch();
    status = training_resume(&training, &place.store, place.number, settings, setting_count) < 0
                 ? command_failed(arguments)
                 : train_in_foreground(arguments, training, mode);
    close_run(&place);
    return status;
}

const struct command command_resume = {
    .name = "resume",
    .summary = "Go on with a run from its newest checkpoint",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Go on with a run that was stopped, failed or was killed, in this terminal, from its "
        "newest checkpoint that is whole: bit for bit as if it had never stopped. Where another "
        "CPU, build or number of threads makes that impossible, it says so and goes on.\n\n"
        "A run that has done all its steps goes on when training.steps is raised.",
    .run = run,
};
