#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "open_run.h"
#include "run/code.h"
#include "run/settings.h"

/* Beside the work tree: "/home/somebody/gan-run-42". */
static const char *usual_place(struct open_run *place, const struct run_facts *facts)
{
    const char *top = facts->code.top ? facts->code.top : place->store.top;
    return arena_printf(&place->arena, "%s-run-%lld", top, (long long)place->number);
}

static void say(void *context, const char *sentence)
{
    struct arena *arena = context;
    fprintf(stderr, "%s\n", text_clean(arena, sentence, 1000));
}

static int check_out(struct open_run *place, const char *directory)
{
    struct run_facts facts;
    struct config config = { .slots = 0 };
    bool is_work_tree;
    int error = run_read_facts(&place->arena, &facts, &place->store, place->number);
    if (error)
        return error;
    const struct code_of code = { &place->store, place->number, &facts.code };
    if (!directory)
        directory = usual_place(place, &facts);
    error = config_read_for(&config, &place->store);
    if (!error)
        error = code_checkout(&code, directory, &is_work_tree);
    if (!error)
        error = code_link(&code, directory, config.code.link.items, config.code.link.count, say,
                          &place->arena);
    if (!error) {
        printf("%s\n", directory);
        fprintf(stderr, is_work_tree
                            ? "a work tree of git, on no branch ('git worktree remove' takes it "
                              "away)\n"
                            : "a plain directory, unknown to git\n");
    }
    config_release(&config);
    return error;
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
