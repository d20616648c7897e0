/* Watching a run from this terminal: what run -f, resume -f, rerun -f and watch share. */
#ifndef GANDER_CLI_WATCH_H
#define GANDER_CLI_WATCH_H

#include "cli/command.h"
#include "draw/picture.h"
#include "run/store.h"

/* --as MODE; PICTURE_AUTO if it was not given. */
int option_picture_mode(const struct arguments *arguments, enum picture_mode *mode);

#define PICTURE_MODE_OPTION                                                                        \
    {                                                                                              \
        0, "as", "MODE", "Draw images as auto, ascii, half (blocks), sextant or braille.", false   \
    }

struct watch_wish {
    const struct arguments *arguments;
    const struct store *store;
    int64_t number;
    enum picture_mode mode;
    bool owns_run;    /* ^C stops the run; else it only ends the watching */
    int64_t log_from; /* bytes of log.txt that are passed over; -1: all but the last lines */
};

/* Watches until the run has ended, or somebody ends the watching. The exit status is the run's own
 * (outcome.h). Does not return when a signal was the cause: dies by that signal, as a shell expects. */
int watch_run(const struct watch_wish *wish);

#endif
