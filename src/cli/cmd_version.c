#include "base/version.h"
#include "cli/command.h"

static enum exit_status run(struct arguments *arguments)
{
    (void)arguments;
    printf("gander %s\n", GANDER_VERSION);
    return STATUS_DONE;
}

const struct command command_version = {
    .name = "version",
    .summary = "Print the version",
    .operands = "",
    .run = run,
};
