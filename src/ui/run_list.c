#include "run_list.h"

#include <string.h>

#include "base/error.h"

static const char *copy(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static int load(struct index *index, const struct run_list_wish *wish, int64_t limit,
                struct run_list *out)
{
    struct run_row *rows;
    struct catalogue_query query = { .sort = wish->sort,
                                     .order =
                                         wish->is_ascending ? ORDER_ASCENDING : ORDER_DESCENDING,
                                     .limit = limit,
                                     .with_archived = wish->with_archived || wish->from_bin,
                                     .from_bin = wish->from_bin };
    int error = filter_parse(&index->arena, wish->filter, index->now, &query.filter);
    if (!error)
        error = catalogue_list(index->places[0].catalogue, &index->arena, &query, index->now, &rows,
                               &out->count, &out->total);
    if (error)
        return error;
    out->runs = arena_alloc(&index->arena, (size_t)out->count, sizeof *out->runs);
    for (int i = 0; i < out->count; i++)
        out->runs[i] = (struct listed_run){ rows[i], &index->places[0] };
    return 0;
}

static int work(struct job *job)
{
    job->result = arena_alloc(&job->arena, 1, sizeof(struct run_list));
    return load(&job->index, job->input, 0, job->result);
}

void run_list_load(struct view *view, const struct run_list_wish *wish,
                   void (*done)(struct view *view, struct job *job))
{
    struct job *job = job_new(view->app, view, work, done);
    struct run_list_wish *input = arena_alloc(&job->arena, 1, sizeof *input);
    *input = *wish;
    input->filter = copy(&job->arena, wish->filter);
    input->sort = copy(&job->arena, wish->sort);
    job->input = input;
    job->sign = "listing";
    job_start(job, LANE_READ);
}

int run_list_read(struct app *app, const struct run_list_wish *wish, int limit,
                  struct run_list *out)
{
    struct index index = *app_index(app);
    struct run_list fresh = { .count = 0 };
    index.arena = (struct arena){ 0 };
    int error = load(&index, wish, limit, &fresh);
    fresh.arena = index.arena;
    run_list_release(out);
    *out = fresh;
    return error;
}

bool run_list_take(struct run_list *list, struct job *job)
{
    if (job->error) {
        fail(job->error, "%s", job->message);
        return false;
    }
    run_list_release(list);
    *list = *(struct run_list *)job->result;
    list->arena = job->index.arena;
    job->index.arena = (struct arena){ 0 };
    struct index *ours = app_index(job->app); /* the thread's own places are not for us */
    for (int i = 0; i < list->count; i++)
        list->runs[i].place = &ours->places[0];
    return true;
}

void run_list_release(struct run_list *list)
{
    arena_release(&list->arena);
    *list = (struct run_list){ .count = 0 };
}
