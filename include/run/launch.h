/* Launching: a new run, or one more attempt at an old one, handed to a worker in the background.
 *
 *     launch_run:     check what can be checked, draw a number, pin the code, make the directory,
 *                     start the worker                                        -> queued
 *     launch_again:   the same run from its newest checkpoint                 -> queued
 *
 *     queued -> running <-> paused -> finished, stopped, failed, killed, diverged
 *        \________________________\-> lost: nobody holds its locks, and nobody said how it ended
 *
 * L1. Everything that can be refused in milliseconds (recipe, networks, data, names, the program of
 *     a command) is refused before the run has a number.
 * L2. The run's lock is held from before its directory appears, by the launcher and then by the
 *     worker, which inherits it: a new run is at no moment lost. A launcher that is killed between
 *     the two leaves a run that is lost, and can be resumed.
 * L3. The worker is in a session of its own, deaf to hang-ups, and nobody's child.
 * L4. In Slurm the worker is a job: the launcher submits it, journals its number, and lets go of the
 *     lock, which the worker takes on its node. What Slurm refuses leaves no run behind.
 * L5. Runs that are made one by one can be submitted together, as one job array: their locks are held
 *     until then.
 */
#ifndef GANDER_RUN_LAUNCH_H
#define GANDER_RUN_LAUNCH_H

#include "base/base.h"
#include "base/memory.h"
#include "record/config.h"
#include "record/recipe.h"
#include "run/rundir.h"
#include "run/store.h"

enum launch_place { LAUNCH_AS_CONFIGURED, LAUNCH_LOCAL, LAUNCH_SLURM };

/* Runs that wait for being submitted together (L5). All zero: none. Each holds a descriptor. */
enum { LAUNCH_ARRAY_LIMIT = 500 };
struct handover;
struct launch_array {
    struct arena arena;
    struct handover *hands; /* (count) */
    int *locks;             /* (count) */
    int count;
};
/* How: `folder` gets a file of their numbers, from which a task's worker learns which run is its own,
 * and a log of what the jobs themselves say. */
struct array_wish {
    const struct store *store;
    const char *name;   /* of the job */
    const char *folder; /* made if missing */
    int at_once;        /* tasks that may work at once; 0: all */
};
/* Journals that they are queued, and lets go of them. A refusal leaves them as they were, to be
 * submitted again or given up. */
int launch_array_submit(struct launch_array *array, const struct array_wish *wish,
                        const struct config *config);
/* Lets go of them; new ones are not there any more. */
void launch_array_give_up(struct launch_array *array);
/* The run of a task, by the file of the array. */
int launch_array_run(const char *file, int64_t task, int64_t *number);

struct launch {
    const struct recipe *recipe; /* what to train; NULL: a command */
    const char *const *command;  /* NULL-terminated; NULL: a recipe */
    const char *experiment;      /* of a command; NULL: after its script */
    const char *name;            /* NULL: none */
    const char *tensorboard;     /* of a command: where it writes event files, as seen from where it
                                  * runs; NULL: it journals itself */
    const char *data;            /* of a command: the source of its data, by name; NULL */
    const char *const *argv;     /* as typed, for the record; NULL-terminated */
    const char *cwd;             /* where a command runs; NULL: here */
    int64_t parent;              /* the run that it repeats; 0: none */
    bool at_parent;              /* with the parent's code, in a checkout of it */
    const struct code_state
        *code; /* with this code, in a checkout of it; NULL: what is there now */
    const struct run_place *place; /* in a sweep; NULL: in none */
    const char *tag;               /* its first; NULL: none */
    int64_t seed;                  /* of a command, which finds it in GANDER_SEED; 0: none */
    enum launch_place on;          /* here, or in Slurm */
    struct launch_array *array;    /* gets the run instead; NULL */
    int slots;                     /* how many runs may work at once; 0: as configured */
};

/* What happened, for people: sentences in the arena, NULL-terminated. */
struct launched {
    int64_t number;
    struct arena arena;
    const char *const *remarks;
    int steps, data_count, height, width, threads; /* of a recipe: images are height x width */
};

/* What can be refused without a store (L1); fills in what *out says of a recipe. Release out->arena in
 * any case. */
int launch_check(struct launched *out, const struct launch *launch);
/* Then: makes a run and starts its worker. */
int launch_run(struct launched *out, const struct store *store, const struct launch *launch);

/* Another attempt at a run that has ended or is lost, with `settings` added to those of earlier
 * attempts. ERR_BUSY when it works, ERR_EXISTS when it has done all its steps, ERR_INVALID for
 * settings that would change steps already done. LAUNCH_AS_CONFIGURED: what was a job in Slurm is one
 * again. */
int launch_again(const struct store *store, int64_t number, const char *const *settings,
                 int setting_count, enum launch_place on);
/* The same into an array. */
int launch_again_in(struct launch_array *array, const struct store *store, int64_t number,
                    const char *const *settings, int setting_count);

/* The experiment that a command belongs to unless it is said: its script's name, without ending.
 * In the arena. */
char *launch_experiment(struct arena *arena, const char *const *command);

#endif
