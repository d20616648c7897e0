/* What runs hold, out of the catalogue: metrics, values, notes, files, health. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/fnv.h"
#include "base/json.h"
#include "catalogue_parts.h"
#include "points.h"

/* A list that grows while rows are read, and moves into an arena at its end. */
struct growing {
    char *items;
    size_t size; /* bytes of one */
    int count, room;
};

static void *grow(struct growing *list)
{
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->items = xrealloc(list->items, (size_t)list->room, list->size);
    }
    return list->items + (size_t)list->count++ * list->size;
}

static void *settle(struct growing *list, struct arena *arena, int *count)
{
    void *items = arena_alloc(arena, (size_t)list->count, list->size);
    if (list->count > 0)
        memcpy(items, list->items, (size_t)list->count * list->size);
    *count = list->count;
    free(list->items);
    return items;
}

/* --- metrics --- */

static void read_metric(struct arena *arena, struct sql_query *query, struct run_metric *row)
{
    size_t size;
    struct spark spark;
    *row = (struct run_metric){
        .run = sql_integer(query, 0),
        .name = sql_copy(arena, query, 1),
        .points = sql_integer(query, 2),
        .last = sql_real(query, 3),
        .last_step = sql_integer(query, 4),
        .low = sql_real(query, 5),
        .low_step = sql_integer(query, 6),
        .high = sql_real(query, 7),
        .high_step = sql_integer(query, 8),
    };
    const void *blob = sql_blob(query, 9, &size);
    spark_unpack(&spark, blob, size);
    double *values = arena_alloc(arena, (size_t)spark.count, sizeof *values);
    for (int i = 0; i < spark.count; i++)
        values[i] = (double)spark.values[i];
    row->spark = values;
    row->spark_count = spark.count;
}

#define METRIC_COLUMNS                                                                             \
    "SELECT run, name, points, last, last_step, low, low_step, high, high_step, spark FROM metric"

/* For a few runs, one after the other. */
static void read_metrics_of_each(struct catalogue *catalogue, struct arena *arena,
                                 const int64_t *runs, int run_count, const char *name,
                                 struct growing *list)
{
    for (int i = 0; i < run_count; i++) {
        struct sql_query *query =
            name ? sql_query(catalogue->db, METRIC_COLUMNS " WHERE run = ? AND name = ?")
                 : sql_query(catalogue->db,
                             METRIC_COLUMNS " WHERE run = ?"
                                            " ORDER BY substr(name, 1, 4) = 'use.', id");
        sql_bind_integer(query, 1, runs[i]);
        if (name)
            sql_bind_text(query, 2, name);
        while (sql_step(query))
            read_metric(arena, query, grow(list));
        sql_done(query);
    }
}

/* A run, and its place in the list of those that are asked for. */
struct place {
    int64_t run;
    int index;
};

static int compare_places(const void *a, const void *b)
{
    int64_t left = ((const struct place *)a)->run, right = ((const struct place *)b)->run;
    return (left > right) - (left < right);
}

/* For thousands: all that have the metric in one scan, put into the order of the runs. */
static void scan_metrics(struct catalogue *catalogue, struct arena *arena, const int64_t *runs,
                         int run_count, const char *name, struct growing *list)
{
    struct arena scratch = { 0 };
    struct place *places = arena_alloc(&scratch, (size_t)run_count, sizeof *places);
    struct run_metric *rows = arena_alloc(&scratch, (size_t)run_count, sizeof *rows);
    for (int i = 0; i < run_count; i++)
        places[i] = (struct place){ runs[i], i };
    qsort(places, (size_t)run_count, sizeof *places, compare_places);
    struct sql_query *query = sql_query(catalogue->db, METRIC_COLUMNS " WHERE name = ?");
    sql_bind_text(query, 1, name);
    while (sql_step(query)) {
        struct place key = { .run = sql_integer(query, 0) };
        const struct place *place =
            bsearch(&key, places, (size_t)run_count, sizeof *places, compare_places);
        if (place)
            read_metric(arena, query, &rows[place->index]);
    }
    sql_done(query);
    for (int i = 0; i < run_count; i++)
        if (rows[i].name)
            *(struct run_metric *)grow(list) = rows[i];
    arena_release(&scratch);
}

int catalogue_metrics(struct catalogue *catalogue, struct arena *arena, const int64_t *runs,
                      int run_count, const char *name, struct run_metric **rows, int *count)
{
    enum { FEW = 100 };
    struct growing list = { .size = sizeof **rows };
    sql_begin_reading(catalogue->db);
    if (name && run_count > FEW)
        scan_metrics(catalogue, arena, runs, run_count, name, &list);
    else
        read_metrics_of_each(catalogue, arena, runs, run_count, name, &list);
    *rows = settle(&list, arena, count);
    return sql_end_reading(catalogue->db);
}

