#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"

enum exit_status command_failed(const struct arguments *arguments)
{
    enum { LONGEST = 4096 };
    struct arena arena = { 0 };
    fflush(stdout); /* what was said before comes before */
    /* it may quote what was typed, pasted, or read from a file */
    fprintf(stderr, "gander %s: %s\n", arguments->command->name,
            text_clean(&arena, error_text(), LONGEST));
    arena_release(&arena);
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
