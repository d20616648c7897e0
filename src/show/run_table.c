/* What stands in a table of runs. */
#include "show/run_table.h"

#include <string.h>

#include "draw/sparkline.h"
#include "record/metric.h"
#include "run_columns.h"

/* A metric of all runs, in their order; rows without it have no name. */
static struct run_metric *load_metric(struct index *index, const struct listed_run *runs,
                                      int run_count, const char *name)
{
    struct run_metric *all = arena_alloc(&index->arena, (size_t)run_count, sizeof *all);
    struct arena scratch = { 0 };
    int64_t *numbers = arena_alloc(&scratch, (size_t)run_count, sizeof *numbers);
    int *where = arena_alloc(&scratch, (size_t)run_count, sizeof *where);
    for (int p = 0; p < index->count; p++) {
        struct run_metric *rows;
        int count = 0, found = 0;
        for (int i = 0; i < run_count; i++)
            if (runs[i].place == &index->places[p]) {
                where[count] = i;
                numbers[count++] = runs[i].row.number;
            }
        if (catalogue_metrics(index->places[p].catalogue, &index->arena, numbers, count, name,
                              &rows, &found) < 0)
            continue;
        for (int i = 0, next = 0; i < count && next < found; i++)
            if (rows[next].run == numbers[i])
                all[where[i]] = rows[next++];
    }
    arena_release(&scratch);
    return all;
}

static const char *metric_text(struct index *index, const struct run_metric *metric,
                               const struct run_column *column)
{
    double value = column->function == FILTER_MINIMUM   ? metric->low
                   : column->function == FILTER_MAXIMUM ? metric->high
                                                        : metric->last;
    return metric->name ? metric_format(&index->arena, metric->name, value) : NULL;
}

static const char *setting_text(struct index *index, const struct listed_run *run, const char *key)
{
    struct setting_row *rows;
    int count = 0;
    catalogue_settings(run->place->catalogue, &index->arena, &run->row.number, 1, key, &rows,
                       &count);
    return count > 0 ? rows[0].value : NULL;
}

/* What one column of the table is made of. */
struct filling {
    const struct run_column *column;
    const struct run_metric *metrics; /* of all runs; NULL for a column of another kind */
    bool utf8;
};

static void fill(struct index *index, const struct filling *filling, const struct listed_run *runs,
                 int run_count, struct table_cell *cells, int stride)
{
    struct column_maker maker = { &index->arena, index->now, filling->utf8 };
    const struct run_column *column = filling->column;
    const struct run_metric *metrics = filling->metrics;
    for (int i = 0; i < run_count; i++) {
        struct table_cell *cell = &cells[(size_t)i * (size_t)stride];
        if (column->kind == COLUMN_FACT)
            cell->text = column->fact->make(&maker, &runs[i]);
        else if (column->kind == COLUMN_SETTING)
            cell->text = setting_text(index, &runs[i], column->key);
        else if (column->kind == COLUMN_METRIC)
            cell->text = metric_text(index, &metrics[i], column);
        else if (metrics && metrics[i].spark_count > 0)
            cell->text = sparkline_text(&index->arena, metrics[i].spark, metrics[i].spark_count,
                                        SPARK_COLUMNS, filling->utf8);
        if (column->kind == COLUMN_FACT)
            cell->style = fact_style(column->fact, &runs[i].row);
    }
}

static bool is_of_metric(const struct run_column *column)
{
    return column->kind == COLUMN_METRIC || column->kind == COLUMN_SPARK;
}

/* The metric of a column that one of the columns before it has, too: last, best and curve. */
static const struct run_metric *find_loaded(const struct filling *fillings, int count,
                                            const struct run_column *column)
{
    for (int i = 0; i < count && is_of_metric(column); i++)
        if (fillings[i].metrics && strcmp(fillings[i].column->key, column->key) == 0)
            return fillings[i].metrics;
    return NULL;
}

struct table run_table_make(struct index *index, const struct run_column *columns, int column_count,
                            const struct listed_run *runs, int run_count, bool utf8)
{
    struct table_column *heads = arena_alloc(&index->arena, (size_t)column_count, sizeof *heads);
    struct table_cell *cells =
        arena_alloc(&index->arena, (size_t)column_count * (size_t)run_count + 1, sizeof *cells);
    struct filling *fillings = arena_alloc(&index->arena, (size_t)column_count, sizeof *fillings);
    for (int i = 0; i < column_count; i++) {
        heads[i] = columns[i].column;
        fillings[i] = (struct filling){ &columns[i], find_loaded(fillings, i, &columns[i]), utf8 };
        if (!fillings[i].metrics && is_of_metric(&columns[i]))
            fillings[i].metrics = load_metric(index, runs, run_count, columns[i].key);
        fill(index, &fillings[i], runs, run_count, cells + i, column_count);
    }
    return (struct table){ heads, column_count, cells, run_count };
}

const char *run_value(struct index *index, const struct listed_run *run, const char *name)
{
    const struct fact_column *fact = fact_find(name);
    const char *key;
    if (fact)
        return fact->make(&(struct column_maker){ &index->arena, index->now, false }, run);
    enum filter_function function = catalogue_split_key(&index->arena, name, &key);
    struct run_column column = { .key = key, .function = function };
    struct run_metric *metric = load_metric(index, run, 1, key);
    const char *text = metric_text(index, metric, &column);
    return text ? text : setting_text(index, run, key);
}
