#define _GNU_SOURCE
#include "plots.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"
#include "record/metric.h"
#include "show/run_table.h"

enum { LOOKS = 8 /* that differ in colour */, USUAL_COLUMNS = 160 };

/* --- smoothing --- */

const double plot_weights[] = { 0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999 };

int plot_weight_count(void)
{
    return ARRAY_SIZE(plot_weights);
}

void plot_smooth(struct app *app, double *weight, int by)
{
    int at = 0, last = plot_weight_count() - 1;
    while (at < last && plot_weights[at] < *weight)
        at++;
    *weight = plot_weights[MAX(0, MIN(at + by, last))];
    app_say(app, *weight > 0 ? "smoothed by %g" : "not smoothed", *weight);
}

/* --- which runs and metrics --- */

static void sort_numbers(int64_t *numbers, int count)
{
    for (int i = 1; i < count; i++)
        for (int j = i; j > 0 && numbers[j] < numbers[j - 1]; j--) {
            int64_t other = numbers[j];
            numbers[j] = numbers[j - 1];
            numbers[j - 1] = other;
        }
}

int plot_read_runs(struct index *index, const int64_t *wished, int count, struct listed_run **runs,
                   int *run_count)
{
    int64_t *numbers = arena_alloc(&index->arena, (size_t)count + 1, sizeof *numbers);
    for (int i = 0; i < count; i++)
        numbers[i] = wished[i];
    sort_numbers(numbers, count);
    *runs = arena_alloc(&index->arena, (size_t)count + 1, sizeof **runs);
    *run_count = 0;
    for (int i = 0; i < count; i++) {
        struct listed_run *run = &(*runs)[*run_count];
        run->place = &index->places[0];
        if ((i > 0 && numbers[i] == numbers[i - 1]) ||
            catalogue_run(run->place->catalogue, &index->arena, numbers[i], index->now, &run->row) <
                0)
            continue;
        ++*run_count;
    }
    return *run_count > 0 ? 0 : fail(ERR_NOT_FOUND, "there is no run to draw curves of");
}

bool plot_is_loss(const char *metric)
{
    return strcasestr(metric, "loss") != NULL;
}

static bool has_events(const struct plot *plot)
{
    return plot->run_count == 1;
}

/* A colour of its own for each run that is drawn, the same as long as no lower one comes or goes:
 * from its number, or the next that is free. */
static void choose_looks(const struct plot *plot, int *looks)
{
    for (int i = 0; i < plot->run_count; i++) {
        int base = i / LOOKS * LOOKS, look = (int)((plot->runs[i].row.number - 1) % LOOKS);
        for (int j = base; j < i; j++)
            if (looks[j] == base + look + 1) {
                look = (look + 1) % LOOKS;
                j = base - 1;
            }
        looks[i] = base + look + 1;
    }
}

/* --- panels --- */

static void add_curve(struct plot_panel *panel, const struct listed_run *run, const char *metric,
                      const char *name, int look)
{
    panel->curves[panel->count++] =
        (struct curve){ .run = run, .metric = metric, .name = name, .look = look };
}

static struct plot_panel *add_panel(struct plot *plot, struct arena *arena, const char *metric,
                                    const char *title, int most)
{
    struct plot_panel *panel = &plot->panels[plot->panel_count++];
    panel->metric = metric;
    panel->title = title;
    panel->curves = arena_alloc(arena, (size_t)most + 1, sizeof *panel->curves);
    return panel;
}

static void plan_panels(struct index *index, struct plot *plot, const struct plot_wish *wish,
                        const char *const *metrics, int count)
{
    bool joins = wish->metric_count == 0 && wish->joins_losses && plot->run_count == 1;
    struct plot_panel *losses = NULL;
    int *looks = arena_alloc(&index->arena, (size_t)plot->run_count, sizeof *looks);
    choose_looks(plot, looks);
    plot->panels = arena_alloc(&index->arena, (size_t)count + 1, sizeof *plot->panels);
    for (int i = 0; i < count; i++) {
        const char *label = metric_label(metrics[i]);
        bool is_joined = joins && plot_is_loss(metrics[i]);
        if (is_joined && !losses)
            losses = add_panel(plot, &index->arena, metrics[i], "losses", count);
        if (is_joined) {
            add_curve(losses, &plot->runs[0], metrics[i], label, losses->count + 1);
            continue;
        }
        struct plot_panel *panel =
            add_panel(plot, &index->arena, metrics[i], label, plot->run_count);
        for (int j = 0; j < plot->run_count; j++)
            add_curve(panel, &plot->runs[j], metrics[i],
                      plot->run_count == 1 ? label : run_long_title(index, &plot->runs[j]),
                      plot->run_count == 1 ? 1 : looks[j]);
    }
    if (losses && losses->count == 1)
        losses->title = metric_label(losses->metric);
}

