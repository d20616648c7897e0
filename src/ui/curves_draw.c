/* The screen of the curves view: head, chart, and the list of curves beside or below it. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "curves_load.h"
#include "record/metric.h"
#include "show/run_table.h"

enum { BESIDE_COLUMNS = 112, NAME_LEAST = 4, NAME_MOST = 24, VALUE = 9, SIGNS = 4 };

/* --- where things are --- */

static int name_columns(const struct curves *curves)
{
    int columns = NAME_LEAST;
    for (int i = 0; i < curves->entry_count; i++)
        columns = MAX(columns, text_columns(curves->entries[i].name));
    return MIN(columns, NAME_MOST);
}

struct curves_places curves_places(const struct view *view, struct rect rect)
{
    enum { SHARE = 4, GAP = 2 };
    const struct curves *curves = view->state;
    int width = SIGNS + name_columns(curves) + 1 + VALUE;
    struct curves_places places = { .across = 1, .pitch = width };
    places.head = (struct rect){ rect.x, rect.y, rect.width, 1 };
    places.chart = (struct rect){ rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 1 };
    places.is_beside = rect.width >= BESIDE_COLUMNS;
    if (curves->entry_count == 0)
        return places;
    if (places.is_beside) {
        width = places.pitch = width + 1 + (curves->has_best ? VALUE : 0);
        places.list =
            (struct rect){ rect.x + rect.width - width - 1, rect.y + 1, width, rect.height - 1 };
        places.chart.width -= width + GAP;
        return places;
    }
    places.pitch += GAP;
    places.across = MAX((rect.width - 1) / places.pitch, 1);
    int rows = (curves->entry_count + places.across - 1) / places.across;
    rows = MIN(rows, MAX((rect.height - 1) / SHARE, 1));
    places.list = (struct rect){ rect.x + 1, rect.y + rect.height - rows, rect.width - 1, rows };
    places.chart.height -= rows;
    return places;
}

/* --- the head --- */

/* The event nearest to the cursor, if it is in its column; NULL: none is. */
static const char *event_text(const struct curves *curves, const struct chart_layout *layout)
{
    const struct plot *plot = &curves->all;
    int column = chart_column_of_x(layout, curves->cursor);
    const char *text = NULL;
    for (int i = 0; i < plot->event_count && plot->run_count == 1 && column >= 0; i++) {
        int at = chart_column_of_x(layout, plot->events[i].x);
        bool is_higher = !text || plot->events[i].kind >= CHART_RESUME;
        if (at >= 0 && abs(at - column) <= 1 && is_higher)
            text = plot->event_texts[i];
    }
    return text;
}

static const char *point_text(const struct curves *curves, struct arena *arena)
{
    const struct curves_history *history = &curves->history;
    int at = curves->has_cursor ? (int)round(curves->cursor) : history->best;
    if (at < 0 || at >= history->count)
        return NULL;
    const struct history_point *point = &history->points[at];
    const struct run_row *row = &point->run->row;
    const char *which = at == history->best ? "best: " : "";
    return arena_printf(
        arena, "%srun %lld%s%s  %s  %s%s%s", which, (long long)row->number, row->name ? " " : "",
        row->name ? row->name : "", metric_format(arena, history->metric, point->value),
        run_commit_word(arena, row), row->subject ? " " : "", row->subject ? row->subject : "");
}

static const char *note_of(const struct curves *curves, struct arena *arena,
                           const struct chart_layout *layout)
{
    if (curves_is_history(curves))
        return point_text(curves, arena);
    if (curves->has_cursor) {
        const char *text = event_text(curves, layout);
        if (text)
            return text;
    }
    if (!curves_is_zoomed(curves))
        return NULL;
    return arena_printf(arena, "%s to %s",
                        chart_x_text(arena, &curves->chart, round(curves->shown.low)),
                        chart_x_text(arena, &curves->chart, round(curves->shown.high)));
}

