/* The two faces of augment: labelled images out of a run, and what they are worth. */
#ifndef GANDER_CLI_AUGMENT_H
#define GANDER_CLI_AUGMENT_H

#include "cli/command.h"

/* `gander augment RUN --count N -o DIR`. */
enum exit_status augment_make(struct arguments *arguments);

/* `gander augment RECIPE --study`. */
enum exit_status augment_study(struct arguments *arguments);

#endif
