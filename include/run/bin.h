/* The bin: runs that were removed, and can still be put back.
 *
 * Removing renames runs/42 to bin/42, putting back renames it again: one step, nothing lost by
 * whatever interrupts it. Numbers are never given twice, so both places are always free. */
#ifndef GANDER_RUN_BIN_H
#define GANDER_RUN_BIN_H

#include "base/base.h"
#include "run/store.h"

/* ERR_BUSY for a run that is queued or works, ERR_NOT_FOUND. */
int bin_put(const struct store *store, int64_t number);
int bin_take_back(const struct store *store, int64_t number);

/* "PATH/bin/42", in the arena. */
char *bin_directory(struct arena *arena, const struct store *store, int64_t number);

#endif
