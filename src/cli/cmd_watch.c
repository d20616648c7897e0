#include "base/error.h"
#include "open_run.h"
#include "run/interrupt.h"
#include "watch.h"

static const struct command_option options[] = { PICTURE_MODE_OPTION };

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    enum picture_mode mode;
    if (option_picture_mode(arguments, &mode) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    interrupt_catch(INTERRUPT_DIES);
    status = (enum exit_status)watch_run(&(struct watch_wish){ .arguments = arguments,
                                                               .store = &place.store,
                                                               .number = place.number,
                                                               .mode = mode,
                                                               .log_from = -1 });
    close_run(&place);
    return status;
}

const struct command command_watch = {
    .name = "watch",
    .summary = "Watch a run, from any terminal",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Show how a run goes until it has ended: samples, progress, curves; of a command its "
        "output, too. ^C ends the watching, and the run goes on. Where standard output is no "
        "terminal, its log is followed.",
    .run = run,
};
