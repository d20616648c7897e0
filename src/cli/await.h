/* Sleeping until a run has ended: what wait, verify and bisect share. */
#ifndef GANDER_CLI_AWAIT_H
#define GANDER_CLI_AWAIT_H

#include "run/journal.h"
#include "run/store.h"

struct awaited {
    struct worker_story story; /* in the arena that was given */
    struct run_status status;
};

/* What is true of it now. */
int await_look(struct arena *arena, const struct store *store, int64_t number, struct awaited *out);
/* Sleeps on the lock of whoever has the run in hand. ERR_CANCELLED after a signal that is caught
 * (run/interrupt.h). */
int await_end(struct arena *arena, const struct store *store, int64_t number, struct awaited *out);

#endif