static int read_names(struct catalogue *catalogue, struct arena *arena, struct sql_query *query,
                      char ***names, int *count)
{
    struct growing list = { .size = sizeof **names };
    while (sql_step(query)) {
        char **name = grow(&list);
        *name = sql_copy(arena, query, 0);
    }
    sql_done(query);
    *names = settle(&list, arena, count);
    return sql_error(catalogue->db);
}

bool catalogue_has(struct catalogue *catalogue, enum catalogue_key kind, const char *name)
{
    static const char *const texts[] = {
        [KEY_METRIC] = "SELECT EXISTS(SELECT 1 FROM metric WHERE name = ?)",
        [KEY_SETTING] = "SELECT EXISTS(SELECT 1 FROM setting WHERE key = ?)",
    };
    struct sql_query *query = sql_query(catalogue->db, texts[kind]);
    sql_bind_text(query, 1, name);
    bool has = sql_step(query) && sql_integer(query, 0);
    sql_done(query);
    return has;
}

int catalogue_metric_names(struct catalogue *catalogue, struct arena *arena, char ***names,
                           int *count)
{
    return read_names(catalogue, arena,
                      /* from name to name by the index, and not through all rows */
                      sql_query(catalogue->db,
                                "WITH RECURSIVE each(name) AS (SELECT min(name) FROM metric"
                                " UNION ALL SELECT (SELECT min(m.name) FROM metric m"
                                " WHERE m.name > each.name) FROM each WHERE each.name IS NOT NULL)"
                                " SELECT name FROM each WHERE name IS NOT NULL"),
                      names, count);
}

/* --- recipe values --- */

