/* One run: tabs with its curves, its samples, its recipe and its log. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "curves_load.h"
#include "base/text.h"
#include "news.h"
#include "run_view.h"

static const char *const tab_names[TAB_COUNT] = { "Overview", "Curves", "Samples", "Recipe",
                                                  "Log" };

/* --- where things are --- */

struct layout {
    struct rect head, tabs, news, body;
};

enum { TAB_X = 1, TAB_GAP = 1 };

static int tab_width(int tab)
{
    return text_columns(tab_names[tab]) + 4; /* " 1 Overview " */
}

static int tabs_width(void)
{
    int width = TAB_X;
    for (int i = 0; i < TAB_COUNT; i++)
        width += tab_width(i) + TAB_GAP;
    return width;
}

/* News stands behind the tabs, or below them if it is long. */
static struct layout layout_of(const struct run_view *run, struct rect rect)
{
    int used = tabs_width(), rows = run->has_news_row ? 3 : 2;
    struct rect news = { rect.x + used + 1, rect.y + 1, rect.width - used - 2, 1 };
    if (run->has_news_row)
        news = (struct rect){ rect.x + 1, rect.y + 2, rect.width - 1, 1 };
    return (struct layout){
        .head = { rect.x, rect.y, rect.width, 1 },
        .tabs = { rect.x, rect.y + 1, rect.width, 1 },
        .news = news,
        .body = { rect.x, rect.y + rows, rect.width, rect.height - rows },
    };
}

/* How it ended, and its health with the reason. */
static const char *news_text(const struct run_view *run, struct arena *arena)
{
    const struct report *report = &run->known.report;
    const char *news = run_head_news(&run->head), *health = run->head.run.row.health;
    const char *why = NULL;
    if (report->health_count > 0)
        why = report->health[report->health_count - 1].why;
    if (!health || run->head.is_gone || (why && strstr(news, why)))
        return news;
    return arena_printf(arena, "%s%s%s%s%s", news, *news ? "; " : "", health, why ? ": " : "",
                        why ? why : "");
}

static bool needs_news_row(const struct run_view *run, struct rect rect)
{
    struct arena arena = { 0 };
    int columns = text_columns(news_text(run, &arena));
    arena_release(&arena);
    return columns > rect.width - tabs_width() - 2;
}

/* --- loading --- */

static void took_known(struct view *view, struct job *job)
{
    struct run_view *run = view->state;
    if (!run_known_take(&run->known, job)) {
        app_say_error(view->app);
        return;
    }
    run->is_known = true;
    run->is_overview_stale = run->are_facts_stale = true;
}

static void took_losses(struct view *view, struct job *job)
{
    struct run_view *run = view->state;
    if (!plot_take(&run->losses, job))
        run_lacks_epochs(view);
}

static void took_sheet(struct view *view, struct job *job)
{
    struct run_view *run = view->state;
    sheet_take(&run->sheet, job);
    run->is_sheet_read = true;
}

static void took_changes(struct view *view, struct job *job)
{
    struct run_view *run = view->state;
    bool is_good = diff_take(&run->changes, job);
    snprintf(run->no_changes, sizeof run->no_changes, "%s", is_good ? "" : error_text());
    run->are_changes_known = true;
    run->are_facts_stale = true;
}

static void update_losses(struct view *view, struct rect body, bool is_new_size)
{
    struct run_view *run = view->state;
    if (is_new_size)
        run->losses_points = -1;
    if (run->losses_points == run->known.points || run->known.points == 0 ||
        job_is_pending(view, took_losses))
        return;
    struct plot_wish wish = { .runs = &run->head.run.row.number,
                              .run_count = 1,
                              .most = 8,
                              .joins_losses = true,
                              .curves = run->wish };
    wish.curves.columns = run_overview_chart(run, body).width;
    run->losses_points = run->known.points;
    plot_load(view, &wish, took_losses);
}

static void update_sheet(struct view *view)
{
    struct run_view *run = view->state;
    int64_t newest = run->known.sample;
    if (newest < 0 || run->asked_sample == newest || job_is_pending(view, took_sheet))
        return; /* what cannot be read is not asked for again; the samples view says why */
    run->asked_sample = newest;
    sheet_load(view, run->head.run.row.number, -1, false, took_sheet);
}

static void update_facts(struct view *view, struct rect body, bool is_new_size)
{
    struct run_view *run = view->state;
    if (!run->are_changes_asked && run->head.run.row.is_dirty) {
        run->are_changes_asked = true;
        diff_load(view, &run->head.run.row.number, DIFF_COMMIT, took_changes);
        run->are_facts_stale = true;
    }
    if (is_new_size || run->are_facts_stale || run->facts.columns != body.width)
        run_facts_fill(view, body.width);
    run->are_facts_stale = false;
    pages_resize(&run->facts, body.width, body.height);
}

