/* The curves of all metrics of a run: a grid of small charts, or one of them alone. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "record/metric.h"
#include "run_view.h"

enum { LEAST_WIDTH = 30, LEAST_HEIGHT = 9 /* of a panel */ };

static int metric_count(const struct run_view *run)
{
    return run->is_known ? run->known.report.metric_count : 0;
}

/* How many panels across and down: all metrics at once if they fit, in panels of a pleasant shape. */
static void plan(struct run_grid *grid, struct rect body, int count)
{
    const double pleasant = 4; /* columns a row */
    int most_across = MAX(body.width / LEAST_WIDTH, 1);
    int most_down = MAX(body.height / LEAST_HEIGHT, 1);
    double best = INFINITY;
    grid->across = most_across;
    grid->down = most_down;
    for (int across = 1; across <= most_across; across++)
        for (int down = 1; down <= most_down; down++) {
            double shape = ((double)body.width / across) / ((double)body.height / down);
            double empty = (double)(across * down - count) / count;
            double badness = fabs(log(shape / pleasant)) + empty / 2;
            if (across * down < count || across * down > PLOT_PANELS || badness >= best)
                continue;
            best = badness;
            grid->across = across;
            grid->down = down;
        }
    if (grid->is_enlarged)
        grid->across = grid->down = 1;
    grid->down = MIN(grid->down, MAX(PLOT_PANELS / grid->across, 1));
}

static struct rect panel_rect(const struct run_grid *grid, struct rect body, int place)
{
    int column = place % grid->across, row = place / grid->across;
    int left = body.width * column / grid->across, right = body.width * (column + 1) / grid->across;
    int top = body.height * row / grid->down, bottom = body.height * (row + 1) / grid->down;
    bool is_last = column == grid->across - 1;
    return (struct rect){ body.x + left, body.y + top, right - left - !is_last, bottom - top };
}

/* --- loading --- */

void run_lacks_epochs(struct view *view)
{
    struct run_view *run = view->state;
    app_say_error(view->app);
    if (run->wish.by != CURVE_EPOCH)
        return;
    run->wish.by = CURVE_TIME;
    run->grid_points = run->losses_points = -1;
}

static void took_grid(struct view *view, struct job *job)
{
    struct run_view *run = view->state;
    if (!plot_take(&run->grid.plot, job))
        run_lacks_epochs(view);
}

static void load(struct view *view, int columns)
{
    struct run_view *run = view->state;
    struct run_grid *grid = &run->grid;
    const char *metrics[PLOT_PANELS];
    struct plot_wish wish = { .runs = &run->head.run.row.number,
                              .run_count = 1,
                              .metrics = metrics,
                              .metric_count = grid->shown,
                              .curves = run->wish };
    wish.curves.columns = columns;
    for (int i = 0; i < grid->shown; i++)
        metrics[i] = run->known.report.metrics[grid->first + i].name;
    run->grid_points = run->known.points;
    plot_load(view, &wish, took_grid);
}

void run_grid_update(struct view *view, struct rect body, bool is_new_size)
{
    struct run_view *run = view->state;
    struct run_grid *grid = &run->grid;
    int count = metric_count(run);
    if (count == 0)
        return;
    plan(grid, body, count);
    grid->cursor = MAX(0, MIN(grid->cursor, count - 1));
    int page = grid->across * grid->down, first = grid->cursor / page * page;
    int shown = MIN(page, count - first);
    bool is_other = first != grid->first || shown != grid->shown || is_new_size;
    bool is_stale = run->grid_points != run->known.points;
    grid->first = first;
    grid->shown = shown;
    if (is_other || (is_stale && !job_is_pending(view, took_grid)))
        load(view, body.width / grid->across);
}

/* --- acting --- */

static enum reaction open_curves(struct view *view)
{
    const struct run_view *run = view->state;
    const char *metric = run->known.report.metrics[run->grid.cursor].name;
    app_open(view->app, &view_curves,
             &(struct view_args){
                 .runs = &run->head.run.row.number, .run_count = 1, .text = metric, .step = -1 });
    return REDRAW;
}

static enum reaction move_to(struct view *view, int cursor)
{
    struct run_view *run = view->state;
    run->grid.cursor = MAX(0, MIN(cursor, metric_count(run) - 1));
    return REDRAW;
}

