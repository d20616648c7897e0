/* The panes of a comparison: where they are, and what is in them. */
#define _GNU_SOURCE
#include <string.h>

#include "base/text.h"
#include "compare_state.h"

enum { WIDE = 110, ROOMY = 34 /* rows */ };

/* --- where they are --- */

static int rows_of(const struct compare_table *table)
{
    return MAX(table->count, 1) + 2; /* title, names of runs */
}

static bool has_no_code(const struct compare_state *state)
{
    return state->has_code && state->diff.file_count == 0;
}

/* Values, metrics and code at the left; curves and samples at the right. Where there is no code to show
 * the samples have its room, and the curves theirs. */
static void layout_wide(const struct compare_state *state, struct rect rect,
                        struct rect panes[PANE_COUNT])
{
    enum { TITLE_AND_LINE = 2 };
    bool is_bare = has_no_code(state);
    int left = rect.width * 9 / 20, right = rect.width - left - 1, x = rect.x + left + 1;
    int metrics = MIN(rows_of(&state->metrics), rect.height * 7 / 20);
    int values = MIN(rows_of(&state->values), rect.height * 7 / 10 - metrics);
    int lower = rect.height - values - metrics, code = is_bare ? TITLE_AND_LINE : lower;
    int curves = is_bare ? rect.height : rect.height * 11 / 20;
    struct rect below = { rect.x, rect.y + values + metrics, left, lower - code };
    panes[PANE_VALUES] = (struct rect){ rect.x, rect.y, left, values };
    panes[PANE_METRICS] = (struct rect){ rect.x, rect.y + values, left, metrics };
    panes[PANE_CODE] = (struct rect){ rect.x, rect.y + rect.height - code, left, code };
    panes[PANE_CURVES] = (struct rect){ x, rect.y, right, curves };
    panes[PANE_SAMPLES] =
        is_bare ? below : (struct rect){ x, rect.y + curves, right, rect.height - curves };
}

/* A few rows of each; curves and samples beside one another. */
static void layout_compact(const struct compare_state *state, struct rect rect,
                           struct rect panes[PANE_COUNT])
{
    int code = rect.height >= ROOMY ? rect.height / 4 : rect.height < 16 ? 1 : 2;
    int rest = rect.height - code;
    int values = MIN(rows_of(&state->values), rest * 3 / 10);
    int metrics = MIN(rows_of(&state->metrics), rest * 3 / 10);
    int y = rect.y + values + metrics, pictures = rest - values - metrics;
    int half = rect.width / 2;
    panes[PANE_VALUES] = (struct rect){ rect.x, rect.y, rect.width, values };
    panes[PANE_METRICS] = (struct rect){ rect.x, rect.y + values, rect.width, metrics };
    panes[PANE_CURVES] = (struct rect){ rect.x, y, half, pictures };
    panes[PANE_SAMPLES] = (struct rect){ rect.x + half + 1, y, rect.width - half - 1, pictures };
    panes[PANE_CODE] = (struct rect){ rect.x, y + pictures, rect.width, code };
}

void compare_layout(const struct compare_state *state, struct rect rect,
                    struct rect panes[PANE_COUNT])
{
    memset(panes, 0, PANE_COUNT * sizeof *panes);
    if (state->note[0])
        rect.y++, rect.height--;
    if (state->is_enlarged)
        panes[state->focus] = rect;
    else if (rect.width >= WIDE && rect.height >= ROOMY - 4)
        layout_wide(state, rect, panes);
    else
        layout_compact(state, rect, panes);
}

/* --- titles --- */

static const char *code_words(const struct compare_state *state, struct arena *arena)
{
    int64_t added = 0, removed = 0;
    const char *of = state->run_count > 2
                         ? arena_printf(arena, " of %lld and %lld", (long long)state->runs[0],
                                        (long long)state->runs[1])
                         : "";
    if (!state->has_code)
        return arena_printf(arena, "code%s: being compared …", of);
    if (state->why[0])
        return arena_printf(arena, "code%s: cannot be compared", of);
    for (int i = 0; i < state->diff.file_count; i++) {
        added += state->diff.files[i].added;
        removed += state->diff.files[i].removed;
    }
    if (state->diff.file_count == 0)
        return arena_printf(arena, "code%s: the same", of);
    return arena_printf(arena, "code%s: %d file%s, +%s -%s", of, state->diff.file_count,
                        state->diff.file_count == 1 ? "" : "s", format_count(arena, (double)added),
                        format_count(arena, (double)removed));
}

static const char *values_words(const struct compare_state *state, struct arena *arena)
{
    if (state->shows_all)
        return "all values, * where they differ";
    return arena_printf(arena, "%d value%s differ%s, %d are the same", state->values.count,
                        state->values.count == 1 ? "" : "s", state->values.count == 1 ? "s" : "",
                        state->same_count);
}

