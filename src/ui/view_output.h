/* What a command has printed, for the view that shows it: `extra` of its arguments. */
#ifndef GANDER_UI_VIEW_OUTPUT_H
#define GANDER_UI_VIEW_OUTPUT_H

#include "base/base.h"

struct command_output {
    const char *command; /* as it was typed */
    const char *text;
    int status; /* as waitpid gives it */
    bool is_cut;
};

#endif
