/* The background process that works a sweep off. */
#include "base/error.h"
#include "cli/command.h"
#include "run/conductor.h"
#include "run/sweep.h"

static const struct command_option options[] = {
    { 0, "lock", "FD", "The descriptor FD holds the sweep's lock already.", false },
};

static enum exit_status run(struct arguments *arguments)
{
    struct store store;
    int64_t lock = -1;
    if (option_integer(arguments, "lock", 3, INT32_MAX, &lock) < 0)
        return command_misused(arguments);
    int error = store_open(&store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = conductor_work(&store, arguments->operands[0], (int)lock);
    enum exit_status status = error ? command_failed(arguments) : STATUS_DONE;
    store_release(&store);
    return status;
}

const struct command command_conductor = {
    .name = "conductor",
    .summary = "Work a sweep off, in the background",
    .operands = "SWEEP",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .is_plumbing = true,
    .details =
        "Begin the runs of SWEEP as there is room for them, see them end, and choose which go "
        "on. This is what sweep starts in the background.",
    .run = run,
};
