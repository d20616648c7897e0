/* A run's directory: what is in it, and how a run is named.
 *
 *     runs/42/
 *       run.json                           written once, atomically: what is known when it begins
 *       recipe.ini                         the whole recipe as resolved
 *       lock, command.lock                 held by its worker, and by its training, for life
 *       events.jsonl, worker.jsonl         the journal, see run/journal.h
 *       samples/00001000.png               a sheet of images from fixed latents, a file a step
 *       checkpoints/00001000.safetensors   the newest few
 *       reserve                            while it works: room for last words on a full disk
 */
#ifndef GANDER_RUN_RUNDIR_H
#define GANDER_RUN_RUNDIR_H

#include "base/base.h"
#include "base/hash.h"
#include "base/memory.h"
#include "record/recipe.h"
#include "run/store.h"

/* run.json, as far as it is known. Strings are "" or NULL where the file has none, and may hold
 * anything: they come from outside. */
struct run_facts {
    int64_t number;
    const char *experiment, *name; /* name may be NULL */
    const char *host, *cwd;        /* cwd is relative to the store's top where it is below it */
    const char *data_hash;         /* of the images that it trains on */
    double created;                /* seconds since 1970 */
};

/* What a new run is told about itself. */
struct run_birth {
    const struct recipe *recipe;
    const char *name; /* NULL: none */
    int argc;
    char **argv;
    double created;
    const char *data_source, *data_hash;
    const char *blas, *blas_kernel; /* what trains */
    int threads;                    /* resolved: no 0 */
};

/* A name that RUN can be told from: letters, digits, '.', '_', '-', not a number, 64 at most.
 * ERR_INVALID with what is wrong. */
int run_name_check(const char *name);

/* Makes the directory of a new run, with run.json, recipe.ini and folders; see S1 and S2. */
int run_create(struct store *store, const struct run_birth *birth, int64_t *number);

/* Takes back a run that has not begun: removes its directory. */
void run_discard(const char *directory);

/* A file whose removal makes room for a worker's last words on a full disk. */
#define RUN_RESERVE_NAME "reserve"
int run_make_reserve(const char *directory);

/* ERR_NOT_FOUND if there is no such run, ERR_INVALID if its run.json is broken. */
int run_read_facts(struct arena *arena, struct run_facts *out, const struct store *store,
                   int64_t number);

/* From how people write a run: a number, "@" for the newest, a name that only one run has,
 * "exp:NAME@" for an experiment's newest. ERR_NOT_FOUND, or ERR_INVALID for what means several. */
int run_resolve(const struct store *store, const char *text, int64_t *number);

/* A file "samples/00001000.png" or "checkpoints/00001000.safetensors" and the step in its name. */
struct run_file {
    int64_t step;
    char *path;
};

char *run_sample_path(struct arena *arena, const char *directory, int64_t step);
char *run_checkpoint_path(struct arena *arena, const char *directory, int64_t step);

/* All there are, by ascending step; names without a step are left out, and so are samples that only
 * a superseded part of the journal knows. */
int run_list_samples(struct arena *arena, const char *directory, struct run_file **files,
                     int *count);
int run_list_checkpoints(struct arena *arena, const char *directory, struct run_file **files,
                         int *count);

/* The newest checkpoint that is whole, of `step` where that is not negative. `skipped` (unless
 * NULL) gets a sentence for each newer one that is not, NULL-terminated. ERR_NOT_FOUND when there
 * is none. */
int run_newest_checkpoint(struct arena *arena, const char *directory, int64_t step,
                          struct run_file *out, const char *const **skipped);

/* Removes all checkpoints of steps up to `step` except the `keep` newest of them; those of later
 * steps belong to an attempt that was broken off and are left for it to be overwritten. */
void run_prune_checkpoints(const char *directory, int64_t step, int keep);

/* Removes what a writer that was killed left half written. */
void run_remove_leftovers(const char *directory);

#endif
