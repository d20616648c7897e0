#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "graph.h"
#include "json_out.h"
#include "stores.h"
#include "run_json.h"
#include "show/run_table.h"

static const struct command_option options[] = {
    { 's', "sort", "COLUMN", "Sort by a column, metric or recipe value, the best first.", false },
    { 'r', "reverse", NULL, "Turn the order round.", false },
    { 'c', "columns", "LIST", "Show these columns: run,state,d_loss,min(frechet),training.rate.",
      false },
    { 'g', "group", "COLUMN", "A part of the list for each value of COLUMN.", false },
    { 0, "graph", NULL, "Show the history of commits, and beside each its runs.", false },
    { 'n', "limit", "N", "Show N runs at most; 0 for all.", false },
    { 'a', "all", NULL, "Show archived runs, too.", false },
    { 0, "bin", NULL, "Show what was removed and can still be put back.", false },
    { 0, "json", NULL, "Print a JSON array.", false },
};

struct list_wish {
    struct catalogue_query query;
    const char *columns, *group;
    bool is_limited; /* to what fits the screen: nobody said how many */
};

struct listing {
    struct listed_run *runs;
    int count;
    int64_t total;
};

/* --- what to list --- */

static char *join_operands(struct arguments *arguments)
{
    char *text = arena_strdup(&arguments->arena, "");
    for (int i = 0; i < arguments->operand_count; i++)
        text = arena_printf(&arguments->arena, "%s%s%s", text, i > 0 ? " " : "",
                            arguments->operands[i]);
    return text;
}

/* On a terminal the filter stands under the sentence, with a mark at the place. */
static int read_filter(struct arguments *arguments, double now, const struct filter **filter)
{
    struct terminal terminal;
    const char *text = join_operands(arguments);
    int error = filter_parse(&arguments->arena, text, now, filter);
    int column;
    terminal_probe(&terminal, stderr);
    if (error && terminal.is_terminal && sscanf(error_text(), "filter column %d", &column) == 1)
        fprintf(stderr, "  %s\n  %*s^\n", text_clean(&arguments->arena, text, FILTER_SIZE_LIMIT),
                column - 1, "");
    return error;
}

/* As many as a screen holds, where a person looks and has not said. */
static int64_t screen_limit(const struct terminal *terminal)
{
    enum { LINES_BESIDE = 3, FEW = 5 };
    return terminal->is_terminal ? MAX(terminal->rows - LINES_BESIDE, FEW) : 0;
}

static int read_wish(struct arguments *arguments, const struct index *index, struct list_wish *wish)
{
    struct terminal terminal;
    const char *sort = option_text(arguments, "sort");
    int64_t limit = -1;
    terminal_probe(&terminal, stdout);
    *wish = (struct list_wish){ .columns = option_text(arguments, "columns"),
                                .group = option_text(arguments, "group") };
    if (option_given(arguments, "graph") && (wish->group || option_given(arguments, "json")))
        return fail(
            ERR_INVALID,
            "--graph goes with neither --group nor --json, in which each run has its commit");
    if (option_integer(arguments, "limit", 0, INT32_MAX, &limit) < 0 ||
        read_filter(arguments, index->now, &wish->query.filter) < 0)
        return ERR_INVALID;
    wish->is_limited = limit < 0 && !option_given(arguments, "json") && !wish->group;
    bool is_reversed = option_given(arguments, "reverse");
    bool is_large_first = run_first_order(sort, &index->config) == ORDER_DESCENDING;
    wish->query.sort = sort;
    wish->query.order = is_large_first != is_reversed ? ORDER_DESCENDING : ORDER_ASCENDING;
    wish->query.limit = limit >= 0 ? limit : wish->is_limited ? screen_limit(&terminal) : 0;
    wish->query.with_archived = option_given(arguments, "all") || option_given(arguments, "bin");
    wish->query.from_bin = option_given(arguments, "bin");
    return 0;
}

/* --- gathering, from several stores in one order --- */

static const struct list_wish *sorting; /* qsort has no context */

