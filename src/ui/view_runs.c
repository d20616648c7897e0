/* Home: the table of runs. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "run_list.h"
#include "show/run_table.h"
#include "ui/view.h"

struct runs {
    struct run_list list;
    char *filter; /* malloc'ed; NULL: all */
    char *sort;
    bool is_ascending, with_archived, from_bin;
    int cursor, first, rows; /* of the list */
    int64_t at;              /* the run that the cursor is on */
    int64_t *marks;          /* malloc'ed */
    int mark_count;
    struct table table; /* of the rows that are shown, from table_first */
    int *widths, table_first, table_count;
    struct arena arena; /* of the table */
};

/* --- loading --- */

static struct run_list_wish wish_of(const struct runs *runs)
{
    return (struct run_list_wish){ .filter = runs->filter,
                                   .sort = runs->sort,
                                   .is_ascending = runs->is_ascending,
                                   .with_archived = runs->with_archived,
                                   .from_bin = runs->from_bin };
}

static void keep_place(struct runs *runs)
{
    for (int i = 0; i < runs->list.count; i++)
        if (runs->list.runs[i].row.number == runs->at) {
            runs->first += i - runs->cursor;
            runs->cursor = i;
        }
    runs->cursor = MAX(0, MIN(runs->cursor, runs->list.count - 1));
    runs->table_count = -1;
}

static void loaded(struct view *view, struct job *job)
{
    struct runs *runs = view->state;
    if (!run_list_take(&runs->list, job))
        app_say_error(view->app);
    keep_place(runs);
}

static void load(struct view *view)
{
    struct run_list_wish wish = wish_of(view->state);
    run_list_load(view, &wish, loaded);
}

static int open(struct view *view, const struct view_args *args)
{
    enum { FIRST_SCREEN = 100 };
    struct runs *runs = view->state;
    (void)args;
    struct run_list_wish wish = wish_of(runs);
    runs->table_count = -1;
    return run_list_read(view->app, &wish, FIRST_SCREEN, &runs->list);
}

/* --- the rows that are shown --- */

static void scroll(struct runs *runs)
{
    runs->first = MIN(runs->first, runs->cursor);
    runs->first = MAX(runs->first, runs->cursor - runs->rows + 1);
    runs->first = MAX(0, MIN(runs->first, runs->list.count - runs->rows));
    if (runs->list.count > 0)
        runs->at = runs->list.runs[runs->cursor].row.number;
}

static void make_table(struct view *view)
{
    struct runs *runs = view->state;
    struct index index = *app_index(view->app);
    struct run_column *columns;
    int column_count, count = MIN(runs->rows, runs->list.count - runs->first);
    struct listed_run *shown = runs->list.runs + runs->first;
    index.arena = (struct arena){ 0 };
    arena_release(&runs->arena);
    runs->table_first = runs->first;
    runs->table_count = count;
    if (run_columns_choose(&index, NULL, shown, count, &columns, &column_count) == 0) {
        runs->table = run_table_make(&index, columns, column_count, shown, count,
                                     app_look(view->app)->terminal.utf8);
        runs->widths = table_widths(&index.arena, &runs->table, view->rect.width - 2);
    }
    runs->arena = index.arena;
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct runs *runs = view->state;
    runs->rows = tick->rect.height - 1;
    if (tick->is_new_data)
        load(view);
    scroll(runs);
    if (tick->is_new_size || runs->table_first != runs->first || runs->table_count < 0) {
        make_table(view);
        return REDRAW;
    }
    return IGNORED;
}

/* --- marks --- */

static int find_mark(const struct runs *runs, int64_t number)
{
    for (int i = 0; i < runs->mark_count; i++)
        if (runs->marks[i] == number)
            return i;
    return -1;
}

static void toggle_mark(struct runs *runs, int64_t number)
{
    int at = find_mark(runs, number);
    if (at >= 0) {
        runs->marks[at] = runs->marks[--runs->mark_count];
        return;
    }
    runs->marks = xrealloc(runs->marks, (size_t)runs->mark_count + 1, sizeof *runs->marks);
    runs->marks[runs->mark_count++] = number;
}

static int meant(const struct view *view, struct arena *arena, int64_t **numbers)
{
    const struct runs *runs = view->state;
    if (runs->list.count == 0)
        return 0;
    int count = MAX(runs->mark_count, 1);
    *numbers = arena_alloc(arena, (size_t)count, sizeof **numbers);
    (*numbers)[0] = runs->at;
    for (int i = 0; i < runs->mark_count; i++)
        (*numbers)[i] = runs->marks[i];
    return count;
}

