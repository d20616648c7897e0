/* The part of the curves that is shown, the cursor, and the mouse. */
#include <math.h>

#include "curves.h"

struct chart_range curves_shown(const struct curves *curves)
{
    return curves_is_zoomed(curves) ? curves->shown : curves->full;
}

static struct chart_layout layout_of(const struct view *view)
{
    const struct curves *curves = view->state;
    struct chart chart = curves_chart_now(curves);
    return chart_layout(&chart, curves_places(view, view->rect).chart, app_look(view->app)->glyphs);
}

/* --- zooming --- */

/* Steps and runs are whole: no narrower than a few of them. */
static double least_width(const struct curves *curves)
{
    static const double finest = 1e-6; /* of all */
    bool is_whole = curves->axis == CURVE_STEP || curves_is_history(curves);
    return is_whole ? 2 : (curves->full.high - curves->full.low) * finest;
}

/* Within all there is, as wide as asked for if that fits. */
static void settle(struct curves *curves, double low, double high)
{
    double width = fmax(high - low, least_width(curves));
    const struct chart_range *full = &curves->full;
    if (!(width < full->high - full->low)) {
        curves->shown = (struct chart_range){ 0, 0 };
        return;
    }
    low = fmin(fmax(low, full->low), full->high - width);
    curves->shown = (struct chart_range){ low, low + width };
}

/* Whether what was loaded around here is fine enough. */
static bool has_part(const struct curves *curves)
{
    enum { COARSEST = 4 };
    const struct chart_range *part = &curves->part_range, *shown = &curves->shown;
    return curves->part.panel_count > 0 && part->low <= shown->low && part->high >= shown->high &&
           part->high - part->low <= COARSEST * (shown->high - shown->low);
}

enum reaction curves_zoom_to(struct view *view, double low, double high)
{
    struct curves *curves = view->state;
    settle(curves, low, high);
    if (curves_is_zoomed(curves) && !curves_is_history(curves) && !has_part(curves))
        curves->needs_part = true;
    curves->is_stale = true;
    return REDRAW;
}

enum reaction curves_zoom(struct view *view, double factor, double around)
{
    struct chart_range shown = curves_shown(view->state);
    double share = (around - shown.low) / (shown.high - shown.low);
    double width = (shown.high - shown.low) * factor;
    if (!isfinite(share))
        return HANDLED;
    return curves_zoom_to(view, around - share * width, around + (1 - share) * width);
}

/* Around the cursor, else around the newest. */
enum reaction curves_zoom_at_cursor(struct view *view, double factor)
{
    const struct curves *curves = view->state;
    struct chart_range shown = curves_shown(curves);
    bool is_seen =
        curves->has_cursor && curves->cursor >= shown.low && curves->cursor <= shown.high;
    return curves_zoom(view, factor, is_seen ? curves->cursor : shown.high);
}

enum reaction curves_pan(struct view *view, double share)
{
    const struct curves *curves = view->state;
    double by = share * (curves->shown.high - curves->shown.low);
    if (!curves_is_zoomed(curves))
        return HANDLED;
    return curves_zoom_to(view, curves->shown.low + by, curves->shown.high + by);
}

/* --- the cursor --- */

/* On whole steps and runs, and in sight. */
static enum reaction put_cursor(struct view *view, double x)
{
    struct curves *curves = view->state;
    if (curves->axis == CURVE_STEP || curves_is_history(curves))
        x = round(x);
    x = fmin(fmax(x, curves->full.low), curves->full.high);
    curves->has_cursor = true;
    curves->cursor = x;
    if (curves_is_zoomed(curves) && x < curves->shown.low)
        return curves_pan(view, (x - curves->shown.low) / (curves->shown.high - curves->shown.low));
    if (curves_is_zoomed(curves) && x > curves->shown.high)
        return curves_pan(view,
                          (x - curves->shown.high) / (curves->shown.high - curves->shown.low));
    return REDRAW;
}