static void update_tab(struct view *view, struct rect body, bool is_new_size)
{
    struct run_view *run = view->state;
    switch (run->tab) {
    case TAB_OVERVIEW:
        update_losses(view, body, is_new_size);
        update_sheet(view);
        run_overview_update(run, body);
        break;
    case TAB_CURVES:
        run_grid_update(view, body, is_new_size);
        break;
    case TAB_SAMPLES:
        update_sheet(view);
        break;
    case TAB_RECIPE:
        update_facts(view, body, is_new_size);
        break;
    case TAB_LOG:
        break;
    }
}

/* Commands save images that no journal tells of. */
static bool is_live_command(const struct run_view *run)
{
    return run->head.run.row.is_command && run_head_is_live(&run->head);
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct run_view *run = view->state;
    bool is_new = news_of(view, tick, &run->head.run.row.number, 1, &run->mark);
    bool is_changed = is_new || tick->is_new_size, had_row = run->has_news_row;
    if (is_new) {
        run_head_read(&run->head, app_index(view->app), run->head.run.row.number);
        run->wants_known = true;
    }
    if (is_live_command(run) && tick->steady - run->looked >= IMAGES_LOOK_S)
        run->wants_known = true;
    run->has_news_row = needs_news_row(run, tick->rect);
    struct rect body = layout_of(run, tick->rect).body;
    bool is_new_size = tick->is_new_size || had_row != run->has_news_row;
    if (run->wants_known && !run->head.is_gone && !job_is_pending(view, took_known)) {
        run->wants_known = false;
        run->looked = tick->steady;
        run_known_load(view, took_known);
    }
    if (run->is_known)
        update_tab(view, body, is_new_size);
    if (run->tab == TAB_LOG && log_pane_update(&run->log, body.width, body.height))
        is_changed = true;
    return is_changed ? REDRAW : IGNORED;
}

/* --- life --- */

static int open(struct view *view, const struct view_args *args)
{
    struct run_view *run = view->state;
    if (args->run_count < 1)
        return fail(ERR_NOT_FOUND, "there is no run here");
    int error = run_head_read(&run->head, app_index(view->app), args->runs[0]);
    if (error)
        return error;
    pages_init(&run->overview);
    pages_init(&run->facts);
    log_pane_open(&run->log, run->head.directory);
    run->wish = (struct curve_wish){ .first = NAN,
                                     .last = NAN,
                                     .utc_offset = plot_utc_offset(app_now(view->app)) };
    run->losses_points = run->grid_points = -1;
    run->known.sample = run->asked_sample = -1;
    run->wants_known = true;
    return 0;
}

static void close(struct view *view)
{
    struct run_view *run = view->state;
    pages_release(&run->overview);
    pages_release(&run->facts);
    log_pane_release(&run->log);
    run_head_release(&run->head);
    run_known_release(&run->known);
    plot_release(&run->losses);
    plot_release(&run->grid.plot);
    sheet_release(&run->sheet);
    diff_release(&run->changes);
}

static void keep(const struct view *view, struct json *object)
{
    const struct run_view *run = view->state;
    json_set_integer(object, "tab", run->tab);
    json_set_integer(object, "axis", run->wish.by);
    json_set_bool(object, "log", run->wish.is_log);
    json_set_number(object, "smooth", run->wish.smooth);
}

static void restore(struct view *view, const struct json *object)
{
    struct run_view *run = view->state;
    int64_t number;
    double smooth;
    if (json_get_integer(json_member(object, "tab"), &number) && number >= 0 && number < TAB_COUNT)
        run->tab = (enum run_tab)number;
    if (json_get_integer(json_member(object, "axis"), &number) && number >= CURVE_STEP &&
        number <= CURVE_CLOCK)
        run->wish.by = (enum curve_axis)number;
    json_get_bool(json_member(object, "log"), &run->wish.is_log);
    if (json_get_number(json_member(object, "smooth"), &smooth) && smooth >= 0 && smooth < 1)
        run->wish.smooth = smooth;
}

/* --- acting --- */

static enum reaction go_to_tab(struct run_view *run, int tab)
{
    run->tab = (enum run_tab)((tab + TAB_COUNT) % TAB_COUNT);
    run->grid.is_enlarged = false;
    run->log.is_stale = true;
    return REDRAW;
}

static enum reaction change_axis(struct view *view)
{
    struct run_view *run = view->state;
    run->wish.by = (enum curve_axis)((run->wish.by + 1) % (CURVE_CLOCK + 1));
    run->losses_points = run->grid_points = -1;
    app_say(view->app, "over %s", curves_axis_names[run->wish.by]);
    return REDRAW;
}

static enum reaction prepare(struct run_view *run)
{
    plot_prepare(&run->losses, &run->wish);
    plot_prepare(&run->grid.plot, &run->wish);
    return REDRAW;
}

