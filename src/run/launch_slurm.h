/* Handing a run over to whoever shall work at it. */
#ifndef GANDER_RUN_LAUNCH_SLURM_H
#define GANDER_RUN_LAUNCH_SLURM_H

#include "record/config.h"
#include "run/store.h"

struct handover {
    const struct store *store;
    int64_t number;
    const char *experiment;
    int threads;                 /* that it trains with; 0: unknown */
    const char *const *settings; /* all that differs from the recipe */
    int setting_count;
};

/* Submits its worker as a job, and journals that it is queued there. The run's lock must be held. */
int launch_submit(const struct handover *hand, const struct config *config);

#endif