enum reaction curves_move(struct view *view, int dots)
{
    struct curves *curves = view->state;
    struct chart_layout layout = layout_of(view);
    struct chart_range shown = curves_shown(curves);
    double dot = (layout.x.high - layout.x.low) / MAX(layout.plot.width * layout.across - 1, 1);
    if (!(shown.high >= shown.low) || curves->chart.series_count == 0)
        return HANDLED;
    if (!curves->has_cursor)
        return put_cursor(view, dots < 0 ? shown.high : shown.low);
    double by = dots * dot;
    if (curves_is_history(curves))
        by = dots;
    else if (curves->axis == CURVE_STEP && fabs(by) < 1)
        by = dots < 0 ? -1 : 1;
    return put_cursor(view, curves->cursor + by);
}

enum reaction curves_move_to_end(struct view *view, bool is_last)
{
    const struct curves *curves = view->state;
    struct chart_range shown = curves_shown(curves);
    if (curves->chart.series_count == 0)
        return HANDLED;
    bool is_there = curves->has_cursor && curves->cursor == (is_last ? shown.high : shown.low);
    const struct chart_range *ends = is_there ? &curves->full : &shown;
    return put_cursor(view, is_last ? ends->high : ends->low);
}

enum reaction curves_move_to_event(struct view *view, int by)
{
    const struct curves *curves = view->state;
    struct chart chart = curves_chart_now(curves);
    double from = curves->has_cursor ? curves->cursor : by > 0 ? -INFINITY : INFINITY;
    double next = by > 0 ? INFINITY : -INFINITY;
    for (int i = 0; i < chart.event_count; i++) {
        double x = chart.events[i].x;
        if (by > 0 ? x > from && x < next : x < from && x > next)
            next = x;
    }
    return isfinite(next) ? put_cursor(view, next) : HANDLED;
}

/* --- the mouse --- */

static bool is_in(struct rect rect, int x, int y)
{
    return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

static enum reaction release(struct view *view, const struct chart_layout *layout)
{
    enum { LEAST = 2 /* columns of a drag */ };
    struct curves *curves = view->state;
    int from = MIN(curves->drag_from, curves->drag_to);
    int to = MAX(curves->drag_from, curves->drag_to);
    curves->is_dragging = false;
    if (to - from < LEAST)
        return put_cursor(view, chart_x_at_column(layout, curves->drag_to));
    return curves_zoom_to(view, chart_x_at_column(layout, from), chart_x_at_column(layout, to));
}

static enum reaction click_list(struct view *view, const struct curves_places *places,
                                const struct input *input)
{
    struct curves *curves = view->state;
    int row = input->y - places->list.y - places->is_beside;
    int column = places->pitch > 0 ? (input->x - places->list.x) / places->pitch : 0;
    int entry = curves->first + row * places->across + column;
    if (row < 0 || column >= places->across || entry >= curves->entry_count)
        return HANDLED;
    curves->entry = entry;
    curves_toggle(view, entry);
    return REDRAW;
}

enum reaction curves_mouse(struct view *view, const struct input *input)
{
    static const double closer = 0.7;
    struct curves *curves = view->state;
    struct chart_layout layout = layout_of(view);
    struct curves_places places = curves_places(view, view->rect);
    bool is_wheel = input->button == MOUSE_WHEEL_UP || input->button == MOUSE_WHEEL_DOWN;
    bool is_in_plot = is_in(layout.plot, input->x, input->y);
    int column = MAX(layout.plot.x, MIN(input->x, layout.plot.x + layout.plot.width - 1));
    if (is_wheel && is_in_plot)
        return curves_zoom(view, input->button == MOUSE_WHEEL_UP ? closer : 1 / closer,
                           chart_x_at_column(&layout, input->x));
    if (is_wheel && is_in(places.list, input->x, input->y))
        return curves_go_in_list(view, input->button == MOUSE_WHEEL_UP ? -1 : 1);
    if (input->button != MOUSE_LEFT)
        return IGNORED;
    if (input->motion == MOUSE_PRESS && is_in(places.list, input->x, input->y))
        return click_list(view, &places, input);
    if (input->motion == MOUSE_PRESS && is_in_plot) {
        curves->is_dragging = true;
        curves->drag_from = column;
    } else if (!curves->is_dragging) {
        return IGNORED;
    }
    curves->drag_to = column;
    return input->motion == MOUSE_RELEASE ? release(view, &layout) : REDRAW;
}