static const char *curves_words(const struct compare_state *state, struct arena *arena)
{
    return state->plot.panel_count > 1
               ? arena_printf(arena, "curves, from %d of %d on", state->first_panel + 1,
                              state->plot.panel_count)
               : "curves";
}

static const char *title_of(const struct compare_state *state, enum compare_pane pane,
                            struct arena *arena)
{
    switch (pane) {
    case PANE_VALUES:
        return values_words(state, arena);
    case PANE_METRICS:
        return "metrics; * the best of all";
    case PANE_CURVES:
        return curves_words(state, arena);
    case PANE_SAMPLES:
        return "samples";
    case PANE_CODE:
        break;
    }
    return code_words(state, arena);
}

static int sheets_across(const struct compare_state *state, int width)
{
    enum { SHEET_COLUMNS = 18 };
    return MAX(1, MIN(width / SHEET_COLUMNS, state->run_count - state->first_run));
}

/* Which of the runs are shown, where not all have room beside one another. */
static const char *part_words(const struct compare_state *state, enum compare_pane pane,
                              struct arena *arena, int width)
{
    const struct compare_table *table = pane == PANE_VALUES    ? &state->values
                                        : pane == PANE_METRICS ? &state->metrics
                                                               : NULL;
    int first = state->first_run, shown = state->run_count;
    if (table && state->is_loaded)
        shown = compare_columns_fit(table, state->data.count, first, width);
    else if (pane == PANE_SAMPLES)
        shown = sheets_across(state, width);
    if (shown >= state->run_count || pane == PANE_CODE || pane == PANE_CURVES)
        return "";
    return shown == 1 ? arena_printf(arena, "; run %d of %d", first + 1, state->run_count)
                      : arena_printf(arena, "; runs %d-%d of %d", first + 1, first + shown,
                                     state->run_count);
}

static void draw_title(const struct compare_state *state, enum compare_pane pane,
                       struct frame *frame, struct rect rect)
{
    bool utf8 = frame->look->terminal.utf8, has_focus = pane == state->focus;
    canvas_fill(frame->canvas, rect, utf8 ? 0x2500 : '-', look_style(frame->look, ROLE_FRAME));
    struct rect text = { rect.x + 1, rect.y, rect.width - 2, 1 };
    struct style key = look_style(frame->look, ROLE_KEY);
    if (has_focus)
        key.attributes |= STYLE_REVERSE;
    int used = canvas_printf(frame->canvas, text, key, " %d ", pane + 1);
    text.x += used, text.width -= used;
    canvas_printf(frame->canvas, text, look_style(frame->look, has_focus ? ROLE_TITLE : ROLE_DIM),
                  " %s%s ", title_of(state, pane, frame->arena),
                  part_words(state, pane, frame->arena, rect.width));
}

/* --- contents --- */

static void draw_quiet(struct frame *frame, struct rect rect, const char *text)
{
    canvas_text(frame->canvas, (struct rect){ rect.x + 2, rect.y, rect.width - 2, 1 }, text,
                look_style(frame->look, ROLE_DIM));
}

/* Whole values of the row under the cursor, where they are too long for their column. */
static int detail_rows(const struct compare_state *state, const struct compare_table *table,
                       struct rect rect)
{
    enum { LONG = 24 };
    bool is_long = false;
    if (!state->is_enlarged || table->count == 0)
        return 0;
    for (int k = 0; k < state->data.count; k++) {
        const char *text = table->rows[table->cursor].cells[k].text;
        is_long = is_long || (text && text_columns(text) > LONG);
    }
    return is_long ? rect.height / 2 : 0;
}

static void draw_details(const struct compare_state *state, const struct compare_table *table,
                         struct frame *frame, struct rect rect)
{
    int end = rect.y + rect.height;
    canvas_fill(frame->canvas, (struct rect){ rect.x, rect.y, rect.width, 1 },
                frame->look->terminal.utf8 ? 0x2500 : '-', look_style(frame->look, ROLE_FRAME));
    rect.y++;
    for (int k = 0; k < state->data.count && rect.y < end; k++) {
        const char *text = table->rows[table->cursor].cells[k].text;
        text = text ? text_clean(frame->arena, text, strlen(text)) : "-";
        canvas_text(frame->canvas, (struct rect){ rect.x + 1, rect.y++, rect.width - 2, 1 },
                    state->data.titles[k], look_style(frame->look, ROLE_TITLE));
        while (*text && rect.y < end) {
            const char *next;
            size_t length = text_fitting(text, rect.width - 4, &next);
            canvas_text(frame->canvas, (struct rect){ rect.x + 3, rect.y++, rect.width - 4, 1 },
                        arena_strndup(frame->arena, text, length),
                        look_style(frame->look, ROLE_TEXT));
            text = next;
        }
    }
}