static void draw_head(const struct curves *curves, struct frame *frame, struct rect rect,
                      const struct chart_layout *layout)
{
    enum { GAP = 3 };
    struct style bold = look_style(frame->look, ROLE_TITLE);
    struct style dim = look_style(frame->look, ROLE_DIM);
    if (curves->names.count == 0)
        return;
    rect.x++, rect.width -= 2;
    const char *label = curves->names.labels[curves->metric];
    if (curves_is_history(curves) && curves->history.metric)
        label = arena_printf(frame->arena, "%s %s of each %s",
                             curves->history.has_best ? "best" : "last",
                             metric_label(curves->history.metric), curves_axis_names[curves->axis]);
    int used = canvas_text(frame->canvas, rect, label, bold);
    rect.x += used + 1, rect.width -= used + 1;
    used =
        canvas_printf(frame->canvas, rect, dim, "%d/%d", curves->metric + 1, curves->names.count);
    rect.x += used + GAP, rect.width -= used + GAP;
    const char *note = note_of(curves, frame->arena, layout);
    if (!note || rect.width < 1)
        return;
    int width = MIN(text_columns(note), rect.width);
    canvas_text(frame->canvas, (struct rect){ rect.x + rect.width - width, rect.y, width, 1 }, note,
                look_style(frame->look, ROLE_TEXT));
}

/* --- the list --- */

double curves_value(const struct curves *curves, const struct curves_entry *entry)
{
    if (!entry->series || entry->series->count == 0)
        return NAN;
    int at = curves->has_cursor ? chart_nearest(entry->series, curves->cursor)
                                : entry->series->count - 1;
    return at < 0 ? NAN : entry->series->mean[at];
}

static const char *value_text(struct arena *arena, double value, bool is_there)
{
    return is_there ? chart_y_text(arena, value) : "";
}

static void draw_right(struct frame *frame, int x, int y, const char *text, struct style style)
{
    int width = MIN(text_columns(text), VALUE);
    canvas_text(frame->canvas, (struct rect){ x + VALUE - width, y, width, 1 }, text, style);
}

static void draw_entry(const struct curves *curves, int index, struct frame *frame,
                       struct rect place, bool is_beside)
{
    const struct curves_entry *entry = &curves->entries[index];
    struct style text = entry->is_hidden
                            ? look_style(frame->look, ROLE_DIM)
                            : (struct style){ .attributes = entry->is_best ? STYLE_BOLD : 0 };
    int name = name_columns(curves), x = place.x + SIGNS + name + 1;
    if (curves->entry_count > 1 && index < 9)
        canvas_put(frame->canvas, place.x, place.y, (uint32_t)('1' + index),
                   look_style(frame->look, ROLE_KEY));
    if (entry->is_hidden)
        canvas_put(frame->canvas, place.x + 2, place.y, '-', text);
    else
        canvas_put(frame->canvas, place.x + 2, place.y,
                   chart_marker(entry->look, frame->look->glyphs), chart_style(entry->look));
    canvas_text(frame->canvas, (struct rect){ place.x + SIGNS, place.y, name, 1 }, entry->name,
                text);
    double value = curves_value(curves, entry);
    draw_right(frame, x, place.y, value_text(frame->arena, value, entry->series != NULL), text);
    bool shows_best = is_beside && curves->has_best;
    if (shows_best)
        draw_right(frame, x + VALUE + 1, place.y,
                   value_text(frame->arena, entry->best, !isnan(entry->best)), text);
    if (entry->is_best)
        canvas_put(frame->canvas, x + VALUE + (shows_best ? 1 + VALUE : 0), place.y, '*',
                   look_style(frame->look, ROLE_GOOD));
    if (curves->entry_count > 1 && index == curves->entry)
        canvas_restyle(frame->canvas, (struct rect){ place.x + SIGNS, place.y, name, 1 },
                       look_style(frame->look, curves->in_list ? ROLE_CURSOR : ROLE_TEXT));
}

static void draw_list(const struct curves *curves, struct frame *frame,
                      const struct curves_places *places)
{
    struct rect list = places->list;
    if (list.height < 1)
        return;
    if (places->is_beside) {
        struct style style = look_style(frame->look, ROLE_DIM);
        int x = list.x + SIGNS + name_columns(curves) + 1;
        canvas_text(frame->canvas, (struct rect){ list.x + SIGNS, list.y, 5, 1 },
                    curves->all.run_count == 1 ? "curve" : "run", style);
        draw_right(frame, x, list.y, curves->has_cursor ? "at cursor" : "last", style);
        if (curves->has_best)
            draw_right(frame, x + VALUE + 1, list.y, "best", style);
        list.y++, list.height--;
    }
    for (int i = 0; i < list.height * places->across; i++) {
        int index = curves->first + i;
        struct rect place = { list.x + i % places->across * places->pitch,
                              list.y + i / places->across, places->pitch, 1 };
        if (index < curves->entry_count)
            draw_entry(curves, index, frame, place, places->is_beside);
    }
}

/* --- the chart --- */

