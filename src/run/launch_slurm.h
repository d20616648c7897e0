/* Handing a run over to whoever shall work at it. */
#ifndef GANDER_RUN_LAUNCH_SLURM_H
#define GANDER_RUN_LAUNCH_SLURM_H

#include "record/config.h"
#include "run/launch.h"
#include "run/store.h"

struct handover {
    const struct store *store;
    int64_t number;
    const char *experiment;
    int threads;                 /* that it trains with; 0: unknown */
    const char *const *settings; /* all that differs from the recipe */
    int setting_count;
    const char *top; /* of the work tree that a new run's code is pinned in; NULL: it is not new */
};

/* Submits its worker as a job, and journals that it is queued there. The run's lock must be held. */
int launch_submit(const struct handover *hand, const struct config *config);

/* Keeps the lock; the rest is copied. */
int launch_array_add(struct launch_array *array, const struct handover *hand, int lock);

/* Of a new run that nobody has taken in hand: it is not there. */
void launch_take_back(const struct store *store, int64_t number, const char *top);

#endif
