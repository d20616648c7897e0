#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "outcome.h"
#include "run/interrupt.h"
#include "stores.h"

struct waiting {
    struct worker_story story;
    struct run_status status;
};

static int look(struct index *index, const struct index_run *run, struct waiting *out)
{
    const char *directory = store_run_directory(&index->arena, &run->place->store, run->number);
    *out = (struct waiting){ .story = { .size = 0 } };
    return worker_look(&index->arena, &out->story, directory, wall_clock(), &out->status);
}

/* Sleeps on the lock of whoever has the run in hand. On another host's that may not be seen, so it is
 * looked at again after a while. */
static int wait_for_end(struct index *index, const struct index_run *run, struct waiting *out)
{
    enum { AGAIN_MS = 1000 };
    const char *directory = store_run_directory(&index->arena, &run->place->store, run->number);
    for (;;) {
        struct arena scratch = { 0 };
        int error = look(index, run, out);
        if (error || run_state_is_end(out->status.state))
            return error;
        const char *lock =
            path_join(&scratch, directory, out->status.is_orphan ? "command.lock" : "lock");
        bool is_here = lock_is_held(lock);
        if (is_here)
            error = lock_wait(lock);
        else
            pause_ms(AGAIN_MS);
        arena_release(&scratch);
        if (error || interrupt_signal())
            return error ? error : fail(ERR_CANCELLED, "interrupted");
    }
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct index_run *runs;
    int count, status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return (enum exit_status)status;
    interrupt_catch(INTERRUPT_DIES);
    for (int i = 0; i < count; i++) {
        struct waiting ended;
        int error = wait_for_end(&index, &runs[i], &ended);
        if (interrupt_signal())
            break;
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
    if (interrupt_signal())
        interrupt_die(interrupt_signal());
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
