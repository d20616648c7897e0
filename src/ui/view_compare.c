/* Two or more runs beside one another: what differs, how they did, what they drew, their code. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "curves_load.h"
#include "compare_state.h"
#include "news.h"

/* --- opening --- */

static void add_run(struct compare_state *state, int64_t run)
{
    int at = state->run_count;
    for (int i = 0; i < state->run_count; i++)
        if (state->runs[i] == run)
            return;
    if (at == COMPARE_RUNS)
        return;
    for (; at > 0 && state->runs[at - 1] > run; at--)
        state->runs[at] = state->runs[at - 1];
    state->runs[at] = run;
    state->run_count++;
}

static int choose_runs(struct view *view, const struct view_args *args)
{
    struct compare_state *state = view->state;
    for (int i = 0; i < args->run_count; i++)
        add_run(state, args->runs[i]);
    if (args->run_count > COMPARE_RUNS)
        snprintf(state->note, sizeof state->note, "the first %d of %d marked runs", COMPARE_RUNS,
                 args->run_count);
    if (state->run_count == 1) {
        struct index *index = app_index(view->app);
        int64_t other = compare_find_other(index, state->runs[0], state->note, sizeof state->note);
        if (other)
            add_run(state, other);
    }
    return state->run_count > 1
               ? 0
               : fail(ERR_NOT_FOUND, "there is no other run to compare with: Space marks runs");
}

static int open(struct view *view, const struct view_args *args)
{
    struct compare_state *state = view->state;
    pages_init(&state->code);
    state->curves.utc_offset = plot_utc_offset(app_now(view->app));
    state->curves.smooth = 0;
    int error = choose_runs(view, args);
    if (!error)
        compare_load(view);
    return error;
}

static void close(struct view *view)
{
    struct compare_state *state = view->state;
    pages_release(&state->code);
    diff_release(&state->diff);
    plot_release(&state->plot);
    arena_release(&state->samples.arena);
    arena_release(&state->data.arena);
    arena_release(&state->arena);
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct compare_state *state = view->state;
    struct rect panes[PANE_COUNT];
    bool is_first = state->mark == 0; /* what there was then is being loaded */
    bool is_new = news_of(view, tick, state->runs, state->run_count, &state->mark);
    state->needs_load = state->needs_load || (is_new && !is_first);
    if (state->needs_load && state->is_loaded && !compare_is_loading(view)) {
        state->needs_load = false;
        compare_load(view);
    }
    compare_layout(state, tick->rect, panes);
    pages_resize(&state->code, panes[PANE_CODE].width, MAX(panes[PANE_CODE].height - 1, 1));
    return tick->is_new_size ? REDRAW : IGNORED;
}

/* --- acting --- */

static struct compare_table *table_of(struct compare_state *state)
{
    return state->focus == PANE_VALUES    ? &state->values
           : state->focus == PANE_METRICS ? &state->metrics
                                          : NULL;
}

static int rows_of(const struct view *view)
{
    enum { TITLE_AND_NAMES = 2 };
    const struct compare_state *state = view->state;
    struct rect panes[PANE_COUNT];
    compare_layout(state, view->rect, panes);
    return MAX(1, panes[state->focus].height - TITLE_AND_NAMES);
}

/* The columns of runs move for all panes together. */
static enum reaction move_aside(struct compare_state *state, int by)
{
    state->first_run = MAX(0, MIN(state->first_run + by, state->run_count - 1));
    return REDRAW;
}

static enum reaction move_curves(struct compare_state *state, int by)
{
    state->first_panel = MAX(0, MIN(state->first_panel + by, state->plot.panel_count - 1));
    return REDRAW;
}

static int steps_of(enum action action, int page)
{
    enum { ALL = 1 << 20 };
    switch (action) {
    case ACTION_UP:
        return -1;
    case ACTION_DOWN:
        return 1;
    case ACTION_PAGE_UP:
        return -page;
    case ACTION_PAGE_DOWN:
        return page;
    case ACTION_TOP:
        return -ALL;
    case ACTION_BOTTOM:
        return ALL;
    default:
        return 0;
    }
}

static enum reaction move(struct view *view, enum action action)
{
    struct compare_state *state = view->state;
    struct compare_table *table = table_of(state);
    int rows = rows_of(view), by = steps_of(action, MAX(rows - 1, 1));
    bool is_aside = action == ACTION_LEFT || action == ACTION_RIGHT;
    if (state->focus == PANE_CODE)
        return pages_act(&state->code, action);
    if (is_aside)
        return move_aside(state, action == ACTION_RIGHT ? 1 : -1);
    if (by == 0)
        return IGNORED;
    if (table)
        compare_table_move(table, by, rows);
    else if (state->focus == PANE_CURVES)
        move_curves(state, by);
    return REDRAW;
}

