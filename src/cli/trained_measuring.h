/* What samples are measured with, for a command: a classifier is trained only when that was asked
 * for, or is agreed to on the terminal. */
#ifndef GANDER_CLI_TRAINED_MEASURING_H
#define GANDER_CLI_TRAINED_MEASURING_H

#include "cli/command.h"
#include "run/measuring.h"

/* As measuring_open, whose `is_patient`, `watch` and `context` are set here. Where there is no
 * classifier yet and `trains` is false, it asks on a terminal, and elsewhere ERR_NOT_FOUND says how
 * to get one. Progress goes to stderr. ERR_CANCELLED after ^C (run/interrupt.h, which the caller lets
 * catch) or when the answer was no. */
int trained_measuring(struct measuring **out, const struct store *store,
                      struct measuring_wish *wish, bool trains, struct pool *pool);

#endif
