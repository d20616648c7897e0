#include "base/error.h"
#include "cli/command.h"
#include "help.h"
#include "ui/dashboard.h"

static const struct command_option options[] = {
    { 0, "mdoc", NULL, "Print the section COMMANDS of the manual page, which is made from this.",
      false },
    { 0, "keys", NULL, "List the keys of the dashboard; with --mdoc as the manual page has them.",
      false },
    { 0, "health", NULL,
      "List the states of health, what each is told by, and what to do; with --mdoc as the manual "
      "page has them.",
      false },
};

static enum exit_status run(struct arguments *arguments)
{
    if (option_given(arguments, "health")) {
        if (option_given(arguments, "mdoc"))
            help_health_manual(stdout);
        else
            help_health(stdout);
        return STATUS_DONE;
    }
    if (option_given(arguments, "keys")) {
        if (option_given(arguments, "mdoc"))
            dashboard_keys_manual(stdout);
        else
            dashboard_keys_print(stdout);
        return STATUS_DONE;
    }
    if (option_given(arguments, "mdoc")) {
        help_manual(stdout);
        return STATUS_DONE;
    }
    if (arguments->operand_count == 0) {
        help_overview(stdout);
        return STATUS_DONE;
    }
    const struct command *command = command_find(arguments->operands[0]);
    if (!command)
        return command_misused(arguments);
    help_command(stdout, command);
    return STATUS_DONE;
}

const struct command command_help = {
    .name = "help",
    .summary = "Say what a command does",
    .operands = "[COMMAND]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .details = "Without COMMAND, list all commands.",
    .run = run,
};
