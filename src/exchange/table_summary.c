/* A row a run: markdown and latex. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "exchange/table.h"
#include "outlet.h"
#include "record/metric.h"

enum { SETTINGS_MOST = 6, METRICS_MOST = 8 };

struct column {
    const char *head;
    const char **cells;       /* (runs); NULL: nothing */
    double *values;           /* (runs) of a metric; NULL: text */
    enum direction direction; /* of it */
    bool is_right;            /* numbers */
};

struct summary {
    struct arena arena;
    const struct table_run *runs;
    int count;
    const struct table_wish *wish;
    struct column *columns;
    int column_count;
};

static struct column *add_column(struct summary *summary, const char *head)
{
    struct column *column = &summary->columns[summary->column_count++];
    *column = (struct column){ .head = head };
    column->cells = arena_alloc(&summary->arena, (size_t)summary->count, sizeof(char *));
    return column;
}

/* --- runs --- */

static int add_runs(struct summary *summary)
{
    struct arena *arena = &summary->arena;
    struct column *title = add_column(summary, "run");
    struct column *name = add_column(summary, "experiment");
    struct column *step = add_column(summary, "step");
    title->is_right = step->is_right = true;
    for (int i = 0; i < summary->count; i++) {
        struct run_row row;
        int error = catalogue_run(summary->runs[i].catalogue, arena, summary->runs[i].number,
                                  summary->wish->now, &row);
        if (error)
            return error;
        title->cells[i] = summary->runs[i].title;
        name->cells[i] =
            row.name ? arena_printf(arena, "%s %s", row.experiment, row.name) : row.experiment;
        step->cells[i] = format_count(arena, (double)row.step);
    }
    return 0;
}

/* --- recipe values that differ --- */

