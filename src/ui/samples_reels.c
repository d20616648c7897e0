#define _GNU_SOURCE
#include "samples_reels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "show/curves.h"

struct reels_wish {
    int64_t runs[REELS_LIMIT];
    int count;
};

/* --- one run --- */

static const char *setting_of(struct index *index, int64_t run, const char *key)
{
    struct setting_row *rows;
    int count;
    int error =
        catalogue_settings(index->places[0].catalogue, &index->arena, &run, 1, key, &rows, &count);
    return !error && count > 0 && rows[0].value ? rows[0].value : "";
}

/* A generator is conditional when its layers embed labels. */
static int find_classes(struct index *index, int64_t run)
{
    enum { MOST = 1000 };
    struct fact_row *facts;
    int count;
    if (!strstr(setting_of(index, run, "generator.layers"), "embed ") ||
        catalogue_engine(index->places[0].catalogue, &index->arena, run, &facts, &count) < 0)
        return 0;
    for (int i = 0; i < count; i++)
        if (strcmp(facts[i].key, "data.classes") == 0 && facts[i].value)
            return (int)MIN(MAX(strtol(facts[i].value, NULL, 10), 0), MOST);
    return 0;
}

/* Files that somebody has removed since they were journalled are left out, and of several of one step
 * all but the last. */
static int load_files(struct index *index, struct reel *reel)
{
    struct catalogue *catalogue = index->places[0].catalogue;
    struct file_row *rows;
    int count;
    int error = sheet_list(index, &reel->source, &rows, &count);
    if (!error)
        error = catalogue_attempts(catalogue, &index->arena, reel->source.run, &reel->attempts,
                                   &reel->attempt_count);
    if (error)
        return error;
    reel->files = arena_alloc(&index->arena, (size_t)count, sizeof *reel->files);
    struct arena paths = { 0 };
    for (int i = 0; i < count; i++) {
        if (!path_is_below(rows[i].path) ||
            !file_exists(path_join(&paths, reel->source.directory, rows[i].path)))
            continue;
        if (reel->count > 0 && reel->files[reel->count - 1].row.step == rows[i].step)
            reel->count--;
        double worked = run_worked_at(reel->attempts, reel->attempt_count, rows[i].time);
        reel->files[reel->count++] = (struct reel_file){ rows[i], worked };
    }
    arena_release(&paths);
    if (reel->count == 0)
        reel->problem = count > 0 ? "its samples were removed" : "it has no samples";
    return 0;
}

static int load_reel(struct index *index, int64_t run, struct reel *reel)
{
    reel->run.place = &index->places[0];
    int error =
        catalogue_run(index->places[0].catalogue, &index->arena, run, index->now, &reel->run.row);
    if (!error)
        error = sheet_find_source(&reel->source, index, run);
    if (!error)
        error = load_files(index, reel);
    if (error)
        return error;
    reel->title = run_long_title(index, &reel->run);
    reel->classes = find_classes(index, run);
    return 0;
}

/* --- all of them --- */

static double moment_of(const struct reel_file *file, enum reel_lock lock)
{
    return lock == LOCK_STEP ? (double)file->row.step : file->worked;
}

static int compare_moments(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void find_stops(struct arena *arena, struct reels *reels, enum reel_lock lock)
{
    size_t room = 0;
    int count = 0, kept = 0;
    for (int i = 0; i < reels->count; i++)
        room += (size_t)reels->reels[i].count;
    double *stops = arena_alloc(arena, room, sizeof *stops);
    for (int i = 0; i < reels->count; i++)
        for (int k = 0; k < reels->reels[i].count; k++) {
            double moment = moment_of(&reels->reels[i].files[k], lock);
            if (isfinite(moment))
                stops[count++] = moment;
        }
    qsort(stops, (size_t)count, sizeof *stops, compare_moments);
    for (int i = 0; i < count; i++)
        if (kept == 0 || stops[i] > stops[kept - 1])
            stops[kept++] = stops[i];
    reels->stops[lock] = stops;
    reels->stop_count[lock] = kept;
}

static int load_loss(struct index *index, const struct reel *reel, const char *name,
                     struct reel_loss *out)
{
    enum { RESOLUTION = 256 };
    struct series series;
    int error = catalogue_series(index->places[0].catalogue, &index->arena, reel->source.run, name,
                                 NAN, NAN, RESOLUTION, &series);
    if (error)
        return error;
    out->count = series.count;
    out->values = series.mean;
    out->moments[LOCK_STEP] = series.step;
    out->moments[LOCK_TIME] = arena_alloc(&index->arena, (size_t)series.count, sizeof(double));
    for (int i = 0; i < series.count; i++)
        out->moments[LOCK_TIME][i] =
            run_worked_at(reel->attempts, reel->attempt_count, series.time[i]);
    return 0;
}

static int load_losses(struct index *index, struct reels *reels)
{
    static const char *const names[REEL_LOSSES] = { "g_loss", "d_loss" };
    int error = 0;
    for (int i = 0; i < REEL_LOSSES && reels->count > 0 && !error; i++)
        error = load_loss(index, &reels->reels[0], names[i], &reels->losses[i]);
    return error;
}

static int work(struct job *job)
{
    const struct reels_wish *wish = job->input;
    struct reels *reels = job->result;
    int error = 0;
    for (int i = 0; i < wish->count && !error && !job->is_cancelled; i++) {
        error = load_reel(&job->index, wish->runs[i], &reels->reels[i]);
        reels->count++;
    }
    for (int i = 0; i < LOCK_COUNT && !error; i++)
        find_stops(&job->index.arena, reels, (enum reel_lock)i);
    return error ? error : load_losses(&job->index, reels);
}

void reels_load(struct view *view, const int64_t *runs, int count,
                void (*done)(struct view *view, struct job *job))
{
    struct job *job = job_new(view->app, view, work, done);
    struct reels_wish *wish = arena_alloc(&job->arena, 1, sizeof *wish);
    wish->count = MIN(count, REELS_LIMIT);
    memcpy(wish->runs, runs, (size_t)wish->count * sizeof *runs);
    job->input = wish;
    job->result = arena_alloc(&job->arena, 1, sizeof(struct reels));
    job->sign = "finding samples";
    job_start(job, LANE_READ);
}

bool reels_take(struct reels *reels, struct job *job)
{
    if (job->error) {
        fail(job->error, "%s", job->message);
        return false;
    }
    reels_release(reels);
    *reels = *(struct reels *)job->result;
    reels->arena = job->index.arena;
    job->index.arena = (struct arena){ 0 };
    for (int i = 0; i < reels->count; i++)
        reels->reels[i].run.place = &app_index(job->app)->places[0];
    return true;
}

void reels_release(struct reels *reels)
{
    arena_release(&reels->arena);
    *reels = (struct reels){ .count = 0 };
}

int reel_at(const struct reel *reel, enum reel_lock lock, double moment)
{
    int first = 0, end = reel->count; /* the answer is in [first - 1, end) */
    while (first < end) {
        int middle = first + (end - first) / 2;
        if (moment_of(&reel->files[middle], lock) <= moment)
            first = middle + 1;
        else
            end = middle;
    }
    return first - 1;
}

int reels_stop(const struct reels *reels, enum reel_lock lock, double moment)
{
    int first = 0, end = reels->stop_count[lock];
    while (first < end) {
        int middle = first + (end - first) / 2;
        if (reels->stops[lock][middle] <= moment)
            first = middle + 1;
        else
            end = middle;
    }
    return MAX(first - 1, MIN(reels->stop_count[lock] - 1, 0));
}