/* The next metric whose name or label holds what was searched for. */
void run_grid_search(struct view *view, const char *text, int by)
{
    struct run_view *run = view->state;
    const struct report *report = &run->known.report;
    char *searched = run->grid.searched;
    int count = metric_count(run), from = run->grid.cursor + (text ? 0 : by);
    if (text)
        snprintf(searched, sizeof run->grid.searched, "%s", text);
    for (int i = 0; *searched && i < count; i++) {
        int at = ((from + i * by) % count + count) % count;
        const char *name = report->metrics[at].name;
        if (strcasestr(name, searched) || strcasestr(metric_label(name), searched)) {
            run->grid.cursor = at;
            return;
        }
    }
    if (*searched)
        app_say(view->app, "no metric has '%s' in its name", searched);
}

enum reaction run_grid_act(struct view *view, enum action action)
{
    struct run_view *run = view->state;
    struct run_grid *grid = &run->grid;
    int page = grid->across * grid->down;
    if (metric_count(run) == 0)
        return IGNORED;
    switch (action) {
    case ACTION_LEFT:
        return move_to(view, grid->cursor - 1);
    case ACTION_RIGHT:
        return move_to(view, grid->cursor + 1);
    case ACTION_UP:
        return move_to(view, grid->cursor - (grid->cursor >= grid->across ? grid->across : 0));
    case ACTION_DOWN:
        return move_to(view, grid->cursor + grid->across);
    case ACTION_PAGE_UP:
        return move_to(view, grid->cursor - page);
    case ACTION_PAGE_DOWN:
        return move_to(view, grid->cursor + page);
    case ACTION_TOP:
        return move_to(view, 0);
    case ACTION_BOTTOM:
        return move_to(view, metric_count(run) - 1);
    case ACTION_OPEN:
        if (grid->is_enlarged)
            return open_curves(view);
        grid->is_enlarged = true;
        return REDRAW;
    case ACTION_BACK:
        if (!grid->is_enlarged)
            return IGNORED;
        grid->is_enlarged = false;
        return REDRAW;
    default:
        return IGNORED;
    }
}

/* --- drawing --- */

static int find_panel(const struct plot *plot, const char *metric)
{
    for (int i = 0; i < plot->panel_count; i++)
        if (strcmp(plot->panels[i].metric, metric) == 0)
            return i;
    return -1;
}

/* Where D is at a loss: the aim of the two that play. */
static double half_of(const char *metric)
{
    return strcmp(metric, "d_real") == 0 || strcmp(metric, "d_fake") == 0 ? 0.5 : NAN;
}

void run_grid_draw(const struct run_view *run, struct frame *frame, struct rect body)
{
    const struct run_grid *grid = &run->grid;
    if (run->is_known && metric_count(run) == 0)
        canvas_text(frame->canvas, (struct rect){ body.x + 1, body.y, body.width - 1, 1 },
                    run_head_is_live(&run->head) ? "no metrics yet" : "it has no metrics",
                    look_style(frame->look, ROLE_DIM));
    for (int i = 0; i < grid->shown && grid->first + i < metric_count(run); i++) {
        struct rect rect = panel_rect(grid, body, i);
        const char *metric = run->known.report.metrics[grid->first + i].name;
        struct plot_look look = { .is_bare = !grid->is_enlarged,
                                  .half = half_of(metric),
                                  .events = grid->plot.events,
                                  .event_count = grid->plot.event_count };
        int panel = find_panel(&grid->plot, metric);
        if (panel >= 0)
            plot_draw(&grid->plot, panel, frame, rect, &look);
        if (grid->first + i == grid->cursor && !grid->is_enlarged)
            canvas_restyle(frame->canvas, (struct rect){ rect.x, rect.y, rect.width, 1 },
                           look_style(frame->look, ROLE_CURSOR));
    }
}

int run_grid_at(const struct run_view *run, struct rect body, int x, int y)
{
    for (int i = 0; i < run->grid.shown; i++) {
        struct rect rect = panel_rect(&run->grid, body, i);
        if (x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height)
            return run->grid.first + i;
    }
    return -1;
}