static int compare_runs(const void *a, const void *b)
{
    const struct run_row *left = &((const struct listed_run *)a)->row;
    const struct run_row *right = &((const struct listed_run *)b)->row;
    bool has_left = left->sort_text || !isnan(left->sort_number);
    bool has_right = right->sort_text || !isnan(right->sort_number);
    int sign = sorting->query.order == ORDER_DESCENDING ? -1 : 1, order = 0;
    if (has_left != has_right)
        return has_left ? -1 : 1;
    if (!sorting->query.sort) /* numbers of several stores say nothing of their order */
        order = (left->created > right->created) - (left->created < right->created);
    else if (left->sort_text && right->sort_text)
        order = strcmp(left->sort_text, right->sort_text);
    else
        order = (left->sort_number > right->sort_number) - (left->sort_number < right->sort_number);
    return sign * order;
}

/* What a store of several cannot sort by, another one may know: then its runs have no such value. */
static int list_place(struct index *index, const struct index_place *place,
                      const struct list_wish *wish, struct run_row **rows, int *count,
                      int64_t *total, int *unsorted)
{
    int error = catalogue_list(place->catalogue, &index->arena, &wish->query, index->now, rows,
                               count, total);
    if (error != ERR_INVALID || ++*unsorted == index->count)
        return error;
    struct catalogue_query query = wish->query;
    query.sort = NULL;
    query.order = ORDER_DESCENDING;
    error = catalogue_list(place->catalogue, &index->arena, &query, index->now, rows, count, total);
    for (int i = 0; i < *count && !error; i++) {
        (*rows)[i].sort_number = NAN;
        (*rows)[i].sort_text = NULL;
    }
    return error;
}

static int gather(struct index *index, const struct list_wish *wish, struct listing *listing)
{
    int unsorted = 0;
    *listing = (struct listing){ .count = 0 };
    for (int p = 0; p < index->count; p++) {
        struct run_row *rows;
        int count;
        int64_t total;
        int error = list_place(index, &index->places[p], wish, &rows, &count, &total, &unsorted);
        if (error)
            return error;
        struct listed_run *more =
            arena_alloc(&index->arena, (size_t)listing->count + (size_t)count, sizeof *more);
        if (listing->count > 0)
            memcpy(more, listing->runs, (size_t)listing->count * sizeof *more);
        for (int i = 0; i < count; i++)
            more[listing->count + i] = (struct listed_run){ rows[i], &index->places[p] };
        listing->runs = more;
        listing->count += count;
        listing->total += total;
    }
    sorting = wish;
    if (index->count > 1)
        qsort(listing->runs, (size_t)listing->count, sizeof *listing->runs, compare_runs);
    if (wish->query.limit > 0)
        listing->count = (int)MIN(listing->count, wish->query.limit);
    return 0;
}

/* --- printing --- */

static void print_json(struct index *index, const struct listing *listing)
{
    struct json *list = json_new_array();
    for (int i = 0; i < listing->count; i++)
        json_push(list, run_json(index, &listing->runs[i]));
    json_put_out(list);
}

static int print_table(struct index *index, const char *columns, const struct listed_run *runs,
                       int count)
{
    struct terminal terminal;
    struct run_column *chosen;
    int chosen_count;
    terminal_probe(&terminal, stdout);
    int error = run_columns_choose(index, columns, runs, count, &chosen, &chosen_count);
    if (error)
        return error;
    struct table table = run_table_make(index, chosen, chosen_count, runs, count, terminal.utf8);
    table_print(stdout, &table, &terminal);
    return 0;
}

