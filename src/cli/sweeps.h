/* What the files of the command sweep share. */
#ifndef GANDER_CLI_SWEEPS_H
#define GANDER_CLI_SWEEPS_H

#include "cli/command.h"
#include "run/sweep.h"

/* A new one, from its words and options. */
enum exit_status sweep_begin(struct arguments *arguments);

/* What is done to one that is there: operands[1] names it. */
enum exit_status sweep_resume(struct arguments *arguments);
enum exit_status sweep_stop(struct arguments *arguments);
enum exit_status sweep_wait(struct arguments *arguments);
enum exit_status sweep_show(struct arguments *arguments);
enum exit_status sweep_ls(struct arguments *arguments); /* of all */

#endif
