/* Curves: runs overlaid, metric by metric, over steps, time, or the history of an experiment. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "curves.h"
#include "curves_load.h"
#include "news.h"
#include "record/metric.h"

static int open(struct view *view, const struct view_args *args)
{
    struct curves *curves = view->state;
    if (args->run_count == 0)
        return fail(ERR_INVALID, "there is no run to draw curves of");
    curves->run_count = MIN(args->run_count, VIEW_RUNS_LIMIT);
    for (int i = 0; i < curves->run_count; i++) { /* ascending, however they were marked */
        int at = i;
        for (; at > 0 && curves->runs[at - 1] > args->runs[i]; at--)
            curves->runs[at] = curves->runs[at - 1];
        curves->runs[at] = args->runs[i];
    }
    curves->wanted = args->text ? xstrdup(args->text) : NULL;
    curves->needs_names = true;
    curves->cursor_step = args->step >= 0 ? (double)args->step : NAN;
    return 0;
}

/* --- updating --- */

static void scroll(struct view *view)
{
    struct curves *curves = view->state;
    struct curves_places places = curves_places(view, view->rect);
    int rows = MAX(places.list.height - places.is_beside, 1), across = places.across;
    int row = curves->entry / across, first = curves->first / across;
    int last = (curves->entry_count + across - 1) / across - rows;
    first = MAX(MIN(first, row), row - rows + 1);
    curves->first = MAX(0, MIN(first, last)) * across;
}

/* Where the samples were that were left. */
static bool take_shared_step(struct view *view)
{
    struct curves *curves = view->state;
    int64_t step = app_shared_step(view->app);
    if (step < 0 || curves_is_history(curves))
        return false;
    curves->cursor_step = (double)step;
    if (curves->all.panel_count > 0)
        curves_place_cursor(curves);
    return true;
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct curves *curves = view->state;
    bool is_moved = take_shared_step(view);
    bool is_new = news_of(view, tick, curves->runs, curves->run_count, &curves->mark);
    curves->needs_names = curves->needs_names || is_new;
    if (tick->is_new_size && curves->all.panel_count > 0 &&
        tick->rect.width > curves->all.curves.columns)
        curves->needs_all = true;
    curves_load(view);
    bool is_changed = curves->is_stale || tick->is_new_size || is_moved;
    if (curves->is_stale)
        curves_make(view);
    if (is_changed)
        scroll(view);
    return is_changed ? REDRAW : IGNORED;
}

/* --- acting --- */

static enum reaction change(struct curves *curves)
{
    curves->is_stale = true;
    return REDRAW;
}

static enum reaction show_metric(struct view *view, int metric)
{
    struct curves *curves = view->state;
    int count = curves->names.count;
    if (count < 2)
        return HANDLED;
    curves->metric = (metric + count) % count;
    free(curves->wanted);
    curves->wanted = xstrdup(curves_metric_word(curves, curves->metric));
    if (curves->run_count == 1)
        curves->hidden_count = 0;
    curves->needs_all = curves->needs_history = true;
    return REDRAW;
}

static enum reaction next_axis(struct curves *curves)
{
    curves->wanted_axis = (curves->wanted_axis + 1) % AXIS_COUNT;
    if (curves->has_cursor && !curves_is_history(curves))
        curves->cursor_step = curves_step_at(curves, curves->cursor);
    curves->needs_all = curves->needs_history = true;
    return REDRAW;
}

static enum reaction smooth(struct curves *curves, int by)
{
    curves->smoothing = MAX(0, MIN(curves->smoothing + by, plot_weight_count() - 1));
    return change(curves);
}

static void hide(struct curves *curves, uint64_t key)
{
    if (!curves_is_hidden(curves, key) && curves->hidden_count < VIEW_RUNS_LIMIT)
        curves->hidden[curves->hidden_count++] = key;
}

static void unhide(struct curves *curves, uint64_t key)
{
    for (int i = 0; i < curves->hidden_count; i++)
        if (curves->hidden[i] == key)
            curves->hidden[i--] = curves->hidden[--curves->hidden_count];
}

