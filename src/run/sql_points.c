/* Points on their way into the catalogue: see points.h for how they lie there. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "catalogue_parts.h"
#include "points.h"

enum { NAME_LIMIT = 256, METRIC_LIMIT = 100000, PREFIX_SIZE = 64, LEVELS = 16 };

/* What the points of a block come to. */
struct summary {
    int64_t first_step, last_step, finite;
    double first_time, last_time, low, high, sum;
};

static void summary_begin(struct summary *summary)
{
    *summary = (struct summary){ .first_step = INT64_MAX,
                                 .last_step = INT64_MIN,
                                 .first_time = NAN,
                                 .last_time = NAN,
                                 .low = NAN,
                                 .high = NAN };
}

static void summary_add(struct summary *summary, int64_t step, double time, double value)
{
    summary->first_step = MIN(summary->first_step, step);
    summary->last_step = MAX(summary->last_step, step);
    summary->first_time = fmin(summary->first_time, time);
    summary->last_time = fmax(summary->last_time, time);
    if (!isfinite(value))
        return;
    summary->finite++;
    summary->sum += value;
    summary->low = fmin(summary->low, value);
    summary->high = fmax(summary->high, value);
}

/* A metric that the transaction has met. */
struct metric_state {
    char *name;
    int64_t id, points;
    double last, last_time, low, high;
    int64_t last_step, low_step, high_step;
    struct spark spark;
    struct summary open; /* of the open block */
    char *block;         /* text of the open block, without its closing bracket */
    size_t used, room;
};

struct point_writer {
    struct sql *db;
    int64_t run;
    struct metric_state *metrics;
    int count, room;
    int *slots; /* hash table of indices into metrics, -1 free; twice as many as metrics at least */
    int slot_count;
    int next; /* the metric that came after the last one, the last time */
    int64_t dropped;
    char prefix[PREFIX_SIZE]; /* "[step,time," of the last line */
    size_t prefix_length;
    int64_t prefix_step;
    double prefix_time;
};

struct point_writer *points_open(struct sql *db, int64_t run)
{
    struct point_writer *writer = xcalloc(1, sizeof *writer);
    writer->db = db;
    writer->run = run;
    writer->prefix_step = -1;
    return writer;
}

int64_t points_dropped(const struct point_writer *writer)
{
    return writer->dropped;
}

/* --- finding a metric --- */

/* The slot of the name, or the free one where it belongs. */
static int *find_slot(struct point_writer *writer, const char *name)
{
    size_t mask = (size_t)writer->slot_count - 1;
    for (size_t i = fnv_text(FNV_START, name) & mask;; i = (i + 1) & mask) {
        int index = writer->slots[i];
        if (index < 0 || strcmp(writer->metrics[index].name, name) == 0)
            return &writer->slots[i];
    }
}

static void grow(struct point_writer *writer)
{
    writer->room = writer->room ? 2 * writer->room : 16;
    writer->metrics = xrealloc(writer->metrics, (size_t)writer->room, sizeof *writer->metrics);
    writer->slot_count = 2 * writer->room;
    writer->slots = xrealloc(writer->slots, (size_t)writer->slot_count, sizeof *writer->slots);
    memset(writer->slots, 0xFF, (size_t)writer->slot_count * sizeof *writer->slots);
    for (int i = 0; i < writer->count; i++)
        *find_slot(writer, writer->metrics[i].name) = i;
}

static void add_text(struct metric_state *metric, const char *text, size_t length)
{
    if (metric->used + length + 1 > metric->room) {
        metric->room = MAX(2 * metric->room, metric->used + length + 256);
        metric->block = xrealloc(metric->block, metric->room, 1);
    }
    memcpy(metric->block + metric->used, text, length);
    metric->used += length;
    metric->block[metric->used] = '\0';
}

/* The open block as it was left. */
static void load_block(struct point_writer *writer, struct metric_state *metric)
{
    if (metric->points % POINTS_BLOCK == 0)
        return;
    struct sql_query *query =
        sql_query(writer->db, "SELECT points FROM block WHERE metric = ? AND block = ?");
    sql_bind_integer(query, 1, metric->id);
    sql_bind_integer(query, 2, metric->points / POINTS_BLOCK);
    if (sql_step(query)) {
        const char *text = sql_text(query, 0), *at = text;
        struct point point;
        add_text(metric, text, strlen(text) - 1);
        while (point_next(&at, &point))
            summary_add(&metric->open, point.step, point.time, point.value);
    }
    sql_done(query);
}