/* The curve that the list is on is drawn above the others. */
static void emphasise(const struct curves *curves, struct arena *arena, struct chart *chart)
{
    const struct curves_entry *entry = &curves->entries[curves->entry];
    if (!curves->in_list || curves->entry >= curves->entry_count || !entry->series)
        return;
    struct chart_series *series = arena_alloc(arena, (size_t)chart->series_count, sizeof *series);
    for (int i = 0; i < chart->series_count; i++) {
        series[i] = chart->series[i];
        series[i].is_emphasised = &chart->series[i] == entry->series;
    }
    chart->series = series;
}

/* Runs or commits below the axis, as many as fit, and a marker at each point. */
static void draw_points(const struct curves *curves, struct frame *frame,
                        const struct chart_layout *layout)
{
    const struct curves_history *history = &curves->history;
    const struct rect *plot = &layout->plot;
    struct style dim = look_style(frame->look, ROLE_DIM);
    int y = plot->y + plot->height, next = plot->x - 2;
    canvas_fill(frame->canvas, (struct rect){ plot->x, y, plot->width, 1 }, 0x2500, dim);
    canvas_fill(frame->canvas, (struct rect){ plot->x - 2, y + 1, plot->width + 2, 1 }, ' ',
                (struct style){ 0 });
    for (int i = 0; i < history->count; i++) {
        int x = chart_column_of_x(layout, i);
        int row = chart_row_of_y(layout, history->points[i].value);
        if (x < 0)
            continue;
        if (row >= 0)
            canvas_put(frame->canvas, x, row,
                       chart_marker(i == history->best ? 2 : 1, frame->look->glyphs),
                       chart_style(i == history->best ? 2 : 1));
        const char *label = history->points[i].label;
        int width = text_columns(label), at = MAX(x - width / 2, plot->x - 2);
        at = MIN(at, plot->x + plot->width - width);
        if (at < next)
            continue;
        next = at + width + 1;
        canvas_put(frame->canvas, x, y, 0x252C, dim);
        bool is_here = curves->has_cursor && (int)round(curves->cursor) == i;
        canvas_text(frame->canvas, (struct rect){ at, y + 1, width, 1 }, label,
                    (struct style){ .attributes = is_here ? STYLE_REVERSE : 0 });
    }
}

static void draw_nothing(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct curves *curves = view->state;
    const char *text = curves->names.count == 0    ? "nothing has been journalled yet"
                       : curves_is_history(curves) ? "no run has this metric"
                                                   : "nothing to draw here";
    int width = MIN(text_columns(text), rect.width);
    if (curves->is_loaded)
        canvas_text(
            frame->canvas,
            (struct rect){ rect.x + (rect.width - width) / 2, rect.y + rect.height / 2, width, 1 },
            text, look_style(frame->look, ROLE_DIM));
}

void curves_draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct curves *curves = view->state;
    struct curves_places places = curves_places(view, rect);
    struct chart chart = curves_chart_now(curves);
    struct chart_layout layout = { .across = 1, .down = 1 };
    if (chart.series_count > 0) {
        emphasise(curves, frame->arena, &chart);
        layout = chart_draw(frame->canvas, places.chart, &chart, frame->look->glyphs);
    } else {
        draw_nothing(view, frame, places.chart);
    }
    if (chart.series_count > 0 && curves_is_history(curves))
        draw_points(curves, frame, &layout);
    if (curves->is_dragging) {
        int from = MIN(curves->drag_from, curves->drag_to);
        int to = MAX(curves->drag_from, curves->drag_to);
        canvas_restyle(frame->canvas,
                       (struct rect){ from, layout.plot.y, to - from + 1, layout.plot.height },
                       look_style(frame->look, ROLE_CURSOR));
    }
    draw_head(curves, frame, places.head, &layout);
    draw_list(curves, frame, &places);
}

const char *curves_status(const struct view *view, struct arena *arena)
{
    const struct curves *curves = view->state;
    double smooth = plot_weights[curves->smoothing];
    const char *text = arena_printf(arena, "by %s", curves_axis_names[curves->axis]);
    if (smooth > 0 && !curves_is_history(curves))
        text = arena_printf(arena, "%s, smooth %g", text, smooth);
    if (curves->is_log)
        text = arena_printf(arena, "%s, log", text);
    if (curves->shows_outliers)
        text = arena_printf(arena, "%s, all values", text);
    if (curves->hides_bands)
        text = arena_printf(arena, "%s, no bands", text);
    if (curves->folds)
        text = arena_printf(arena, "%s, seeds folded", text);
    return curves_is_zoomed(curves) ? arena_printf(arena, "%s, zoomed", text) : text;
}
