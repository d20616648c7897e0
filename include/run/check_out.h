/* A directory of exactly the code of a run, for people to work in. */
#ifndef GANDER_RUN_CHECK_OUT_H
#define GANDER_RUN_CHECK_OUT_H

#include "base/base.h"
#include "base/memory.h"
#include "run/store.h"

/* Where it goes unless somebody says otherwise: beside the work tree, "/home/somebody/gan-run-42". */
int check_out_usual_place(struct arena *arena, const struct store *store, int64_t number,
                          char **directory);

struct check_out {
    const char *directory;                            /* must not exist or be empty */
    void (*say)(void *context, const char *sentence); /* each is one on a link */
    bool (*is_unwanted)(void *context);               /* asked now and then; NULL: it is wanted */
    void *context;
    bool is_work_tree; /* out: git knows it, on no branch */
};

/* Writes it and links what code.link of the settings names. ERR_CANCELLED when it became unwanted
 * meanwhile: then nothing of it is left. */
int check_out_run(const struct store *store, int64_t number, struct check_out *what);

#endif
