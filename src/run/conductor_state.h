/* What a conductor holds; shared by its files. */
#ifndef GANDER_RUN_CONDUCTOR_STATE_H
#define GANDER_RUN_CONDUCTOR_STATE_H

#include <signal.h>
#include <sys/stat.h>

#include "base/file.h"
#include "run/conductor.h"
#include "run/halving.h"
#include "run/launch.h"
#include "run/trials.h"

/* What is known of a trial besides its standing. */
struct hand {
    double values[SWEEP_RUNGS];
    struct events_place place; /* how far its journal was followed for its health */
    bool is_asked;             /* to stop */
    bool is_refused;           /* it cannot be launched */
};

/* How often a run was begun by this conductor. */
struct effort {
    int64_t run;
    int times;
};

struct conductor {
    const struct store *store;
    const char *name, *directory;
    struct arena arena; /* of the above */
    int lock, events;   /* descriptors; -1 */
    struct line_writer journal;
    struct config config;
    sigset_t while_asleep;

    struct sweep sweep;
    struct stat stamp; /* of its plan when that was read */
    struct sweep_goal goal;
    struct trials trials;
    struct hand *hands; /* (trials.count) */
    int live;           /* trials in hand */

    struct effort *efforts;
    int effort_count;
    int ended;        /* runs that ended in this time … */
    char *failure;    /* … and how, while all failed alike; malloc'ed */
    bool is_unalike;  /* one did not */
    char *why_broken; /* no more are begun; malloc'ed */
    char *why_failed; /* it cannot go on; malloc'ed */
    bool is_busy;     /* something is to be tried again soon */

    struct launch_array array; /* runs that are to be submitted together … */
    double submits_at;         /* … not before then, on the monotonic clock */
};

void conductor_log(const char *format, ...) PRINTF_LIKE(1, 2);

/* --- looking --- */

/* Reads the plan if it is new, and finds its runs. A plan that cannot be read is said, and the one
 * before it holds; without one that is an error. */
int conductor_read_plan(struct conductor *conductor);
/* Which trials have ended, and what has come of them. */
int conductor_look_around(struct conductor *conductor);
void conductor_watch(struct conductor *conductor, int64_t run, bool is_watched);

/* --- choosing --- */

struct choice {
    int trial; /* -1: nothing for now */
    int rung;
};
struct choice conductor_choose(const struct conductor *conductor);
/* May a trial that is broken be begun again? */
bool conductor_may_try(const struct conductor *conductor, const struct trial *trial);

/* --- acting --- */

/* Launches it, or lets its run go on. Negative when the conductor cannot go on. */
int conductor_begin(struct conductor *conductor, const struct choice *choice);
void conductor_ask_to_stop(struct conductor *conductor, int trial, const char *health);
/* What was gathered, as one job array. A controller that does not answer is asked again later. */
int conductor_submit(struct conductor *conductor);
/* Of the breaker: no job that waits begins. */
void conductor_cancel_waiting(struct conductor *conductor);
int conductor_say(struct conductor *conductor, struct json *line);

#endif
