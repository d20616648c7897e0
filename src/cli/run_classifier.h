/* The classifier that a run's samples are measured with, for commands. */
#ifndef GANDER_CLI_RUN_CLASSIFIER_H
#define GANDER_CLI_RUN_CLASSIFIER_H

#include "gan/classifier.h"
#include "run/store.h"

/* Out of the store, or, where it has none and `trains`, trained and kept there, of which is told on
 * standard error. ERR_NOT_FOUND where there is none; ERR_CANCELLED after a signal, if those are
 * caught. `trained`: the set that the run trains on. */
int open_run_classifier(struct classifier **out, const struct store *store,
                        const struct dataset *trained, bool trains, struct pool *pool);

#endif
