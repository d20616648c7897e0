#include "run/gc.h"

#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "draw/table.h"
#include "stores.h"
#include "json_out.h"

static const struct command_option options[] = {
    { 'y', "yes", NULL, "Remove it, without a question.", false },
    { 0, "checkpoints", "N", "Keep the newest N checkpoints of each run (1).", false },
    { 0, "samples", "N", "Keep N samples of each run, evenly over its steps (32).", false },
    { 0, "trees", NULL, "Remove checkouts with what commands have written there.", false },
    { 0, "json", NULL, "Print a JSON object.", false },
};

static const char *const says[GC_KINDS] = {
    [GC_BIN] = "removed runs",      [GC_CHECKPOINTS] = "older checkpoints",
    [GC_SAMPLES] = "samples",       [GC_TREE] = "checkouts of code",
    [GC_LEFTOVERS] = "left behind", [GC_PIN] = "pins of code",
};

static int read_wish(const struct arguments *arguments, struct gc_wish *wish)
{
    int64_t checkpoints = 1, samples = 32;
    if (option_integer(arguments, "checkpoints", 1, INT32_MAX, &checkpoints) < 0 ||
        option_integer(arguments, "samples", 1, INT32_MAX, &samples) < 0)
        return ERR_INVALID;
    *wish = (struct gc_wish){ (int)checkpoints, (int)samples, option_given(arguments, "trees") };
    return 0;
}

/* All runs, those in the bin as well. */
static int list_runs(struct index *index, struct run_row **runs, int *count)
{
    struct catalogue_query query = { .with_archived = true };
    struct run_row *here, *binned;
    int here_count, binned_count;
    struct catalogue *catalogue = index->places[0].catalogue;
    int error =
        catalogue_list(catalogue, &index->arena, &query, index->now, &here, &here_count, NULL);
    query.from_bin = true;
    if (!error)
        error = catalogue_list(catalogue, &index->arena, &query, index->now, &binned, &binned_count,
                               NULL);
    if (error)
        return error;
    *count = here_count + binned_count;
    *runs = arena_alloc(&index->arena, (size_t)*count + 1, sizeof **runs);
    for (int i = 0; i < *count; i++)
        (*runs)[i] = i < binned_count ? binned[i] : here[i - binned_count];
    return 0;
}

/* --- what is said --- */

static const char *count_of(struct arena *arena, int64_t count, const char *what)
{
    return arena_printf(arena, "%s %s%s", format_count(arena, (double)count), what,
                        count == 1 ? "" : "s");
}

static const char *describe(struct arena *arena, enum gc_kind kind, int64_t files, int64_t runs)
{
    const char *of_runs = count_of(arena, runs, "run");
    if (kind == GC_BIN || kind == GC_PIN || kind == GC_TREE)
        return of_runs;
    if (runs == 0)
        return count_of(arena, files, "file");
    return arena_printf(arena, "%s of %s", count_of(arena, files, "file"), of_runs);
}

static void print_kinds(struct index *index, const struct gc_plan *plan)
{
    enum { COLUMNS = 3 };
    static const struct table_column columns[COLUMNS] = { { .title = "what" },
                                                          { .title = "frees", .is_right = true },
                                                          { .title = "in" } };
    struct terminal terminal;
    struct table_cell cells[GC_KINDS * COLUMNS] = { { .text = NULL } };
    struct table table = { columns, COLUMNS, cells, 0 };
    for (enum gc_kind kind = 0; kind < GC_KINDS; kind++) {
        int64_t files = 0, runs = 0, bytes = 0, items = 0;
        for (int i = 0; i < plan->count; i++)
            if (plan->items[i].kind == kind && !plan->items[i].kept) {
                items++;
                files += plan->items[i].path_count;
                runs += plan->items[i].run > 0;
                bytes += plan->items[i].bytes;
            }
        if (items == 0)
            continue;
        struct table_cell *row = cells + COLUMNS * table.row_count++;
        row[0].text = says[kind];
        row[1].text = kind == GC_PIN ? "" : format_bytes(&index->arena, (double)bytes);
        row[2].text = describe(&index->arena, kind, files, runs);
    }
    terminal_probe(&terminal, stdout);
    if (table.row_count > 0)
        table_print(stdout, &table, &terminal);
}

static void print_kept(struct index *index, const struct gc_plan *plan)
{
    for (int i = 0; i < plan->count; i++)
        if (plan->items[i].kept)
            printf("%s of run %lld stays (%s): %s; --trees removes it\n",
                   gc_kind_name(plan->items[i].kind), (long long)plan->items[i].run,
                   format_bytes(&index->arena, (double)plan->items[i].bytes),
                   text_clean(&index->arena, plan->items[i].kept, 500));
}