static enum reaction act_on_curves(struct view *view, enum action action)
{
    struct run_view *run = view->state;
    switch (action) {
    case ACTION_AXIS:
        return change_axis(view);
    case ACTION_LOG_SCALE:
        run->wish.is_log = !run->wish.is_log;
        return prepare(run);
    case ACTION_OUTLIERS:
        run->wish.hides_outliers = !run->wish.hides_outliers;
        return prepare(run);
    case ACTION_SMOOTHER:
        plot_smooth(view->app, &run->wish.smooth, 1);
        return prepare(run);
    case ACTION_ROUGHER:
        plot_smooth(view->app, &run->wish.smooth, -1);
        return prepare(run);
    default:
        return IGNORED;
    }
}

static enum reaction open_larger(struct view *view, const struct view_type *type)
{
    struct run_view *run = view->state;
    app_open(view->app, type,
             &(struct view_args){
                 .runs = &run->head.run.row.number, .run_count = 1, .text = "run", .step = -1 });
    return REDRAW;
}

static enum reaction act_on_tab(struct view *view, enum action action)
{
    struct run_view *run = view->state;
    enum reaction reaction = IGNORED;
    if (run->tab == TAB_OVERVIEW || run->tab == TAB_CURVES)
        reaction = act_on_curves(view, action);
    if (reaction)
        return reaction;
    switch (run->tab) {
    case TAB_OVERVIEW:
        return action == ACTION_OPEN ? open_larger(view, &view_curves)
                                     : pages_act(&run->overview, action);
    case TAB_CURVES:
        return run_grid_act(view, action);
    case TAB_SAMPLES:
        return action == ACTION_OPEN ? open_larger(view, &view_samples) : IGNORED;
    case TAB_RECIPE:
        return pages_act(&run->facts, action);
    case TAB_LOG:
        return log_pane_act(&run->log, action);
    }
    return IGNORED;
}

/* What was searched for in the tab in sight. */
static const char *searched_here(const struct run_view *run)
{
    return run->tab == TAB_OVERVIEW ? run->overview.searched
           : run->tab == TAB_CURVES ? run->grid.searched
           : run->tab == TAB_RECIPE ? run->facts.searched
           : run->tab == TAB_LOG    ? run->log.pages.searched
                                    : "";
}

/* What was searched for in one tab is gone on with in another. */
static void search(struct view *view, const char *text, int by)
{
    struct run_view *run = view->state;
    if (text)
        snprintf(run->searched, sizeof run->searched, "%s", text);
    else if (strcmp(run->searched, searched_here(run)) != 0)
        text = run->searched;
    if (run->tab == TAB_OVERVIEW)
        pages_search(&run->overview, view, text, by);
    else if (run->tab == TAB_CURVES)
        run_grid_search(view, text, by);
    else if (run->tab == TAB_RECIPE)
        pages_search(&run->facts, view, text, by);
    else if (run->tab == TAB_LOG)
        log_pane_search(&run->log, view, text, by);
}

/* What the tab in sight has a use for, and the run. */
static bool offers(const struct view *view, enum action action)
{
    const struct run_view *run = view->state;
    switch (action) {
    case ACTION_AXIS:
    case ACTION_LOG_SCALE:
    case ACTION_SMOOTHER:
    case ACTION_ROUGHER:
    case ACTION_OUTLIERS:
        return run->tab == TAB_OVERVIEW || run->tab == TAB_CURVES;
    case ACTION_OPEN:
        return run->tab != TAB_RECIPE && run->tab != TAB_LOG;
    case ACTION_PICTURES:
        return run->tab == TAB_OVERVIEW || run->tab == TAB_SAMPLES;
    case ACTION_SEARCH:
        return run->tab != TAB_SAMPLES;
    default:
        return run_head_offers(&run->head, action);
    }
}

static enum reaction act(struct view *view, enum action action)
{
    struct run_view *run = view->state;
    switch (action) {
    case ACTION_TAB_1:
    case ACTION_TAB_2:
    case ACTION_TAB_3:
    case ACTION_TAB_4:
    case ACTION_TAB_5:
        return go_to_tab(run, (int)(action - ACTION_TAB_1));
    case ACTION_NEXT_PANE:
        return go_to_tab(run, run->tab + 1);
    case ACTION_PREVIOUS_PANE:
        return go_to_tab(run, run->tab - 1);
    default:
        return act_on_tab(view, action);
    }
}

