#include "base/clock.h"
#include "base/error.h"
#include "stores.h"
#include "run/notes.h"

static const struct command_option options[] = {
    { 'u', "undo", NULL, "Take them out of the archive again.", false },
};

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct index_run *runs;
    int count;
    enum notes_kind kind = option_given(arguments, "undo") ? NOTES_UNARCHIVE : NOTES_ARCHIVE;
    enum exit_status status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return status;
    for (int i = 0; i < count; i++)
        if (notes_put(&runs[i].place->store, runs[i].number, kind, NULL, wall_clock()) < 0)
            status = command_failed(arguments);
    index_close(&index);
    return status;
}

const struct command command_archive = {
    .name = "archive",
    .summary = "Leave runs out of lists",
    .operands = "RUN...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Archived runs keep all they have and are only listed with 'gander ls --all'. RUN may "
        "also be a range: 3..7.",
    .run = run,
};
