#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "curves.h"
#include "record/metric.h"
#include "run_json.h"
#include "side_by_side.h"

static const struct command_option options[] = {
    { 'm', "metric", "NAME", "Chart this metric; repeat it for more.", true },
    CURVE_OPTIONS,
    { 0, "step", "N", "Show the samples of step N.", false },
    { 'a', "all", NULL, "Print recipe values that are the same, too, and all metrics.", false },
    { 0, "json", NULL, "Print a JSON object.", false },
};

struct comparison {
    struct index *index;
    struct curve_wish wish;
    const struct listed_run *runs;
    int count;
    bool shows_all;
};

/* --- recipe values --- */

/* One value of all runs; NULL for those that have it not. */
struct compared_setting {
    const char *key;
    const char **values; /* (runs) */
    bool differs;
};

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct setting_row *)a)->key, ((const struct setting_row *)b)->key);
}

/* The settings of one run, sorted by key. */
static int settings_of(struct comparison *all, int run, struct setting_row **rows, int *count)
{
    int error = catalogue_settings(all->runs[run].place->catalogue, &all->index->arena,
                                   &all->runs[run].row.number, 1, NULL, rows, count);
    if (!error && *count > 0)
        qsort(*rows, (size_t)*count, sizeof **rows, by_key);
    return error;
}

static const char *value_of(const struct setting_row *rows, int count, const char *key)
{
    struct setting_row wanted = { .key = key };
    const struct setting_row *found =
        count > 0 ? bsearch(&wanted, rows, (size_t)count, sizeof *rows, by_key) : NULL;
    return found ? found->value : NULL;
}

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

struct setting_lists {
    struct setting_row **rows; /* (runs) */
    int *counts;
};

static struct compared_setting compare_setting(struct comparison *all,
                                               const struct setting_lists *lists, const char *key)
{
    struct compared_setting setting = { .key = key };
    setting.values = arena_alloc(&all->index->arena, (size_t)all->count, sizeof *setting.values);
    for (int i = 0; i < all->count; i++) {
        setting.values[i] = value_of(lists->rows[i], lists->counts[i], key);
        setting.differs |= i > 0 && !is_same(setting.values[i], setting.values[0]);
    }
    return setting;
}

/* Every key that any run has, in the order in which they first come. */
static int compare_settings(struct comparison *all, struct compared_setting **out, int *count)
{
    struct arena *arena = &all->index->arena;
    struct setting_lists lists = { arena_alloc(arena, (size_t)all->count, sizeof *lists.rows),
                                   arena_alloc(arena, (size_t)all->count, sizeof *lists.counts) };
    int total = 0;
    for (int i = 0; i < all->count; i++) {
        int error = settings_of(all, i, &lists.rows[i], &lists.counts[i]);
        if (error)
            return error;
        total += lists.counts[i];
    }
    *out = arena_alloc(arena, (size_t)total, sizeof **out);
    *count = 0;
    for (int i = 0; i < all->count; i++)
        for (int j = 0; j < lists.counts[i]; j++) {
            const char *key = lists.rows[i][j].key;
            bool is_known = false;
            for (int k = 0; k < i && !is_known; k++)
                is_known = value_of(lists.rows[k], lists.counts[k], key);
            if (!is_known)
                (*out)[(*count)++] = compare_setting(all, &lists, key);
        }
    return 0;
}

/* --- metrics --- */

struct compared_metric {
    const char *name;
    enum direction direction;
    struct run_metric *values; /* (runs); points 0: the run has it not */
    int best;                  /* which run was best by `direction`, over all its steps; -1: none */
};

/* The best that a run has come to; of what has no direction the last. */
static double best_of(const struct compared_metric *metric, int run)
{
    const struct run_metric *values = &metric->values[run];
    if (values->points == 0)
        return NAN;
    return metric->direction == DIRECTION_SMALLER  ? values->low
           : metric->direction == DIRECTION_LARGER ? values->high
                                                   : values->last;
}

static void find_best(struct compared_metric *metric, int count)
{
    metric->best = -1;
    if (metric->direction == DIRECTION_NONE)
        return;
    for (int i = 0; i < count; i++) {
        double value = best_of(metric, i);
        double best = metric->best < 0 ? NAN : best_of(metric, metric->best);
        bool is_better = metric->direction == DIRECTION_SMALLER ? value < best : value > best;
        if (!isnan(value) && (metric->best < 0 || is_better))
            metric->best = i;
    }
}

static struct compared_metric *find_metric(struct compared_metric *metrics, int count,
                                           const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    return NULL;
}

