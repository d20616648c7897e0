/* A sweep as a table of its points, and as parallel coordinates. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "sweep_state.h"

enum { WIDE = 120, HEAD_ROWS = 2 };

/* --- the table --- */

static void make_columns(struct sweep_state *state, struct table_column *columns, int *count)
{
    const struct swept *swept = &state->swept;
    *count = 0;
    columns[(*count)++] = (struct table_column){ .title = "", .is_right = true };
    for (int i = 0; i < swept->sweep.parameter_count; i++)
        columns[(*count)++] = (struct table_column){ .title = swept->parameters[i].key,
                                                     .is_right = swept->parameters[i].is_number,
                                                     .least = 6,
                                                     .most = 24 };
    columns[(*count)++] =
        (struct table_column){ .title = swept->goal_words ? swept->goal_words : "",
                               .is_right = true };
    if (swept->sweep.rung_count > 1)
        columns[(*count)++] =
            (struct table_column){ .title = "steps", .is_right = true, .rank = 2 };
    columns[(*count)++] =
        (struct table_column){ .title = "runs", .least = 6, .most = 40, .rank = 1 };
}

static void make_row(struct sweep_state *state, int place, struct table_cell *row)
{
    const struct swept *swept = &state->swept;
    const struct swept_point *point = &swept->points[place];
    struct arena *arena = &state->arena;
    int at = 0;
    row[at++].text = arena_printf(arena, "%d", place + 1);
    for (int i = 0; i < swept->sweep.parameter_count; i++)
        row[at++].text = point->values[i];
    row[at++].text = swept_value(arena, swept, &point->spread);
    if (swept->sweep.rung_count > 1)
        row[at++].text =
            point->rung < 0 ? "" : format_count(arena, (double)swept->sweep.rungs[point->rung]);
    row[at].text = swept_standing(arena, swept, point);
    if (point->counts[TRIAL_LIVE] > 0)
        row[at].style = (struct style){ .foreground = colour_ansi(6) };
    if (point->counts[TRIAL_OUT] + point->counts[TRIAL_BROKEN] > 0)
        row[at].style = (struct style){ .foreground = colour_ansi(3) };
}

static void make_table(struct sweep_state *state)
{
    enum { OTHERS = 4 };
    size_t width = (size_t)state->swept.sweep.parameter_count + OTHERS;
    size_t rows = (size_t)state->swept.sweep.point_count;
    struct table_column *columns = arena_alloc(&state->arena, width, sizeof *columns);
    struct table_cell *cells = arena_alloc(&state->arena, width * rows + 1, sizeof *cells);
    int count;
    make_columns(state, columns, &count);
    for (int i = 0; i < (int)rows; i++)
        make_row(state, i, cells + (size_t)i * (size_t)count);
    state->table = (struct table){ columns, count, cells, (int)rows };
}

/* --- the axes --- */

/* Of words their places in the order in which they first come. */
static double word_place(const struct swept *swept, int parameter, int point)
{
    const struct sweep *sweep = &swept->sweep;
    const char *wanted = swept->points[point].values[parameter];
    int place = -1, count = 0;
    for (int i = 0; i < sweep->point_count; i++) {
        const char *value = sweep->points[i].values[parameter];
        bool is_new = true;
        for (int k = 0; k < i && is_new; k++)
            is_new = strcmp(sweep->points[k].values[parameter], value) != 0;
        if (!is_new)
            continue;
        if (strcmp(value, wanted) == 0)
            place = count;
        count++;
    }
    return place;
}

