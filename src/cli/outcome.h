/* How a run ended, as an exit status and in words. */
#ifndef GANDER_CLI_OUTCOME_H
#define GANDER_CLI_OUTCOME_H

#include "base/memory.h"
#include "run/journal.h"

/* 0 when it finished; the command's own status when it failed (1 if it has none); 128 and the signal
 * when one killed it; 143 when somebody stopped it; 1 when it diverged or is lost. */
int outcome_status(enum run_state state, const struct run_end *end);

/* "finished", "failed: exit status 3", "lost"; made harmless for a terminal. */
char *outcome_text(struct arena *arena, enum run_state state, const struct run_end *end);

#endif
