#include "base/clock.h"
#include "base/error.h"
#include "run/control.h"
#include "stores.h"

static enum exit_status run(struct arguments *arguments)
{
    enum { PATIENCE_SECONDS = 10 };
    struct index index;
    struct index_run *runs;
    int count;
    enum exit_status status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return status;
    for (int i = 0; i < count; i++) {
        struct run_status now = { 0 };
        const struct store *store = &runs[i].place->store;
        int error = control_ask(store, runs[i].number, CONTROL_PAUSE, wall_clock());
        if (!error)
            error = control_wait(store, runs[i].number, 1u << RUN_RUNNING, PATIENCE_SECONDS, &now);
        if (error)
            status = command_failed(arguments);
        else
            printf("run %s %s\n", runs[i].title, run_state_name(now.state));
    }
    index_close(&index);
    return status;
}

const struct command command_pause = {
    .name = "pause",
    .summary = "Let runs stop computing for a while",
    .operands = "RUN...",
    .uses_store = true,
    .details =
        "Suspend the training's process group: it computes nothing, and keeps its memory and "
        "its slot. 'gander resume' lets it go on where it was.",
    .run = run,
};
