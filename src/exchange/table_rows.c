/* Metrics of runs as they were journalled: csv and jsonl. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "exchange/table.h"
#include "name_map.h"
#include "outlet.h"
#include "run/journal.h"
#include "run/rundir.h"

enum { COLUMNS_LIMIT = 4096 };

/* --- what of a run's events is wanted --- */

struct rows {
    const struct outlet *outlet;
    const struct table_run *run;
    const struct table_wish *wish;
    bool has_run; /* a column of it */
    struct name_map names;
    double *values; /* (names) of the row; NaN and … */
    bool *has;      /* … (names): whether it is there */
    int filled;
    double time;
    int64_t step;
    const char *experiment;
};

static bool is_wanted(const struct rows *rows, const char *name)
{
    return rows->wish->metric_count > 0 ? name_find(&rows->names, name) >= 0
                                        : strncmp(name, "use.", 4) != 0;
}

/* Of metrics of resource use, which the worker journals. */
struct use_rows {
    struct rows *rows;
    int (*visit)(void *context, const struct event *event);
    const struct use_line *line;
    int error;
};

static void visit_use_value(void *context, const char *key, const struct json *value)
{
    struct use_rows *use = context;
    struct event_metric metric = { .name = key };
    char name[128];
    snprintf(name, sizeof name, "use.%s", key);
    metric.name = name;
    if (use->error || !json_get_number(value, &metric.value) || !is_wanted(use->rows, name))
        return;
    struct event event = {
        .time = use->line->time, .step = use->line->step, .metrics = &metric, .metric_count = 1
    };
    use->error = use->visit(use->rows, &event);
}

static void visit_use(void *context, const struct use_line *line)
{
    struct use_rows *use = context;
    use->line = line;
    json_each(line->values, visit_use_value, use);
}

static bool wants_use(const struct table_wish *wish)
{
    for (int i = 0; i < wish->metric_count; i++)
        if (strncmp(wish->metrics[i], "use.", 4) == 0)
            return true;
    return false;
}

/* All events of a run that count. */
static int each_event(struct rows *rows, const struct table_run *run,
                      int (*visit)(void *context, const struct event *event))
{
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    struct use_rows use = { .rows = rows, .visit = visit };
    const char *directory = store_run_directory(&arena, run->store, run->number);
    rows->run = run;
    int error =
        worker_read(&arena, &story, directory, wants_use(rows->wish) ? visit_use : NULL, &use);
    if (!error)
        error = use.error;
    if (!error)
        error = events_read(directory, &story, &place, 0, visit, rows);
    arena_release(&arena);
    return error;
}

/* --- names --- */

static int note_names(void *context, const struct event *event)
{
    struct rows *rows = context;
    for (int i = 0; i < event->metric_count && !event->is_superseded; i++) {
        const char *name = event->metrics[i].name;
        if (!is_wanted(rows, name))
            continue;
        int number = name_number(&rows->names, name);
        if (rows->wish->metric_count > 0)
            rows->has[number] = true;
    }
    return 0;
}

/* Each that is named must be there, and a row of all must be one that can be read. */
static int check_named(const struct rows *rows)
{
    for (int i = 0; i < rows->wish->metric_count; i++)
        if (!rows->has[name_find(&rows->names, rows->wish->metrics[i])])
            return fail(ERR_NOT_FOUND, "no run has a metric '%.200s'", rows->wish->metrics[i]);
    if (rows->names.count > COLUMNS_LIMIT)
        return fail(ERR_INVALID,
                    "%d different metrics are too many for a table: name some with "
                    "--metric",
                    rows->names.count);
    return 0;
}

static int find_names(struct rows *rows, const struct table_run *runs, int count)
{
    int error = 0;
    for (int i = 0; i < rows->wish->metric_count; i++)
        name_number(&rows->names, rows->wish->metrics[i]);
    rows->has = xcalloc((size_t)rows->names.count, sizeof *rows->has);
    for (int i = 0; i < count && !error; i++)
        error = each_event(rows, &runs[i], note_names);
    if (!error)
        error = check_named(rows);
    free(rows->has);
    rows->has = xcalloc((size_t)rows->names.count, sizeof *rows->has);
    rows->values = xcalloc((size_t)rows->names.count, sizeof *rows->values);
    return error;
}

static void rows_release(struct rows *rows)
{
    free(rows->has);
    free(rows->values);
    name_map_release(&rows->names);
}

/* --- csv --- */

/* "a,b" with its quotes, as RFC 4180 has it; others as they are. */
static const char *csv_field(struct arena *arena, const char *text)
{
    if (!text[strcspn(text, ",;\"\r\n\t")])
        return text;
    char *out = arena_alloc(arena, 2 * strlen(text) + 3, 1), *to = out;
    *to++ = '"';
    for (; *text; text++) {
        if (*text == '"')
            *to++ = '"';
        *to++ = *text;
    }
    *to++ = '"';
    return out;
}