/* --- acting --- */

static int take_filter(struct app *app, struct view *view, const char *text)
{
    struct runs *runs = view->state;
    struct arena arena = { 0 };
    const struct filter *filter;
    int error = filter_parse(&arena, text, app_now(app), &filter);
    arena_release(&arena);
    if (error)
        return error;
    free(runs->filter);
    runs->filter = *text ? xstrdup(text) : NULL;
    load(view);
    return 0;
}

static enum reaction act(struct view *view, enum action action)
{
    struct runs *runs = view->state;
    int page = MAX(runs->rows - 1, 1);
    switch (action) {
    case ACTION_UP:
        runs->cursor = MAX(runs->cursor - 1, 0);
        return REDRAW;
    case ACTION_DOWN:
        runs->cursor = MIN(runs->cursor + 1, MAX(runs->list.count - 1, 0));
        return REDRAW;
    case ACTION_PAGE_UP:
        runs->cursor = MAX(runs->cursor - page, 0);
        return REDRAW;
    case ACTION_PAGE_DOWN:
        runs->cursor = MIN(runs->cursor + page, MAX(runs->list.count - 1, 0));
        return REDRAW;
    case ACTION_TOP:
        runs->cursor = 0;
        return REDRAW;
    case ACTION_BOTTOM:
        runs->cursor = MAX(runs->list.count - 1, 0);
        return REDRAW;
    case ACTION_MARK:
        if (runs->list.count > 0)
            toggle_mark(runs, runs->at);
        runs->cursor = MIN(runs->cursor + 1, MAX(runs->list.count - 1, 0));
        return REDRAW;
    case ACTION_FILTER:
        app_prompt(view->app, &(struct prompt){ .label = " filter: ",
                                                .history = "filter",
                                                .text = runs->filter,
                                                .view = view,
                                                .take = take_filter });
        return REDRAW;
    case ACTION_OPEN:
        app_open(view->app, &view_run,
                 &(struct view_args){ .runs = &runs->at, .run_count = 1, .step = -1 });
        return REDRAW;
    default:
        return IGNORED;
    }
}

/* --- drawing --- */

static void draw_row(const struct runs *runs, struct frame *frame, struct rect row, int i)
{
    int64_t number = runs->list.runs[runs->first + i].row.number;
    bool is_cursor = runs->first + i == runs->cursor, is_marked = find_mark(runs, number) >= 0;
    table_draw_row(frame->canvas, (struct rect){ row.x + 1, row.y, row.width - 2, 1 }, &runs->table,
                   runs->widths, i);
    if (is_marked)
        canvas_put(frame->canvas, row.x, row.y, '*', look_style(frame->look, ROLE_MARKED));
    if (is_cursor)
        canvas_restyle(frame->canvas, row, look_style(frame->look, ROLE_CURSOR));
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct runs *runs = view->state;
    if (runs->list.count == 0) {
        canvas_text(frame->canvas, (struct rect){ rect.x + 2, rect.y + 1, rect.width - 2, 1 },
                    runs->filter ? "no runs fit the filter" : "no runs yet: i starts one",
                    look_style(frame->look, ROLE_DIM));
        return;
    }
    table_draw_row(frame->canvas, (struct rect){ rect.x + 1, rect.y, rect.width - 2, 1 },
                   &runs->table, runs->widths, -1);
    for (int i = 0; i < runs->table_count && i < rect.height - 1; i++)
        draw_row(runs, frame, (struct rect){ rect.x, rect.y + 1 + i, rect.width, 1 }, i);
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct runs *runs = view->state;
    return arena_printf(arena, "%s%s%d of %s", runs->filter ? runs->filter : "",
                        runs->filter ? "  " : "", runs->list.count > 0 ? runs->cursor + 1 : 0,
                        format_count(arena, (double)runs->list.count));
}

static void close(struct view *view)
{
    struct runs *runs = view->state;
    run_list_release(&runs->list);
    arena_release(&runs->arena);
    free(runs->filter);
    free(runs->sort);
    free(runs->marks);
}

const struct view_type view_runs = {
    .name = "runs",
    .title = "Runs",
    .place = IN_RUNS,
    .state_size = sizeof(struct runs),
    .open = open,
    .update = update,
    .act = act,
    .draw = draw,
    .runs = meant,
    .status = status,
    .close = close,
};
