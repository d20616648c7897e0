/* A run's directory: what is in it.
 *
 *     runs/42/
 *       run.json                           written once, atomically: what is known when it begins
 *       recipe.ini                         the whole recipe as resolved; not of a command
 *       lock, command.lock                 held by its worker, and by its training, for life
 *       events.jsonl, worker.jsonl         the journal, see run/journal.h
 *       notes.jsonl                        what people say of it, see run/notes.h
 *       log.txt                            standard output and error of the training
 *       samples/00001000.png               a sheet of images from fixed latents, a file a step
 *       checkpoints/00001000.safetensors   the newest few; a command's have any name
 *       tree/                              a checkout of its code, where it could not run in place
 *       reserve                            while it works: room for last words on a full disk
 */
#ifndef GANDER_RUN_RUNDIR_H
#define GANDER_RUN_RUNDIR_H

#include "base/base.h"
#include "base/hash.h"
#include "base/memory.h"
#include "record/recipe.h"
#include "run/code.h"
#include "run/store.h"

/* Where a run came from by import: from an archive of another store, or from another tool's files. */
struct run_origin {
    int64_t number;            /* there; 0: it was in no store */
    const char *store, *host;  /* the store's id; or NULL */
    const char *format, *path; /* "tensorboard", "csv", and what was read, absolute; or NULL */
    double imported;           /* seconds since 1970 */
};

/* The place in a sweep (run/sweep.h) that a run fills. */
struct run_place {
    const char *id, *name;     /* of the sweep; id NULL: it is of none */
    const char *base;          /* what is varied, see sweep_base */
    const char *const *values; /* "training.rate=0.0001" …, NULL-terminated */
    int64_t seed;
    int64_t until; /* the step that it was begun for; 0: its last */
};

/* run.json, as far as it is known. Strings are "" or NULL where the file has none, and may hold
 * anything: they come from outside. */
struct run_facts {
    int64_t number;
    const char *experiment, *name;       /* name may be NULL */
    const char *const *argv;             /* as it was typed, NULL-terminated */
    const char *const *command;          /* what is run, NULL-terminated; NULL: a recipe */
    const char *host, *user;             /* where and by whom it was launched */
    const char *cwd;                     /* absolute */
    const char *data_source, *data_hash; /* hash: only in runs of old versions */
    double created;                      /* seconds since 1970 */
    int64_t parent;                      /* the run that it repeats; 0: none */
    int64_t seed;                        /* of a recipe, or that a command found in GANDER_SEED;
                                            -1: unknown */
    int threads;                         /* that a recipe trains with; 0: unknown */
    int slots;                           /* limit that was asked for; 0: the usual one */
    bool is_pinned_place;                /* it runs in a checkout of its code, whatever happens */
    const char *tensorboard;             /* the directory where a command writes TensorBoard's event
                                            files, which its worker journals, as seen from where the
                                            command runs; NULL: it journals itself */
    const char *recipe_hash;
    const char *version, *build; /* of the gander that launched it */
    const char *cpu;             /* where it was launched */
    struct code_state code;
    struct run_origin origin;
    struct run_place place;
};

/* What a new run is told about itself. */
struct run_birth {
    const struct recipe *recipe;   /* NULL: a command */
    const char *const *command;    /* NULL-terminated; NULL: a recipe */
    const char *experiment, *name; /* name NULL: none */
    const char *const *argv;       /* as typed, NULL-terminated */
    const char *cwd;               /* absolute */
    double created;
    const char *data_source; /* or NULL */
    int64_t parent;          /* 0: none */
    int64_t seed;            /* -1: unknown */
    int threads, slots;
    bool is_pinned_place;
    const char *tensorboard;         /* as in struct run_facts; or NULL */
    const struct run_origin *origin; /* of another tool's files; NULL: it is born here */
    const struct code_state *code;
    const struct run_place *place; /* NULL: it is of no sweep; else it is tagged "sweep:NAME" */
    const char *tag;               /* its first, unless it is of a sweep; NULL: none */
};

/* Makes the directory of a new run, with run.json, recipe.ini and folders; see S1 and S2. It appears
 * with its lock held by *lock, which the caller gives to a worker or closes. */
int run_create(const struct store *store, int64_t number, const struct run_birth *birth, int *lock);

