/* The table of runs on the canvas, and what the mouse hits. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "found.h"
#include "record/metric.h"
#include "runs.h"

static struct rect cells_of(struct rect row)
{
    return (struct rect){ row.x + RUNS_MARGIN, row.y, row.width - RUNS_MARGIN - 1, 1 };
}

static void draw_cells(const struct runs *runs, struct frame *frame, struct rect row,
                       const struct table_cell *cells)
{
    const struct runs_table *table = &runs->table;
    struct table line = { table->heads, table->column_count, cells, cells ? 1 : 0 };
    table_draw_row(frame->canvas, cells_of(row), &line, table->widths, cells ? 0 : -1);
}

static void draw_heads(const struct runs *runs, struct frame *frame, struct rect row)
{
    struct style key = look_style(frame->look, ROLE_KEY);
    draw_cells(runs, frame, row, NULL);
    canvas_restyle(frame->canvas, row, (struct style){ .attributes = STYLE_UNDERLINE });
    if (runs->table.skipped > 0)
        canvas_put(frame->canvas, row.x, row.y, 0x2039 /* ‹ */, key);
    if (runs->table.has_more)
        canvas_put(frame->canvas, row.x + row.width - 1, row.y, 0x203A /* › */, key);
}

/* How many of a group are in each state: a sign and a number. */
static int draw_states(const struct run_group *group, struct frame *frame, struct rect row)
{
    int x = row.x;
    for (int i = 0; i < RUN_STATES; i++) {
        struct run_row row_of = { .state = (enum run_state)i };
        if (group->states[i] == 0 || x + 6 > row.x + row.width)
            continue;
        canvas_put(frame->canvas, x, row.y, run_state_sign(&row_of), run_state_style(&row_of));
        x += 2 + canvas_printf(frame->canvas, (struct rect){ x + 1, row.y, 8, 1 },
                               run_state_style(&row_of), "%d", group->states[i]);
    }
    return x - row.x;
}

static void draw_group(const struct runs *runs, struct frame *frame, struct rect row, int group)
{
    const struct run_group *found = &runs->list.groups[group];
    struct rect rest = cells_of(row);
    const char *best = "";
    if (runs->list.metric && !isnan(found->best))
        best = arena_printf(frame->arena, "  best %s %s", metric_label(runs->list.metric),
                            metric_format(frame->arena, runs->list.metric, found->best));
    const char *counts = arena_printf(frame->arena, "  %d run%s%s  ", found->count,
                                      found->count == 1 ? "" : "s", best);
    int behind = text_columns(counts) + 12;
    canvas_put(frame->canvas, rest.x, rest.y, runs_is_folded(runs, group) ? '+' : '-',
               look_style(frame->look, ROLE_KEY));
    rest.x += 2, rest.width -= 2;
    struct rect name = { rest.x, rest.y, MAX(rest.width - behind, 10), 1 };
    int used = canvas_printf(frame->canvas, name, look_style(frame->look, ROLE_TITLE), "%s = %s",
                             runs->group ? runs->group : "", *found->value ? found->value : "none");
    rest.x += used, rest.width -= used;
    used = canvas_text(frame->canvas, rest, counts, look_style(frame->look, ROLE_TEXT));
    rest.x += used, rest.width -= used;
    draw_states(found, frame, rest);
}

/* Without colours, which under a reversed cursor would be blocks. */
static const struct table_cell *plain_cells(const struct runs *runs, struct frame *frame, int i)
{
    int count = runs->table.column_count;
    struct table_cell *cells = arena_alloc(frame->arena, (size_t)count + 1, sizeof *cells);
    for (int j = 0; j < count; j++)
        cells[j].text = runs->table.rows[i].cells[j].text;
    return cells;
}

