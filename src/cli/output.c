#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

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

static struct winsize window(void)
{
    struct winsize size = { 0 };
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
        size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
    return size;
}

int output_columns(void)
{
    return window().ws_col;
}

int output_rows(void)
{
    return window().ws_row;
}

enum exit_status output_close(enum exit_status status)
{
    bool failed = ferror(stdout);
    if (fclose(stdout) == 0 && !failed)
        return status;
    fprintf(stderr, "gander: cannot write to standard output: %s\n", strerror(errno));
    return status == STATUS_DONE ? STATUS_FAILED : status;
}
