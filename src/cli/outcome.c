#include "outcome.h"

#include <signal.h>

#include "base/text.h"
#include "cli/command.h"

enum { SIGNALLED = 128 };

int outcome_status(enum run_state state, const struct run_end *end)
{
    switch (state) {
    case RUN_FINISHED:
        return STATUS_DONE;
    case RUN_STOPPED:
        return SIGNALLED + SIGTERM;
    case RUN_KILLED:
        return SIGNALLED + end->signal;
    case RUN_FAILED:
        return end->exit_status > 0 ? end->exit_status : STATUS_FAILED;
    default:
        return STATUS_FAILED;
    }
}

char *outcome_text(struct arena *arena, enum run_state state, const struct run_end *end)
{
    enum { LONGEST = 2000 };
    if (state == RUN_FINISHED || state == RUN_LOST || !end->reason)
        return arena_strdup(arena, run_state_name(state));
    return arena_printf(arena, "%s: %s", run_state_name(state),
                        text_clean(arena, end->reason, LONGEST));
}
