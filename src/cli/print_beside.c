#define _GNU_SOURCE
#include "print_beside.h"

#include <math.h>
#include <string.h>

#include "draw/table.h"

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
        double value = are_best ? beside_best(metric, k) : values->last;
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
            json_push_number(best, beside_best(&metrics[i], k));
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
