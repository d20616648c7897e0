#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"

static enum exit_status run_command(const struct command *command, int argc, char **argv)
{
    struct arguments arguments;
    enum exit_status status = STATUS_USAGE;
    if (arguments_parse(&arguments, command, argc - 2, argv + 2) < 0) {
        command_misused(&arguments);
        goto out;
    }
    arguments.argc = argc;
    arguments.argv = argv;
    if (arguments.wants_help) {
        help_command(stdout, command);
        status = STATUS_DONE;
    } else {
        status = command->run(&arguments);
    }
out:
    arguments_release(&arguments);
    return status;
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    enum exit_status status = STATUS_DONE;
    if (argc < 2) {
        help_overview(stdout);
    } else {
        const struct command *command = command_find(argv[1]);
        status = command ? run_command(command, argc, argv) : STATUS_USAGE;
        if (!command)
            fprintf(stderr, "gander: %s\nTry 'gander help'.\n", error_text());
    }
    return output_close(status);
}
