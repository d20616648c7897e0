#include "base/clock.h"
#include "base/error.h"
#include "stores.h"
#include "run/notes.h"

static const struct command_option options[] = {
    { 'd', "delete", NULL, "Take the tags away.", false },
};

/* The last operands that are no runs are tags: the first operand says which runs. */
static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct index_run *runs;
    int count, tag_count = arguments->operand_count - 1;
    const char **tags = arguments->operands + 1;
    enum notes_kind kind = option_given(arguments, "delete") ? NOTES_UNTAG : NOTES_TAG;
    for (int i = 0; i < tag_count; i++)
        if (notes_check_tag(tags[i]) < 0)
            return command_misused(arguments);
    arguments->operand_count = 1;
    enum exit_status status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return status;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < tag_count; j++)
            if (notes_put(&runs[i].place->store, runs[i].number, kind, tags[j], wall_clock()) < 0)
                status = command_failed(arguments);
    index_close(&index);
    return status;
}

const struct command command_tag = {
    .name = "tag",
    .summary = "Tag runs",
    .operands = "RUN TAG...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details = "Give one run, or a range like 3..7, tags that 'gander ls tag:TAG' finds. The tag "
               "'keep' also keeps gc from thinning what a run holds.",
    .run = run,
};
