/* Loading what runs are compared by: values and metrics, curves, samples of one moment, code. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "compare_state.h"
#include "record/filter.h"
#include "show/filter_words.h"

/* --- which runs --- */

/* The newest other run of its experiment. */
static int64_t find_sibling(struct index *index, const struct run_row *row)
{
    struct run_row *rows;
    int count;
    struct catalogue_query query = { .order = ORDER_DESCENDING, .limit = 2 };
    const char *experiment = row->experiment ? row->experiment : "";
    const char *text =
        arena_printf(&index->arena, "exp=%s", filter_value_text(&index->arena, experiment));
    if (filter_parse(&index->arena, text, index->now, &query.filter) < 0 ||
        catalogue_list(index->places[0].catalogue, &index->arena, &query, index->now, &rows, &count,
                       NULL) < 0)
        return 0;
    for (int i = 0; i < count; i++)
        if (rows[i].number != row->number)
            return rows[i].number;
    return 0;
}

int64_t compare_find_other(struct index *index, int64_t run, char *note, size_t size)
{
    struct catalogue *catalogue = index->places[0].catalogue;
    struct run_row row, parent;
    if (catalogue_run(catalogue, &index->arena, run, index->now, &row) < 0)
        return 0;
    if (row.parent > 0 &&
        catalogue_run(catalogue, &index->arena, row.parent, index->now, &parent) == 0) {
        snprintf(note, size, "with run %lld, which it repeats (Space marks others)",
                 (long long)row.parent);
        return row.parent;
    }
    int64_t sibling = find_sibling(index, &row);
    if (sibling)
        snprintf(note, size, "with run %lld, the newest other run of %.60s (Space marks others)",
                 (long long)sibling, row.experiment);
    return sibling;
}

struct wish {
    int64_t runs[COMPARE_RUNS];
    int count;
};

static struct job *new_job(struct view *view, int (*work)(struct job *job),
                           void (*done)(struct view *view, struct job *job))
{
    const struct compare_state *state = view->state;
    struct job *job = job_new(view->app, view, work, done);
    struct wish *wish = arena_alloc(&job->arena, 1, sizeof *wish);
    for (int i = 0; i < state->run_count; i++)
        wish->runs[wish->count++] = state->runs[i];
    job->input = wish;
    return job;
}

/* --- values and metrics --- */

static int find_differences(const struct beside *beside, struct compare_data *data)
{
    int error = groups_find(beside, &data->groups), count = data->groups.count;
    data->differences =
        arena_alloc(&beside->index->arena, (size_t)data->metric_count * (size_t)count + 1,
                    sizeof *data->differences);
    for (int i = 0; i < data->metric_count && !error && data->groups.can_tell; i++)
        for (int group = 1; group < count; group++)
            data->differences[i * count + group] =
                groups_compare(beside, &data->groups, &data->metrics[i], group);
    return error;
}

static int read_data(struct job *job)
{
    const struct wish *wish = job->input;
    struct index *index = &job->index;
    struct compare_data *data = arena_alloc(&index->arena, 1, sizeof *data);
    struct index_place *place = &index->places[0];
    int error = 0;
    job->result = data;
    data->runs = arena_alloc(&index->arena, COMPARE_RUNS, sizeof *data->runs);
    data->titles = arena_alloc(&index->arena, COMPARE_RUNS, sizeof *data->titles);
    for (int i = 0; i < wish->count && !error; i++) {
        struct listed_run *run = &data->runs[i];
        run->place = place;
        error =
            catalogue_run(place->catalogue, &index->arena, wish->runs[i], index->now, &run->row);
        if (!error)
            data->titles[i] = run_long_title(index, run);
        data->count++;
    }
    struct beside beside = { index, data->runs, data->count, true };
    if (!error)
        error = beside_settings(&beside, &data->settings, &data->setting_count);
    if (!error)
        error = beside_metrics(&beside, &data->metrics, &data->metric_count);
    return error ? error : find_differences(&beside, data);
}

static void take_data(struct view *view, struct job *job)
{
    struct compare_state *state = view->state;
    if (job->error) {
        fail(job->error, "%s", job->message);
        app_say_error(view->app);
        return;
    }
    arena_release(&state->data.arena);
    state->data = *(struct compare_data *)job->result;
    state->data.arena = job->index.arena;
    job->index.arena = (struct arena){ 0 };
    for (int i = 0; i < state->data.count; i++)
        state->data.runs[i].place = &app_index(view->app)->places[0];
    state->is_loaded = true;
    compare_tables_make(state);
}

