#include "base/clock.h"
#include "base/error.h"
#include "open_run.h"
#include "run/notes.h"
#include "run/resolve.h"

static const struct command_option options[] = {
    { 'd', "delete", NULL, "Take the name away.", false },
};

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    bool deletes = option_given(arguments, "delete");
    if (deletes == (arguments->operand_count == 2)) {
        fail(ERR_INVALID, deletes ? "--delete takes no NAME" : "NAME is missing");
        return command_misused(arguments);
    }
    const char *name = deletes ? "" : arguments->operands[1];
    if (!deletes && run_name_check(name) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    if (notes_put(&place.store, place.number, NOTES_NAME, name, wall_clock()) < 0)
        status = command_failed(arguments);
    close_run(&place);
    return status;
}

const struct command command_name = {
    .name = "name",
    .summary = "Name a run",
    .operands = "RUN [NAME]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Call RUN by NAME from now on, wherever a RUN is asked for: letters, digits, '.', '_' "
        "and '-', not a number. Several runs may have one name; then it means none of them.",
    .run = run,
};
