#include "await.h"
#include "outcome.h"
#include "stores.h"

/* Signals have their usual effect: there is nothing to put right, and a handler would only let the wait
 * for a lock begin again. */
static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct index_run *runs;
    int count, status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return (enum exit_status)status;
    for (int i = 0; i < count; i++) {
        struct awaited ended;
        int error = await_end(&index.arena, &runs[i].place->store, runs[i].number, &ended);
        if (error) {
            status = command_failed(arguments);
            continue;
        }
        printf("run %s %s\n", runs[i].title,
               outcome_text(&index.arena, ended.status.state, &ended.story.end));
        fflush(stdout);
        if (status == STATUS_DONE)
            status = outcome_status(ended.status.state, &ended.story.end);
    }
    index_close(&index);
    return (enum exit_status)status;
}

const struct command command_wait = {
    .name = "wait",
    .summary = "Wait until runs have ended",
    .operands = "RUN...",
    .uses_store = true,
    .details =
        "Sleep until all of them have ended, and say how. The exit status is that of the first "
        "that did not finish: the command's own where it failed, 128 and the signal where one "
        "killed it, 143 where somebody stopped it, else 1; it is 0 if all finished.",
    .run = run,
};
