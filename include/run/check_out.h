/* A directory of exactly the code of a run, for people to work in. */
#ifndef GANDER_RUN_CHECK_OUT_H
#define GANDER_RUN_CHECK_OUT_H

#include "base/base.h"
#include "base/memory.h"
#include "run/store.h"

/* Where it goes unless somebody says otherwise: beside the work tree, "/home/somebody/gan-run-42". */
int check_out_usual_place(struct arena *arena, const struct store *store, int64_t number,
                          char **directory);

/* Writes it and links what code.link of the settings names; `directory` must not exist or be empty.
 * *is_work_tree: git knows it, on no branch. Each `say` is one sentence on a link. */
int check_out_run(const struct store *store, int64_t number, const char *directory,
                  bool *is_work_tree, void (*say)(void *context, const char *sentence),
                  void *context);

#endif
