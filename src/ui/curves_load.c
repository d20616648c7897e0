/* What the curves view loads, on threads: names, curves, histories. */
#define _GNU_SOURCE
#include "curves_load.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/fnv.h"
#include "base/text.h"
#include "record/filter.h"
#include "record/metric.h"
#include "show/fold.h"

enum { METRICS = 1000, HISTORY_RUNS = 1000 };

static const char losses_word[] = "losses";

const char *curves_metric_word(const struct curves *curves, int metric)
{
    const char *name = curves->names.metrics[metric];
    return name ? name : losses_word;
}

/* --- names --- */

struct wished {
    const int64_t *runs;
    int run_count;
    const char *metric; /* of a history */
    int axis;
};

static struct job *new_job(struct view *view, int (*work)(struct job *job),
                           void (*done)(struct view *view, struct job *job))
{
    const struct curves *curves = view->state;
    struct job *job = job_new(view->app, view, work, done);
    struct wished *wished = arena_alloc(&job->arena, 1, sizeof *wished);
    int64_t *runs = arena_alloc(&job->arena, VIEW_RUNS_LIMIT, sizeof *runs);
    memcpy(runs, curves->runs, sizeof curves->runs);
    *wished = (struct wished){ .runs = runs, .run_count = curves->run_count };
    job->input = wished;
    job->sign = "reading curves";
    return job;
}

static uint64_t mark_of(const struct curves_names *names)
{
    uint64_t mark = FNV_START;
    for (int i = 0; i < names->value_count; i++)
        mark = fnv_integer(fnv_integer(mark, names->values[i].points), names->values[i].last_step);
    for (int i = 0; i < names->run_count; i++)
        mark = fnv_integer(fnv_integer(mark, names->runs[i].row.number), names->runs[i].row.state);
    return mark;
}

static void add_name(struct curves_names *names, const char *label, const char *metric)
{
    names->labels[names->count] = label;
    names->metrics[names->count++] = metric;
}

static void list_names(struct index *index, struct curves_names *names)
{
    int count;
    const char **metrics = plot_metrics(index, names->runs, names->run_count, METRICS, &count);
    size_t room = (size_t)count + 2;
    names->labels = arena_alloc(&index->arena, room, sizeof *names->labels);
    names->metrics = arena_alloc(&index->arena, room, sizeof *names->metrics);
    names->losses = arena_alloc(&index->arena, room, sizeof *names->losses);
    for (int i = 0; i < count; i++)
        if (plot_is_loss(metrics[i]))
            names->losses[names->loss_count++] = metrics[i];
    names->loss_count = MIN(names->loss_count, PLOT_PANELS);
    if (names->run_count == 1 && names->loss_count > 1)
        add_name(names, losses_word, NULL);
    for (int i = 0; i < count; i++)
        add_name(names, metric_label(metrics[i]), metrics[i]);
}

static int read_names(struct job *job)
{
    const struct wished *wished = job->input;
    struct index *index = &job->index;
    struct curves_names *names = arena_alloc(&job->arena, 1, sizeof *names);
    job->result = names;
    int error =
        plot_read_runs(index, wished->runs, wished->run_count, &names->runs, &names->run_count);
    if (error)
        return error;
    int64_t *numbers = arena_alloc(&index->arena, (size_t)names->run_count, sizeof *numbers);
    for (int i = 0; i < names->run_count; i++)
        numbers[i] = names->runs[i].row.number;
    names->groups = arena_alloc(&index->arena, (size_t)names->run_count, sizeof *names->groups);
    error = fold_groups(index, names->runs, names->run_count, names->groups);
    if (!error)
        error = catalogue_metrics(index->places[0].catalogue, &index->arena, numbers,
                                  names->run_count, NULL, &names->values, &names->value_count);
    if (error)
        return error;
    list_names(index, names);
    names->mark = mark_of(names);
    return 0;
}

static int find_metric(const struct curves *curves, const char *word)
{
    for (int i = 0; i < curves->names.count && word; i++)
        if (strcmp(curves_metric_word(curves, i), word) == 0)
            return i;
    return -1;
}

/* The view is opened on whatever word comes: it may be no metric. */
static void find_wanted(struct curves *curves)
{
    curves->metric = find_metric(curves, curves->wanted);
    if (curves->metric < 0)
        curves->metric = find_metric(curves, curves->remembered);
    curves->metric = MAX(curves->metric, 0);
}

