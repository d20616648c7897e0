/* From what was loaded to the chart that is drawn. */
#include <math.h>
#include <string.h>

#include "curves.h"
#include "record/metric.h"
#include "show/beside.h"
#include "show/fold.h"

enum { POINTS_A_COLUMN = 4 };

bool curves_is_hidden(const struct curves *curves, uint64_t key)
{
    for (int i = 0; i < curves->hidden_count; i++)
        if (curves->hidden[i] == key)
            return true;
    return false;
}

void curves_release(struct curves *curves)
{
    arena_release(&curves->made);
    curves->entries = NULL;
    curves->entry_count = 0;
    curves->chart = (struct chart){ .series_count = 0 };
}

/* --- which of the two plots --- */

static bool is_within(struct chart_range inner, struct chart_range outer)
{
    return outer.low <= inner.low && outer.high >= inner.high;
}

static const struct plot *plot_to_draw(const struct curves *curves)
{
    bool is_part = curves_is_zoomed(curves) && curves->part.panel_count > 0 &&
                   is_within(curves->shown, curves->part_range);
    return is_part ? &curves->part : &curves->all;
}

/* The curves of all panels one after another: either one metric of all runs or the losses of one. */
static struct curve *flatten(struct arena *arena, const struct plot *plot, int *count)
{
    int total = 0;
    for (int i = 0; i < plot->panel_count; i++)
        total += plot->panels[i].count;
    struct curve *curves = arena_alloc(arena, (size_t)total + 1, sizeof *curves);
    *count = 0;
    for (int i = 0; i < plot->panel_count; i++)
        for (int j = 0; j < plot->panels[i].count; j++) {
            curves[*count] = plot->panels[i].curves[j];
            if (plot->run_count == 1)
                curves[*count].look = *count + 1;
            ++*count;
        }
    return curves;
}

/* --- between steps and x --- */

/* The first curve that has points. */
static const struct curve *guide(const struct curves *curves)
{
    const struct plot *plot = &curves->all;
    for (int i = 0; i < plot->panel_count; i++)
        for (int j = 0; j < plot->panels[i].count; j++)
            if (plot->panels[i].curves[j].series.count > 0)
                return &plot->panels[i].curves[j];
    return NULL;
}

double curves_step_at(const struct curves *curves, double x)
{
    const struct curve *curve = guide(curves);
    if (!curve)
        return NAN;
    struct chart_series series = { .x = curve->x, .count = curve->series.count };
    int at = chart_nearest(&series, x);
    return at < 0 ? NAN : curve->series.step[at];
}

double curves_x_of_step(const struct curves *curves, double step)
{
    const struct curve *curve = guide(curves);
    if (!curve)
        return NAN;
    struct chart_series series = { .x = curve->series.step, .count = curve->series.count };
    int at = chart_nearest(&series, step);
    return at < 0 ? NAN : curve->x[at];
}

static void widen(const struct curve *curve, struct chart_range x, struct chart_range *steps)
{
    for (int i = 0; i < curve->series.count; i++) {
        bool is_inside = curve->x[i] >= x.low && curve->x[i] <= x.high;
        if (!is_inside)
            continue;
        /* the points on both sides, so that lines come in from beyond the edges */
        double before = curve->series.step[MAX(i - 1, 0)];
        double after = curve->series.step[MIN(i + 1, curve->series.count - 1)];
        steps->low = fmin(steps->low, before);
        steps->high = fmax(steps->high, after);
    }
}

struct chart_range curves_steps(const struct curves *curves, struct chart_range x)
{
    struct chart_range steps = { NAN, NAN };
    if (curves->axis == CURVE_STEP)
        return (struct chart_range){ floor(x.low), ceil(x.high) };
    for (int i = 0; i < curves->all.panel_count; i++)
        for (int j = 0; j < curves->all.panels[i].count; j++)
            widen(&curves->all.panels[i].curves[j], x, &steps);
    return steps;
}

/* --- entries --- */

/* NaN where no direction tells what is best. */
static double best_of(const struct curves *curves, int64_t run, const char *metric,
                      enum direction direction)
{
    if (direction == DIRECTION_NONE)
        return NAN;
    for (int i = 0; i < curves->names.value_count; i++) {
        struct run_metric *row = &curves->names.values[i];
        struct beside_metric best = { .direction = direction, .values = row };
        if (row->run == run && strcmp(row->name, metric) == 0)
            return beside_best(&best, 0);
    }
    return NAN;
}

static bool is_better(double value, double than, enum direction direction)
{
    return isnan(than) || (direction == DIRECTION_SMALLER ? value < than : value > than);
}

