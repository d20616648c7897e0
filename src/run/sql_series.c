/* Curves out of the catalogue: see points.h for how they lie there. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "catalogue_parts.h"
#include "points.h"

/* What is looked for, and what has been found of it. */
struct search {
    struct sql *db;
    int64_t metric, blocks;       /* full blocks */
    double first_step, last_step; /* bounds, infinite where there are none */
    struct arena *arena;
    struct series *out;
    int room;
};

/* A stretch of buckets of one level, or of blocks (level 1 has as many): [first, end). */
struct stretch {
    int64_t first, end;
};

static void add(struct search *search, double step, double time, double mean, double low,
                double high)
{
    struct series *out = search->out;
    if (out->count == search->room) {
        search->room = search->room ? 2 * search->room : 1024;
        double **arrays[] = { &out->step, &out->time, &out->mean, &out->low, &out->high };
        for (int i = 0; i < ARRAY_SIZE(arrays); i++) {
            double *more = arena_alloc(search->arena, (size_t)search->room, sizeof *more);
            if (out->count > 0)
                memcpy(more, *arrays[i], (size_t)out->count * sizeof *more);
            *arrays[i] = more;
        }
    }
    int i = out->count++;
    out->step[i] = step;
    out->time[i] = time;
    out->mean[i] = mean;
    out->low[i] = low;
    out->high[i] = high;
}

/* Single points of blocks, the last and open one included. */
static void read_blocks(struct search *search, struct stretch stretch)
{
    struct sql_query *query =
        sql_query(search->db, "SELECT points FROM block WHERE metric = ? AND block >= ?"
                              " AND block < ? ORDER BY block");
    sql_bind_integer(query, 1, search->metric);
    sql_bind_integer(query, 2, stretch.first);
    sql_bind_integer(query, 3, stretch.end);
    while (sql_step(query)) {
        const char *at = sql_text(query, 0);
        struct point point;
        while (point_next(&at, &point)) {
            double step = (double)point.step;
            double value = isfinite(point.value) ? point.value : NAN;
            if (step >= search->first_step && step <= search->last_step)
                add(search, step, point.time, value, value, value);
        }
    }
    sql_done(query);
}

static void read_buckets(struct search *search, int level, struct stretch stretch)
{
    struct sql_query *query =
        sql_query(search->db, "SELECT first_step, last_step, last_time, mean, low, high FROM bucket"
                              " WHERE metric = ? AND level = ? AND bucket >= ? AND bucket < ?"
                              " ORDER BY bucket");
    sql_bind_integer(query, 1, search->metric);
    sql_bind_integer(query, 2, level);
    sql_bind_integer(query, 3, stretch.first);
    sql_bind_integer(query, 4, stretch.end);
    while (sql_step(query))
        if (sql_real(query, 1) >= search->first_step && sql_real(query, 0) <= search->last_step)
            add(search, sql_real(query, 1), sql_real(query, 2), sql_real(query, 3),
                sql_real(query, 4), sql_real(query, 5));
    sql_done(query);
}

/* Blocks in a bucket of a level. */
static int64_t span(int level)
{
    int64_t blocks = 1;
    for (; level > 1; level--)
        blocks *= POINTS_FAN;
    return blocks;
}

/* The first bucket of `stretch` that overlaps the bounds, ends included, or the last one; -1 if none
 * does. It is found near its end of the stretch, since the bucket above overlaps them, too. */
static int64_t find_overlap(struct search *search, int level, struct stretch stretch, bool is_first)
{
#define OVERLAPS                                                                                   \
    "SELECT bucket FROM bucket WHERE metric = ? AND level = ? AND bucket >= ? AND bucket < ?"      \
    " AND last_step >= ? AND first_step <= ? ORDER BY bucket "
    struct sql_query *query =
        sql_query(search->db, is_first ? OVERLAPS "LIMIT 1" : OVERLAPS "DESC LIMIT 1");
    sql_bind_integer(query, 1, search->metric);
    sql_bind_integer(query, 2, level);
    sql_bind_integer(query, 3, stretch.first);
    sql_bind_integer(query, 4, stretch.end);
    sql_bind_real(query, 5, search->first_step);
    sql_bind_real(query, 6, search->last_step);
    int64_t found = sql_step(query) ? sql_integer(query, 0) : -1;
    sql_done(query);
    return found;
}