/* --- samples --- */

struct sheets_of {
    struct sheet_source source;
    struct file_row *files;
    int count;
};

static int find_files(struct job *job, int64_t run, struct sheets_of *out)
{
    int error = sheet_find_source(&out->source, &job->index, run);
    return error ? error : sheet_list(&job->index, &out->source, &out->files, &out->count);
}

/* The last step that all have samples of who have any; -1: nobody has. */
static int64_t common_step(const struct sheets_of *all, int count)
{
    int64_t step = -1;
    for (int i = 0; i < count; i++)
        if (all[i].count > 0) {
            int64_t last = all[i].files[all[i].count - 1].step;
            step = step < 0 ? last : MIN(step, last);
        }
    return step;
}

/* The newest sheet up to that step that is still there. */
static int read_sheet(struct job *job, const struct sheets_of *from, int64_t step,
                      struct sheet *out)
{
    int error = from->count == 0
                    ? fail(ERR_NOT_FOUND, "no samples")
                    : fail(ERR_NOT_FOUND, "no samples before step %lld", (long long)step);
    for (int i = from->count - 1; i >= 0 && error == ERR_NOT_FOUND; i--)
        if (from->files[i].step <= step && !job->is_cancelled)
            error = sheet_read(out, &job->arena, &from->source, &from->files[i]);
    return error;
}

static int read_samples(struct job *job)
{
    const struct wish *wish = job->input;
    struct compare_samples *samples = arena_alloc(&job->arena, 1, sizeof *samples);
    struct sheets_of all[COMPARE_RUNS] = { { .count = 0 } };
    job->result = samples;
    for (int i = 0; i < wish->count; i++)
        if (find_files(job, wish->runs[i], &all[i]) < 0)
            all[i].count = 0;
    int64_t step = common_step(all, wish->count);
    for (int i = 0; i < wish->count; i++)
        if (read_sheet(job, &all[i], step, &samples->sheets[i]) < 0) {
            samples->sheets[i].count = 0;
            snprintf(samples->why[i], sizeof samples->why[i], "%s", error_text());
        }
    return 0;
}

static void take_samples(struct view *view, struct job *job)
{
    struct compare_state *state = view->state;
    if (job->error)
        return;
    arena_release(&state->samples.arena);
    state->samples = *(struct compare_samples *)job->result;
    state->samples.arena = job->arena;
    job->arena = (struct arena){ 0 };
    state->has_samples = true;
}

/* --- curves and code --- */

static void take_plot(struct view *view, struct job *job)
{
    struct compare_state *state = view->state;
    state->has_plot = true;
    if (plot_take(&state->plot, job))
        return;
    app_say_error(view->app);
    if (state->curves.by == CURVE_EPOCH) { /* some run does not tell its epochs */
        state->curves.by = CURVE_TIME;
        compare_load_plot(view);
    }
}

void compare_load_plot(struct view *view)
{
    enum { MOST = 12 };
    const struct compare_state *state = view->state;
    struct plot_wish wish = {
        .runs = state->runs, .run_count = state->run_count, .most = MOST, .curves = state->curves
    };
    plot_load(view, &wish, take_plot);
}

static void take_code(struct view *view, struct job *job)
{
    struct compare_state *state = view->state;
    bool is_good = diff_take(&state->diff, job);
    state->has_code = true;
    snprintf(state->why, sizeof state->why, "%s", is_good ? "" : error_text());
    pages_clear(&state->code);
    pages_add_lines(&state->code, state->diff.lines, state->diff.count);
}

bool compare_is_loading(const struct view *view)
{
    return job_is_pending(view, take_data) || job_is_pending(view, take_plot) ||
           job_is_pending(view, take_samples);
}

void compare_load(struct view *view)
{
    const struct compare_state *state = view->state;
    job_start(new_job(view, read_data, take_data), LANE_READ);
    compare_load_plot(view);
    job_start(new_job(view, read_samples, take_samples), LANE_READ);
    if (!state->has_code && !job_is_pending(view, take_code))
        diff_load(view, state->runs, DIFF_RUNS, take_code);
}
