/* The dashboard: what `gander` alone opens. */
#ifndef GANDER_UI_DASHBOARD_H
#define GANDER_UI_DASHBOARD_H

#include <stdio.h>

#include "base/base.h"

struct dashboard_wish {
    const char *store;   /* --store; NULL: the usual one */
    const char *program; /* this program, for commands */
    const char *view;    /* to begin with, above the runs; NULL: as it was left */
    int64_t run, step;   /* for it; run 0: none; step -1: none */
    const char *keys;    /* a file of keys to play; NULL: a person types */
    int columns, rows;   /* of the screens that are printed then (GANDER_NOW freezes the clock) */
};

/* 0 when somebody left it; the signal that ended it; negative with a sentence when it cannot be
 * opened, or a line of `keys` is none. */
int dashboard_run(const struct dashboard_wish *wish);

/* All keys as they come, by the place where they hold: for people, and as mdoc for the manual. */
void dashboard_keys_print(FILE *stream);
void dashboard_keys_manual(FILE *stream);

#endif
