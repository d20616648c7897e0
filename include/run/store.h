/* The store: where runs are kept.
 *
 *     .gander/
 *       .gitignore     "*": the store never shows in git status
 *       store.json     {"id":"9f…","highest":42}: who it is, and the highest number ever given
 *       store.lock     held while a number is given
 *       runs/42/       see run/rundir.h
 *       bin/42/        the same, of a run that was removed, until gc
 *       changes        numbers of runs that changed after their end, a line each
 *
 * S1. A run number is given once, whoever asks at the same time, and never again, even when the run
 *     has been removed: `highest` is written before the directory appears.
 * S2. A run's directory appears whole, by one rename: run.json, recipe.ini and the folders are in
 *     it, or it is not there.
 * S3. The store is its owner's: others may look in when the owner opens it (chmod).
 */
#ifndef GANDER_RUN_STORE_H
#define GANDER_RUN_STORE_H

#include "base/base.h"
#include "base/memory.h"

enum { STORE_ID_SIZE = 33 }; /* 32 hexadecimal digits and a 0 */

struct store {
    char *path; /* absolute: "/home/somebody/gan/.gander" */
    char
        *top; /* top of the git work tree around the working directory, else what holds the store */
    char id[STORE_ID_SIZE];
    struct arena arena; /* owns the strings */
};

enum store_mode {
    STORE_FIND, /* ERR_NOT_FOUND if there is none */
    STORE_MAKE, /* made if there is none; nothing is left behind when that fails */
};

/* The store of `directory` (--store) unless NULL; else of $GANDER_DIR; else the nearest .gander in
 * the working directory and above; else, to be made, at the top of the git work tree, else in the
 * working directory. Release it in any case. */
int store_open(struct store *out, const char *directory, enum store_mode mode);
void store_release(struct store *store);

/* "PATH/runs/42", in the arena. */
char *store_run_directory(struct arena *arena, const struct store *store, int64_t number);

/* All run numbers there are, ascending, malloc'ed. */
int store_runs(const struct store *store, int64_t **numbers, int *count);

/* The same of the bin. */
int store_binned(const struct store *store, int64_t **numbers, int *count);

/* Appends the number of a run that has ended and is about to change to STORE/changes, so that whoever
 * has it settled looks at it again. A lock of the run must be held. */
int store_tell_change(const struct store *store, int64_t number);

/* The next number (S1). A number that is not used then is lost, which harms nobody. */
int store_next_number(const struct store *store, int64_t *number);

#endif
