/* Bisecting a regression: shared by the files src/cli/bisect_*.c.
 *
 *     STORE/bisects/NAME/
 *       plan.json     what was asked for; written once
 *       lock          held by who works at it
 *       result.json   what came of it; written at the end
 *
 * Nothing else is remembered: what is known of a commit are the runs that it has in the store. A
 * bisect that was broken off finds them, those that still work included, and goes on. */
#ifndef GANDER_CLI_BISECT_H
#define GANDER_CLI_BISECT_H

#include "cli/command.h"
#include "record/config.h"
#include "run/hunt.h"
#include "run/journal.h"
#include "run/launch.h"
#include "run/sweep.h"
#include "show/statistics.h"

enum { BISECT_SEEDS = 100 };

/* What was asked for. Strings are in the arena of the arguments. */
struct bisect_plan {
    const char *name;
    int64_t good, bad;           /* runs */
    const char *goal;            /* as sweep_goal_parse reads it */
    int seeds, jobs;             /* jobs 0: as many as slots */
    const char *build;           /* a command of the shell; NULL: none */
    const char *const *template; /* given after "--"; NULL: the run's own command, or a recipe */
};

/* A commit with one seed. */
struct bisect_trial {
    int64_t seed;
    int64_t run;    /* 0: none yet */
    bool is_forced; /* it is the run that was called good or bad */
    int launches;   /* by this process */
    bool has_ended; /* and then: */
    double value;   /* of the goal; infinite: it diverged; NaN: see `trouble` */
    const char *trouble;
};

enum verdict_kind { BISECT_OPEN, BISECT_GOOD, BISECT_BAD, BISECT_SKIPPED };

/* A commit and its trials, one for each seed. */
struct bisect_commit {
    const char *id;
    const char *subject;
    struct bisect_trial *trials; /* (seeds) */
    int done;                    /* trials from the first on that have ended */
    enum verdict_kind verdict;
    const char *why; /* it was skipped */
};

/* A run of the store, as far as it tells what it was made from. */
struct bisect_run;

struct bisect {
    struct arguments *arguments;
    struct arena *arena; /* of the arguments */
    struct store store;
    struct config config;
    struct bisect_plan plan;
    enum launch_place on;
    const char *directory;
    int lock;
    struct run_facts good, bad;
    struct sweep_goal goal;
    const char *const *template; /* of a command, "{seed}" where its seed belongs; NULL: a recipe */
    const char *recipe_path;     /* relative to the top */
    const char *const *settings; /* of the recipe, as typed */
    int setting_count;
    int64_t first_seed;
    struct code_commit *commits; /* between, the last is the bad one */
    int count;
    struct hunt hunt;
    struct bisect_commit before; /* the good one */
    struct bisect_commit *tried; /* (count) */
    struct bisect_run *runs;
    int run_count, run_room;
    int64_t seen; /* runs up to this number are in the list */
};

/* --- bisect_plan.c --- */

/* From options, or of NAME. ERR_NOT_FOUND where there is no such bisect, or run. */
int bisect_read_options(struct bisect *bisect);
int bisect_read_plan(struct bisect *bisect, const char *name);
/* Finds the plan that is the same, or makes it; takes its lock. */
int bisect_take(struct bisect *bisect);
/* result.json */
int bisect_keep_result(const struct bisect *bisect);

/* --- bisect_runs.c --- */

/* What is run at each commit: from the two runs. */
int bisect_prepare(struct bisect *bisect);
/* Trials `from` to `to` - 1 of a commit: their runs are found or launched. */
int bisect_begin(struct bisect *bisect, struct bisect_commit *commit, int from, int to);
/* Waits until they have ended, launching anew what was killed meanwhile. */
int bisect_wait(struct bisect *bisect, struct bisect_commit *commit, int from, int to);
void bisect_free_runs(struct bisect *bisect);

/* --- bisect_work.c --- */

/* The values of the trials that are done. In the arena. */
const double *bisect_values(const struct bisect *bisect, const struct bisect_commit *commit,
                            int *count);
/* Judges one commit after another. 0 when the hunt is over. */
int bisect_work(struct bisect *bisect);
/* "1.00 ± 0.02", "diverged". In the arena. */
const char *bisect_values_text(const struct bisect *bisect, const struct bisect_commit *commit);

/* --- bisect_tell.c --- */

/* The commit, or the range; curves and diff. */
int bisect_tell(struct bisect *bisect);
/* The good commit before one that is bad. */
struct bisect_commit *bisect_parent(struct bisect *bisect, int commit);

#endif
