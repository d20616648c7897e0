/* The process behind a walk through latent space. */
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "run/walk.h"

enum { POLITE = 5 }; /* trainings come first */

static const struct command_option options[] = {
    { 0, "step", "N", "Use the checkpoint of step N instead of the newest.", false },
    { 0, "socket", "FD", "Read and write the descriptor FD.", false },
};

static enum exit_status run(struct arguments *arguments)
{
    struct store store;
    int64_t step = -1, socket = -1, number;
    if (option_integer(arguments, "step", 0, INT32_MAX, &step) < 0 ||
        option_integer(arguments, "socket", 3, INT32_MAX, &socket) < 0 ||
        parse_integer(arguments->operands[0], &number) < 0)
        return command_misused(arguments);
    int in = socket >= 0 ? (int)socket : STDIN_FILENO;
    int out = socket >= 0 ? (int)socket : STDOUT_FILENO;
    setpriority(PRIO_PROCESS, 0, POLITE);
    int error = store_open(&store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = walk_serve(&store, number, step, in, out);
    store_release(&store);
    return error ? command_failed(arguments) : STATUS_DONE;
}

const struct command command_walker = {
    .name = "walker",
    .summary = "Draw what a walk through latent space asks for",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .is_plumbing = true,
    .details =
        "Read requests, a JSON object a line, and answer each with a line and the images: what the "
        "dashboard starts to walk. RUN is a number. It ends with its input.",
    .run = run,
};