void curves_toggle(struct view *view, int entry_index)
{
    struct curves *curves = view->state;
    if (entry_index < 0 || entry_index >= curves->entry_count || curves->entry_count < 2)
        return;
    const struct curves_entry *entry = &curves->entries[entry_index];
    for (int i = 0; i < entry->key_count; i++)
        (entry->is_hidden ? unhide : hide)(curves, entry->keys[i]);
    curves->needs_history = curves->is_stale = true;
}

enum reaction curves_go_in_list(struct view *view, int by)
{
    struct curves *curves = view->state;
    curves->entry = MAX(0, MIN(curves->entry + by, curves->entry_count - 1));
    scroll(view);
    return REDRAW;
}

static void choose_metric(struct app *app, struct view *view, int index)
{
    (void)app;
    show_metric(view, index);
}

static enum reaction list_metrics(struct view *view)
{
    struct curves *curves = view->state;
    int count = curves->names.count;
    if (count < 2)
        return HANDLED;
    struct arena *arena = app_choice_arena(view->app);
    const char **items = arena_alloc(arena, (size_t)count, sizeof *items);
    for (int i = 0; i < count; i++)
        items[i] = arena_strdup(arena, curves_metric_word(curves, i));
    app_choose(view->app, &(struct choice){ .title = "metric",
                                            .items = items,
                                            .count = count,
                                            .current = curves->metric,
                                            .view = view,
                                            .chosen = choose_metric });
    return REDRAW;
}

/* The point of the history that the cursor is on; NULL: none. */
static const struct history_point *point_at_cursor(const struct curves *curves)
{
    int at = (int)round(curves->cursor);
    bool is_on =
        curves_is_history(curves) && curves->has_cursor && at >= 0 && at < curves->history.count;
    return is_on ? &curves->history.points[at] : NULL;
}

static enum reaction open_run(struct view *view, int64_t run)
{
    app_open(view->app, &view_run, &(struct view_args){ .runs = &run, .run_count = 1, .step = -1 });
    return REDRAW;
}

/* The step under the cursor; -1: none. */
static int64_t present_step(const struct curves *curves)
{
    double step = curves->has_cursor && !curves_is_history(curves)
                      ? curves_step_at(curves, curves->cursor)
                      : NAN;
    return isfinite(step) ? (int64_t)step : -1;
}

static bool is_over_samples(const struct view *view)
{
    return view->below && view->below->type == &view_samples;
}

/* Samples that are below go to the same step. */
static enum reaction leave(struct view *view)
{
    if (is_over_samples(view))
        app_share_step(view->app, present_step(view->state));
    return IGNORED;
}

static enum reaction open_samples(struct view *view)
{
    struct arena arena = { 0 };
    int64_t *numbers = NULL;
    if (is_over_samples(view)) {
        leave(view);
        return CLOSE_VIEW;
    }
    int count = view->type->runs(view, &arena, &numbers);
    if (count > 0)
        app_open(view->app, &view_samples,
                 &(struct view_args){
                     .runs = numbers, .run_count = count, .step = present_step(view->state) });
    arena_release(&arena);
    return count > 0 ? REDRAW : IGNORED;
}

static enum reaction enter(struct view *view)
{
    const struct curves *curves = view->state;
    const struct history_point *point = point_at_cursor(curves);
    if (point)
        return open_run(view, point->run->row.number);
    if (curves->in_list && curves->entry < curves->entry_count)
        return open_run(view, curves->entries[curves->entry].run);
    return list_metrics(view);
}