static bool load_metric(struct point_writer *writer, struct metric_state *metric)
{
    size_t size;
    struct sql_query *query = sql_query(
        writer->db, "SELECT id, points, last, last_step, last_time, low, low_step, high, high_step,"
                    " spark FROM metric WHERE run = ? AND name = ?");
    sql_bind_integer(query, 1, writer->run);
    sql_bind_text(query, 2, metric->name);
    bool found = sql_step(query);
    if (found) {
        metric->id = sql_integer(query, 0);
        metric->points = sql_integer(query, 1);
        metric->last = sql_real(query, 2);
        metric->last_step = sql_integer(query, 3);
        metric->last_time = sql_real(query, 4);
        metric->low = sql_real(query, 5);
        metric->low_step = sql_integer(query, 6);
        metric->high = sql_real(query, 7);
        metric->high_step = sql_integer(query, 8);
        const void *blob = sql_blob(query, 9, &size);
        spark_unpack(&metric->spark, blob, size);
    }
    sql_done(query);
    return found;
}

static void make_metric(struct point_writer *writer, struct metric_state *metric)
{
    struct sql_query *query = sql_query(
        writer->db,
        "INSERT INTO metric(id, run, name, points) VALUES((SELECT coalesce(max(id), 0) + 1"
        " FROM metric), ?, ?, 0) RETURNING id");
    sql_bind_integer(query, 1, writer->run);
    sql_bind_text(query, 2, metric->name);
    if (sql_step(query))
        metric->id = sql_integer(query, 0);
    sql_done(query);
    metric->low = metric->high = NAN;
}

static struct metric_state *find_metric(struct point_writer *writer, const char *name)
{
    if (writer->next < writer->count && strcmp(writer->metrics[writer->next].name, name) == 0)
        return &writer->metrics[writer->next++];
    if (writer->count == writer->room)
        grow(writer);
    int *slot = find_slot(writer, name);
    if (*slot < 0) {
        if (writer->count >= METRIC_LIMIT || strlen(name) > NAME_LIMIT || !*name)
            return NULL;
        struct metric_state *metric = &writer->metrics[writer->count];
        *metric = (struct metric_state){ .name = xstrdup(name) };
        summary_begin(&metric->open);
        if (load_metric(writer, metric))
            load_block(writer, metric);
        else
            make_metric(writer, metric);
        *slot = writer->count++;
    }
    writer->next = *slot + 1;
    return &writer->metrics[*slot];
}

/* --- blocks and buckets --- */

static void put_block(struct point_writer *writer, struct metric_state *metric, int64_t block)
{
    struct sql_query *query =
        sql_query(writer->db, "INSERT INTO block(metric, block, points) VALUES(?, ?, ?)"
                              " ON CONFLICT(metric, block) DO UPDATE SET points = excluded.points");
    add_text(metric, "]", 1);
    sql_bind_integer(query, 1, metric->id);
    sql_bind_integer(query, 2, block);
    sql_bind_text_n(query, 3, metric->block, metric->used);
    sql_do(query);
    metric->block[--metric->used] = '\0';
}