static void take_arena(struct arena *ours, struct job *job)
{
    arena_release(ours);
    *ours = job->index.arena;
    job->index.arena = (struct arena){ 0 };
}

static void names_loaded(struct view *view, struct job *job)
{
    struct curves *curves = view->state;
    if (job->error) {
        fail(job->error, "%s", job->message);
        app_say_error(view->app);
        return;
    }
    struct curves_names *fresh = job->result;
    bool is_new = !curves->is_loaded || fresh->mark != curves->names.mark;
    fresh->arena = curves->names.arena;
    curves->names = *fresh;
    take_arena(&curves->names.arena, job);
    for (int i = 0; i < curves->names.run_count; i++)
        curves->names.runs[i].place = &app_index(view->app)->places[0];
    find_wanted(curves);
    curves->is_loaded = curves->is_loaded || curves->names.count == 0;
    curves->needs_all = curves->needs_all || is_new;
    curves->needs_history = curves->needs_history || is_new;
    curves->is_stale = curves->is_stale || is_new;
}

/* --- curves --- */

/* The cursor goes to the same step of another axis; a part of the old one means nothing there. */
static void change_axis(struct curves *curves, int axis)
{
    if (axis == curves->axis)
        return;
    curves->axis = axis;
    curves->shown = curves->part_range = (struct chart_range){ 0, 0 };
    curves->has_cursor = false;
    plot_release(&curves->part);
}

void curves_place_cursor(struct curves *curves)
{
    double x = isnan(curves->cursor_step) ? NAN : curves_x_of_step(curves, curves->cursor_step);
    curves->cursor_step = NAN;
    if (!isfinite(x))
        return;
    curves->cursor = x;
    curves->has_cursor = true;
}

static void all_loaded(struct view *view, struct job *job)
{
    struct curves *curves = view->state;
    bool lacks_axis = job->error == ERR_NOT_FOUND && curves->wanted_axis == CURVE_EPOCH;
    if (lacks_axis) {
        curves->wanted_axis = CURVE_TIME;
        curves->needs_all = true;
    }
    if (!plot_take(&curves->all, job)) {
        app_say_error(view->app);
        return;
    }
    curves->is_loaded = curves->is_stale = true;
    change_axis(curves, (int)curves->all.curves.by);
    curves_place_cursor(curves);
    if (!curves_is_zoomed(curves))
        plot_release(&curves->part);
    else
        curves->needs_part = true;
}

static void part_loaded(struct view *view, struct job *job)
{
    struct curves *curves = view->state;
    if (plot_take(&curves->part, job)) {
        curves->part_range = curves->part_wanted;
        curves->is_stale = true;
    }
}

static void start_plot(struct view *view, struct chart_range steps, int columns,
                       void (*done)(struct view *view, struct job *job))
{
    struct curves *curves = view->state;
    const struct curves_names *names = &curves->names;
    const char *metric = names->metrics[curves->metric];
    struct plot_wish wish = {
        .runs = curves->runs,
        .run_count = curves->run_count,
        .metrics = metric ? &metric : names->losses,
        .metric_count = metric ? 1 : names->loss_count,
        .curves = { .by = (enum curve_axis)curves->wanted_axis,
                    .first = steps.low,
                    .last = steps.high,
                    .columns = columns,
                    .utc_offset = plot_utc_offset(app_now(view->app)) },
    };
    plot_load(view, &wish, done);
}

static void start_part(struct view *view)
{
    struct curves *curves = view->state;
    double margin = (curves->shown.high - curves->shown.low) / 2;
    struct chart_range range = { fmax(curves->shown.low - margin, curves->full.low),
                                 fmin(curves->shown.high + margin, curves->full.high) };
    struct chart_range steps = curves_steps(curves, range);
    curves->part_wanted = range;
    if (steps.low <= steps.high && (steps.low != 0 || steps.high != 0))
        start_plot(view, steps, 2 * view->rect.width, part_loaded);
}

/* --- histories --- */