/* Of a program with thousands of names the first ones. */
static int compare_metrics(struct comparison *all, struct compared_metric **out, int *count)
{
    enum { LIMIT = 1000 };
    struct arena *arena = &all->index->arena;
    *out = arena_alloc(arena, LIMIT, sizeof **out);
    *count = 0;
    for (int i = 0; i < all->count; i++) {
        struct run_metric *rows;
        int found;
        int error = catalogue_metrics(all->runs[i].place->catalogue, arena,
                                      &all->runs[i].row.number, 1, NULL, &rows, &found);
        if (error)
            return error;
        for (int j = 0; j < found; j++) {
            struct compared_metric *metric = find_metric(*out, *count, rows[j].name);
            if (!metric && *count == LIMIT)
                continue;
            if (!metric) {
                metric = &(*out)[(*count)++];
                *metric = (struct compared_metric){
                    .name = rows[j].name,
                    .direction = metric_direction(rows[j].name, &all->index->config),
                    .values = arena_alloc(arena, (size_t)all->count, sizeof *metric->values)
                };
            }
            metric->values[i] = rows[j];
        }
    }
    for (int i = 0; i < *count; i++)
        find_best(&(*out)[i], all->count);
    return 0;
}

/* --- printing --- */

static void print_runs(struct comparison *all)
{
    struct terminal terminal;
    struct run_column *columns;
    int column_count;
    terminal_probe(&terminal, stdout);
    if (run_columns_choose(all->index, "run,state,exp,name,commit,step,took,health", all->runs,
                           all->count, &columns, &column_count) < 0)
        return;
    struct table table =
        run_table_make(all->index, columns, column_count, all->runs, all->count, terminal.utf8);
    table_print(stdout, &table, &terminal);
}

static struct table_column *run_columns(struct comparison *all, const char *head, bool is_right)
{
    struct table_column *columns =
        arena_alloc(&all->index->arena, (size_t)all->count + 1, sizeof *columns);
    columns[0] = (struct table_column){ .title = head, .least = 10 };
    for (int i = 0; i < all->count; i++)
        columns[i + 1] = (struct table_column){ .title = run_title(all->index, &all->runs[i]),
                                                .is_right = is_right,
                                                .least = 8,
                                                .rank = i + 1 };
    return columns;
}

static void print_rows(struct comparison *all, const struct table_column *columns,
                       const struct table_cell *cells, int rows)
{
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    putchar('\n');
    table_print(stdout, &(struct table){ columns, all->count + 1, cells, rows }, &terminal);
}

static void print_settings(struct comparison *all, const struct compared_setting *settings,
                           int count)
{
    size_t width = (size_t)all->count + 1;
    struct table_cell *cells =
        arena_alloc(&all->index->arena, (size_t)count * width, sizeof *cells);
    int rows = 0;
    for (int i = 0; i < count; i++) {
        if (!settings[i].differs && !all->shows_all)
            continue;
        struct table_cell *row = &cells[(size_t)rows++ * width];
        row[0].text = settings[i].key;
        for (int k = 0; k < all->count; k++)
            row[k + 1].text = settings[i].values[k] ? settings[i].values[k] : "-";
    }
    if (rows > 0)
        print_rows(all, run_columns(all, "recipe", false), cells, rows);
    else
        printf("\nno recipe value differs\n");
}

static void fill_metric_row(struct comparison *all, const struct compared_metric *metric,
                            bool is_best_row, struct table_cell *row)
{
    struct arena *arena = &all->index->arena;
    row[0].text = !is_best_row                             ? metric->name
                  : metric->direction == DIRECTION_SMALLER ? arena_printf(arena, "  min")
                                                           : arena_printf(arena, "  max");
    for (int k = 0; k < all->count; k++) {
        const struct run_metric *values = &metric->values[k];
        if (values->points == 0) {
            row[k + 1].text = "-";
            continue;
        }
        double value = is_best_row ? best_of(metric, k) : values->last;
        const char *text = metric_format(arena, metric->name, value);
        bool is_marked = is_best_row && k == metric->best;
        row[k + 1].text = is_marked ? arena_printf(arena, "*%s", text) : text;
        if (is_marked)
            row[k + 1].style.attributes = STYLE_BOLD;
    }
}

/* The last values; where there is a better and a worse the best of each run below, and the best of
 * all marked. */
static void print_metrics(struct comparison *all, const struct compared_metric *metrics, int count)
{
    enum { LIMIT = 40 };
    size_t width = (size_t)all->count + 1;
    struct table_cell *cells =
        arena_alloc(&all->index->arena, 2 * (size_t)count * width, sizeof *cells);
    int rows = 0, left_out = 0;
    bool any_best = false;
    for (int i = 0; i < count; i++) {
        bool is_use = strncmp(metrics[i].name, "use.", 4) == 0;
        if (!all->shows_all && (is_use || rows >= LIMIT)) {
            left_out += !is_use;
            continue;
        }
        fill_metric_row(all, &metrics[i], false, &cells[(size_t)rows++ * width]);
        if (metrics[i].best < 0)
            continue;
        fill_metric_row(all, &metrics[i], true, &cells[(size_t)rows++ * width]);
        any_best = true;
    }
    if (rows == 0)
        return;
    print_rows(all, run_columns(all, "last value", true), cells, rows);
    if (any_best)
        printf("* the best of all\n");
    if (left_out > 0)
        printf("… and %d more metrics (--all)\n", left_out);
}