/* The same in two steps, for a run whose journals and samples are written before anybody may see it.
 * An empty `command` makes one that nothing can repeat. */
struct run_unborn {
    const struct store *store;
    int64_t number;
    char *directory; /* hidden, with the folders samples and checkpoints */
    int lock;        /* of the run */
    struct arena arena;
};
int run_prepare(struct run_unborn *out, const struct store *store, int64_t number);
/* Writes run.json and recipe.ini; then it is there. The lock is still held. */
int run_appear(struct run_unborn *run, const struct run_birth *birth);
/* Removes what has not appeared, and lets go of the lock; in any case, where run_prepare was called. */
void run_unborn_release(struct run_unborn *run);

/* ERR_INVALID with whose run it is, where it is somebody else's and not ours to change. */
int run_check_ours(const char *directory, int64_t number);
/* That sentence. `owner`: a user id. */
int run_fail_owner(int64_t number, unsigned owner);

/* The lock of a run that nobody works at, so that none begins meanwhile; close it. ERR_BUSY when it is
 * queued or works, or an orphan does. */
int run_lock_idle(const char *directory, int64_t number, int *lock);

/* A file whose removal makes room for a worker's last words on a full disk. */
#define RUN_RESERVE_NAME "reserve"
int run_make_reserve(const char *directory);

/* ERR_NOT_FOUND if there is no such run, ERR_INVALID if its run.json is broken. */
int run_read_facts(struct arena *arena, struct run_facts *out, const struct store *store,
                   int64_t number);
/* The same for a run's directory wherever it is: in the bin, in an archive that is taken in. */
int run_read_facts_in(struct arena *arena, struct run_facts *out, const char *directory,
                      int64_t number);

/* ERR_INVALID for a run that no command of gander's made: one that was read from other tools' files. */
int run_check_repeatable(const struct run_facts *facts);

/* A file "samples/00001000.png" or "checkpoints/00001000.safetensors" and the step in its name. */
struct run_file {
    int64_t step;
    char *path;
};

char *run_sample_path(struct arena *arena, const char *directory, int64_t step);
char *run_checkpoint_path(struct arena *arena, const char *directory, int64_t step);

/* All files of a folder whose names have a step, by ascending step. */
int run_list_step_files(struct arena *arena, const char *folder, struct run_file **files,
                        int *count);
/* Of the highest step, whatever the journal says of it; ERR_NOT_FOUND where there is none. */
int run_newest_sample(struct arena *arena, const char *directory, struct run_file *out);

/* All there are, by ascending step; names without a step are left out, and so are samples that only
 * a superseded part of the journal knows. */
int run_list_samples(struct arena *arena, const char *directory, struct run_file **files,
                     int *count);
int run_list_checkpoints(struct arena *arena, const char *directory, struct run_file **files,
                         int *count);

/* Does the file hold all tensors that it names? */
bool run_checkpoint_is_whole(const char *path);

/* The newest checkpoint that is whole, of `step` where that is not negative. `skipped` (unless
 * NULL) gets a sentence for each newer one that is not, NULL-terminated. ERR_NOT_FOUND when there
 * is none. */
int run_newest_checkpoint(struct arena *arena, const char *directory, int64_t step,
                          struct run_file *out, const char *const **skipped);

/* Of the whole checkpoints that were evaluated the one with the smallest Fréchet distance.
 * ERR_NOT_FOUND when there is none. */
struct run_best {
    struct run_file file;
    double frechet;
};
int run_best_checkpoint(struct arena *arena, const char *directory, struct run_best *out);

/* Removes all checkpoints of steps up to `step` except the `keep` newest of them and that of step
 * `best` (-1: none); those of later steps belong to an attempt that was broken off and are left for
 * it to be overwritten. */
void run_prune_checkpoints(const char *directory, int64_t step, int keep, int64_t best);

/* What a command may go on from: the newest file of checkpoints/ that is journalled, else the
 * newest one, whatever its name; *step is what the journal or else its name says, -1 for neither.
 * NULL if there is none. */
char *run_newest_foreign_checkpoint(struct arena *arena, const char *directory, int64_t *step);

/* Removes what a writer that was killed left half written. */
void run_remove_leftovers(const char *directory);

#endif
