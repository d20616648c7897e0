#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "stores.h"

static int rebuild(const struct store *store, double now, int64_t *runs)
{
    struct catalogue *catalogue;
    struct arena arena = { 0 };
    struct run_row *rows;
    int count = 0;
    int error = catalogue_open(&catalogue, store);
    if (error)
        return error;
    error = catalogue_rebuild(catalogue, now);
    if (!error)
        error =
            catalogue_list(catalogue, &arena, &(struct catalogue_query){ .with_archived = true },
                           now, &rows, &count, runs);
    if (!error)
        printf("%s: %lld run%s\n", catalogue_path(catalogue), (long long)*runs,
               *runs == 1 ? "" : "s");
    arena_release(&arena);
    catalogue_close(catalogue);
    return error;
}

static enum exit_status run(struct arguments *arguments)
{
    struct store store;
    int64_t runs;
    int error = store_open(&store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = rebuild(&store, present_time(), &runs);
    store_release(&store);
    return error ? index_failed(arguments, error) : STATUS_DONE;
}

const struct command command_reindex = {
    .name = "reindex",
    .summary = "Make the catalogue anew",
    .operands = "",
    .uses_store = true,
    .details =
        "Make the catalogue again from the run directories, which hold all there is to know. "
        "It is never needed, and never does harm.",
    .run = run,
};