/* Its ends, and where each of `count` points is on it. */
static void fill_axis(struct parallel_axis *axis, int at_axis, const double *values, int count,
                      const char *const *labels, bool is_log, double *const *shares)
{
    int lowest = -1, highest = -1;
    for (int i = 0; i < count; i++) {
        if (!isfinite(values[i]))
            continue;
        lowest = lowest < 0 || values[i] < values[lowest] ? i : lowest;
        highest = highest < 0 || values[i] > values[highest] ? i : highest;
    }
    axis->low = lowest < 0 ? "" : labels[lowest];
    axis->high = highest < 0 || values[highest] == values[lowest] ? "" : labels[highest];
    for (int i = 0; i < count; i++) {
        double low = lowest < 0 ? NAN : values[lowest], high = lowest < 0 ? NAN : values[highest];
        double at =
            is_log ? log(values[i] / low) / log(high / low) : (values[i] - low) / (high - low);
        shares[i][at_axis] = !isfinite(values[i]) ? NAN : high > low ? at : 0.5;
    }
}

static void make_axes(struct sweep_state *state)
{
    struct swept *swept = &state->swept;
    struct arena *arena = &state->arena;
    int parameters = swept->sweep.parameter_count, points = swept->sweep.point_count;
    int axes = parameters + (swept->goal.metric != NULL);
    size_t room = (size_t)points + 1;
    struct parallel_axis *titles = arena_alloc(arena, (size_t)axes + 1, sizeof *titles);
    struct parallel_line *lines = arena_alloc(arena, room, sizeof *lines);
    double **shares = arena_alloc(arena, room, sizeof *shares);
    double *values = arena_alloc(arena, room, sizeof *values);
    const char **labels = arena_alloc(arena, room, sizeof *labels);
    state->parallel = (struct parallel){ titles, axes, lines, points, state->cursor };
    for (int i = 0; i < points; i++) {
        shares[i] = arena_alloc(arena, (size_t)axes + 1, sizeof **shares);
        bool has_value = swept->points[i].spread.count > 0;
        lines[i] = (struct parallel_line){ shares[i], has_value ? 1 - (i + 0.5) / points : NAN };
    }
    for (int axis = 0; axis < axes; axis++) {
        bool is_goal = axis == parameters;
        titles[axis].title = is_goal ? swept->goal_words : swept->parameters[axis].key;
        for (int i = 0; i < points; i++) {
            values[i] = is_goal                             ? swept->points[i].spread.mean
                        : swept->parameters[axis].is_number ? swept->parameters[axis].numbers[i]
                                                            : word_place(swept, axis, i);
            labels[i] = is_goal ? metric_format(arena, swept->goal.metric, values[i])
                                : swept->points[i].values[axis];
        }
        fill_axis(&titles[axis], axis, values, points, labels,
                  !is_goal && swept->parameters[axis].is_log, shares);
    }
}

void sweep_make(struct sweep_state *state)
{
    arena_release(&state->arena);
    make_table(state);
    make_axes(state);
}

/* --- drawing --- */

static void split(struct rect rect, const struct sweep_state *state, struct rect *table,
                  struct rect *axes)
{
    struct rect rest = { rect.x, rect.y + HEAD_ROWS, rect.width, rect.height - HEAD_ROWS };
    *table = *axes = rest;
    if (rest.width >= WIDE) {
        table->width = rest.width / 2;
        axes->x += table->width + 2;
        axes->width -= table->width + 3;
        return;
    }
    table->height = MIN(state->swept.sweep.point_count + 1, rest.height / 2);
    axes->y += table->height + 1;
    axes->height -= table->height + 1;
    axes->x++;
    axes->width -= 2;
}

int sweep_rows(struct rect rect, const struct sweep_state *state)
{
    struct rect table, axes;
    split(rect, state, &table, &axes);
    return MAX(table.height - 1, 1);
}