/* Of several entries whose metric has a direction. */
static void mark_best(struct curves *curves, enum direction direction)
{
    struct curves_entry *best = NULL;
    int known = 0;
    for (int i = 0; i < curves->entry_count && direction != DIRECTION_NONE; i++) {
        struct curves_entry *entry = &curves->entries[i];
        known += !isnan(entry->best);
        if (!isnan(entry->best) && is_better(entry->best, best ? best->best : NAN, direction))
            best = entry;
    }
    if (best && known > 1)
        best->is_best = true;
}

static struct curves_entry *add_entry(struct curves *curves, const struct curve *curve)
{
    struct curves_entry *entry = &curves->entries[curves->entry_count++];
    *entry = (struct curves_entry){ .run = curve->run->row.number,
                                    .name = curve->name,
                                    .look = curve->look,
                                    .is_hidden = true,
                                    .best = NAN };
    return entry;
}

/* It is hidden when all of its keys are; returns whether this one is. */
static bool add_key(struct curves *curves, struct curves_entry *entry, uint64_t key)
{
    bool is_hidden = curves_is_hidden(curves, key);
    entry->keys[entry->key_count++] = key;
    entry->is_hidden = entry->is_hidden && is_hidden;
    return is_hidden;
}

/* --- the chart --- */

/* Which entry the series of a look belongs to; smoothed curves stand for themselves. */
static void connect(struct curves *curves)
{
    for (int i = 0; i < curves->entry_count; i++)
        for (int j = 0; j < curves->chart.series_count; j++) {
            const struct chart_series *series = &curves->chart.series[j];
            if (!curves->entries[i].is_hidden && series->look == curves->entries[i].look &&
                !series->is_faint)
                curves->entries[i].series = series;
        }
}

static void make_plain(struct curves *curves, const struct curve *lines, int count,
                       const struct curve_wish *wish, enum direction direction, bool is_one)
{
    struct curve *shown = arena_alloc(&curves->made, (size_t)count + 1, sizeof *shown);
    int shown_count = 0;
    for (int i = 0; i < count; i++) {
        struct curves_entry *entry = add_entry(curves, &lines[i]);
        entry->keys = arena_alloc(&curves->made, 1, sizeof *entry->keys);
        add_key(curves, entry, is_one ? (uint64_t)i : (uint64_t)entry->run);
        entry->best = best_of(curves, entry->run, lines[i].metric, direction);
        if (!entry->is_hidden)
            shown[shown_count++] = lines[i];
    }
    curves_chart(&curves->made, NULL, shown, shown_count, wish, &curves->chart);
}

static int group_of(const struct curves *curves, int64_t run)
{
    for (int i = 0; i < curves->names.run_count; i++)
        if (curves->names.runs[i].row.number == run)
            return curves->names.groups[i];
    return -1;
}

static struct fold_member member_of(struct arena *arena, const struct curve *curve, double smooth)
{
    double *y = arena_alloc(arena, (size_t)curve->series.count + 1, sizeof *y);
    chart_smooth(curve->series.mean, curve->series.count, smooth, y);
    return (struct fold_member){ curve->x, y, curve->series.count };
}

/* One curve of the runs of the group that `lines[first]` begins, but for hidden ones. Each is
 * smoothed before. */
static struct curve fold_group(struct curves *curves, const struct curve *lines, int count,
                               int first, const struct curve_wish *wish, enum direction direction)
{
    struct arena *arena = &curves->made;
    struct curves_entry *entry = add_entry(curves, &lines[first]);
    struct fold_member *members = arena_alloc(arena, (size_t)count + 1, sizeof *members);
    struct folded folded;
    int group = group_of(curves, entry->run), found = 0;
    entry->keys = arena_alloc(arena, (size_t)count + 1, sizeof *entry->keys);
    for (int i = first; i < count; i++) {
        int64_t run = lines[i].run->row.number;
        if (i != first && (group < 0 || group_of(curves, run) != group))
            continue;
        if (i != first)
            entry->name = arena_printf(arena, "%s,%lld", entry->name, (long long)run);
        if (!add_key(curves, entry, (uint64_t)run))
            members[found++] = member_of(arena, &lines[i], wish->smooth);
        double best = best_of(curves, run, lines[i].metric, direction);
        if (!isnan(best) && is_better(best, entry->best, direction))
            entry->best = best;
    }
    fold_curves(arena, members, found, POINTS_A_COLUMN * wish->columns, &folded);
    struct curve curve = lines[first];
    curve.x = folded.x;
    curve.name = entry->name;
    curve.series = (struct series){ .step = folded.x,
                                    .mean = folded.median,
                                    .low = folded.low,
                                    .high = folded.high,
                                    .count = folded.count };
    return curve;
}

static bool is_first_of_group(const struct curves *curves, const struct curve *lines, int at)
{
    int group = group_of(curves, lines[at].run->row.number);
    for (int i = 0; i < at && group >= 0; i++)
        if (group_of(curves, lines[i].run->row.number) == group)
            return false;
    return true;
}

