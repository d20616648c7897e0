/* What dashboards and lists start in the background, so that they wait for no controller. */
#include "cli/command.h"
#include "run/slurm.h"

static enum exit_status run(struct arguments *arguments)
{
    struct store store;
    int error = store_open(&store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = slurm_settle_here(&store, false);
    enum exit_status status = error ? command_failed(arguments) : STATUS_DONE;
    store_release(&store);
    return status;
}

const struct command command_settle = {
    .name = "settle",
    .summary = "Bring journals into line with Slurm",
    .operands = "",
    .uses_store = true,
    .is_plumbing = true,
    .details = "Ask Slurm once for all jobs of the store's runs, and journal what became of those "
               "that no worker holds. This is what commands start in the background, at most every "
               "few seconds, while a run is a job.",
    .run = run,
};
