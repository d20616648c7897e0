/* The conductor: the background process that works a sweep off, one for each while there is something
 * to do.
 *
 *     look at what has ended -> choose what comes next -> launch it, as "gander run" does, or let it go
 *     on -> sleep until a run ends, or the plan changes
 *
 * C1. It holds the sweep's lock from its start to its end, and nothing else: runs have workers of
 *     their own, which do not notice when it is killed. Who takes its place reads what there is.
 * C2. So many runs are in hand at once as the plan says, or as there are slots; they queue for slots
 *     like any other (run/queue.h).
 * C3. What is missing is begun. What was failed, killed, lost or stopped before it came is begun again,
 *     once; what is lost meanwhile, twice. What diverged or gave up is an answer and stays.
 * C4. A run whose health is one to give up for is asked to stop.
 * C5. When the first runs that end after its start have failed alike, no more are begun.
 * C6. On Slurm all that comes next is submitted at once, as a job array (of at most 500 tasks): at the
 *     beginning the first seeds of all points, later what goes on to the next rung. What waits is taken
 *     out of the queue again where C5 holds. A controller that does not answer is waited for.
 * C7. journal.jsonl is written by it and tells people what it did; nothing depends on it:
 *
 *     {"t":1732370000,"begin":true,"pid":4242,"host":"rho"}
 *     {"t":1732370001,"run":12,"values":["training.rate=0.0001"],"seed":1,"steps":300}
 *     {"t":1732370090,"run":12,"values":["training.rate=0.0001"],"seed":1,"steps":900,"again":true}
 *     {"t":1732370099,"run":13,"gave_up":"mode collapse"}
 *     {"t":1732370800,"end":"done"}      or "stopped", "broken" and "failed" with "why" */
#ifndef GANDER_RUN_CONDUCTOR_H
#define GANDER_RUN_CONDUCTOR_H

#include "base/base.h"
#include "base/memory.h"
#include "run/store.h"

/* Starts one in the background. ERR_BUSY when the sweep has one. */
int conductor_start(const struct store *store, const char *sweep);

/* Its work, until there is nothing left to do or it is told to stop. `lock` is a descriptor that holds
 * the sweep's lock, -1 to take it. 0 when it has said how it ended. */
int conductor_work(const struct store *store, const char *sweep, int lock);

/* Tells it to begin no more, and waits until it has gone. Runs go on. 0 also when there is none. */
int conductor_stop(const struct store *store, const char *sweep);

/* Takes those of the runs that wait in Slurm out of its queue, arrays whole, and journals that they
 * were stopped; what has just begun is left. */
int sweep_cancel_waiting(const struct store *store, const int64_t *runs, int count, int *cancelled);

/* What is known of it. Strings are in the arena. */
struct conductor_story {
    bool is_working;
    int64_t pid;     /* of the last; 0: none yet */
    const char *end; /* "done", "stopped", "broken", "failed"; NULL: it has not said */
    const char *why; /* or NULL */
    double time;     /* of its last line; 0: none */
};
int conductor_look(struct arena *arena, struct conductor_story *out, const struct store *store,
                   const char *sweep);

#endif