static int print_charts(struct comparison *all, const char *const *metrics, int count)
{
    for (int m = 0; m < count; m++) {
        struct curve *curves = arena_alloc(&all->index->arena, (size_t)all->count, sizeof *curves);
        for (int i = 0; i < all->count; i++) {
            curves[i] = (struct curve){ .run = &all->runs[i],
                                        .metric = metrics[m],
                                        .name = run_long_title(all->index, &all->runs[i]),
                                        .look = i + 1 };
            int error = curve_read(all->index, &curves[i], &all->wish);
            if (error)
                return error;
        }
        putchar('\n');
        curves_print(all->index, metrics[m], curves, all->count, &all->wish);
    }
    return 0;
}

static void print_sides(struct comparison *all, const struct side *sides, enum picture_mode mode)
{
    bool has_any = false;
    for (int i = 0; i < all->count; i++)
        has_any |= sides[i].path != NULL;
    if (!has_any)
        return;
    putchar('\n');
    sides_print(all->index, sides, all->count, mode);
}

/* --- JSON --- */

static struct json *settings_json(const struct comparison *all,
                                  const struct compared_setting *settings, int count)
{
    struct json *object = json_new_object();
    for (int i = 0; i < count; i++) {
        if (!settings[i].differs && !all->shows_all)
            continue;
        struct json *values = json_new_array();
        for (int k = 0; k < all->count; k++)
            json_push_string(values, settings[i].values[k]);
        json_set(object, settings[i].key, values);
    }
    return object;
}

static struct json *metrics_json(const struct comparison *all,
                                 const struct compared_metric *metrics, int count)
{
    static const char *const directions[] = { NULL, "smaller", "larger" };
    struct json *object = json_new_object();
    for (int i = 0; i < count; i++) {
        struct json *metric = json_new_object(), *last = json_new_array(), *best = json_new_array();
        for (int k = 0; k < all->count; k++) {
            const struct run_metric *values = &metrics[i].values[k];
            json_push_number(last, values->points > 0 ? values->last : NAN);
            json_push_number(best, best_of(&metrics[i], k));
        }
        json_set(metric, "last", last);
        json_set_string(metric, "better", directions[metrics[i].direction]);
        if (metrics[i].best >= 0) {
            json_set(metric, "best", best);
            json_set_integer(metric, "best_run", all->runs[metrics[i].best].row.number);
        } else {
            json_free(best);
        }
        json_set(object, metrics[i].name, metric);
    }
    return object;
}

/* --- the whole --- */

struct compared {
    struct compared_setting *settings;
    struct compared_metric *metrics;
    struct side *sides;
    int setting_count, metric_count;
};

static void print_json(struct comparison *all, const struct compared *what)
{
    struct json *root = json_new_object(), *runs = json_new_array();
    for (int i = 0; i < all->count; i++)
        json_push(runs, run_json(all->index, &all->runs[i]));
    json_set(root, "runs", runs);
    json_set(root, "recipe", settings_json(all, what->settings, what->setting_count));
    json_set(root, "metrics", metrics_json(all, what->metrics, what->metric_count));
    json_set(root, "samples", sides_json(what->sides, all->count));
    char *text = json_text(root, 2);
    puts(text);
    free(text);
    json_free(root);
}

static int print(struct arguments *arguments, struct comparison *all, const struct compared *what)
{
    enum { CHARTS = 2 };
    int count;
    const char *const *metrics = option_texts(arguments, "metric", &count);
    if (count == 0)
        metrics = curve_usual_metrics(all->index, all->runs, all->count, CHARTS, &count);
    print_runs(all);
    print_settings(all, what->settings, what->setting_count);
    print_metrics(all, what->metrics, what->metric_count);
    int error = print_charts(all, metrics, count);
    if (!error)
        print_sides(all, what->sides, all->wish.pictures);
    return error;
}

static int compare(struct arguments *arguments, struct comparison *all)
{
    struct compared what;
    int64_t step = -1;
    option_integer(arguments, "step", 0, INT64_MAX, &step);
    int error = compare_settings(all, &what.settings, &what.setting_count);
    if (!error)
        error = compare_metrics(all, &what.metrics, &what.metric_count);
    if (!error)
        error = sides_choose(all->index, all->runs, all->count, step, all->wish.by != CURVE_STEP,
                             &what.sides);
    if (error)
        return error;
    if (!option_given(arguments, "json"))
        return print(arguments, all, &what);
    print_json(all, &what);
    return 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct index index;
    struct comparison all = { .index = &index, .shows_all = option_given(arguments, "all") };
    struct index_run *runs;
    struct listed_run *listed;
    int64_t step;
    if (option_curves(arguments, &all.wish) < 0 ||
        option_integer(arguments, "step", 0, INT64_MAX, &step) < 0)
        return command_misused(arguments);
    enum exit_status status = index_open_runs(&index, arguments, &runs, &all.count);
    if (status != STATUS_DONE)
        return status;
    int error = index_list(&index, runs, all.count, &listed);
    all.runs = listed;
    if (!error)
        error = compare(arguments, &all);
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
        "step that all have samples of, of --step, or with --by time of the same time of work.",
    .run = run,
};