static struct json *item_json(const struct gc_item *item)
{
    struct json *object = json_new_object(), *paths = json_new_array();
    json_set_string(object, "kind", gc_kind_name(item->kind));
    if (item->run > 0)
        json_set_integer(object, "run", item->run);
    json_set_integer(object, "bytes", item->bytes);
    if (item->kept)
        json_set_string(object, "kept", item->kept);
    for (int i = 0; i < item->path_count; i++)
        json_push_string(paths, item->paths[i]);
    json_set(object, "paths", paths);
    return object;
}

static void print_json(const struct gc_plan *plan, bool is_done)
{
    struct json *root = json_new_object(), *items = json_new_array();
    for (int i = 0; i < plan->count; i++)
        json_push(items, item_json(&plan->items[i]));
    json_set_integer(root, "bytes", plan->bytes);
    json_set_bool(root, "done", is_done);
    json_set(root, "items", items);
    json_put_out(root);
}

/* --- doing it --- */

static bool is_wanted(struct index *index, const struct gc_plan *plan)
{
    struct terminal input, output;
    char answer[16] = "";
    terminal_probe(&input, stdin);
    terminal_probe(&output, stdout);
    const char *bytes = format_bytes(&index->arena, (double)plan->bytes);
    if (!input.is_terminal || !output.is_terminal) {
        printf("this would free %s; 'gander gc -y' does it\n", bytes);
        return false;
    }
    printf("free %s? [y/N] ", bytes);
    fflush(stdout);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int perform(struct arguments *arguments, const struct store *store,
                   const struct gc_plan *plan, int64_t *freed)
{
    int failed = 0;
    for (int i = 0; i < plan->count; i++) {
        if (plan->items[i].kept)
            continue;
        if (gc_perform(store, &plan->items[i]) < 0) {
            command_failed(arguments);
            failed = ERR_IO;
        } else
            *freed += plan->items[i].bytes;
    }
    return failed;
}

static bool has_work(const struct gc_plan *plan)
{
    for (int i = 0; i < plan->count; i++)
        if (!plan->items[i].kept)
            return true;
    return false;
}

static enum exit_status collect(struct arguments *arguments, struct index *index,
                                const struct gc_plan *plan)
{
    bool is_json = option_given(arguments, "json"), is_done = false;
    int64_t freed = 0;
    int failed = 0;
    if (!is_json) {
        print_kinds(index, plan);
        print_kept(index, plan);
    }
    bool is_asked = option_given(arguments, "yes");
    if (has_work(plan) && (is_asked || (!is_json && is_wanted(index, plan)))) {
        failed = perform(arguments, &index->places[0].store, plan, &freed);
        is_done = true;
    }
    if (is_json)
        print_json(plan, is_done);
    else if (is_done)
        printf("freed %s\n", format_bytes(&index->arena, (double)freed));
    else if (!has_work(plan))
        puts("nothing to free");
    return failed ? STATUS_FAILED : STATUS_DONE;
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct gc_wish wish;
    struct gc_plan plan;
    struct run_row *runs = NULL;
    int count = 0;
    if (read_wish(arguments, &wish) < 0)
        return command_misused(arguments);
    enum exit_status status = index_open(&index, arguments, INDEX_NOW);
    if (status != STATUS_DONE)
        return status;
    if (list_runs(&index, &runs, &count) < 0 ||
        gc_plan(&index.arena, &plan, &index.places[0].store, runs, count, &wish, index.now) < 0)
        status = command_failed(arguments);
    else
        status = collect(arguments, &index, &plan);
    index_close(&index);
    return status;
}

const struct command command_gc = {
    .name = "gc",
    .summary = "Make room: empty the bin, thin checkpoints and samples",
    .operands = "",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Show what can go and how much room that makes: runs in the bin, with the pins of their "
        "code; all but the newest checkpoints and some of the samples of runs that have ended; "
        "checkouts that commands ran in; what killed programs have left behind. On a terminal it "
        "asks then; elsewhere -y removes it.\n\n"
        "A run keeps its newest whole checkpoint and its best, and one tagged 'keep' keeps "
        "everything. A "
        "checkout with anything in it besides the code of its run stays without --trees. The "
        "objects of unpinned code are git's, which removes them in time ('git gc').",
    .run = run,
};
