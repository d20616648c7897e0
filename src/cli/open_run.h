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
void close_run(struct open_run *run);

#endif
