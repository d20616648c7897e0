#include "print_beside.h"
#include "print_curves.h"
#include "print_groups.h"
#include "json_out.h"
#include "stores.h"
#include "run_json.h"
#include "side_by_side.h"

static const struct command_option options[] = {
    { 'm', "metric", "METRIC", "Chart this metric; repeat it for more.", true },
    CURVE_OPTIONS,
    { 0, "step", "N", "Show the samples of step N.", false },
    { 'a', "all", NULL, "Print recipe values that are the same, too, and all metrics.", false },
    { 0, "json", NULL, "Print a JSON object.", false },
};

/* --- printing --- */

static void print_runs(const struct beside *all)
{
    struct terminal terminal;
    struct run_column *columns;
    int column_count;
    terminal_probe(&terminal, stdout);
    run_columns_facts(all->index, all->runs, all->count, &columns, &column_count);
    struct table table =
        run_table_make(all->index, columns, column_count, all->runs, all->count, terminal.utf8);
    table_print(stdout, &table, &terminal);
}

static int print_chart(const struct beside *all, const char *metric, const struct chart_wish *wish)
{
    struct curve *curves = arena_alloc(&all->index->arena, (size_t)all->count, sizeof *curves);
    for (int i = 0; i < all->count; i++) {
        curves[i] = (struct curve){ .run = &all->runs[i],
                                    .metric = metric,
                                    .name = run_long_title(all->index, &all->runs[i]),
                                    .look = i + 1 };
        int error = curve_read(all->index, &curves[i], &wish->curves);
        if (error)
            return error;
    }
    putchar('\n');
    curves_print(all->index, metric, curves, all->count, wish);
    return 0;
}

static void print_samples(const struct beside *all, const struct side *sides,
                          enum picture_mode mode)
{
    bool has_any = false;
    for (int i = 0; i < all->count; i++)
        has_any |= sides[i].path != NULL;
    if (!has_any)
        return;
    putchar('\n');
    sides_print(all->index, sides, all->count, mode);
}

/* --- the whole --- */

struct compared {
    struct beside_setting *settings;
    struct beside_metric *metrics;
    struct side *sides;
    struct groups groups;
    int setting_count, metric_count;
};

static void print_json(const struct beside *all, const struct compared *what)
{
    struct json *root = json_new_object(), *runs = json_new_array();
    for (int i = 0; i < all->count; i++)
        json_push(runs, run_json(all->index, &all->runs[i]));
    json_set(root, "runs", runs);
    json_set(root, "recipe", beside_settings_json(all, what->settings, what->setting_count));
    json_set(root, "metrics", beside_metrics_json(all, what->metrics, what->metric_count));
    json_set(root, "groups", groups_json(all, &what->groups, what->metrics, what->metric_count));
    json_set(root, "samples", sides_json(what->sides, all->count));
    json_put_out(root);
}

static int print(struct arguments *arguments, const struct beside *all, const struct compared *what,
                 const struct chart_wish *wish)
{
    enum { CHARTS = 2 };
    int count, error = 0;
    const char *const *metrics = option_texts(arguments, "metric", &count);
    if (count == 0)
        metrics = curve_usual_metrics(all->index, all->runs, all->count, CHARTS, &count);
    print_runs(all);
    putchar('\n');
    beside_print_settings(all, what->settings, what->setting_count);
    beside_print_metrics(all, what->metrics, what->metric_count);
    groups_print(all, &what->groups, what->settings, what->setting_count, what->metrics,
                 what->metric_count);
    for (int i = 0; i < count && !error; i++)
        error = print_chart(all, metrics[i], wish);
    if (!error)
        print_samples(all, what->sides, wish->pictures);
    return error;
}

static int compare(struct arguments *arguments, const struct beside *all,
                   const struct chart_wish *wish, int64_t step)
{
    struct compared what;
    int error = beside_settings(all, &what.settings, &what.setting_count);
    if (!error)
        error = beside_metrics(all, &what.metrics, &what.metric_count);
    if (!error)
        error = groups_find(all, &what.groups);
    if (!error)
        error = sides_choose(all->index, all->runs, all->count, step,
                             wish->curves.by == CURVE_TIME || wish->curves.by == CURVE_CLOCK,
                             &what.sides);
    if (error)
        return error;
    if (!option_given(arguments, "json"))
        return print(arguments, all, &what, wish);
    print_json(all, &what);
    return 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct beside all = { .index = &index, .shows_all = option_given(arguments, "all") };
    struct chart_wish wish;
    struct index_run *runs;
    struct listed_run *listed = NULL;
    int64_t step = -1;
    if (option_curves(arguments, &wish) < 0 ||
        option_integer(arguments, "step", 0, INT64_MAX, &step) < 0)
        return command_misused(arguments);
    enum exit_status status = index_open_runs(&index, arguments, &runs, &all.count);
    if (status != STATUS_DONE)
        return status;
    int error = index_list(&index, runs, all.count, &listed);
    all.runs = listed;
    if (!error)
        error = compare(arguments, &all, &wish, step);
    if (error)
        status = command_failed(arguments);
    index_close(&index);
    return status;
}

const struct command command_compare = {
    .name = "compare",
    .summary = "Compare runs: recipes, metrics, curves, digits",
    .operands = "RUN RUN...",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_stores = true,
    .details =
        "Print which recipe values differ, the last and best values of the metrics, with the best "
        "of all marked, charts with the runs overlaid, and their samples side by side: of the last "
        "step that all have samples of, of --step, or with --by time of the same time of work.\n\n"
        "Runs that differ in nothing but their seed are groups. Where the first and another have "
        "two "
        "runs or more, it is said for each metric whether the groups differ by more than their "
        "seeds "
        "explain: the difference of the means, of what runs came to at best, with a 95 % interval "
        "by "
        "a bootstrap that allows for few runs.",
    .run = run,
};
