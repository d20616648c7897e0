#include "base/error.h"
#include "base/text.h"
#include "stores.h"
#include "run/bin.h"

static const struct command_option options[] = {
    { 'u', "undo", NULL, "Put them back from the bin.", false },
};

/* What is in the bin has a number and no other name. */
static enum exit_status put_back(struct arguments *arguments)
{
    struct index index;
    enum exit_status status = index_open(&index, arguments, INDEX_LATER);
    if (status != STATUS_DONE)
        return status;
    for (int i = 0; i < arguments->operand_count; i++) {
        int64_t number;
        int error = parse_integer(arguments->operands[i], &number);
        if (!error)
            error = bin_take_back(&index.places[0].store, number);
        if (error)
            status = index_failed(arguments, error);
        else
            printf("run %lld is back\n", (long long)number);
    }
    index_close(&index);
    return status;
}

static enum exit_status remove_runs(struct arguments *arguments)
{
    struct index index;
    struct index_run *runs;
    int count;
    enum exit_status status = index_open_runs(&index, arguments, &runs, &count);
    if (status != STATUS_DONE)
        return status;
    for (int i = 0; i < count; i++) {
        if (bin_put(&runs[i].place->store, runs[i].number) < 0)
            status = command_failed(arguments);
        else
            printf("run %s is in the bin; 'gander rm --undo %s' puts it back\n", runs[i].title,
                   runs[i].title);
    }
    index_close(&index);
    return status;
}

static enum exit_status run(struct arguments *arguments)
{
    return option_given(arguments, "undo") ? put_back(arguments) : remove_runs(arguments);
}

const struct command command_rm = {
    .name = "rm",
    .summary = "Remove runs, to a bin",
    .operands = "RUN...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Move runs that do not work to the bin of the store, from which --undo puts them back "
        "until 'gander gc' empties it. RUN may also be a range: 3..7.",
    .run = run,
};
