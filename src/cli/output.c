#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"

enum exit_status command_failed(const struct arguments *arguments)
{
    fflush(stdout); /* what was said before comes before */
    fprintf(stderr, "gander %s: %s\n", arguments->command->name, error_text());
    return STATUS_FAILED;
}

enum exit_status command_misused(const struct arguments *arguments)
{
    command_failed(arguments);
    fprintf(stderr, "Try 'gander %s --help'.\n", arguments->command->name);
    return STATUS_USAGE;
}

enum exit_status output_close(enum exit_status status)
{
    bool failed = ferror(stdout);
    if (fclose(stdout) == 0 && !failed)
        return status;
    fprintf(stderr, "gander: cannot write to standard output: %s\n", strerror(errno));
    return status == STATUS_DONE ? STATUS_FAILED : status;
}
