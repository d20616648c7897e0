#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* `gander` alone, or with options of the dashboard's, opens it where there is a terminal. */
static enum exit_status run_dashboard(int argc, char **argv)
{
    char name[] = "dashboard", **words = xcalloc((size_t)argc + 2, sizeof *words);
    words[0] = argv[0];
    words[1] = name;
    for (int i = 1; i < argc; i++)
        words[i + 1] = argv[i];
    enum exit_status status = run_command(command_find(name), argc + 1, words);
    free(words);
    return status;
}

static bool is_for_dashboard(int argc, char **argv)
{
    bool is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    return (argc < 2 && is_terminal) || (argc >= 2 && strncmp(argv[1], "--store", 7) == 0);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    enum exit_status status = STATUS_USAGE;
    if (is_for_dashboard(argc, argv)) {
        status = run_dashboard(argc, argv);
    } else if (argc < 2) {
        help_overview(stdout);
        status = STATUS_DONE;
    } else {
        const struct command *command = command_find(argv[1]);
        if (command)
            status = run_command(command, argc, argv);
        else
            fprintf(stderr, "gander: %s\nTry 'gander help'.\n", error_text());
    }
    return output_close(status);
}
