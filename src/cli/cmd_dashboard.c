#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/command.h"
#include "open_run.h"
#include "run/interrupt.h"
#include "run/slurm.h"
#include "ui/dashboard.h"

static const struct command_option options[] = {
    { 0, "keys", "FILE", "Play these keys instead of waiting for a person; - is standard input.",
      false },
    { 0, "size", "COLUMNSxROWS", "The size of the screens that are printed.", false },
    { 0, "print", NULL, "Print the screens that the keys lead to.", false },
};

static int read_size(const struct arguments *arguments, struct dashboard_wish *wish)
{
    enum { LARGEST = 1000 };
    const char *text = option_text(arguments, "size");
    char rest;
    if (text &&
        (sscanf(text, "%dx%d%c", &wish->columns, &wish->rows, &rest) != 2 || wish->columns < 1 ||
         wish->rows < 1 || wish->columns > LARGEST || wish->rows > LARGEST))
        return fail(ERR_INVALID, "--size: '%.40s' is no size such as 80x24", text);
    return 0;
}

/* The run that was named, if one was. */
static enum exit_status find_run(struct arguments *arguments, struct dashboard_wish *wish)
{
    struct open_run place;
    if (arguments->operand_count == 0)
        return STATUS_DONE;
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    wish->run = place.number;
    wish->view = "run";
    close_run(&place);
    return STATUS_DONE;
}

static enum exit_status run(struct arguments *arguments)
{
    struct dashboard_wish wish = { .store = option_text(arguments, "store"),
                                   .keys = option_text(arguments, "keys"),
                                   .step = -1,
                                   .columns = 80,
                                   .rows = 24 };
    if (read_size(arguments, &wish) < 0)
        return command_misused(arguments);
    if (option_given(arguments, "print") != (wish.keys != NULL)) {
        fail(ERR_INVALID, "--keys and --print go together");
        return command_misused(arguments);
    }
    enum exit_status status = find_run(arguments, &wish);
    if (status != STATUS_DONE)
        return status;
    slurm_set_patience(0);
    int result = dashboard_run(&wish);
    if (result < 0)
        return command_failed(arguments);
    if (result > 0)
        interrupt_die(result);
    return STATUS_DONE;
}

const struct command command_dashboard = {
    .name = "dashboard",
    .summary = "Open the dashboard: every run, its curves and its digits",
    .operands = "[RUN]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "What 'gander' alone does on a terminal, or with RUN at that run. The keys stand under "
        "KEYS, "
        "and ? shows them. Runs go on when it is left. With --keys and --print it plays keys and "
        "prints the screens that they lead to, for tests and for documents.",
    .run = run,
};