/* Of one run, all runs of its experiment. */
static int list_experiment(struct index *index, const struct listed_run *run,
                           struct listed_run **runs, int *count)
{
    const char *name = run->row.experiment ? run->row.experiment : "";
    char *quoted = arena_alloc(&index->arena, 2 * strlen(name) + 1, 1), *at = quoted;
    struct run_row *rows;
    struct catalogue_query query = { .order = ORDER_DESCENDING, .limit = HISTORY_RUNS };
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            *at++ = '\\';
        *at++ = *name;
    }
    int error = filter_parse(&index->arena, arena_printf(&index->arena, "exp=\"%s\"", quoted),
                             index->now, &query.filter);
    if (!error)
        error = catalogue_list(run->place->catalogue, &index->arena, &query, index->now, &rows,
                               count, NULL);
    if (error)
        return error;
    *runs = arena_alloc(&index->arena, (size_t)*count + 1, sizeof **runs);
    for (int i = 0; i < *count; i++)
        (*runs)[i] = (struct listed_run){ rows[*count - 1 - i], run->place };
    return 0;
}

static int read_history(struct job *job)
{
    struct wished *wished = job->input;
    struct index *index = &job->index;
    struct curves_history *history = arena_alloc(&job->arena, 1, sizeof *history);
    int count = 0;
    job->result = history;
    int error = plot_read_runs(index, wished->runs, wished->run_count, &history->runs, &count);
    if (!error && count == 1)
        error = list_experiment(index, &history->runs[0], &history->runs, &count);
    if (!error)
        error = history_read(index, history->runs, count, wished->metric,
                             wished->axis == AXIS_COMMIT ? HISTORY_COMMIT : HISTORY_RUN,
                             &history->points, &history->count);
    enum direction direction = metric_direction(wished->metric, &index->config);
    history->metric = arena_strdup(&index->arena, wished->metric);
    history->has_best = direction != DIRECTION_NONE;
    history->best = history_best(history->points, history->count, direction);
    for (int i = 0; i < count; i++)
        history->runs[i].place = NULL; /* the thread's own */
    return error;
}

static void history_loaded(struct view *view, struct job *job)
{
    struct curves *curves = view->state;
    const struct wished *wished = job->input;
    if (job->error) {
        fail(job->error, "%s", job->message);
        app_say_error(view->app);
        return;
    }
    struct curves_history *fresh = job->result;
    fresh->arena = curves->history.arena;
    curves->history = *fresh;
    take_arena(&curves->history.arena, job);
    change_axis(curves, wished->axis);
    curves->is_stale = curves->is_loaded = true;
}

static void start_history(struct view *view)
{
    struct curves *curves = view->state;
    const char *metric = curves->names.metrics[curves->metric];
    struct job *job = new_job(view, read_history, history_loaded);
    struct wished *wished = job->input;
    int64_t *runs = arena_alloc(&job->arena, VIEW_RUNS_LIMIT, sizeof *runs);
    wished->metric = arena_strdup(&job->arena, metric ? metric : curves->names.losses[0]);
    wished->axis = curves->wanted_axis;
    wished->run_count = 0;
    for (int i = 0; i < curves->run_count; i++)
        if (curves->run_count == 1 || !curves_is_hidden(curves, (uint64_t)curves->runs[i]))
            runs[wished->run_count++] = curves->runs[i];
    wished->runs = runs;
    job_start(job, LANE_READ);
}

/* --- what is needed --- */

void curves_load(struct view *view)
{
    struct curves *curves = view->state;
    bool is_history = curves->wanted_axis >= AXIS_RUN;
    if (curves->needs_names && !job_is_pending(view, names_loaded)) {
        curves->needs_names = false;
        job_start(new_job(view, read_names, names_loaded), LANE_READ);
    }
    if (curves->names.count == 0)
        return;
    if (curves->needs_history && is_history && !job_is_pending(view, history_loaded)) {
        curves->needs_history = false;
        start_history(view);
    }
    if (curves->needs_all && !is_history && !job_is_pending(view, all_loaded)) {
        curves->needs_all = false;
        start_plot(view, (struct chart_range){ NAN, NAN }, view->rect.width, all_loaded);
    }
    if (curves->needs_part && !is_history && !curves->needs_all && curves_is_zoomed(curves) &&
        curves->all.panel_count > 0 && !job_is_pending(view, all_loaded) &&
        !job_is_pending(view, part_loaded)) {
        curves->needs_part = false;
        start_part(view);
    }
}
