#include <unistd.h>

#include "base/error.h"
#include "cli/command.h"
#include "draw/terminal.h"
#include "open_run.h"
#include "run/interrupt.h"
#include "ui/dashboard.h"

static const struct command_option options[] = {
    { 0, "step", "N", "Walk from the checkpoint of step N instead of the newest.", false },
};

static int check_terminal(const char *operand)
{
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    if (terminal.moves && isatty(STDIN_FILENO))
        return 0;
    return fail(ERR_INVALID, "it needs a terminal; 'gander generate %.60s' draws without one",
                operand);
}

static enum exit_status walk(struct arguments *arguments, int64_t number, int64_t step)
{
    int result = dashboard_run(&(struct dashboard_wish){
        .store = option_text(arguments, "store"), .view = "walk", .run = number, .step = step });
    if (result < 0)
        return command_failed(arguments);
    if (result > 0)
        interrupt_die(result);
    return STATUS_DONE;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    int64_t step = -1;
    if (option_integer(arguments, "step", 0, INT32_MAX, &step) < 0)
        return command_misused(arguments);
    if (check_terminal(arguments->operands[0]) < 0)
        return command_failed(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    int64_t number = place.number;
    close_run(&place);
    return walk(arguments, number, step);
}

const struct command command_walk = {
    .name = "walk",
    .summary = "Walk through the latent space of a trained generator",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Open the dashboard where RUN's generator draws live: arrow keys move, r draws anew, a "
        "digit chooses the class of a conditional generator, s keeps an image, Space plays "
        "between two that are kept, and ? shows all keys. Below each image stands what the "
        "discriminator says of it. q leads to the table of runs.",
    .run = run,
};
