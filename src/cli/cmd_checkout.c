#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "open_run.h"
#include "run/check_out.h"

static void say(void *context, const char *sentence)
{
    struct arena *arena = context;
    fprintf(stderr, "%s\n", text_clean(arena, sentence, 1000));
}

static int check_out(struct open_run *place, const char *directory)
{
    struct check_out what = { .say = say, .context = &place->arena };
    char *usual;
    int error = 0;
    if (!directory) {
        error = check_out_usual_place(&place->arena, &place->store, place->number, &usual);
        directory = error ? NULL : usual;
    }
    what.directory = directory;
    if (!error)
        error = check_out_run(&place->store, place->number, &what);
    if (error)
        return error;
    printf("%s\n", directory);
    fprintf(stderr, what.is_work_tree
                        ? "a work tree of git, on no branch ('git worktree remove' takes it "
                          "away)\n"
                        : "a plain directory, unknown to git\n");
    return 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    if (check_out(&place, arguments->operand_count > 1 ? arguments->operands[1] : NULL) < 0)
        status = command_failed(arguments);
    close_run(&place);
    return status;
}

const struct command command_checkout = {
    .name = "checkout",
    .summary = "Make a directory of the code of a run",
    .operands = "RUN [DIR]",
    .uses_store = true,
    .details =
        "Write exactly the code that ran to DIR, by default TOP-run-NUMBER beside the work tree, "
        "and print its path. It is a work tree of git on no branch; where the git program is "
        "missing, or the run came by import, a plain directory. What code.link in config.ini "
        "names, "
        "and large files that were not pinned, are linked from the original work tree as long as "
        "they have not changed.",
    .run = run,
};
