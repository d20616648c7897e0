/* Which checkpoint of a run a command works from. */
#ifndef GANDER_CLI_CHOSEN_CHECKPOINT_H
#define GANDER_CLI_CHOSEN_CHECKPOINT_H

#include "open_run.h"

#define CHECKPOINT_OPTIONS                                                                         \
    { 0, "step", "N", "Use the checkpoint of step N instead of the newest.", false },              \
    {                                                                                              \
        0, "best", NULL, "Use the one with the smallest Fréchet distance, of those evaluated.",    \
            false                                                                                  \
    }

struct checkpoint_choice {
    int64_t step; /* -1: the newest */
    bool is_best;
};

/* ERR_INVALID for an option that is no step, or for both at once. */
int option_checkpoint(const struct arguments *arguments, struct checkpoint_choice *out);

/* Newer ones that are broken are named on stderr. */
int find_checkpoint(struct open_run *run, const struct arguments *arguments,
                    const struct checkpoint_choice *choice, struct run_file *out);

#endif
