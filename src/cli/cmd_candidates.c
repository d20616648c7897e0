#include "base/clock.h"
#include "cli/command.h"
#include "complete.h"

static enum exit_status run(struct arguments *arguments)
{
    int count = 0;
    while (arguments->rest && arguments->rest[count])
        count++;
    complete(stdout, arguments->rest, count, present_time());
    return STATUS_DONE;
}

const struct command command_candidates = {
    .name = "candidates",
    .summary = "Say what may be typed next",
    .operands = "",
    .takes_command = true,
    .is_plumbing = true,
    .details = "This is what the shells' completion asks: COMMAND is what has been typed, its last "
               "word up to the cursor. A line is a candidate, a tab and a description; 'files', "
               "'directories' and 'command N' behind a tab are left to the shell.",
    .run = run,
};
