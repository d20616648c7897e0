#define _GNU_SOURCE
#include "run_list.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "record/metric.h"

static const char *copy(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

/* --- groups --- */

/* A run and the value that it is grouped by. */
struct member {
    const char *value;
    int place;
};

/* Members that have one value, which stand together once they are sorted. */
struct span {
    int from, count;
    int place; /* of the first run */
};

static int compare_members(const void *a, const void *b)
{
    const struct member *left = a, *right = b;
    int order = strcmp(left->value, right->value);
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

static int compare_spans(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    return (left->place > right->place) - (left->place < right->place);
}

/* In the order of their first runs. */
static int find_spans(const struct member *members, int count, struct span *spans)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        if (i == 0 || strcmp(members[i].value, members[i - 1].value) != 0)
            spans[found++] = (struct span){ .from = i, .place = members[i].place };
        spans[found - 1].count++;
    }
    qsort(spans, (size_t)found, sizeof *spans, compare_spans);
    return found;
}

/* Puts the runs of each group together; within one they keep their order. */
static void put_together(struct run_list *list, struct arena *arena, const struct member *members,
                         const struct span *spans)
{
    struct listed_run *runs = arena_alloc(arena, (size_t)list->count, sizeof *runs);
    int at = 0;
    list->groups = arena_alloc(arena, (size_t)list->group_count, sizeof *list->groups);
    for (int i = 0; i < list->group_count; i++) {
        struct run_group *group = &list->groups[i];
        *group = (struct run_group){
            .value = members[spans[i].from].value, .first = at, .count = spans[i].count, .best = NAN
        };
        for (int j = 0; j < group->count; j++, at++) {
            runs[at] = list->runs[members[spans[i].from + j].place];
            group->states[runs[at].row.state]++;
        }
    }
    list->runs = runs;
}

/* The metric that tells most of these runs and says which way is better. */
static const char *choose_metric(struct index *index, const struct run_list *list)
{
    enum { CHIEFS = 8 };
    int count;
    const char **chiefs = run_chief_metrics(index, list->runs, list->count, CHIEFS, &count);
    for (int i = 0; i < count; i++)
        if (metric_direction(chiefs[i], &index->config) != DIRECTION_NONE)
            return chiefs[i];
    return NULL;
}

static void find_best(struct index *index, struct run_list *list)
{
    struct run_metric *rows;
    int count = 0;
    int64_t *numbers = arena_alloc(&index->arena, (size_t)list->count, sizeof *numbers);
    bool is_small = metric_direction(list->metric, &index->config) == DIRECTION_SMALLER;
    for (int i = 0; i < list->count; i++)
        numbers[i] = list->runs[i].row.number;
    if (catalogue_metrics(index->places[0].catalogue, &index->arena, numbers, list->count,
                          list->metric, &rows, &count) < 0)
        return;
    for (int i = 0, next = 0; i < list->group_count; i++) {
        struct run_group *group = &list->groups[i];
        for (int j = group->first; j < group->first + group->count; j++) {
            if (next == count || rows[next].run != numbers[j])
                continue;
            group->best =
                is_small ? fmin(group->best, rows[next].low) : fmax(group->best, rows[next].high);
            next++;
        }
    }
}

static int group_runs(struct index *index, const char *by, struct run_list *list)
{
    struct run_column *column;
    int column_count;
    int error = run_columns_choose(index, by, list->runs, list->count, &column, &column_count);
    if (error)
        return error;
    struct arena *arena = &index->arena;
    struct table values = run_table_make(index, column, 1, list->runs, list->count, false);
    struct member *members = arena_alloc(arena, (size_t)list->count, sizeof *members);
    struct span *spans = arena_alloc(arena, (size_t)list->count, sizeof *spans);
    for (int i = 0; i < list->count; i++)
        members[i] = (struct member){ values.cells[i].text ? values.cells[i].text : "", i };
    qsort(members, (size_t)list->count, sizeof *members, compare_members);
    list->group_count = find_spans(members, list->count, spans);
    put_together(list, arena, members, spans);
    list->metric = choose_metric(index, list);
    if (list->metric)
        find_best(index, list);
    return 0;
}

/* --- loading --- */

static void choose_columns(struct index *index, const struct run_list_wish *wish,
                           struct run_list *list)
{
    const char *names = wish->columns;
    bool lacks_columns = names && run_columns_choose(index, names, list->runs, list->count,
                                                     &list->columns, &list->column_count) < 0;
    if (!names || lacks_columns) /* a remembered one may have gone with its last run */
        run_columns_dashboard(index, list->runs, list->count, wish->sort, &list->columns,
                              &list->column_count);
}

_Static_assert(offsetof(struct listed_run, row) == 0, "a list of rows with room behind them");

static int load(struct index *index, const struct run_list_wish *wish, int64_t limit,
                struct run_list *out)
{
    struct run_row *rows;
    struct catalogue_query query = { .sort = wish->sort,
                                     .order =
                                         wish->is_ascending ? ORDER_ASCENDING : ORDER_DESCENDING,
                                     .limit = limit,
                                     .with_archived = wish->with_archived || wish->from_bin,
                                     .from_bin = wish->from_bin,
                                     .behind = sizeof(struct listed_run) - sizeof *rows };
    int error = filter_parse(&index->arena, wish->filter, index->now, &query.filter);
    if (!error)
        error = catalogue_list(index->places[0].catalogue, &index->arena, &query, index->now, &rows,
                               &out->count, &out->total);
    if (error)
        return error;
    out->now = index->now;
    out->runs = (struct listed_run *)(void *)rows; /* which it begins with: ten thousand once */
    for (int i = 0; i < out->count; i++)
        out->runs[i].place = &index->places[0];
    choose_columns(index, wish, out);
    return wish->group ? group_runs(index, wish->group, out) : 0;
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
    input->group = copy(&job->arena, wish->group);
    input->columns = copy(&job->arena, wish->columns);
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