/* What the block that has just become full comes to. */
static void put_first_bucket(struct point_writer *writer, const struct metric_state *metric,
                             int64_t block)
{
    struct sql_query *query = sql_query(
        writer->db, "INSERT INTO bucket(metric, level, bucket, first_step, last_step, first_time,"
                    " last_time, finite, low, high, mean) VALUES(?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const struct summary *open = &metric->open;
    sql_bind_integer(query, 1, metric->id);
    sql_bind_integer(query, 2, block);
    sql_bind_integer(query, 3, open->first_step);
    sql_bind_integer(query, 4, open->last_step);
    sql_bind_real(query, 5, open->first_time);
    sql_bind_real(query, 6, open->last_time);
    sql_bind_integer(query, 7, open->finite);
    sql_bind_real(query, 8, open->low);
    sql_bind_real(query, 9, open->high);
    sql_bind_real(query, 10, open->finite > 0 ? open->sum / (double)open->finite : NAN);
    sql_do(query);
}

/* One of `level` from the eight of the level below that have just become complete. */
static void put_higher_bucket(struct point_writer *writer, int64_t metric, int level,
                              int64_t bucket)
{
    struct sql_query *query = sql_query(
        writer->db, "INSERT INTO bucket SELECT metric, level + 1, ?3, min(first_step),"
                    " max(last_step), min(first_time), max(last_time), sum(finite), min(low),"
                    " max(high), sum(mean * finite) / nullif(sum(finite), 0) FROM bucket"
                    " WHERE metric = ?1 AND level = ?2 AND bucket BETWEEN ?3 * 8 AND ?3 * 8 + 7");
    _Static_assert(POINTS_FAN == 8, "it stands in the statement");
    sql_bind_integer(query, 1, metric);
    sql_bind_integer(query, 2, level - 1);
    sql_bind_integer(query, 3, bucket);
    sql_do(query);
}

static void close_block(struct point_writer *writer, struct metric_state *metric)
{
    int64_t bucket = metric->points / POINTS_BLOCK - 1;
    put_block(writer, metric, bucket);
    put_first_bucket(writer, metric, bucket);
    for (int level = 2; level < LEVELS && (bucket + 1) % POINTS_FAN == 0; level++) {
        bucket /= POINTS_FAN;
        put_higher_bucket(writer, metric->id, level, bucket);
    }
    metric->used = 0;
    summary_begin(&metric->open);
}

/* --- points --- */

/* Digits of a number that is not negative, from their end. */
static char *put_digits(char *end, uint64_t number)
{
    do
        *--end = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return end;
}

/* "[step,time,": the time to a thousandth of a second, as all journals of ours have it. */
static void set_prefix(struct point_writer *writer, int64_t step, double time)
{
    if (writer->prefix_step == step && writer->prefix_time == time)
        return;
    char *const end = writer->prefix + PREFIX_SIZE, *at = end;
    *--at = ',';
    if (time >= 0 && time < 9e12) {
        uint64_t thousandths = (uint64_t)(time * 1000 + 0.5);
        for (int i = 0; i < 3; i++, thousandths /= 10)
            *--at = (char)('0' + thousandths % 10);
        *--at = '.';
        at = put_digits(at, thousandths);
    } else {
        static const char null[] = { 'n', 'u', 'l', 'l' };
        at -= sizeof null;
        memcpy(at, null, sizeof null);
    }
    *--at = ',';
    at = put_digits(at, (uint64_t)MAX(step, 0));
    *--at = '[';
    writer->prefix_length = (size_t)(end - at);
    memmove(writer->prefix, at, writer->prefix_length);
    writer->prefix_step = step;
    writer->prefix_time = time;
}

static void note_value(struct metric_state *metric, int64_t step, double time, double value)
{
    metric->points++;
    metric->last = value;
    metric->last_step = step;
    metric->last_time = time;
    summary_add(&metric->open, step, time, value);
    spark_add(&metric->spark, value);
    if (!isfinite(value))
        return;
    if (isnan(metric->low) || value < metric->low) {
        metric->low = value;
        metric->low_step = step;
    }
    if (isnan(metric->high) || value > metric->high) {
        metric->high = value;
        metric->high_step = step;
    }
}

void points_put(struct point_writer *writer, const char *name, int64_t step, double time,
                double value, const char *text)
{
    struct metric_state *metric = find_metric(writer, name);
    if (!metric) {
        writer->dropped++;
        return;
    }
    if (isnan(value))
        text = "null";
    else if (isinf(value))
        text = value > 0 ? "9e999" : "-9e999";
    set_prefix(writer, step, time);
    add_text(metric, metric->used > 0 ? "," : "[", 1);
    add_text(metric, writer->prefix, writer->prefix_length);
    add_text(metric, text, strlen(text));
    add_text(metric, "]", 1);
    note_value(metric, step, time, value);
    if (metric->points % POINTS_BLOCK == 0)
        close_block(writer, metric);
}

static void save_metric(struct point_writer *writer, struct metric_state *metric)
{
    char spark[SPARK_BYTES];
    struct sql_query *query = sql_query(
        writer->db, "UPDATE metric SET points = ?, last = ?, last_step = ?, last_time = ?, low = ?,"
                    " low_step = ?, high = ?, high_step = ?, spark = ? WHERE id = ?");
    if (metric->used > 0)
        put_block(writer, metric, metric->points / POINTS_BLOCK);
    sql_bind_integer(query, 1, metric->points);
    sql_bind_real(query, 2, metric->last);
    sql_bind_integer(query, 3, metric->last_step);
    sql_bind_real(query, 4, metric->last_time);
    sql_bind_real(query, 5, metric->low);
    sql_bind_integer(query, 6, metric->low_step);
    sql_bind_real(query, 7, metric->high);
    sql_bind_integer(query, 8, metric->high_step);
    sql_bind_blob(query, 9, spark, spark_pack(&metric->spark, spark));
    sql_bind_integer(query, 10, metric->id);
    sql_do(query);
}

void points_close(struct point_writer *writer)
{
    for (int i = 0; i < writer->count; i++) {
        save_metric(writer, &writer->metrics[i]);
        free(writer->metrics[i].name);
        free(writer->metrics[i].block);
    }
    free(writer->metrics);
    free(writer->slots);
    free(writer);
}
