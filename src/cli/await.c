#include "await.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "run/interrupt.h"
#include "run/slurm.h"

int await_look(struct arena *arena, const struct store *store, int64_t number, struct awaited *out)
{
    *out = (struct awaited){ .story = { .size = 0 } };
    return worker_look(arena, &out->story, store_run_directory(arena, store, number), wall_clock(),
                       &out->status);
}

/* Not lock_wait: handlers restart system calls, so that a first ^C would be slept over. */
static void sleep_on(const char *lock)
{
    enum { LOOK_MS = 50 };
    while (lock_is_held(lock) && !interrupt_signal())
        pause_ms(LOOK_MS);
}

/* On another host's run a lock may not be seen, so that is looked at again after a while. */
int await_end(struct arena *arena, const struct store *store, int64_t number, struct awaited *out)
{
    enum { AGAIN_MS = 1000 };
    const char *directory = store_run_directory(arena, store, number);
    for (;;) {
        struct arena scratch = { 0 }; /* many looks are no reason to grow */
        slurm_settle(store);
        int error = await_look(&scratch, store, number, out);
        bool has_ended = !error && run_state_is_end(out->status.state);
        const char *lock =
            path_join(&scratch, directory, out->status.is_orphan ? "command.lock" : "lock");
        if (!error && !has_ended && lock_is_held(lock))
            sleep_on(lock);
        else if (!error && !has_ended)
            pause_ms(AGAIN_MS);
        arena_release(&scratch);
        if (has_ended)
            return await_look(arena, store, number, out);
        if (error || interrupt_signal())
            return error ? error : fail(ERR_CANCELLED, "interrupted");
    }
}