/* Of the buckets in `stretch` those from the first to the last that overlap: steps need not ascend. */
static struct stretch overlapping(struct search *search, int level, struct stretch stretch)
{
    int64_t first = find_overlap(search, level, stretch, true);
    if (first < 0)
        return (struct stretch){ stretch.first, stretch.first };
    return (struct stretch){ first, find_overlap(search, level, stretch, false) + 1 };
}

static int top_level(const struct search *search)
{
    int level = 1;
    while (search->blocks / span(level + 1) > 0)
        level++;
    return level;
}

/* The full blocks that the bounds lie in, found from the top down: a few rows a level. What is not in
 * a bucket of the level above yet is looked at as well. */
static struct stretch find_blocks(struct search *search)
{
    struct stretch all = { 0, search->blocks };
    if (isinf(search->first_step) && isinf(search->last_step))
        return all;
    int level = top_level(search);
    struct stretch here = { 0, search->blocks / span(level) };
    for (;; level--) {
        here = overlapping(search, level, here);
        int64_t rest = search->blocks / span(level) * span(level); /* blocks above have summed up */
        if (level == 1)
            return here;
        struct stretch below = { here.first * POINTS_FAN, here.end * POINTS_FAN };
        int64_t tail = rest / span(level - 1);
        struct stretch late = overlapping(
            search, level - 1, (struct stretch){ tail, search->blocks / span(level - 1) });
        if (late.end > late.first)
            below = here.end > here.first ? (struct stretch){ below.first, late.end } : late;
        here = below;
    }
}

/* The highest level that still gives enough; 0: single points. */
static int choose_level(struct search *search, struct stretch blocks, int resolution)
{
    int level = 0;
    while (level < top_level(search) && (blocks.end - blocks.first) / span(level + 1) >= resolution)
        level++;
    return level;
}

/* Buckets of `level` for the middle, what does not fill one in lower levels, in the order of the
 * blocks. */
static void read_stretch(struct search *search, int level, struct stretch blocks)
{
    if (blocks.first >= blocks.end)
        return;
    if (level == 0) {
        read_blocks(search, blocks);
        return;
    }
    int64_t size = span(level);
    int64_t first = (blocks.first + size - 1) / size, end = blocks.end / size;
    if (first >= end) {
        read_stretch(search, level - 1, blocks);
        return;
    }
    read_stretch(search, level - 1, (struct stretch){ blocks.first, first * size });
    read_buckets(search, level, (struct stretch){ first, end });
    read_stretch(search, level - 1, (struct stretch){ end * size, blocks.end });
}

static bool find_metric(struct search *search, int64_t run, const char *metric)
{
    struct sql_query *query =
        sql_query(search->db, "SELECT id, points FROM metric WHERE run = ? AND name = ?");
    sql_bind_integer(query, 1, run);
    sql_bind_text(query, 2, metric);
    bool found = sql_step(query);
    if (found) {
        search->metric = sql_integer(query, 0);
        search->blocks = sql_integer(query, 1) / POINTS_BLOCK;
    }
    sql_done(query);
    return found;
}

int catalogue_series(struct catalogue *catalogue, struct arena *arena, int64_t run,
                     const char *metric, double first_step, double last_step, int resolution,
                     struct series *out)
{
    struct search search = { .db = catalogue->db,
                             .first_step = isnan(first_step) ? -INFINITY : first_step,
                             .last_step = isnan(last_step) ? INFINITY : last_step,
                             .arena = arena,
                             .out = out };
    *out = (struct series){ .count = 0 };
    sql_begin_reading(catalogue->db);
    if (!find_metric(&search, run, metric))
        return sql_end_reading(catalogue->db);
    struct stretch blocks = find_blocks(&search);
    read_stretch(&search, choose_level(&search, blocks, MAX(resolution, 1)), blocks);
    read_blocks(&search, (struct stretch){ search.blocks, search.blocks + 1 });
    return sql_end_reading(catalogue->db);
}
