/* Has anything happened in a store? A cheap answer for who looks every second: a few stats, and of
 * each run that may still change three more and a probe of its locks. */
#ifndef GANDER_RUN_PULSE_H
#define GANDER_RUN_PULSE_H

#include "base/base.h"
#include "run/store.h"

/* Another number when there may be something new: runs that came or went, changes that were told,
 * and of the runs `live` what was journalled, and whether they are held. */
uint64_t store_pulse(const struct store *store, const int64_t *live, int live_count);

#endif