static void make_folded(struct curves *curves, const struct curve *lines, int count,
                        const struct curve_wish *wish, enum direction direction)
{
    struct curve *shown = arena_alloc(&curves->made, (size_t)count + 1, sizeof *shown);
    struct curve_wish as_is = *wish;
    int shown_count = 0;
    for (int i = 0; i < count; i++) {
        if (!is_first_of_group(curves, lines, i))
            continue;
        struct curve curve = fold_group(curves, lines, count, i, wish, direction);
        if (!curves->entries[curves->entry_count - 1].is_hidden)
            shown[shown_count++] = curve;
    }
    as_is.smooth = 0;
    curves_chart(&curves->made, NULL, shown, shown_count, &as_is, &curves->chart);
}

static struct chart_range extent_of(const struct chart *chart)
{
    struct chart_range range = { INFINITY, -INFINITY };
    for (int i = 0; i < chart->series_count; i++)
        for (int j = 0; j < chart->series[i].count; j++) {
            double x = chart->series[i].x[j];
            if (isfinite(x)) {
                range.low = fmin(range.low, x);
                range.high = fmax(range.high, x);
            }
        }
    return range.low <= range.high ? range : (struct chart_range){ 0, 0 };
}

static struct chart_range full_extent(struct curves *curves)
{
    struct chart_range full = { INFINITY, -INFINITY };
    for (int i = 0; i < curves->all.panel_count; i++)
        for (int j = 0; j < curves->all.panels[i].count; j++) {
            const struct curve *curve = &curves->all.panels[i].curves[j];
            for (int k = 0; k < curve->series.count; k++)
                if (isfinite(curve->x[k])) {
                    full.low = fmin(full.low, curve->x[k]);
                    full.high = fmax(full.high, curve->x[k]);
                }
        }
    return full.low <= full.high ? full : (struct chart_range){ 0, 0 };
}

static void make_lines(struct view *view)
{
    struct curves *curves = view->state;
    const struct plot *plot = plot_to_draw(curves);
    int count;
    struct curve *lines = flatten(&curves->made, plot, &count);
    enum direction direction =
        count > 0 ? metric_direction(lines[0].metric, &app_index(view->app)->config)
                  : DIRECTION_NONE;
    struct curve_wish wish = plot->curves;
    wish.smooth = plot_weights[curves->smoothing];
    wish.is_log = curves->is_log;
    wish.hides_outliers = !curves->shows_outliers;
    wish.columns = MAX(view->rect.width, 1);
    curves->entries = arena_alloc(&curves->made, (size_t)count + 1, sizeof *curves->entries);
    if (curves->folds && plot->run_count > 1)
        make_folded(curves, lines, count, &wish, direction);
    else
        make_plain(curves, lines, count, &wish, direction, plot->run_count == 1);
    curves->full = full_extent(curves);
    curves->has_best = direction != DIRECTION_NONE;
    connect(curves);
    mark_best(curves, direction);
}

/* One curve through what each run or commit came to, one after another at the same distance. */
static void make_history(struct curves *curves)
{
    struct curves_history *history = &curves->history;
    size_t count = (size_t)history->count;
    double *x = arena_alloc(&curves->made, count + 1, sizeof *x);
    double *y = arena_alloc(&curves->made, count + 1, sizeof *y);
    double *low = arena_alloc(&curves->made, count + 1, sizeof *low);
    double *high = arena_alloc(&curves->made, count + 1, sizeof *high);
    struct chart_series *series = arena_alloc(&curves->made, 1, sizeof *series);
    for (int i = 0; i < history->count; i++) {
        x[i] = i;
        y[i] = history->points[i].value;
        low[i] = history->points[i].low;
        high[i] = history->points[i].high;
    }
    *series = (struct chart_series){
        .x = x, .mean = y, .low = low, .high = high, .count = history->count, .look = 1
    };
    curves->chart = (struct chart){ .series = series,
                                    .series_count = history->count > 0,
                                    .y_scale = curves->is_log ? CHART_LOG : CHART_LINEAR };
    curves->full = extent_of(&curves->chart);
}

void curves_make(struct view *view)
{
    struct curves *curves = view->state;
    curves_release(curves);
    if (curves_is_history(curves))
        make_history(curves);
    else
        make_lines(view);
    curves->entry = MAX(0, MIN(curves->entry, curves->entry_count - 1));
    curves->is_stale = false;
}

struct chart curves_chart_now(const struct curves *curves)
{
    struct chart chart = curves->chart;
    chart.legend = CHART_LEGEND_NONE;
    chart.x = curves->shown;
    chart.hides_bands = curves->hides_bands;
    chart.has_cursor = curves->has_cursor;
    chart.cursor = curves->cursor;
    if (!curves_is_history(curves) && curves->all.run_count == 1) {
        chart.events = curves->all.events;
        chart.event_count = curves->all.event_count;
    }
    return chart;
}
