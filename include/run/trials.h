/* The places of a sweep's plan and the runs that fill them: trials, point by point, and the seeds of each
 * together. What is here is read from the run directories, each time anew. */
#ifndef GANDER_RUN_TRIALS_H
#define GANDER_RUN_TRIALS_H

#include "base/base.h"
#include "run/journal.h"
#include "run/sweep.h"

enum trial_standing {
    TRIAL_MISSING, /* no run, or one that was removed */
    TRIAL_LIVE,    /* queued, running or paused, or its training works on alone */
    TRIAL_REACHED, /* it has done the steps that it was begun for */
    TRIAL_OUT,     /* diverged, or gave up its slot: an answer, too */
    TRIAL_BROKEN,  /* failed, killed, lost, or stopped by somebody */
};

struct trial {
    int point, seed;           /* places in the plan */
    int64_t run;               /* the newest that fills it; 0: none */
    int64_t runs[SWEEP_RUNGS]; /* of a command: the run of each rung; else all the same one */
    enum trial_standing standing;
    int rung; /* that the run was begun for; -1: none */
    struct run_status status;
    int64_t step; /* of its end; -1: unknown */
    struct run_end end;
};

struct trials {
    struct arena arena;
    struct trial *list; /* (points, seeds) */
    int count;
    int64_t seen;           /* runs up to this number are known */
    int strays;             /* runs of the sweep that its plan has no place for any more */
    struct place_key *keys; /* (points) sorted */
    const char *base;
};

/* All missing. The sweep must outlive it. */
void trials_init(struct trials *out, const struct sweep *sweep);
void trials_release(struct trials *trials);

/* Finds the runs that were made since the last time. */
int trials_find(struct trials *trials, const struct store *store, const struct sweep *sweep);

/* Standing, rung and end of a trial now. Strings are in the arena. `now`: seconds since 1970. */
int trial_look(struct arena *arena, struct trial *trial, const struct store *store,
               const struct sweep *sweep, double now);

/* What a run has come to by the end of each rung that it has reached; NaN elsewhere, and where it has
 * not reported the goal. */
int trial_values(double values[SWEEP_RUNGS], const struct trial *trial, const struct store *store,
                 const struct sweep *sweep, const struct sweep_goal *goal);

/* Is that a state of health whose runs give up? */
bool sweep_gives_up(const struct sweep *sweep, const char *health);

#endif