/* As pandas and R read them. */
static const char *csv_number(struct arena *arena, double value)
{
    return isnan(value)   ? "NaN"
           : isinf(value) ? value < 0 ? "-inf" : "inf"
                          : format_real(arena, value);
}

static int put_row(struct rows *rows)
{
    struct arena arena = { 0 };
    if (rows->filled == 0)
        return 0;
    int error =
        rows->has_run ? outlet_print(rows->outlet, "%s,", csv_field(&arena, rows->run->title)) : 0;
    if (!error)
        error = outlet_print(rows->outlet, "%lld,", (long long)rows->step);
    if (!error && !isnan(rows->time))
        error = outlet_print(rows->outlet, "%s", format_real(&arena, rows->time));
    for (int i = 0; i < rows->names.count && !error; i++)
        error = outlet_print(rows->outlet, ",%s",
                             rows->has[i] ? csv_number(&arena, rows->values[i]) : "");
    if (!error)
        error = outlet_print(rows->outlet, "\n");
    memset(rows->has, 0, (size_t)rows->names.count * sizeof *rows->has);
    rows->filled = 0;
    arena_release(&arena);
    return error;
}

/* Lines of one step are one row, as long as none of their metrics comes twice. */
static int add_event(void *context, const struct event *event)
{
    struct rows *rows = context;
    int error = 0;
    for (int i = 0; i < event->metric_count && !event->is_superseded && !error; i++) {
        int column = name_find(&rows->names, event->metrics[i].name);
        if (column < 0)
            continue;
        if (rows->filled > 0 && (rows->step != event->step || rows->has[column]))
            error = put_row(rows);
        rows->has[column] = true;
        rows->values[column] = event->metrics[i].value;
        rows->step = event->step;
        rows->time = event->time;
        rows->filled++;
    }
    return error;
}

static int put_head(struct rows *rows)
{
    struct arena arena = { 0 };
    const char **names = arena_alloc(&arena, (size_t)rows->names.count, sizeof *names);
    int error = outlet_print(rows->outlet, "%sstep,time", rows->has_run ? "run," : "");
    name_list(&rows->names, names);
    for (int i = 0; i < rows->names.count && !error; i++)
        error = outlet_print(rows->outlet, ",%s",
                             csv_field(&arena, text_clean(&arena, names[i], strlen(names[i]))));
    if (!error)
        error = outlet_print(rows->outlet, "\n");
    arena_release(&arena);
    return error;
}

int table_csv(const struct outlet *outlet, const struct table_run *runs, int count,
              const struct table_wish *wish)
{
    struct rows rows = { .outlet = outlet, .wish = wish, .has_run = count > 1 };
    int error = find_names(&rows, runs, count);
    if (!error)
        error = put_head(&rows);
    for (int i = 0; i < count && !error; i++) {
        error = each_event(&rows, &runs[i], add_event);
        if (!error)
            error = put_row(&rows);
    }
    rows_release(&rows);
    return error;
}

/* --- jsonl --- */

static int put_line(void *context, const struct event *event)
{
    struct rows *rows = context;
    struct json *line = json_new_object(), *metrics = json_new_object();
    for (int i = 0; i < event->metric_count && !event->is_superseded; i++)
        if (is_wanted(rows, event->metrics[i].name))
            json_set_number(metrics, event->metrics[i].name, event->metrics[i].value);
    bool is_empty = json_length(metrics) == 0;
    int64_t number;
    if (parse_integer(rows->run->title, &number) == 0)
        json_set_integer(line, "run", number);
    else
        json_set_string(line, "run", rows->run->title);
    json_set_string(line, "experiment", rows->experiment);
    if (!isnan(event->time))
        json_set_number(line, "t", event->time);
    json_set_integer(line, "step", event->step);
    json_set(line, "metrics", metrics);
    char *text = json_text(line, 0);
    int error = is_empty ? 0 : outlet_print(rows->outlet, "%s\n", text);
    free(text);
    json_free(line);
    return error;
}

int table_jsonl(const struct outlet *outlet, const struct table_run *runs, int count,
                const struct table_wish *wish)
{
    struct arena arena = { 0 };
    struct rows rows = { .outlet = outlet, .wish = wish };
    int error = find_names(&rows, runs, count);
    for (int i = 0; i < count && !error; i++) {
        struct run_facts facts;
        run_read_facts(&arena, &facts, runs[i].store, runs[i].number);
        rows.experiment = facts.experiment;
        error = each_event(&rows, &runs[i], put_line);
    }
    rows_release(&rows);
    arena_release(&arena);
    return error;
}