/* Runs with one value of the group, in the order in which the values first come. */
static int print_groups(struct index *index, const struct list_wish *wish,
                        const struct listing *listing)
{
    struct arena *arena = &index->arena;
    size_t count = (size_t)listing->count;
    const char **values = arena_alloc(arena, count, sizeof *values);
    struct listed_run *members = arena_alloc(arena, count, sizeof *members);
    bool *done = arena_alloc(arena, count, sizeof *done);
    struct run_column *known;
    int known_count;
    /* what is no column is refused here */
    int error =
        run_columns_choose(index, wish->group, listing->runs, listing->count, &known, &known_count);
    for (int i = 0; i < listing->count && !error; i++) {
        const char *value = run_value(index, &listing->runs[i], wish->group);
        values[i] = value ? value : "";
    }
    for (int i = 0; i < listing->count && !error; i++) {
        int member_count = 0;
        if (done[i])
            continue;
        for (int j = i; j < listing->count; j++)
            if (!done[j] && strcmp(values[i], values[j]) == 0) {
                done[j] = true;
                members[member_count++] = listing->runs[j];
            }
        printf("%s%s = %s (%d run%s)\n", i > 0 ? "\n" : "", wish->group,
               *values[i] ? text_clean(arena, values[i], 200) : "none", member_count,
               member_count == 1 ? "" : "s");
        error = print_table(index, wish->columns, members, member_count);
    }
    return error;
}

static bool is_metric(struct index *index, const struct listing *listing, const char *name)
{
    struct run_metric *rows;
    int count = 0;
    for (int i = 0; i < listing->count && count == 0; i++)
        catalogue_metrics(listing->runs[i].place->catalogue, &index->arena,
                          &listing->runs[i].row.number, 1, name, &rows, &count);
    return count > 0;
}

static int print_graph(struct index *index, const struct list_wish *wish,
                       const struct listing *listing)
{
    struct graph_wish graph = { .columns = wish->columns };
    const char *key;
    if (wish->query.sort) {
        catalogue_split_key(&index->arena, wish->query.sort, &key);
        graph.score = is_metric(index, listing, key) ? key : NULL;
    }
    return graph_print(index, listing->runs, listing->count, &graph);
}

static void print_rest(struct arguments *arguments, const struct list_wish *wish,
                       const struct listing *listing)
{
    int64_t rest = listing->total - listing->count;
    if (listing->count == 0 && !option_given(arguments, "json"))
        fprintf(stderr, "no runs%s\n", arguments->operand_count > 0 ? " fit the filter" : "");
    else if (rest > 0 && wish->is_limited)
        printf("… and %s more; -n 0 lists all\n", format_count(&arguments->arena, (double)rest));
}

static int list(struct arguments *arguments, struct index *index, const struct list_wish *wish)
{
    struct listing listing;
    int error = gather(index, wish, &listing);
    if (error)
        return error;
    if (option_given(arguments, "json"))
        print_json(index, &listing);
    else if (option_given(arguments, "graph") && listing.count > 0)
        error = print_graph(index, wish, &listing);
    else if (wish->group)
        error = print_groups(index, wish, &listing);
    else if (listing.count > 0)
        error = print_table(index, wish->columns, listing.runs, listing.count);
    if (!error)
        print_rest(arguments, wish, &listing);
    return error;
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct list_wish wish;
    enum exit_status status = index_open(&index, arguments, INDEX_NOW);
    if (status != STATUS_DONE)
        return status;
    if (read_wish(arguments, &index, &wish) < 0)
        status = command_misused(arguments);
    else if (list(arguments, &index, &wish) < 0)
        status = command_failed(arguments);
    index_close(&index);
    return status;
}

const struct command command_ls = {
    .name = "ls",
    .summary = "List runs, filtered and sorted",
    .operands = "[FILTER...]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_stores = true,
    .details =
        "List runs, the newest first. FILTER says which, in the language that gander(1) describes "
        "under FILTERS: state:running exp:dcgan d_loss<0.7 since:2d. On a terminal the list is as "
        "long as the screen; elsewhere it is whole. With --graph the runs stand below their "
        "commits in "
        "the history, each with its best score; commits between that have none are counted.\n\n"
        "Columns are run, sign (of the state), state, exp, name, commit ('*': with changes), "
        "changes, age, took, step, progress, left (of a running run), bar, work (the progress, or "
        "what it came to), health, tags, notes, host, "
        "user, branch, data, command, reason, parent, seed, created, any metric (its last value; "
        "min(x) and max(x) for its best), any recipe value, and spark(x). "
        "Without --columns those are shown that fit.",
    .run = run,
};