static void draw_head(const struct sweep_state *state, struct frame *frame, struct rect rect)
{
    const struct swept *swept = &state->swept;
    const char *why = swept->conductor.why;
    struct rect row = { rect.x + 1, rect.y, rect.width - 2, 1 };
    canvas_printf(frame->canvas, row, look_style(frame->look, ROLE_TITLE), "%s: %s%s%s",
                  swept->sweep.name, swept_state(swept), why ? ", " : "", why ? why : "");
    row.y++;
    const char *effects = "";
    for (int i = 0; i < swept->sweep.parameter_count; i++)
        if (!isnan(swept->parameters[i].effect))
            effects = arena_printf(frame->arena, "%s  %s %+.2f", effects, swept->parameters[i].key,
                                   swept->parameters[i].effect);
    canvas_printf(frame->canvas, row, look_style(frame->look, ROLE_DIM),
                  "%d of %d runs done, %d at work%s%s",
                  swept->counts[TRIAL_REACHED] + swept->counts[TRIAL_OUT], swept->trials.count,
                  swept->counts[TRIAL_LIVE], *effects ? "; rank correlation" : "", effects);
}

static void draw_table(const struct sweep_state *state, struct frame *frame, struct rect rect)
{
    int *widths = table_widths(frame->arena, &state->table, rect.width);
    table_draw_row(frame->canvas, (struct rect){ rect.x, rect.y, rect.width, 1 }, &state->table,
                   widths, -1);
    canvas_restyle(frame->canvas, (struct rect){ rect.x, rect.y, rect.width, 1 },
                   look_style(frame->look, ROLE_TITLE));
    for (int i = 0; i < rect.height - 1 && state->first + i < state->table.row_count; i++) {
        struct rect row = { rect.x, rect.y + 1 + i, rect.width, 1 };
        table_draw_row(frame->canvas, row, &state->table, widths, state->first + i);
        if (state->first + i == state->cursor)
            canvas_restyle(frame->canvas, row, look_style(frame->look, ROLE_CURSOR));
    }
}

/* Below the table, where that leaves room: the goal over each parameter that is a number, beside one
 * another. */
static void draw_plots(const struct sweep_state *state, struct frame *frame, struct rect table)
{
    enum { LEAST_ROWS = 8, LEAST_COLUMNS = 22, MOST_ROWS = 16 };
    const struct swept *swept = &state->swept;
    int points = swept->sweep.point_count, count = 0, at = 0;
    int rows = table.height - points - 2, most = table.width / LEAST_COLUMNS;
    for (int i = 0; i < swept->sweep.parameter_count; i++)
        count += !isnan(swept->parameters[i].effect) && swept->parameters[i].is_number;
    count = MIN(count, most);
    if (rows < LEAST_ROWS || count == 0)
        return;
    double *goals = arena_alloc(frame->arena, (size_t)points + 1, sizeof *goals);
    for (int i = 0; i < points; i++)
        goals[i] = swept->points[i].first;
    for (int i = 0; i < swept->sweep.parameter_count && at < count; i++) {
        const struct swept_parameter *parameter = &swept->parameters[i];
        struct scatter scatter = { .title = parameter->key,
                                   .x = parameter->numbers,
                                   .y = goals,
                                   .count = points,
                                   .is_log = parameter->is_log,
                                   .chosen = state->cursor };
        int width = table.width / count;
        if (isnan(parameter->effect) || !parameter->is_number)
            continue;
        scatter_draw(frame->canvas,
                     (struct rect){ table.x + at++ * width, table.y + points + 2, width - 1,
                                    MIN(rows, MOST_ROWS) },
                     &scatter, frame->look->glyphs);
    }
}

void sweep_draw(const struct sweep_state *state, struct frame *frame, struct rect rect)
{
    struct rect table, axes;
    struct rect line = { rect.x + 1, rect.y, rect.width - 2, 1 };
    if (!state->is_loaded) {
        canvas_text(frame->canvas, line, state->why[0] ? state->why : "reading the sweep …",
                    look_style(frame->look, state->why[0] ? ROLE_WARNING : ROLE_DIM));
        return;
    }
    split(rect, state, &table, &axes);
    draw_head(state, frame, rect);
    draw_table(state, frame, table);
    if (rect.width >= WIDE)
        draw_plots(state, frame, table);
    struct parallel parallel = state->parallel;
    parallel.chosen = state->cursor;
    parallel_draw(frame->canvas, axes, &parallel, frame->look->glyphs);
}
