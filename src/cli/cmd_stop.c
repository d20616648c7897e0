#include "base/clock.h"
#include "base/error.h"
#include "outcome.h"
#include "run/control.h"
#include "run/interrupt.h"
#include "run/launch.h"
#include "stores.h"

static const struct command_option options[] = {
    { 0, "now", NULL, "Kill it, without a checkpoint; an orphan, too.", false },
    { 0, "no-wait", NULL, "Return as soon as it has been asked.", false },
};

static const unsigned live_states = 1u << RUN_QUEUED | 1u << RUN_RUNNING | 1u << RUN_PAUSED;

/* Until it has ended, or ^C. After a while it says how to insist. */
static int see_it_stop(const struct store *store, int64_t number, bool now)
{
    enum { PATIENCE_SECONDS = 10 };
    struct run_status status;
    int error = control_wait(store, number, live_states, PATIENCE_SECONDS, &status);
    if (error == ERR_CANCELLED && !interrupt_signal()) {
        printf("run %lld is still stopping%s\n", (long long)number,
               now ? "" : " ('gander stop --now' kills it)");
        fflush(stdout);
        error = control_wait(store, number, live_states, 1e9, &status);
    }
    if (error)
        return error;
    printf("run %lld %s\n", (long long)number,
           status.state == RUN_LOST ? "is ended" : run_state_name(status.state));
    return 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct index_run *runs;
    int count;
    bool now = option_given(arguments, "now"), waits = !option_given(arguments, "no-wait");
    enum exit_status status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return status;
    interrupt_catch(INTERRUPT_DIES);
    bool *asked = arena_alloc(&index.arena, (size_t)count, sizeof *asked);
    for (int i = 0; i < count; i++) {
        asked[i] = control_ask(&runs[i].place->store, runs[i].number,
                               now ? CONTROL_STOP_NOW : CONTROL_STOP, wall_clock()) == 0;
        if (!asked[i])
            status = command_failed(arguments);
    }
    for (int i = 0; waits && i < count && !interrupt_signal(); i++)
        if (asked[i] && see_it_stop(&runs[i].place->store, runs[i].number, now) < 0)
            status = command_failed(arguments);
    index_close(&index);
    return status;
}

const struct command command_stop = {
    .name = "stop",
    .summary = "Stop runs, after a checkpoint",
    .operands = "RUN...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Ask runs to stop, and wait until they have. The built-in training finishes its step "
        "and writes a checkpoint first; a command gets SIGTERM, as does its process group. A "
        "queued run leaves the queue. RUN may also be a range: 3..7.",
    .run = run,
};