static void draw_line(const struct runs *runs, struct frame *frame, struct rect row, int i)
{
    int at = runs->first + i;
    const struct runs_line *line = runs_line_at(runs, at);
    const struct run_row *run = runs_row_at(runs, at);
    bool is_marked =
        run ? runs_is_marked(runs, run->number) : runs_is_group_marked(runs, line->group);
    if (run)
        draw_cells(runs, frame, row,
                   at == runs->cursor ? plain_cells(runs, frame, i) : runs->table.rows[i].cells);
    else
        draw_group(runs, frame, row, line->group);
    if (run && run->is_archived && !runs->from_bin) {
        canvas_restyle(frame->canvas, row, look_style(frame->look, ROLE_DIM));
        canvas_put(frame->canvas, row.x + 1, row.y, 'a', look_style(frame->look, ROLE_DIM));
    }
    if (is_marked)
        canvas_put(frame->canvas, row.x + 1, row.y, '*', look_style(frame->look, ROLE_MARKED));
    if (at == runs->cursor) {
        canvas_put(frame->canvas, row.x, row.y, 0x203A /* › */, (struct style){ 0 });
        canvas_restyle(frame->canvas, row, look_style(frame->look, ROLE_CURSOR));
    }
    if (run)
        found_draw(frame, cells_of(row), runs->searched, at == runs->cursor);
}

static void draw_nothing(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct runs *runs = view->state;
    bool has_read = runs->has_read && !app_is_reading(view->app);
    bool is_filtered = runs->is_trying ? runs->trial != NULL : runs->filter != NULL;
    const char *text = !has_read        ? ""
                       : is_filtered    ? "no run fits the filter: f changes it"
                       : runs->from_bin ? "the bin is empty: B goes back"
                                        : "no runs yet: i starts one";
    canvas_text(frame->canvas, (struct rect){ rect.x + 2, rect.y + 1, rect.width - 2, 1 }, text,
                look_style(frame->look, ROLE_DIM));
}

void runs_draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct runs *runs = view->state;
    struct rect place = runs->place;
    if (runs->line_count == 0)
        draw_nothing(view, frame, rect);
    else
        draw_heads(runs, frame, (struct rect){ place.x, place.y, place.width, 1 });
    for (int i = 0; i < runs->table.row_count; i++)
        draw_line(runs, frame, (struct rect){ place.x, place.y + 1 + i, place.width, 1 }, i);
    if (runs->line_count > 0)
        runs_preview_draw(runs, frame);
    if (runs->picker.is_open)
        runs_picker_draw(runs, frame, rect);
}

/* --- the mouse --- */

static bool is_inside(struct rect rect, int x, int y)
{
    return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

static enum reaction click_head(struct view *view, int x)
{
    struct runs *runs = view->state;
    struct arena arena = { 0 };
    int column = runs_table_column_at(runs, x);
    const char *name = column >= 0 ? runs->table.names[column] : NULL;
    const char *sort = name ? run_column_sort(&arena, name) : NULL;
    const char *present = runs->sort ? runs->sort : "run";
    if (name && !sort)
        app_say(view->app, "runs cannot be sorted by '%.40s'", name);
    if (sort && strcmp(sort, present) == 0) {
        runs->is_ascending = !runs->is_ascending;
        runs_reload(view);
    } else if (sort) {
        runs_sort_by(view, sort);
    }
    arena_release(&arena);
    return REDRAW;
}

static void open_from_preview(struct view *view, const struct view_type *type)
{
    const struct runs *runs = view->state;
    app_open(view->app, type,
             &(struct view_args){ .runs = &runs->preview.loaded, .run_count = 1, .step = -1 });
}

enum reaction runs_mouse(struct view *view, const struct input *input)
{
    enum { WHEEL = 3 };
    struct runs *runs = view->state;
    int row = input->y - runs->place.y - 1;
    if (runs->picker.is_open)
        return IGNORED; /* the wheel moves its cursor */
    if (input->button == MOUSE_WHEEL_UP || input->button == MOUSE_WHEEL_DOWN) {
        runs_move(runs, runs->cursor + (input->button == MOUSE_WHEEL_UP ? -WHEEL : WHEEL));
        return REDRAW;
    }
    if (input->button != MOUSE_LEFT || input->motion != MOUSE_PRESS)
        return HANDLED;
    if (is_inside(runs->preview.chart, input->x, input->y))
        open_from_preview(view, &view_curves);
    else if (is_inside(runs->preview.digits, input->x, input->y))
        open_from_preview(view, &view_samples);
    if (!is_inside(runs->place, input->x, input->y))
        return HANDLED;
    if (row < 0)
        return click_head(view, input->x);
    if (row >= runs->table.row_count)
        return HANDLED;
    if (runs->first + row == runs->cursor)
        return view->type->act(view, ACTION_OPEN);
    runs_move(runs, runs->first + row);
    return REDRAW;
}