static enum reaction move_about(struct view *view, enum action action)
{
    enum { FAR = 10 };
    struct curves *curves = view->state;
    int by = action == ACTION_UP ? -1 : 1;
    switch (action) {
    case ACTION_UP:
    case ACTION_DOWN:
        return curves->in_list ? curves_go_in_list(view, by)
                               : show_metric(view, curves->metric + by);
    case ACTION_LEFT:
        return curves_move(view, -1);
    case ACTION_RIGHT:
        return curves_move(view, 1);
    case ACTION_FAR_LEFT:
        return curves_move(view, -FAR);
    case ACTION_FAR_RIGHT:
        return curves_move(view, FAR);
    case ACTION_TOP:
        return curves_move_to_end(view, false);
    case ACTION_BOTTOM:
        return curves_move_to_end(view, true);
    case ACTION_NEXT_PANE:
    case ACTION_PREVIOUS_PANE:
        curves->in_list = !curves->in_list && curves->entry_count > 1;
        return REDRAW;
    case ACTION_NEXT_EVENT:
        return curves_move_to_event(view, 1);
    case ACTION_PREVIOUS_EVENT:
        return curves_move_to_event(view, -1);
    case ACTION_SEARCH:
        return list_metrics(view);
    case ACTION_OPEN:
        return enter(view);
    case ACTION_SAMPLES:
        return open_samples(view);
    case ACTION_BACK:
        return leave(view);
    default:
        return IGNORED;
    }
}

static enum reaction act(struct view *view, enum action action)
{
    static const double closer = 0.5, pan = 0.25;
    struct curves *curves = view->state;
    switch (action) {
    case ACTION_AXIS:
        return next_axis(curves);
    case ACTION_LOG_SCALE:
        curves->is_log = !curves->is_log;
        return change(curves);
    case ACTION_SMOOTHER:
        return smooth(curves, 1);
    case ACTION_ROUGHER:
        return smooth(curves, -1);
    case ACTION_ZOOM_IN:
        return curves_zoom_at_cursor(view, closer);
    case ACTION_ZOOM_OUT:
        return curves_zoom_at_cursor(view, 1 / closer);
    case ACTION_PAN_LEFT:
        return curves_pan(view, -pan);
    case ACTION_PAN_RIGHT:
        return curves_pan(view, pan);
    case ACTION_ZOOM_ALL:
        return curves_zoom_to(view, curves->full.low, curves->full.high);
    case ACTION_OUTLIERS:
        curves->shows_outliers = !curves->shows_outliers;
        return change(curves);
    case ACTION_BANDS:
        curves->hides_bands = !curves->hides_bands;
        return REDRAW;
    case ACTION_SEEDS:
        curves->folds = !curves->folds;
        return change(curves);
    case ACTION_HIDE:
        curves_toggle(view, curves->entry);
        return REDRAW;
    default:
        return move_about(view, action);
    }
}

static enum reaction key(struct view *view, const struct input *input)
{
    if (input->kind != INPUT_KEY || input->key < '1' || input->key > '9')
        return IGNORED;
    curves_toggle(view, (int)(input->key - '1'));
    return REDRAW;
}

/* --- which runs --- */

static int runs(const struct view *view, struct arena *arena, int64_t **numbers)
{
    const struct curves *curves = view->state;
    const struct history_point *point = point_at_cursor(curves);
    bool is_in_list = curves->in_list && curves->entry < curves->entry_count;
    int count = 0;
    *numbers = arena_alloc(arena, VIEW_RUNS_LIMIT, sizeof **numbers);
    if (point)
        (*numbers)[count++] = point->run->row.number;
    else if (is_in_list && curves->run_count > 1)
        for (int i = 0; i < curves->entries[curves->entry].key_count; i++)
            (*numbers)[count++] = (int64_t)curves->entries[curves->entry].keys[i];
    else
        for (int i = 0; i < curves->run_count; i++)
            if (curves->run_count == 1 || !curves_is_hidden(curves, (uint64_t)curves->runs[i]))
                (*numbers)[count++] = curves->runs[i];
    return count;
}

static void close(struct view *view)
{
    struct curves *curves = view->state;
    plot_release(&curves->all);
    plot_release(&curves->part);
    arena_release(&curves->names.arena);
    arena_release(&curves->history.arena);
    curves_release(curves);
    free(curves->wanted);
    free(curves->remembered);
}

const struct view_type view_curves = {
    .name = "curves",
    .title = "Curves",
    .place = IN_CURVES,
    .state_size = sizeof(struct curves),
    .open = open,
    .update = update,
    .act = act,
    .key = key,
    .mouse = curves_mouse,
    .draw = curves_draw,
    .runs = runs,
    .status = curves_status,
    .keep = curves_keep,
    .restore = curves_restore,
    .close = close,
};