static enum reaction mouse(struct view *view, const struct input *input)
{
    struct run_view *run = view->state;
    struct layout layout = layout_of(run, view->rect);
    if (input->button != MOUSE_LEFT || input->motion != MOUSE_PRESS)
        return IGNORED;
    int x = layout.tabs.x + TAB_X;
    for (int i = 0; input->y == layout.tabs.y && i < TAB_COUNT; i++) {
        if (input->x >= x && input->x < x + tab_width(i))
            return go_to_tab(run, i);
        x += tab_width(i) + TAB_GAP;
    }
    int metric = run->tab == TAB_CURVES ? run_grid_at(run, layout.body, input->x, input->y) : -1;
    if (metric < 0)
        return IGNORED;
    if (metric == run->grid.cursor)
        return run_grid_act(view, ACTION_OPEN);
    run->grid.cursor = metric;
    return REDRAW;
}

/* --- drawing --- */

static void draw_tabs(const struct run_view *run, struct frame *frame, struct rect row)
{
    int x = row.x + TAB_X;
    for (int i = 0; i < TAB_COUNT; i++) {
        bool is_current = i == (int)run->tab;
        struct style style = look_style(frame->look, is_current ? ROLE_CURSOR : ROLE_TEXT);
        canvas_printf(frame->canvas, (struct rect){ x, row.y, tab_width(i), 1 }, style, " %d %s ",
                      i + 1, tab_names[i]);
        if (!is_current)
            canvas_put(frame->canvas, x + 1, row.y, '1' + (uint32_t)i,
                       look_style(frame->look, ROLE_KEY));
        x += tab_width(i) + TAB_GAP;
    }
}

static void draw_samples(const struct run_view *run, struct frame *frame, struct rect body)
{
    bool is_empty = run->sheet.count == 0;
    const char *none = run_head_is_live(&run->head) ? "no samples yet" : "it has no samples";
    if (is_empty && run->known.sample >= 0)
        none = run->is_sheet_read ? "its newest sample cannot be read: S says why" : "";
    if (is_empty && run->is_known)
        canvas_text(frame->canvas, (struct rect){ body.x + 1, body.y, body.width - 1, 1 }, none,
                    look_style(frame->look, ROLE_DIM));
    sheet_draw(&run->sheet, frame, body);
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct run_view *run = view->state;
    struct layout layout = layout_of(run, rect);
    run_head_draw(&run->head, frame, layout.head);
    draw_tabs(run, frame, layout.tabs);
    canvas_text(frame->canvas, layout.news, news_text(run, frame->arena),
                run_head_news_style(&run->head, frame->look));
    switch (run->tab) {
    case TAB_OVERVIEW:
        run_overview_draw(run, frame, layout.body);
        break;
    case TAB_CURVES:
        run_grid_draw(run, frame, layout.body);
        break;
    case TAB_SAMPLES:
        draw_samples(run, frame, layout.body);
        break;
    case TAB_RECIPE:
        run_facts_draw(run, frame, layout.body);
        break;
    case TAB_LOG:
        log_pane_draw(&run->log, frame, layout.body, run_head_silence(&run->head));
        break;
    }
}

static int runs(const struct view *view, struct arena *arena, int64_t **numbers)
{
    const struct run_view *run = view->state;
    *numbers = arena_alloc(arena, 1, sizeof **numbers);
    (*numbers)[0] = run->head.run.row.number;
    return 1;
}

static const char *grid_status(const struct run_view *run, struct arena *arena)
{
    const struct run_grid *grid = &run->grid;
    int count = run->is_known ? run->known.report.metric_count : 0;
    if (count == 0 || grid->shown >= count)
        return NULL;
    if (grid->is_enlarged)
        return arena_printf(arena, "%d of %d metrics", grid->cursor + 1, count);
    return arena_printf(arena, "%d-%d of %d metrics", grid->first + 1, grid->first + grid->shown,
                        count);
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct run_view *run = view->state;
    switch (run->tab) {
    case TAB_OVERVIEW:
        return pages_status(&run->overview, arena);
    case TAB_CURVES:
        return grid_status(run, arena);
    case TAB_SAMPLES:
        return run->sheet.count > 0
                   ? arena_printf(arena, "step %s", format_count(arena, (double)run->sheet.step))
                   : NULL;
    case TAB_RECIPE:
        return pages_status(&run->facts, arena);
    case TAB_LOG:
        return log_pane_status(&run->log, arena);
    default:
        return NULL;
    }
}

static double wakes(const struct view *view, double steady)
{
    const struct run_view *run = view->state;
    if (run->tab == TAB_LOG && run_head_is_live(&run->head))
        return LOG_LOOK_S;
    return is_live_command(run) ? fmax(run->looked + IMAGES_LOOK_S - steady, 0.01) : -1;
}

const struct view_type view_run = {
    .name = "run",
    .title = "Run",
    .place = IN_RUN,
    .state_size = sizeof(struct run_view),
    .open = open,
    .update = update,
    .act = act,
    .mouse = mouse,
    .offers = offers,
    .search = search,
    .draw = draw,
    .runs = runs,
    .status = status,
    .keep = keep,
    .restore = restore,
    .wakes = wakes,
    .close = close,
};