static bool has_name(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static int add_others(struct index *index, const struct listed_run *runs, int run_count,
                      const char **names, int count, int most)
{
    int64_t *numbers = arena_alloc(&index->arena, (size_t)run_count + 1, sizeof *numbers);
    struct run_metric *rows = NULL;
    int found = 0;
    for (int i = 0; i < run_count; i++)
        numbers[i] = runs[i].row.number;
    if (catalogue_metrics(runs[0].place->catalogue, &index->arena, numbers, run_count, NULL, &rows,
                          &found) < 0)
        return count;
    for (int i = 0; i < found && count < most; i++)
        if (!has_name(names, count, rows[i].name))
            names[count++] = rows[i].name;
    return count;
}

const char **plot_metrics(struct index *index, const struct listed_run *runs, int run_count,
                          int most, int *count)
{
    int chief_count = 0;
    const char **chiefs = run_chief_metrics(index, runs, run_count, most, &chief_count);
    const char **all = arena_alloc(&index->arena, (size_t)most + 1, sizeof *all);
    *count = 0;
    for (int others = 0; others <= 1; others++)
        for (int i = 0; i < chief_count; i++)
            if (plot_is_loss(chiefs[i]) != (bool)others)
                all[(*count)++] = chiefs[i];
    if (*count < most && run_count > 0)
        *count = add_others(index, runs, run_count, all, *count, most);
    return all;
}

static const char **wished_metrics(struct index *index, const struct plot_wish *wish, int *count)
{
    const char **metrics = arena_alloc(&index->arena, PLOT_PANELS, sizeof *metrics);
    *count = MIN(wish->metric_count, PLOT_PANELS);
    for (int i = 0; i < *count; i++)
        metrics[i] = arena_strdup(&index->arena, wish->metrics[i]);
    return metrics;
}

/* Of several runs, those that do not tell their epochs are left out. */
static int read_curves(struct job *job, struct plot *plot)
{
    bool is_any = false;
    int missing = 0;
    for (int i = 0; i < plot->panel_count; i++)
        for (int j = 0; j < plot->panels[i].count; j++) {
            struct curve *curve = &plot->panels[i].curves[j];
            if (job->is_cancelled)
                return fail(ERR_CANCELLED, "cancelled");
            int error = curve_read(&job->index, curve, &plot->curves);
            if (error && error != ERR_NOT_FOUND)
                return error;
            if (error) {
                missing = error;
                curve->series.count = 0;
            }
            is_any = is_any || curve->series.count > 0;
        }
    return is_any ? 0 : missing;
}

/* --- events --- */

struct event_list {
    struct arena *arena;
    struct chart_event *events;
    const char **texts;
    double *steps, *times;
    int count, room;
};

static void add_event(struct event_list *list, enum chart_event_kind kind, int64_t step,
                      double time, const char *text)
{
    if (list->count == list->room)
        return;
    list->events[list->count].kind = kind;
    list->texts[list->count] = arena_printf(list->arena, "step %lld: %s", (long long)step, text);
    list->steps[list->count] = (double)step;
    list->times[list->count++] = time;
}

static int gather_events(struct index *index, const struct listed_run *run, struct event_list *list)
{
    struct catalogue *catalogue = run->place->catalogue;
    struct file_row *files = NULL;
    struct attempt_row *attempts = NULL;
    struct health_row *health = NULL;
    int file_count = 0, attempt_count = 0, health_count = 0;
    int error = catalogue_files(catalogue, &index->arena, run->row.number, "checkpoint", &files,
                                &file_count);
    if (!error)
        error = catalogue_attempts(catalogue, &index->arena, run->row.number, &attempts,
                                   &attempt_count);
    if (!error)
        error = catalogue_health(catalogue, &index->arena, run->row.number, &health, &health_count);
    if (error)
        return error;
    list->room = file_count + attempt_count + health_count;
    list->events = arena_alloc(list->arena, (size_t)list->room + 1, sizeof *list->events);
    list->texts = arena_alloc(list->arena, (size_t)list->room + 1, sizeof *list->texts);
    list->steps = arena_alloc(list->arena, (size_t)list->room + 1, sizeof *list->steps);
    list->times = arena_alloc(list->arena, (size_t)list->room + 1, sizeof *list->times);
    for (int i = 0; i < file_count; i++)
        add_event(list, CHART_CHECKPOINT, files[i].step, files[i].time, "checkpoint");
    for (int i = 1; i < attempt_count; i++)
        add_event(list, CHART_RESUME, attempts[i].from_step, attempts[i].time, "resumed");
    for (int i = 0; i < health_count; i++)
        add_event(list, CHART_HEALTH, health[i].step, health[i].time,
                  health[i].why
                      ? arena_printf(list->arena, "%s - %s", health[i].state, health[i].why)
                      : health[i].state);
    return 0;
}

static int read_events(struct index *index, struct plot *plot)
{
    struct event_list list = { .arena = &index->arena };
    int error = gather_events(index, &plot->runs[0], &list);
    struct curve places = { .run = &plot->runs[0],
                            .series = {
                                .step = list.steps, .time = list.times, .count = list.count } };
    if (!error && list.count > 0)
        error = curve_place(index, &places, &plot->curves);
    if (error && error != ERR_NOT_FOUND)
        return error;
    for (int i = 0; i < list.count && !error; i++)
        list.events[i].x = places.x[i];
    plot->events = list.events;
    plot->event_texts = list.texts;
    plot->event_count = error ? 0 : list.count;
    return 0;
}

/* --- loading --- */

static int work(struct job *job)
{
    enum { USUAL = 8 };
    const struct plot_wish *wish = job->input;
    struct index *index = &job->index;
    struct plot *plot = arena_alloc(&job->arena, 1, sizeof *plot);
    job->result = plot;
    plot->curves = wish->curves;
    int count = 0;
    int error = plot_read_runs(index, wish->runs, wish->run_count, &plot->runs, &plot->run_count);
    if (error)
        return error;
    int most = MIN(wish->most > 0 ? wish->most : USUAL, PLOT_PANELS);
    const char **metrics = wish->metric_count > 0
                               ? wished_metrics(index, wish, &count)
                               : plot_metrics(index, plot->runs, plot->run_count, most, &count);
    plan_panels(index, plot, wish, metrics, count);
    error = read_curves(job, plot);
    if (!error && has_events(plot))
        error = read_events(index, plot);
    return error;
}

void plot_load(struct view *view, const struct plot_wish *wish,
               void (*done)(struct view *view, struct job *job))
{
    struct job *job = job_new(view->app, view, work, done);
    struct plot_wish *input = arena_alloc(&job->arena, 1, sizeof *input);
    int64_t *runs = arena_alloc(&job->arena, (size_t)wish->run_count + 1, sizeof *runs);
    const char **metrics =
        arena_alloc(&job->arena, (size_t)wish->metric_count + 1, sizeof *metrics);
    for (int i = 0; i < wish->run_count; i++)
        runs[i] = wish->runs[i];
    for (int i = 0; i < wish->metric_count; i++)
        metrics[i] = arena_strdup(&job->arena, wish->metrics[i]);
    *input = *wish;
    input->runs = runs;
    input->metrics = metrics;
    if (wish->curves.first == 0 && wish->curves.last == 0)
        input->curves.first = input->curves.last = NAN;
    if (wish->curves.columns <= 0)
        input->curves.columns = USUAL_COLUMNS;
    job->input = input;
    job->sign = "reading curves";
    job_start(job, LANE_READ);
}

void plot_prepare(struct plot *plot, const struct curve_wish *wish)
{
    plot->curves.smooth = wish->smooth;
    plot->curves.is_log = wish->is_log;
    plot->curves.hides_outliers = wish->hides_outliers;
    arena_release(&plot->drawn);
    for (int i = 0; i < plot->panel_count; i++) {
        struct plot_panel *panel = &plot->panels[i];
        curves_chart(&plot->drawn, panel->title, panel->curves, panel->count, &plot->curves,
                     &panel->chart);
    }
}

bool plot_take(struct plot *plot, struct job *job)
{
    if (job->error) {
        fail(job->error, "%s", job->message);
        return false;
    }
    struct index *ours = app_index(job->app); /* the thread's own places are not for us */
    plot_release(plot);
    *plot = *(struct plot *)job->result;
    plot->arena = job->index.arena;
    job->index.arena = (struct arena){ 0 };
    for (int i = 0; i < plot->run_count; i++)
        plot->runs[i].place = &ours->places[0];
    plot_prepare(plot, &(struct curve_wish){ .smooth = plot->curves.smooth,
                                             .is_log = plot->curves.is_log,
                                             .hides_outliers = plot->curves.hides_outliers });
    return true;
}

void plot_release(struct plot *plot)
{
    arena_release(&plot->drawn);
    arena_release(&plot->arena);
    *plot = (struct plot){ .panel_count = 0 };
}

int plot_utc_offset(double now)
{
    time_t moment = (time_t)now;
    struct tm local;
    return localtime_r(&moment, &local) ? (int)local.tm_gmtoff : 0;
}

/* --- drawing --- */

/* The value at the cursor, or the last one. */
static const char *value_text(struct arena *arena, const struct plot_panel *panel,
                              const struct chart_series *series, const struct plot_look *look)
{
    int at = look->has_cursor ? chart_nearest(series, look->cursor) : series->count - 1;
    const struct metric_row *known = metric_find(panel->curves[0].metric);
    if (at < 0)
        return "";
    return known && known->unit == METRIC_BYTES
               ? metric_format(arena, known->name, series->mean[at])
               : chart_y_text(arena, series->mean[at]);
}

/* A title that is a legend, too: "D loss 1.21", or each curve's marker and value. */
static void draw_bare_title(const struct plot_panel *panel, struct frame *frame, struct rect row,
                            const struct plot_look *look)
{
    bool is_alone = panel->count == 1, names_curves = panel->count > 1 && panel->title &&
                                                      panel->curves[0].run == panel->curves[1].run;
    enum chart_glyphs glyphs = frame->look->glyphs;
    struct style bold = { .attributes = STYLE_BOLD };
    if (!names_curves) {
        int used = canvas_text(frame->canvas, row, panel->title, bold) + 1;
        row.x += used, row.width -= used;
    }
    for (int i = 0; i < panel->chart.series_count; i++) {
        const struct chart_series *series = &panel->chart.series[i];
        if (series->is_faint || row.width < 3)
            continue;
        const char *value = value_text(frame->arena, panel, series, look);
        const char *text =
            names_curves ? arena_printf(frame->arena, "%s %s", series->name, value) : value;
        if (text_columns(text) + 2 > row.width)
            break;
        if (!is_alone) {
            canvas_put(frame->canvas, row.x, row.y, chart_marker(series->look, glyphs),
                       chart_style(series->look));
            row.x += 2, row.width -= 2;
        }
        int used = canvas_text(frame->canvas, row, text, (struct style){ 0 }) + 2;
        row.x += used, row.width -= used;
    }
}

static bool has_line(double half)
{
    return isfinite(half) && half != 0;
}

struct chart_layout plot_draw(const struct plot *plot, int panel_index, struct frame *frame,
                              struct rect rect, const struct plot_look *look)
{
    if (panel_index < 0 || panel_index >= plot->panel_count || rect.width < 1 || rect.height < 1)
        return (struct chart_layout){ .across = 1, .down = 1 };
    const struct plot_panel *panel = &plot->panels[panel_index];
    struct chart_reference half = { .y = look->half };
    struct chart chart = panel->chart;
    chart.x = look->x;
    chart.y = look->y;
    chart.has_cursor = look->has_cursor;
    chart.cursor = look->cursor;
    chart.hides_bands = look->hides_bands;
    chart.events = look->events;
    chart.event_count = look->event_count;
    chart.references = &half;
    chart.reference_count = has_line(look->half);
    if (look->is_bare) {
        chart.title = chart.x_title = NULL;
        chart.legend = CHART_LEGEND_NONE;
        draw_bare_title(panel, frame, (struct rect){ rect.x, rect.y, rect.width, 1 }, look);
        rect.y++, rect.height--;
    }
    return chart_draw(frame->canvas, rect, &chart, frame->look->glyphs);
}