static bool is_told_already(const char *key)
{
    return strcmp(key, "experiment.name") == 0;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All keys of all runs, each once, sorted. */
static int setting_keys(struct summary *summary, const char ***keys, int *count)
{
    int room = 0, used = 0;
    const char **all = NULL;
    for (int i = 0; i < summary->count; i++) {
        struct setting_row *rows;
        int found;
        int error = catalogue_settings(summary->runs[i].catalogue, &summary->arena,
                                       &summary->runs[i].number, 1, NULL, &rows, &found);
        if (error) {
            free(all);
            return error;
        }
        room += found;
        all = xrealloc(all, (size_t)room + 1, sizeof *all);
        for (int k = 0; k < found; k++)
            all[used++] = rows[k].key;
    }
    if (used > 0)
        qsort(all, (size_t)used, sizeof *all, compare_keys);
    *keys = arena_alloc(&summary->arena, (size_t)used, sizeof **keys);
    *count = 0;
    for (int i = 0; i < used; i++)
        if (i == 0 || strcmp(all[i], all[i - 1]) != 0)
            (*keys)[(*count)++] = all[i];
    free(all);
    return 0;
}

static int add_setting(struct summary *summary, const char *key)
{
    struct column *column = add_column(summary, key);
    bool differs = false;
    for (int i = 0; i < summary->count; i++) {
        struct setting_row *rows;
        int found;
        int error = catalogue_settings(summary->runs[i].catalogue, &summary->arena,
                                       &summary->runs[i].number, 1, key, &rows, &found);
        if (error)
            return error;
        column->cells[i] = found > 0 ? rows[0].value : NULL;
        const char *first = column->cells[0] ? column->cells[0] : "";
        differs = differs || strcmp(first, column->cells[i] ? column->cells[i] : "") != 0;
    }
    if (!differs)
        summary->column_count--;
    return 0;
}

static int add_settings(struct summary *summary)
{
    const char **keys;
    int count;
    int before = summary->column_count;
    int error = summary->count > 1 ? setting_keys(summary, &keys, &count) : 0;
    if (error || summary->count < 2)
        return error;
    for (int i = 0; i < count && !error && summary->column_count - before < SETTINGS_MOST; i++)
        if (!is_told_already(keys[i]))
            error = add_setting(summary, keys[i]);
    return error;
}

/* --- metrics --- */

static double metric_value(const struct run_metric *metric, enum filter_function function)
{
    return function == FILTER_MINIMUM   ? metric->low
           : function == FILTER_MAXIMUM ? metric->high
                                        : metric->last;
}

static int add_metric(struct summary *summary, const char *key)
{
    struct arena *arena = &summary->arena;
    const char *name;
    enum filter_function function = catalogue_split_key(arena, key, &name);
    struct column *column =
        add_column(summary, function == FILTER_PLAIN ? metric_label(name) : key);
    column->values = arena_alloc(arena, (size_t)summary->count, sizeof(double));
    column->direction = metric_direction(name, summary->wish->config);
    column->is_right = true;
    bool is_found = false;
    for (int i = 0; i < summary->count; i++) {
        struct run_metric *metrics;
        int found;
        int error = catalogue_metrics(summary->runs[i].catalogue, arena, &summary->runs[i].number,
                                      1, name, &metrics, &found);
        if (error)
            return error;
        column->values[i] = found > 0 ? metric_value(&metrics[0], function) : NAN;
        if (found > 0)
            column->cells[i] = metric_format(arena, name, column->values[i]);
        is_found = is_found || found > 0;
    }
    return is_found ? 0 : fail(ERR_NOT_FOUND, "no run has a metric '%.200s'", name);
}

/* The chief ones of the first run that has any; of other programs' runs the first ones. */
static int usual_metrics(struct summary *summary, const char **names, int *count)
{
    *count = 0;
    for (int pass = 0; pass < 2 && *count == 0; pass++)
        for (int i = 0; i < summary->count && *count == 0; i++) {
            struct run_metric *metrics;
            int found;
            int error = catalogue_metrics(summary->runs[i].catalogue, &summary->arena,
                                          &summary->runs[i].number, 1, NULL, &metrics, &found);
            if (error)
                return error;
            for (int k = 0; k < found && *count < METRICS_MOST; k++) {
                const struct metric_row *row = metric_find(metrics[k].name);
                if (pass == 0 ? row && row->is_chief : strncmp(metrics[k].name, "use.", 4) != 0)
                    names[(*count)++] = metrics[k].name;
            }
        }
    return 0;
}

static int add_metrics(struct summary *summary)
{
    const char *usual[METRICS_MOST];
    const char *const *names = summary->wish->metrics;
    int count = summary->wish->metric_count, error = 0;
    if (count == 0) {
        error = usual_metrics(summary, usual, &count);
        names = usual;
    }
    for (int i = 0; i < count && !error; i++)
        error = add_metric(summary, names[i]);
    return error;
}

/* Is it the best of a metric's values? Of one alone nobody can tell. */
static bool is_best(const struct summary *summary, const struct column *column, int run)
{
    int known = 0;
    if (!column->values || column->direction == DIRECTION_NONE || isnan(column->values[run]))
        return false;
    for (int i = 0; i < summary->count; i++) {
        double value = column->values[i], mine = column->values[run];
        if (isnan(value))
            continue;
        known++;
        if (column->direction == DIRECTION_SMALLER ? value < mine : value > mine)
            return false;
    }
    return known > 1;
}

static int gather(struct summary *summary, const struct table_run *runs, int count,
                  const struct table_wish *wish)
{
    enum { FIXED = 3 };
    *summary = (struct summary){ .runs = runs, .count = count, .wish = wish };
    int room = FIXED + SETTINGS_MOST + 1 + MAX(wish->metric_count, METRICS_MOST);
    summary->columns = arena_alloc(&summary->arena, (size_t)room, sizeof *summary->columns);
    int error = add_runs(summary);
    if (!error)
        error = add_settings(summary);
    if (!error)
        error = add_metrics(summary);
    return error;
}

/* --- markdown --- */

/* Text that is only text: what Markdown or HTML would take for something else has a backslash before
 * it. */
static const char *markdown_text(struct arena *arena, const char *text)
{
    text = text_clean(arena, text, strlen(text));
    char *out = arena_alloc(arena, 2 * strlen(text) + 1, 1), *to = out;
    for (; *text; text++) {
        if (strchr("\\|`*_[]<>&~$#!", *text))
            *to++ = '\\';
        *to++ = *text;
    }
    return out;
}

static int markdown_line(const struct summary *summary, const struct outlet *outlet, int run)
{
    struct arena arena = { 0 };
    int error = outlet_print(outlet, "|");
    for (int c = 0; c < summary->column_count && !error; c++) {
        const struct column *column = &summary->columns[c];
        const char *cell = run < 0 ? column->head : column->cells[run] ? column->cells[run] : "";
        const char *mark = run >= 0 && is_best(summary, column, run) ? "**" : "";
        error = outlet_print(outlet, " %s%s%s |", mark, markdown_text(&arena, cell), mark);
    }
    arena_release(&arena);
    return error ? error : outlet_print(outlet, "\n");
}

int table_markdown(const struct outlet *outlet, const struct table_run *runs, int count,
                   const struct table_wish *wish)
{
    struct summary summary;
    int error = gather(&summary, runs, count, wish);
    if (!error)
        error = markdown_line(&summary, outlet, -1);
    for (int c = 0; c < summary.column_count && !error; c++)
        error = outlet_print(outlet, "%s", summary.columns[c].is_right ? "| --: " : "| --- ");
    if (!error)
        error = outlet_print(outlet, "|\n");
    for (int i = 0; i < count && !error; i++)
        error = markdown_line(&summary, outlet, i);
    arena_release(&summary.arena);
    return error;
}

/* --- latex --- */

static const char *latex_text(struct arena *arena, const char *text)
{
    static const struct {
        char letter;
        const char *text;
    } words[] = {
        { '\\', "\\textbackslash{}" },  { '~', "\\textasciitilde{}" },
        { '^', "\\textasciicircum{}" }, { '<', "\\textless{}" },
        { '>', "\\textgreater{}" },     { '|', "\\textbar{}" },
    };
    enum { LONGEST = 18 };
    text = text_clean(arena, text, strlen(text));
    char *out = arena_alloc(arena, LONGEST * strlen(text) + 1, 1), *to = out;
    for (; *text; text++) {
        const char *word = NULL;
        for (int i = 0; i < ARRAY_SIZE(words); i++)
            if (words[i].letter == *text)
                word = words[i].text;
        if (strchr("&%$#_{}", *text))
            *to++ = '\\';
        if (word)
            to = mempcpy(to, word, strlen(word));
        else
            *to++ = *text;
    }
    return out;
}

static int latex_line(const struct summary *summary, const struct outlet *outlet, int run)
{
    struct arena arena = { 0 };
    int error = outlet_print(outlet, "  ");
    for (int c = 0; c < summary->column_count && !error; c++) {
        const struct column *column = &summary->columns[c];
        const char *cell = run < 0 ? column->head : column->cells[run] ? column->cells[run] : "";
        bool is_bold = run >= 0 && is_best(summary, column, run);
        error = outlet_print(outlet, "%s%s%s%s", c > 0 ? " & " : "", is_bold ? "\\textbf{" : "",
                             latex_text(&arena, cell), is_bold ? "}" : "");
    }
    arena_release(&arena);
    return error ? error : outlet_print(outlet, " \\\\\n");
}

int table_latex(const struct outlet *outlet, const struct table_run *runs, int count,
                const struct table_wish *wish)
{
    struct summary summary;
    int error = gather(&summary, runs, count, wish);
    if (!error)
        error = outlet_print(outlet, "\\begin{tabular}{");
    for (int c = 0; c < summary.column_count && !error; c++)
        error = outlet_print(outlet, "%s", summary.columns[c].is_right ? "r" : "l");
    if (!error)
        error = outlet_print(outlet, "}\n  \\hline\n");
    if (!error)
        error = latex_line(&summary, outlet, -1);
    if (!error)
        error = outlet_print(outlet, "  \\hline\n");
    for (int i = 0; i < count && !error; i++)
        error = latex_line(&summary, outlet, i);
    if (!error)
        error = outlet_print(outlet, "  \\hline\n\\end{tabular}\n");
    arena_release(&summary.arena);
    return error;
}
