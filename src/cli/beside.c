#define _GNU_SOURCE
#include "beside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "curves.h"

/* --- recipe values --- */

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct setting_row *)a)->key, ((const struct setting_row *)b)->key);
}

/* The settings of one run, sorted by key. */
static int settings_of(const struct beside *beside, int run, struct setting_row **rows, int *count)
{
    int error = catalogue_settings(beside->runs[run].place->catalogue, &beside->index->arena,
                                   &beside->runs[run].row.number, 1, NULL, rows, count);
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

struct setting_list {
    struct setting_row *rows;
    int count;
};

static struct beside_setting compare_setting(const struct beside *beside,
                                             const struct setting_list *lists, const char *key)
{
    struct beside_setting setting = { .key = key };
    setting.values =
        arena_alloc(&beside->index->arena, (size_t)beside->count, sizeof *setting.values);
    for (int i = 0; i < beside->count; i++) {
        setting.values[i] = value_of(lists[i].rows, lists[i].count, key);
        setting.differs |= i > 0 && !is_same(setting.values[i], setting.values[0]);
    }
    return setting;
}

int beside_settings(const struct beside *beside, struct beside_setting **settings, int *count)
{
    struct arena *arena = &beside->index->arena;
    struct setting_list *lists = arena_alloc(arena, (size_t)beside->count, sizeof *lists);
    int total = 0;
    for (int i = 0; i < beside->count; i++) {
        int error = settings_of(beside, i, &lists[i].rows, &lists[i].count);
        if (error)
            return error;
        total += lists[i].count;
    }
    *settings = arena_alloc(arena, (size_t)total, sizeof **settings);
    *count = 0;
    for (int i = 0; i < beside->count; i++)
        for (int j = 0; j < lists[i].count; j++) {
            const char *key = lists[i].rows[j].key;
            bool is_known = false;
            for (int k = 0; k < i && !is_known; k++)
                is_known = value_of(lists[k].rows, lists[k].count, key);
            if (!is_known)
                (*settings)[(*count)++] = compare_setting(beside, lists, key);
        }
    return 0;
}

/* --- metrics --- */

/* The best that a run has come to; of what has no direction the last. */
static double best_of(const struct beside_metric *metric, int run)
{
    const struct run_metric *values = &metric->values[run];
    if (values->points == 0)
        return NAN;
    return metric->direction == DIRECTION_SMALLER  ? values->low
           : metric->direction == DIRECTION_LARGER ? values->high
                                                   : values->last;
}

/* -1 where there is nothing to choose from. */
static void find_best(struct beside_metric *metric, int count)
{
    int known = 0;
    metric->best = -1;
    if (metric->direction == DIRECTION_NONE)
        return;
    for (int i = 0; i < count; i++) {
        double value = best_of(metric, i);
        known += !isnan(value);
        double best = metric->best < 0 ? NAN : best_of(metric, metric->best);
        bool is_better = metric->direction == DIRECTION_SMALLER ? value < best : value > best;
        if (!isnan(value) && (metric->best < 0 || is_better))
            metric->best = i;
    }
    if (known < 2)
        metric->best = -1;
}

static struct beside_metric *find_metric(struct beside_metric *metrics, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    return NULL;
}

int beside_metrics(const struct beside *beside, struct beside_metric **metrics, int *count)
{
    enum { LIMIT = 1000 };
    struct arena *arena = &beside->index->arena;
    *metrics = arena_alloc(arena, LIMIT, sizeof **metrics);
    *count = 0;
    for (int i = 0; i < beside->count; i++) {
        struct run_metric *rows;
        int found;
        int error = catalogue_metrics(beside->runs[i].place->catalogue, arena,
                                      &beside->runs[i].row.number, 1, NULL, &rows, &found);
        if (error)
            return error;
        for (int j = 0; j < found; j++) {
            struct beside_metric *metric = find_metric(*metrics, *count, rows[j].name);
            if (!metric && *count == LIMIT)
                continue;
            if (!metric) {
                metric = &(*metrics)[(*count)++];
                *metric = (struct beside_metric){
                    .name = rows[j].name,
                    .direction = metric_direction(rows[j].name, &beside->index->config),
                    .values = arena_alloc(arena, (size_t)beside->count, sizeof *metric->values)
                };
            }
            metric->values[i] = rows[j];
        }
    }
    for (int i = 0; i < *count; i++)
        find_best(&(*metrics)[i], beside->count);
    return 0;
}

/* --- printing --- */

/* Names in front, then a column a run. */
struct beside_table {
    const char *head;
    bool is_right;
    struct table_cell *cells; /* (rows, 1 + runs) */
    int rows;
};

static struct beside_table new_table(const struct beside *beside, const char *head, bool is_right,
                                     int rows)
{
    size_t size = (size_t)rows * ((size_t)beside->count + 1);
    return (struct beside_table){
        head, is_right, arena_alloc(&beside->index->arena, size, sizeof(struct table_cell)), 0
    };
}

static struct table_cell *add_row(const struct beside *beside, struct beside_table *table,
                                  const char *name)
{
    struct table_cell *row = &table->cells[(size_t)table->rows++ * ((size_t)beside->count + 1)];
    row[0].text = name;
    return row;
}

enum { NAMES = 25, VALUES = 8 }; /* columns that a name and a value have at least */

/* The columns of some of the runs. */
static void print_part(const struct beside *beside, const struct beside_table *table, int first,
                       int count, const struct terminal *terminal)
{
    struct arena arena = { 0 };
    int width = count + 1;
    struct table_column *columns = arena_alloc(&arena, (size_t)width, sizeof *columns);
    struct table_cell *cells =
        arena_alloc(&arena, (size_t)table->rows * (size_t)width, sizeof *cells);
    columns[0] = (struct table_column){ .title = table->head, .least = NAMES };
    for (int i = 0; i < count; i++)
        columns[i + 1] = (struct table_column){
            .title = run_title(beside->index, &beside->runs[first + i]),
            .is_right = table->is_right,
            .least = VALUES,
        };
    for (int r = 0; r < table->rows; r++) {
        const struct table_cell *row = &table->cells[(size_t)r * ((size_t)beside->count + 1)];
        cells[r * width] = row[0];
        memcpy(&cells[r * width + 1], &row[first + 1], (size_t)count * sizeof *cells);
    }
    table_print(stdout, &(struct table){ columns, width, cells, table->rows }, terminal);
    arena_release(&arena);
}

/* Runs that have no room beside the others come below them. */
static void print_table(const struct beside *beside, const struct beside_table *table)
{
    struct terminal terminal;
    terminal_probe(&terminal, stdout);
    int fit = MAX(1, (terminal.columns - NAMES) / (VALUES + TABLE_GAP));
    for (int first = 0; first < beside->count; first += fit) {
        if (first > 0)
            putchar('\n');
        print_part(beside, table, first, MIN(fit, beside->count - first), &terminal);
    }
}

void beside_print_settings(const struct beside *beside, const struct beside_setting *settings,
                           int count)
{
    struct beside_table table = new_table(beside, "recipe", false, count);
    for (int i = 0; i < count; i++) {
        if (!settings[i].differs && !beside->shows_all)
            continue;
        struct table_cell *row = add_row(beside, &table, settings[i].key);
        for (int k = 0; k < beside->count; k++)
            row[k + 1].text = settings[i].values[k] ? settings[i].values[k] : "-";
    }
    if (table.rows > 0)
        print_table(beside, &table);
    else
        printf("no recipe value differs\n");
}

static void fill_values(const struct beside *beside, const struct beside_metric *metric,
                        bool are_best, struct table_cell *row)
{
    struct arena *arena = &beside->index->arena;
    for (int k = 0; k < beside->count; k++) {
        const struct run_metric *values = &metric->values[k];
        if (values->points == 0) {
            row[k + 1].text = "-";
            continue;
        }
        double value = are_best ? best_of(metric, k) : values->last;
        const char *text = metric_format(arena, metric->name, value);
        bool is_marked = are_best && k == metric->best;
        row[k + 1].text = is_marked ? arena_printf(arena, "*%s", text) : text;
        if (is_marked)
            row[k + 1].style.attributes = STYLE_BOLD;
    }
}

void beside_print_metrics(const struct beside *beside, const struct beside_metric *metrics,
                          int count)
{
    enum { LIMIT = 40 };
    struct beside_table table = new_table(beside, "last value", true, 2 * count);
    int left_out = 0;
    bool any_best = false;
    for (int i = 0; i < count; i++) {
        bool is_use = strncmp(metrics[i].name, "use.", 4) == 0;
        if (!beside->shows_all && (is_use || table.rows >= LIMIT)) {
            left_out += !is_use;
            continue;
        }
        fill_values(beside, &metrics[i], false, add_row(beside, &table, metrics[i].name));
        if (metrics[i].best < 0)
            continue;
        const char *name = metrics[i].direction == DIRECTION_SMALLER ? "  min" : "  max";
        fill_values(beside, &metrics[i], true, add_row(beside, &table, name));
        any_best = true;
    }
    if (table.rows == 0)
        return;
    putchar('\n');
    print_table(beside, &table);
    if (any_best)
        printf("* the best of all\n");
    if (left_out > 0)
        printf("… and %d more metrics (--all)\n", left_out);
}

/* --- JSON --- */

struct json *beside_settings_json(const struct beside *beside,
                                  const struct beside_setting *settings, int count)
{
    struct json *object = json_new_object();
    for (int i = 0; i < count; i++) {
        if (!settings[i].differs && !beside->shows_all)
            continue;
        struct json *values = json_new_array();
        for (int k = 0; k < beside->count; k++)
            json_push_string(values, settings[i].values[k]);
        json_set(object, settings[i].key, values);
    }
    return object;
}

struct json *beside_metrics_json(const struct beside *beside, const struct beside_metric *metrics,
                                 int count)
{
    static const char *const directions[] = { NULL, "smaller", "larger" };
    struct json *object = json_new_object();
    for (int i = 0; i < count; i++) {
        struct json *metric = json_new_object(), *last = json_new_array(), *best = json_new_array();
        for (int k = 0; k < beside->count; k++) {
            const struct run_metric *values = &metrics[i].values[k];
            json_push_number(last, values->points > 0 ? values->last : NAN);
            json_push_number(best, best_of(&metrics[i], k));
        }
        json_set(metric, "last", last);
        json_set_string(metric, "better", directions[metrics[i].direction]);
        if (metrics[i].best >= 0) {
            json_set(metric, "best", best);
            json_set_integer(metric, "best_run", beside->runs[metrics[i].best].row.number);
        } else {
            json_free(best);
        }
        json_set(object, metrics[i].name, metric);
    }
    return object;
}
