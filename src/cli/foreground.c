#include "foreground.h"

#include "base/error.h"
#include "progress.h"
#include "run/interrupt.h"

int option_picture_mode(const struct arguments *arguments, enum picture_mode *mode)
{
    const char *word = option_text(arguments, "as");
    *mode = PICTURE_AUTO;
    if (word && picture_mode_parse(mode, word) < 0)
        return fail_prefix("option '--as'");
    return 0;
}

enum exit_status train_in_foreground(const struct arguments *arguments, struct training *training,
                                     enum picture_mode mode)
{
    struct progress progress;
    struct training_outcome outcome;
    struct training_facts facts = training_facts(training);
    progress_begin(&progress, &facts, mode, arguments);
    int error = training_run(training, progress_watch, &progress, &outcome);
    progress_end(&progress, &outcome);
    enum exit_status status = error ? command_failed(arguments) : STATUS_DONE;
    training_free(training);
    if (!error && outcome.state == RUN_STOPPED)
        interrupt_die(outcome.signal);
    return status;
}