static void draw_table(const struct compare_state *state, enum compare_pane pane,
                       struct frame *frame, struct rect rect)
{
    const struct compare_table *table = pane == PANE_VALUES ? &state->values : &state->metrics;
    if (!state->is_loaded)
        return;
    if (table->count == 0) {
        draw_quiet(frame, rect,
                   pane == PANE_METRICS ? "no metrics yet" : "no value differs: a shows all");
        return;
    }
    int details = detail_rows(state, table, rect);
    struct rect upper = { rect.x, rect.y, rect.width, rect.height - details };
    compare_table_draw(state, table, frame, upper, pane == state->focus);
    if (details > 0)
        draw_details(state, table, frame,
                     (struct rect){ rect.x, rect.y + rect.height - details, rect.width, details });
}

/* As many charts as are worth their room. */
static void draw_curves(const struct compare_state *state, struct frame *frame, struct rect rect)
{
    enum { CHART_COLUMNS = 56, CHART_ROWS = 9 };
    int left = state->plot.panel_count - state->first_panel;
    int across = MAX(1, MIN(rect.width / CHART_COLUMNS, left));
    int down = MAX(1, MIN(rect.height / CHART_ROWS, (left + across - 1) / across));
    struct plot_look look = { .is_bare = rect.height < CHART_ROWS || rect.width < CHART_COLUMNS };
    if (state->plot.panel_count == 0) {
        draw_quiet(frame, rect, state->has_plot ? "no curves" : "");
        return;
    }
    for (int i = 0; i < across * down && i < left; i++) {
        int x = i % across * rect.width / across, y = i / across * rect.height / down;
        int next = (i % across + 1) * rect.width / across;
        int below = (i / across + 1) * rect.height / down;
        struct rect place = { rect.x + x, rect.y + y, next - x - (next < rect.width), below - y };
        plot_draw(&state->plot, state->first_panel + i, frame, place, &look);
    }
}

static void draw_sheet(const struct compare_state *state, struct frame *frame, struct rect rect,
                       int run)
{
    const struct sheet *sheet = &state->samples.sheets[run];
    struct rect inner = { rect.x, rect.y + 1, rect.width, rect.height - 1 };
    const char *title =
        sheet->count > 0 ? arena_printf(frame->arena, "%lld, step %s", (long long)state->runs[run],
                                        format_count(frame->arena, (double)sheet->step))
                         : arena_printf(frame->arena, "%lld", (long long)state->runs[run]);
    canvas_text(frame->canvas, (struct rect){ rect.x, rect.y, rect.width, 1 }, title,
                look_style(frame->look, ROLE_TITLE));
    if (sheet->count > 0)
        sheet_draw(sheet, frame, inner);
    else
        canvas_text(frame->canvas, (struct rect){ inner.x, inner.y, inner.width, 1 },
                    state->samples.why[run], look_style(frame->look, ROLE_DIM));
}

static void draw_samples(const struct compare_state *state, struct frame *frame, struct rect rect)
{
    int count = sheets_across(state, rect.width);
    if (!state->has_samples)
        return;
    for (int i = 0; i < count; i++) {
        int x = i * rect.width / count, next = (i + 1) * rect.width / count;
        draw_sheet(state, frame, (struct rect){ rect.x + x + 1, rect.y, next - x - 2, rect.height },
                   state->first_run + i);
    }
}

/* Files first where there is room for little. */
static void draw_code(const struct compare_state *state, struct frame *frame, struct rect rect)
{
    enum { LITTLE = 4 };
    if (state->why[0] || has_no_code(state)) {
        draw_quiet(frame, rect, state->why[0] ? state->why : "both runs have the same code");
        return;
    }
    if (rect.height >= LITTLE) {
        pages_draw(&state->code, frame, rect);
        return;
    }
    const char *names = "";
    for (int i = 0; i < MIN(state->diff.file_count, 8); i++)
        names = arena_printf(frame->arena, "%s%s%s", names, i > 0 ? ", " : "",
                             state->diff.files[i].path);
    draw_quiet(frame, rect, names);
}

void compare_pane_draw(const struct compare_state *state, enum compare_pane pane,
                       struct frame *frame, struct rect rect)
{
    if (rect.width < 1 || rect.height < 1)
        return;
    draw_title(state, pane, frame, (struct rect){ rect.x, rect.y, rect.width, 1 });
    struct rect inner = { rect.x, rect.y + 1, rect.width, rect.height - 1 };
    if (inner.height < 1)
        return;
    switch (pane) {
    case PANE_VALUES:
    case PANE_METRICS:
        draw_table(state, pane, frame, inner);
        break;
    case PANE_CURVES:
        draw_curves(state, frame, inner);
        break;
    case PANE_SAMPLES:
        draw_samples(state, frame, inner);
        break;
    case PANE_CODE:
        draw_code(state, frame, inner);
        break;
    }
}
