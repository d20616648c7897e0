#define _GNU_SOURCE
#include "log_pane.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

void log_pane_open(struct log_pane *pane, const char *directory)
{
    struct arena arena = { 0 };
    pages_init(&pane->pages);
    log_file_init(&pane->file, path_join(&arena, directory, "log.txt"));
    pane->pages.follows = true;
    pane->found = -1;
    pane->is_stale = true;
    arena_release(&arena);
}

void log_pane_release(struct log_pane *pane)
{
    pages_release(&pane->pages);
    log_file_release(&pane->file);
}

/* --- what is shown --- */

static off_t back_by(const struct log_file *file, off_t at, int lines)
{
    for (int i = 0; i < lines && at > 0; i++)
        at = log_line_before(file, at);
    return at;
}

static off_t last_top(const struct log_pane *pane)
{
    return back_by(&pane->file, pane->file.size, MAX(pane->pages.rows, 1));
}

static void show(struct log_pane *pane)
{
    struct arena arena = { 0 };
    struct pages *pages = &pane->pages;
    off_t last = last_top(pane);
    if (pages->follows || pane->top > last)
        pane->top = last;
    pages_clear(pages);
    off_t at = pane->top;
    for (int i = 0; i < pages->rows && at < pane->file.size; i++) {
        if (at == pane->found)
            pages->found = i;
        pages_add(pages, ROLE_TEXT, log_line_text(&pane->file, &arena, at));
        at = log_line_after(&pane->file, at);
    }
    pages->first = 0;
    pane->bottom = at;
    pane->is_stale = false;
    arena_release(&arena);
}

bool log_pane_update(struct log_pane *pane, int columns, int rows)
{
    bool has_grown = log_file_look(&pane->file);
    bool is_at_end = pane->pages.count < pane->pages.rows || pane->pages.follows;
    bool is_new = pane->is_stale || (has_grown && is_at_end) || rows != pane->pages.rows;
    pane->pages.columns = columns;
    pane->pages.rows = rows;
    if (is_new)
        show(pane);
    return is_new || has_grown;
}

/* --- moving --- */

static enum reaction move_to(struct log_pane *pane, off_t top)
{
    pane->top = MAX(top, 0);
    pane->pages.follows = pane->pages.follows && pane->top >= last_top(pane);
    pane->is_stale = true;
    return REDRAW;
}

static off_t forward_by(const struct log_pane *pane, int lines)
{
    off_t at = pane->top;
    for (int i = 0; i < lines; i++)
        at = log_line_after(&pane->file, at);
    return at;
}

enum reaction log_pane_act(struct log_pane *pane, enum action action)
{
    int page = MAX(pane->pages.rows - 1, 1);
    switch (action) {
    case ACTION_UP:
        return move_to(pane, back_by(&pane->file, pane->top, 1));
    case ACTION_DOWN:
        return move_to(pane, forward_by(pane, 1));
    case ACTION_PAGE_UP:
        return move_to(pane, back_by(&pane->file, pane->top, page));
    case ACTION_PAGE_DOWN:
        return move_to(pane, forward_by(pane, page));
    case ACTION_TOP:
        return move_to(pane, 0);
    case ACTION_BOTTOM:
        pane->pages.follows = true;
        pane->is_stale = true;
        return REDRAW;
    case ACTION_LEFT:
    case ACTION_RIGHT:
        return pages_act(&pane->pages, action);
    default:
        return IGNORED;
    }
}

/* --- searching --- */

struct search_wish {
    struct log_pane *pane; /* of the view; not for the thread */
    const char *path, *text;
    off_t from;
    int by;
};

/* Round the end, and at last the line itself where it began. */
static int work(struct job *job)
{
    const struct search_wish *wish = job->input;
    struct log_file file;
    off_t *found = arena_alloc(&job->arena, 1, sizeof *found);
    log_file_init(&file, wish->path);
    log_file_look(&file);
    off_t from = MIN(wish->from, file.size);
    if (wish->by > 0) {
        *found = log_find_first(&file, wish->text, from, file.size, &job->is_cancelled);
        if (*found == -1)
            *found = log_find_first(&file, wish->text, 0, from, &job->is_cancelled);
    } else {
        *found = log_find_last(&file, wish->text, 0, from, &job->is_cancelled);
        if (*found == -1)
            *found = log_find_last(&file, wish->text, from, file.size, &job->is_cancelled);
    }
    log_file_release(&file);
    job->result = found;
    return *found == -2 ? fail(ERR_CANCELLED, "cancelled") : 0;
}

static void found(struct view *view, struct job *job)
{
    const struct search_wish *wish = job->input;
    struct log_pane *pane = wish->pane;
    off_t at = job->error ? -1 : *(off_t *)job->result;
    pane->found = at;
    pane->is_stale = true;
    if (at < 0) {
        app_say(view->app, "'%s' is not found", wish->text);
        return;
    }
    pane->pages.follows = false;
    if (at < pane->top || at >= pane->bottom)
        pane->top = back_by(&pane->file, at, pane->pages.rows / 3);
}

void log_pane_search(struct log_pane *pane, struct view *view, const char *text, int by)
{
    enum { SHORT = 1 << 20 /* bytes that take no time */ };
    struct pages *pages = &pane->pages;
    bool is_next = !text;
    if (text)
        snprintf(pages->searched, sizeof pages->searched, "%s", text);
    pane->is_stale = true;
    if (!*pages->searched)
        return;
    off_t begin = is_next && pane->found >= 0 ? pane->found : pane->top;
    struct job *job = job_new(view->app, view, work, found);
    struct search_wish *wish = arena_alloc(&job->arena, 1, sizeof *wish);
    *wish = (struct search_wish){ .pane = pane,
                                  .path = arena_strdup(&job->arena, pane->file.path),
                                  .text = arena_strdup(&job->arena, pages->searched),
                                  .from = is_next && by > 0 ? log_line_after(&pane->file, begin)
                                                            : begin,
                                  .by = by };
    job->input = wish;
    job->sign = "searching";
    job_start(job, pane->file.size > SHORT ? LANE_WORK : LANE_READ);
}

/* --- drawing --- */

void log_pane_draw(const struct log_pane *pane, struct frame *frame, struct rect rect,
                   const char *silence)
{
    if (pane->pages.count > 0)
        pages_draw(&pane->pages, frame, rect);
    else
        canvas_text(frame->canvas, (struct rect){ rect.x + 1, rect.y, rect.width - 1, 1 }, silence,
                    look_style(frame->look, ROLE_DIM));
}

const char *log_pane_status(const struct log_pane *pane, struct arena *arena)
{
    const struct log_file *file = &pane->file;
    if (file->size == 0)
        return NULL;
    const char *size = format_bytes(arena, (double)file->size);
    if (pane->pages.follows)
        return arena_printf(arena, "following, %s", size);
    return arena_printf(arena, "%.0f %% of %s", 100.0 * (double)pane->bottom / (double)file->size,
                        size);
}