/* A pane's own key makes it large, and small again. */
static enum reaction go_to_pane(struct compare_state *state, enum compare_pane pane)
{
    state->is_enlarged = !(state->is_enlarged && state->focus == pane);
    state->focus = pane;
    return REDRAW;
}

static void say_axis(struct view *view)
{
    const struct compare_state *state = view->state;
    app_say(view->app, "over %s", curves_axis_names[state->curves.by]);
}

static enum reaction act_on_curves(struct view *view, enum action action)
{
    struct compare_state *state = view->state;
    switch (action) {
    case ACTION_AXIS:
        state->curves.by = (enum curve_axis)((state->curves.by + 1) % (CURVE_CLOCK + 1));
        compare_load_plot(view);
        say_axis(view);
        return REDRAW;
    case ACTION_LOG_SCALE:
        state->curves.is_log = !state->curves.is_log;
        break;
    case ACTION_SMOOTHER:
    case ACTION_ROUGHER:
        plot_smooth(view->app, &state->curves.smooth, action == ACTION_SMOOTHER ? 1 : -1);
        break;
    default:
        return IGNORED;
    }
    plot_prepare(&state->plot, &state->curves);
    return REDRAW;
}

static enum reaction act(struct view *view, enum action action)
{
    struct compare_state *state = view->state;
    switch (action) {
    case ACTION_NEXT_PANE:
    case ACTION_PREVIOUS_PANE:
        state->focus = (enum compare_pane)(
            ((int)state->focus + (action == ACTION_NEXT_PANE ? 1 : PANE_COUNT - 1)) % PANE_COUNT);
        return REDRAW;
    case ACTION_TAB_1:
    case ACTION_TAB_2:
    case ACTION_TAB_3:
    case ACTION_TAB_4:
    case ACTION_TAB_5:
        return go_to_pane(state, (enum compare_pane)(action - ACTION_TAB_1));
    case ACTION_OPEN:
        return go_to_pane(state, state->focus);
    case ACTION_BACK:
        if (!state->is_enlarged)
            return IGNORED;
        state->is_enlarged = false;
        return REDRAW;
    case ACTION_ALL_VALUES:
        state->shows_all = !state->shows_all;
        compare_tables_make(state);
        return REDRAW;
    default:
        break;
    }
    enum reaction reaction = act_on_curves(view, action);
    return reaction == IGNORED ? move(view, action) : reaction;
}

/* Of the code alone: what else is shown, is shown whole. */
static void search(struct view *view, const char *text, int by)
{
    struct compare_state *state = view->state;
    state->focus = PANE_CODE;
    pages_search(&state->code, view, text, by);
}

static enum reaction mouse(struct view *view, const struct input *input)
{
    struct compare_state *state = view->state;
    struct rect panes[PANE_COUNT];
    if (input->button != MOUSE_LEFT || input->motion != MOUSE_PRESS)
        return IGNORED;
    compare_layout(state, view->rect, panes);
    for (int i = 0; i < PANE_COUNT; i++) {
        struct rect point = { input->x, input->y, 1, 1 };
        if (rect_intersect(panes[i], point).width < 1)
            continue;
        if (input->y == panes[i].y)
            return go_to_pane(state, (enum compare_pane)i);
        state->focus = (enum compare_pane)i;
    }
    return REDRAW;
}

/* --- drawing --- */

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct compare_state *state = view->state;
    struct rect panes[PANE_COUNT];
    compare_layout(state, rect, panes);
    if (state->note[0])
        canvas_text(frame->canvas, (struct rect){ rect.x + 1, rect.y, rect.width - 2, 1 },
                    state->note, look_style(frame->look, ROLE_DIM));
    for (int i = 0; i < PANE_COUNT; i++)
        compare_pane_draw(state, (enum compare_pane)i, frame, panes[i]);
}

static int runs(const struct view *view, struct arena *arena, int64_t **numbers)
{
    const struct compare_state *state = view->state;
    *numbers = arena_alloc(arena, COMPARE_RUNS, sizeof **numbers);
    for (int i = 0; i < state->run_count; i++)
        (*numbers)[i] = state->runs[i];
    return state->run_count;
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct compare_state *state = view->state;
    const char *words = "runs";
    for (int i = 0; i < state->run_count; i++)
        words = arena_printf(arena, "%s %lld", words, (long long)state->runs[i]);
    return words;
}

const struct view_type view_compare = {
    .name = "compare",
    .title = "Compare",
    .place = IN_COMPARE,
    .state_size = sizeof(struct compare_state),
    .open = open,
    .update = update,
    .act = act,
    .search = search,
    .mouse = mouse,
    .draw = draw,
    .runs = runs,
    .status = status,
    .close = close,
};
