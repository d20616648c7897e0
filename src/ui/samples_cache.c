#define _GNU_SOURCE
#include "samples_cache.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct decoding {
    struct sheet_source source;
    struct file_row file;
    struct sheet sheet;
    const char *problem; /* NULL: it was decoded */
    bool is_done;
};

struct decodings {
    struct decoding *items;
    int count;
};

/* A step that was done again has another time. */
static bool is_of(const struct sheet *sheet, int64_t run, int64_t step, double time)
{
    bool is_same_time = sheet->time == time || (isnan(sheet->time) && isnan(time));
    return sheet->run == run && sheet->step == step && is_same_time;
}

static struct cached_sheet *find(struct sheet_cache *cache, int64_t run, int64_t step, double time)
{
    for (int i = 0; i < cache->count; i++)
        if (is_of(&cache->sheets[i].sheet, run, step, time)) {
            cache->sheets[i].used = ++cache->clock;
            return &cache->sheets[i];
        }
    return NULL;
}

const struct cached_sheet *cache_find(struct sheet_cache *cache, const struct reel *reel, int file)
{
    const struct file_row *row = &reel->files[file].row;
    return find(cache, reel->source.run, row->step, row->time);
}

static size_t bytes_of(const struct sheet *sheet)
{
    return (size_t)sheet->count * (size_t)sheet->height * (size_t)sheet->width;
}

static void drop(struct sheet_cache *cache, int at)
{
    cache->bytes -= bytes_of(&cache->sheets[at].sheet);
    sheet_release(&cache->sheets[at].sheet);
    cache->sheets[at] = cache->sheets[--cache->count];
}

/* Those used longest ago go first. */
static void make_room(struct sheet_cache *cache, size_t bytes)
{
    while (cache->count > 0 &&
           (cache->count >= CACHE_SHEETS || cache->bytes + bytes > CACHE_BYTES)) {
        int oldest = 0;
        for (int i = 1; i < cache->count; i++)
            if (cache->sheets[i].used < cache->sheets[oldest].used)
                oldest = i;
        drop(cache, oldest);
    }
}

void cache_release(struct sheet_cache *cache)
{
    while (cache->count > 0)
        drop(cache, cache->count - 1);
    free(cache->sheets);
    *cache = (struct sheet_cache){ .count = 0 };
}

/* Until half of what the cache holds is decoded: the rest is asked for again when it is needed. */
static int work(struct job *job)
{
    struct decodings *all = job->input;
    size_t bytes = 0;
    for (int i = 0; i < all->count && !job->is_cancelled && bytes < CACHE_BYTES / 2; i++) {
        struct decoding *item = &all->items[i];
        if (sheet_read(&item->sheet, &job->arena, &item->source, &item->file) < 0) {
            item->sheet = (struct sheet){ .run = item->source.run,
                                          .step = item->file.step,
                                          .time = item->file.time };
            item->problem = arena_strdup(&job->arena, error_text());
        }
        bytes += bytes_of(&item->sheet);
        item->is_done = true;
    }
    job->result = all;
    return 0;
}

static void want(struct job *job, struct decoding *item, const struct reel *reel, int file)
{
    item->source = reel->source;
    item->source.directory = arena_strdup(&job->arena, reel->source.directory);
    item->file = reel->files[file].row;
    item->file.path = arena_strdup(&job->arena, item->file.path);
}

void cache_load(struct view *view, struct sheet_cache *cache, const struct reels *reels,
                const struct wanted_sheet *wanted, int count,
                void (*done)(struct view *view, struct job *job))
{
    struct job *job = job_new(view->app, view, work, done);
    struct decodings *all = arena_alloc(&job->arena, 1, sizeof *all);
    all->items = arena_alloc(&job->arena, (size_t)count, sizeof *all->items);
    for (int i = 0; i < count; i++)
        if (!cache_find(cache, &reels->reels[wanted[i].reel], wanted[i].file))
            want(job, &all->items[all->count++], &reels->reels[wanted[i].reel], wanted[i].file);
    job->input = all;
    job_start(job, LANE_READ);
}

void cache_forget_problems(struct sheet_cache *cache)
{
    for (int i = cache->count - 1; i >= 0; i--)
        if (cache->sheets[i].problem[0])
            drop(cache, i);
}

static void add(struct sheet_cache *cache, const struct decoding *item)
{
    size_t bytes = bytes_of(&item->sheet);
    if (find(cache, item->sheet.run, item->sheet.step, item->sheet.time))
        return;
    make_room(cache, bytes);
    cache->sheets = xrealloc(cache->sheets, (size_t)cache->count + 1, sizeof *cache->sheets);
    struct cached_sheet *cached = &cache->sheets[cache->count++];
    *cached = (struct cached_sheet){ .sheet = item->sheet, .used = ++cache->clock };
    if (item->problem)
        snprintf(cached->problem, sizeof cached->problem, "%s", item->problem);
    cached->sheet.images = item->problem ? NULL : xmalloc(bytes);
    if (!item->problem)
        memcpy(cached->sheet.images, item->sheet.images, bytes);
    cache->bytes += bytes;
}

void cache_take(struct sheet_cache *cache, struct job *job)
{
    const struct decodings *all = job->result;
    if (job->error)
        return;
    for (int i = 0; i < all->count && all->items[i].is_done; i++)
        add(cache, &all->items[i]);
}
