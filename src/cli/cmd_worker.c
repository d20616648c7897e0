/* The background process that owns a run; what Slurm starts on a node, too. */
#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "exchange/follow.h"
#include "run/launch.h"
#include "run/worker.h"

static const struct command_option options[] = {
    { 0, "lock", "FD", "The descriptor FD holds the run's lock already.", false },
    { 0, "array", "FILE", "RUN is a task: its run is in that line of FILE, from 0 on.", false },
    { 0, "slurm", NULL, "It was submitted to Slurm as the job that it is in.", false },
    { 0, "ticket", "FD", "The descriptor FD holds its place in the queue already.", false },
};

static enum exit_status run(struct arguments *arguments)
{
    struct store store;
    int64_t lock = -1, ticket = -1, number;
    if (option_integer(arguments, "lock", 3, INT32_MAX, &lock) < 0 ||
        option_integer(arguments, "ticket", 3, INT32_MAX, &ticket) < 0 ||
        parse_integer(arguments->operands[0], &number) < 0)
        return command_misused(arguments);
    int error = store_open(&store, option_text(arguments, "store"), STORE_FIND);
    if (!error && option_text(arguments, "array"))
        error = launch_array_run(option_text(arguments, "array"), number, &number);
    if (!error)
        error = worker_work(
            &store, number,
            &(struct worker_legacy){ (int)lock, (int)ticket, option_given(arguments, "slurm") },
            &tensorboard_feed);
    enum exit_status status = error ? command_failed(arguments) : STATUS_DONE;
    store_release(&store);
    return status;
}

const struct command command_worker = {
    .name = "worker",
    .summary = "Own a run, in the background",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .is_plumbing = true,
    .details = "Queue for a slot, start the training of RUN, see it end, and journal all of that. "
               "This is what run and resume start in the background; RUN is a number.",
    .run = run,
};
