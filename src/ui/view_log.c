/* What a run has said, on the whole screen. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "log_pane.h"
#include "news.h"
#include "run_head.h"
#include "ui/view.h"

struct log {
    struct log_pane pane;
    struct run_head head;
    uint64_t mark; /* of its news */
};

static int open(struct view *view, const struct view_args *args)
{
    struct log *log = view->state;
    if (args->run_count < 1)
        return fail(ERR_NOT_FOUND, "there is no run here");
    int error = run_head_read(&log->head, app_index(view->app), args->runs[0]);
    if (error)
        return error;
    log_pane_open(&log->pane, log->head.directory);
    return 0;
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct log *log = view->state;
    bool is_new = news_of(view, tick, &log->head.run.row.number, 1, &log->mark);
    if (is_new)
        run_head_read(&log->head, app_index(view->app), log->head.run.row.number);
    bool is_changed = log_pane_update(&log->pane, tick->rect.width, tick->rect.height - 1);
    return is_changed || is_new ? REDRAW : IGNORED;
}

static enum reaction act(struct view *view, enum action action)
{
    struct log *log = view->state;
    return log_pane_act(&log->pane, action);
}

static bool offers(const struct view *view, enum action action)
{
    const struct log *log = view->state;
    return run_head_offers(&log->head, action);
}

static void search(struct view *view, const char *text, int by)
{
    struct log *log = view->state;
    log_pane_search(&log->pane, view, text, by);
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct log *log = view->state;
    run_head_draw(&log->head, frame, (struct rect){ rect.x, rect.y, rect.width, 1 });
    log_pane_draw(&log->pane, frame,
                  (struct rect){ rect.x, rect.y + 1, rect.width, rect.height - 1 },
                  run_head_silence(&log->head));
}

static int runs(const struct view *view, struct arena *arena, int64_t **numbers)
{
    const struct log *log = view->state;
    *numbers = arena_alloc(arena, 1, sizeof **numbers);
    (*numbers)[0] = log->head.run.row.number;
    return 1;
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct log *log = view->state;
    return log_pane_status(&log->pane, arena);
}

static double wakes(const struct view *view, double steady)
{
    const struct log *log = view->state;
    (void)steady;
    return run_head_is_live(&log->head) ? LOG_LOOK_S : -1;
}

static void close(struct view *view)
{
    struct log *log = view->state;
    log_pane_release(&log->pane);
    run_head_release(&log->head);
}

const struct view_type view_log = {
    .name = "log",
    .title = "Log",
    .place = IN_LOG,
    .state_size = sizeof(struct log),
    .open = open,
    .update = update,
    .act = act,
    .offers = offers,
    .search = search,
    .draw = draw,
    .runs = runs,
    .status = status,
    .wakes = wakes,
    .close = close,
};
