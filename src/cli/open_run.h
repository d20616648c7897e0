/* The run that an operand RUN means. */
#ifndef GANDER_CLI_OPEN_RUN_H
#define GANDER_CLI_OPEN_RUN_H

#include "cli/command.h"
#include "run/rundir.h"

struct open_run {
    struct store store;
    int64_t number;
    char *directory;
    struct arena arena; /* for whatever lives as long */
};

/* STATUS_DONE, or what the command ends with, the sentence printed. */
enum exit_status open_run(struct open_run *out, const struct arguments *arguments,
                          const char *operand);
/* The checkpoint to work from, the newest where `step` is -1; newer ones that are broken are named on
 * stderr by `command`. */
int open_checkpoint(struct open_run *run, const char *command, int64_t step, struct run_file *out);

void close_run(struct open_run *run);

#endif