int catalogue_settings(struct catalogue *catalogue, struct arena *arena, const int64_t *runs,
                       int run_count, const char *key, struct setting_row **rows, int *count)
{
    struct growing list = { .size = sizeof **rows };
    sql_begin_reading(catalogue->db);
    for (int i = 0; i < run_count; i++) {
        struct sql_query *query =
            sql_query(catalogue->db, "SELECT run, key, value, number FROM setting WHERE run = ?1"
                                     " AND (?2 IS NULL OR key = ?2) ORDER BY key");
        sql_bind_integer(query, 1, runs[i]);
        sql_bind_text(query, 2, key);
        while (sql_step(query)) {
            struct setting_row *row = grow(&list);
            *row = (struct setting_row){ .run = sql_integer(query, 0),
                                         .key = sql_copy(arena, query, 1),
                                         .value = sql_copy(arena, query, 2),
                                         .number = sql_real(query, 3) };
        }
        sql_done(query);
    }
    *rows = settle(&list, arena, count);
    return sql_end_reading(catalogue->db);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int catalogue_setting_names(struct catalogue *catalogue, struct arena *arena, char ***names,
                            int *count)
{
    /* sorted here: SQLite would sort the keys of all runs before it finds the different ones */
    int error =
        read_names(catalogue, arena, sql_query(catalogue->db, "SELECT DISTINCT key FROM setting"),
                   names, count);
    if (*count > 0)
        qsort(*names, (size_t)*count, sizeof **names, compare_names);
    return error;
}

/* --- the rest --- */

/* With the run bound. */
static struct sql_query *of_run(struct catalogue *catalogue, const char *text, int64_t run)
{
    sql_clear(catalogue->db);
    struct sql_query *query = sql_query(catalogue->db, text);
    sql_bind_integer(query, 1, run);
    return query;
}

int catalogue_notes(struct catalogue *catalogue, struct arena *arena, int64_t run,
                    struct note_row **rows, int *count)
{
    struct growing list = { .size = sizeof **rows };
    struct sql_query *query =
        of_run(catalogue, "SELECT time, author, text FROM note WHERE run = ? ORDER BY note", run);
    while (sql_step(query)) {
        struct note_row *row = grow(&list);
        *row = (struct note_row){ sql_real(query, 0), sql_copy(arena, query, 1),
                                  sql_copy(arena, query, 2) };
    }
    *rows = settle(&list, arena, count);
    return sql_done(query);
}

int catalogue_files(struct catalogue *catalogue, struct arena *arena, int64_t run, const char *kind,
                    struct file_row **rows, int *count)
{
    struct growing list = { .size = sizeof **rows };
    struct sql_query *query = of_run(catalogue,
                                     "SELECT step, time, path FROM file WHERE run = ? AND kind = ?"
                                     " AND superseded = 0 ORDER BY step, path",
                                     run);
    sql_bind_text(query, 2, kind);
    while (sql_step(query)) {
        struct file_row *row = grow(&list);
        *row = (struct file_row){ sql_integer(query, 0), sql_real(query, 1),
                                  sql_copy(arena, query, 2) };
    }
    *rows = settle(&list, arena, count);
    return sql_done(query);
}

static void read_counts(const char *text, struct arena *arena, struct evaluation_row *out)
{
    enum { MOST = 256 };
    struct json *root = NULL;
    if (!text || json_parse(&root, text, strlen(text)) < 0)
        return;
    out->classes = (int)MIN(json_length(root), (size_t)MOST);
    out->counts = arena_alloc(arena, (size_t)MAX(out->classes, 1), sizeof *out->counts);
    for (int i = 0; i < out->classes; i++)
        if (!json_get_number(json_item(root, (size_t)i), &out->counts[i]))
            out->counts[i] = 0;
    json_free(root);
}

int catalogue_health(struct catalogue *catalogue, struct arena *arena, int64_t run,
                     struct health_row **rows, int *count)
{
    struct growing list = { .size = sizeof **rows };
    struct sql_query *query = of_run(
        catalogue,
        "SELECT step, time, state, why, advice FROM health WHERE run = ? ORDER BY change", run);
    while (sql_step(query)) {
        struct health_row *row = grow(&list);
        *row = (struct health_row){ sql_integer(query, 0), sql_real(query, 1),
                                    sql_copy(arena, query, 2), sql_copy(arena, query, 3),
                                    sql_copy(arena, query, 4) };
    }
    *rows = settle(&list, arena, count);
    return sql_done(query);
}

int catalogue_evaluation(struct catalogue *catalogue, struct arena *arena, int64_t run,
                         struct evaluation_row *out)
{
    struct sql_query *query =
        of_run(catalogue,
               "SELECT step, samples, classes FROM evaluation WHERE run = ? ORDER BY step DESC"
               " LIMIT 1",
               run);
    *out = (struct evaluation_row){ .step = -1 };
    if (sql_step(query)) {
        out->step = sql_integer(query, 0);
        out->samples = sql_integer(query, 1);
        read_counts(sql_copy(arena, query, 2), arena, out);
    }
    return sql_done(query);
}

int catalogue_attempts(struct catalogue *catalogue, struct arena *arena, int64_t run,
                       struct attempt_row **rows, int *count)
{
    struct growing list = { .size = sizeof **rows };
    struct sql_query *query =
        of_run(catalogue,
               "SELECT time, worked, from_step FROM attempt WHERE run = ? ORDER BY attempt", run);
    while (sql_step(query))
        *(struct attempt_row *)grow(&list) =
            (struct attempt_row){ sql_real(query, 0), sql_real(query, 1), sql_integer(query, 2) };
    *rows = settle(&list, arena, count);
    return sql_done(query);
}

int catalogue_engine(struct catalogue *catalogue, struct arena *arena, int64_t run,
                     struct fact_row **rows, int *count)
{
    struct growing list = { .size = sizeof **rows };
    struct sql_query *query =
        of_run(catalogue,
               "SELECT key, value FROM engine WHERE run = ?1 AND attempt ="
               " (SELECT max(attempt) FROM engine WHERE run = ?1) ORDER BY key",
               run);
    while (sql_step(query)) {
        struct fact_row *row = grow(&list);
        *row = (struct fact_row){ sql_copy(arena, query, 0), sql_copy(arena, query, 1) };
    }
    *rows = settle(&list, arena, count);
    return sql_done(query);
}

int catalogue_journal(struct catalogue *catalogue, int64_t run, struct journal_counts *out)
{
    struct sql_query *query =
        of_run(catalogue, "SELECT lines, superseded, bad FROM run WHERE number = ?", run);
    *out = (struct journal_counts){ 0 };
    if (sql_step(query))
        *out = (struct journal_counts){ sql_integer(query, 0), sql_integer(query, 1),
                                        sql_integer(query, 2) };
    return sql_done(query);
}

/* All that is taken in comes with bytes of its files, but for what probing its locks says. */
static uint64_t mark_run(struct catalogue *catalogue, uint64_t mark, int64_t run)
{
    enum { NUMBERS = 7 };
    struct sql_query *query = of_run(
        catalogue,
        "SELECT settled, orphan, stalled, step, worker_size, events_size, notes_size, place, state"
        " FROM run JOIN reading ON run = number WHERE number = ?",
        run);
    mark = fnv_integer(mark, run);
    if (sql_step(query)) {
        for (int i = 0; i < NUMBERS; i++)
            mark = fnv_integer(mark, sql_integer(query, i));
        mark = fnv_text(mark, sql_text(query, NUMBERS));
        mark = fnv_text(mark, sql_text(query, NUMBERS + 1));
    }
    return sql_done(query) < 0 ? 0 : mark;
}

uint64_t catalogue_mark(struct catalogue *catalogue, const int64_t *runs, int count)
{
    uint64_t mark = FNV_START;
    for (int i = 0; i < count && mark != 0; i++)
        mark = mark_run(catalogue, mark, runs[i]);
    return mark;
}
