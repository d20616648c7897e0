/* How people write a run: RUN on the command line. */
#ifndef GANDER_RUN_RESOLVE_H
#define GANDER_RUN_RESOLVE_H

#include "base/base.h"
#include "run/catalogue.h"
#include "run/store.h"

/* A name that RUN can be told from: letters, digits, '.', '_', '-', not a number, 64 at most.
 * ERR_INVALID with what is wrong. */
int run_name_check(const char *name);

/* Such a name from any text, "train" from "train.py": letters that a name cannot have became '-'.
 * NULL where nothing is left of it. In the arena. */
char *run_name_from(struct arena *arena, const char *text);

/* From how people write a run: a number, "@" for the newest, a name that only one run has,
 * "exp:NAME@" for an experiment's newest. ERR_NOT_FOUND, or ERR_INVALID for what means several. Opens
 * the catalogue for the latter two. */
int run_resolve(const struct store *store, const char *text, int64_t *number);

/* The two halves of it: true for a number or "@", which need no catalogue; the result in *error. */
bool run_resolve_plain(const struct store *store, const char *text, int64_t *number, int *error);
int run_resolve_name(struct catalogue *catalogue, const struct store *store, const char *text,
                     int64_t *number);

#endif
