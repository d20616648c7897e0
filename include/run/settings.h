/* The settings (record/config.h) that hold for a store. */
#ifndef GANDER_RUN_SETTINGS_H
#define GANDER_RUN_SETTINGS_H

#include "record/config.h"
#include "run/store.h"

/* Reads ~/.config/gander/config.ini and STORE/config.ini over it; `store` may be NULL. A store's file
 * that is neither ours nor root's is not read, since settings hold commands. ERR_INVALID names file
 * and line; *out is released with config_release in any case. */
int config_read_for(struct config *out, const struct store *store);

#endif
