/* The form as lines: sections, values, and under the cursor what does not fit into one line or does
 * not hold. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "launch_state.h"

enum { LONGEST = 400 /* lines of one value */ };

/* --- rows --- */

/* What the form has besides the recipe. */
static const struct recipe_field own_fields[LAUNCH_FIELDS] = {
    [LAUNCH_NAME] = { .key = "run.name",
                      .type = FIELD_TEXT,
                      .maximum = 64,
                      .unit = "",
                      .help = "A name by which the run can be told from others; several runs get "
                              "their seed behind it" },
    [LAUNCH_RUNS] = { .key = "run.count",
                      .type = FIELD_INTEGER,
                      .minimum = 1,
                      .maximum = LAUNCH_SEEDS,
                      .unit = "runs",
                      .fallback = "1",
                      .help = "How many runs to start, each with a seed of its own, from "
                              "training.seed on" },
};

const struct recipe_field *launch_field(int row)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    return row >= LAUNCH_FIELDS ? &fields[row - LAUNCH_FIELDS] : &own_fields[row];
}

const char *launch_key(int row)
{
    const char *key = launch_field(row)->key;
    return key + strcspn(key, ".") + 1;
}

const char *launch_value_of(const struct launch_state *state, struct arena *arena, int row)
{
    if (row == LAUNCH_NAME)
        return state->form.name ? state->form.name : "";
    if (row == LAUNCH_RUNS)
        return arena_printf(arena, "%d", state->form.seeds);
    return state->form.values[row - LAUNCH_FIELDS].text;
}

const char *launch_error_of(const struct launch_state *state, int row)
{
    if (row == LAUNCH_NAME)
        return state->form.name_error;
    return row == LAUNCH_RUNS ? NULL : state->form.values[row - LAUNCH_FIELDS].error;
}

static bool is_changed(const struct launch_state *state, int row)
{
    if (row == LAUNCH_NAME)
        return *state->form.name;
    if (row == LAUNCH_RUNS)
        return state->form.seeds > 1;
    return form_is_changed(&state->form, row - LAUNCH_FIELDS);
}

/* --- lines --- */

static void add(struct launch_state *state, enum launch_line_kind kind, int row, const char *text)
{
    state->lines[state->line_count++] = (struct launch_line){ kind, row, text };
}

static void add_wrapped(struct launch_state *state, enum launch_line_kind kind, int row,
                        const char *text, int width)
{
    for (int i = 0; *text && i < LONGEST; i++) {
        const char *next;
        size_t length = text_fitting(text, width, &next);
        add(state, kind, row, arena_strndup(&state->arena, text, length));
        text = next;
    }
}

static void add_section(struct launch_state *state, int row)
{
    const char *key = launch_field(row)->key, *before = row > 0 ? launch_field(row - 1)->key : "";
    size_t length = strcspn(key, ".");
    if (strncmp(key, before, length + 1) != 0)
        add(state, LAUNCH_SECTION, row, arena_strndup(&state->arena, key, length));
}

static void add_row(struct launch_state *state, int row, int width)
{
    bool is_cursor = row == state->row;
    const char *value = launch_value_of(state, &state->arena, row);
    const char *error = launch_error_of(state, row);
    add_section(state, row);
    add(state, LAUNCH_ROW, row, NULL);
    if (is_cursor && text_columns(value) > width - LAUNCH_KEYS)
        add_wrapped(state, LAUNCH_REST, row, text_clean(&state->arena, value, strlen(value)),
                    width - 6);
    if (error && is_cursor)
        add_wrapped(state, LAUNCH_ERROR, row, text_clean(&state->arena, error, strlen(error)),
                    width - 6);
}

int launch_line_of(const struct launch_state *state, int row)
{
    for (int i = 0; i < state->line_count; i++)
        if (state->lines[i].kind == LAUNCH_ROW && state->lines[i].row == row)
            return i;
    return 0;
}

/* The cursor's line is shown, with as much of what belongs to it as there is room for. */
static void scroll(struct launch_state *state)
{
    int top = launch_line_of(state, state->row), bottom = top;
    while (bottom + 1 < state->line_count && state->lines[bottom + 1].kind != LAUNCH_ROW &&
           state->lines[bottom + 1].kind != LAUNCH_SECTION)
        bottom++;
    if (top > 0 && state->lines[top - 1].kind == LAUNCH_SECTION)
        top--;
    state->first = MAX(state->first, bottom - state->rows + 1);
    state->first = MIN(state->first, top);
    state->first = MAX(0, MIN(state->first, state->line_count - state->rows));
}

void launch_lines_make(struct launch_state *state, struct rect form)
{
    enum { ROOM = 3 * LAUNCH_ROWS + 2 * LONGEST };
    arena_release(&state->arena);
    state->lines = arena_alloc(&state->arena, ROOM, sizeof *state->lines);
    state->line_count = 0;
    for (int row = 0; row < LAUNCH_ROWS && state->form.is_filled; row++)
        add_row(state, row, form.width);
    state->rows = MAX(form.height, 1);
    scroll(state);
    state->is_stale = false;
}

/* --- drawing --- */

static void draw_value(const struct launch_state *state, struct frame *frame, struct rect rect,
                       int row)
{
    const char *value = launch_value_of(state, frame->arena, row);
    bool is_wrong = launch_error_of(state, row), is_empty = !*value;
    enum role role = is_wrong ? ROLE_BAD : is_changed(state, row) ? ROLE_TITLE : ROLE_TEXT;
    if (state->is_editing && row == state->row) {
        struct style style = look_style(frame->look, ROLE_INPUT);
        line_draw(&state->line, frame->canvas, rect, style, true);
        return;
    }
    if (is_empty)
        value = row == LAUNCH_NAME ? "none" : "empty";
    int used = canvas_text(
        frame->canvas, rect, value,
        look_style(frame->look, is_empty && !is_wrong && row != state->row ? ROLE_DIM : role));
    rect.x += used + 1, rect.width -= used + 1;
    const char *unit = launch_field(row)->unit;
    bool is_one = strcmp(value, "1") == 0 && *unit; /* 1 step */
    canvas_text(frame->canvas, rect,
                arena_strndup(frame->arena, unit, strlen(unit) - (is_one ? 1 : 0)),
                look_style(frame->look, row == state->row ? ROLE_TEXT : ROLE_DIM));
}

static void draw_row(const struct launch_state *state, struct frame *frame, struct rect rect,
                     int row)
{
    bool is_wrong = launch_error_of(state, row), is_cursor = row == state->row;
    struct rect key = { rect.x + 3, rect.y, LAUNCH_KEYS - 4, 1 };
    struct rect value = { rect.x + LAUNCH_KEYS, rect.y, rect.width - LAUNCH_KEYS - 1, 1 };
    if (is_wrong)
        canvas_put(frame->canvas, rect.x + 1, rect.y, '!', look_style(frame->look, ROLE_BAD));
    else if (is_changed(state, row))
        canvas_put(frame->canvas, rect.x + 1, rect.y, '*', look_style(frame->look, ROLE_MARKED));
    canvas_text(frame->canvas, key, launch_key(row), look_style(frame->look, ROLE_TEXT));
    draw_value(state, frame, value, row);
    if (is_cursor && !state->is_editing)
        canvas_restyle(frame->canvas, rect,
                       look_style(frame->look, state->is_on_cost ? ROLE_SHADOW : ROLE_CURSOR));
}

static void draw_line(const struct launch_state *state, struct frame *frame, struct rect rect,
                      const struct launch_line *line)
{
    struct rect inner = { rect.x + 5, rect.y, rect.width - 6, 1 };
    switch (line->kind) {
    case LAUNCH_SECTION:
        canvas_text(frame->canvas, (struct rect){ rect.x + 1, rect.y, rect.width - 2, 1 },
                    line->text, look_style(frame->look, ROLE_TITLE));
        break;
    case LAUNCH_ROW:
        draw_row(state, frame, rect, line->row);
        break;
    case LAUNCH_REST:
        canvas_text(frame->canvas, inner, line->text, look_style(frame->look, ROLE_TEXT));
        break;
    case LAUNCH_ERROR:
        canvas_text(frame->canvas, inner, line->text, look_style(frame->look, ROLE_BAD));
        break;
    }
}

void launch_lines_draw(const struct launch_state *state, struct frame *frame, struct rect rect)
{
    for (int i = 0; i < rect.height && state->first + i < state->line_count; i++)
        draw_line(state, frame, (struct rect){ rect.x, rect.y + i, rect.width, 1 },
                  &state->lines[state->first + i]);
}

/* --- what is known of the field under the cursor --- */

static const char *range_words(struct arena *arena, const struct recipe_field *field)
{
    const char *words = "";
    switch (field->type) {
    case FIELD_INTEGER:
        return arena_printf(arena, "whole number from %s to %s %s",
                            format_count(arena, field->minimum),
                            format_count(arena, field->maximum), field->unit);
    case FIELD_REAL:
        return arena_printf(arena, "number from %s to %s", format_real(arena, field->minimum),
                            format_real(arena, field->maximum));
    case FIELD_CHOICE:
        for (int i = 0; field->choices[i]; i++)
            words = arena_printf(arena, "%s%s%s", words, i > 0 ? ", " : "", field->choices[i]);
        return words;
    case FIELD_TEXT:
        break;
    }
    return arena_printf(arena, "text of at most %.0f bytes", field->maximum);
}

static const char *facts_of(const struct launch_state *state, struct arena *arena, int row)
{
    enum { SHORT = 20 };
    const struct recipe_field *field = launch_field(row);
    const char *facts = range_words(arena, field);
    const char *base =
        row >= LAUNCH_FIELDS ? state->form.values[row - LAUNCH_FIELDS].base : field->fallback;
    if (is_changed(state, row) && base && *base && text_columns(base) < SHORT)
        facts = arena_printf(arena, "was %s; %s", base, facts);
    return field->fallback && *field->fallback
               ? arena_printf(arena, "%s; default %s", facts, field->fallback)
               : facts;
}

/* What the value is for, and first of all why it was changed if that was advice. */
static const char *row_words(const struct launch_state *state, struct arena *arena)
{
    const char *help = launch_field(state->row)->help;
    return state->advice.row == state->row ? arena_printf(arena, "%s %s", state->advice.why, help)
                                           : help;
}

static const char *editing_words(const struct launch_state *state)
{
    const struct recipe_field *field = launch_field(state->row);
    if (state->is_editing)
        return "Enter keeps, Esc takes back";
    return field->type == FIELD_CHOICE ? "Left and Right change it, Enter lists" : "Enter edits";
}

static void draw_wrapped(struct frame *frame, struct rect rect, const char *text, enum role role)
{
    for (int i = 0; *text && i < rect.height; i++) {
        const char *next;
        size_t length = text_fitting(text, rect.width, &next);
        bool is_last = i == rect.height - 1;
        canvas_text(frame->canvas, (struct rect){ rect.x, rect.y + i, rect.width, 1 },
                    is_last ? text : arena_strndup(frame->arena, text, length),
                    look_style(frame->look, role));
        text = next;
    }
}

void launch_detail_draw(const struct launch_state *state, struct frame *frame, struct rect rect)
{
    struct arena *arena = frame->arena;
    bool utf8 = frame->look->terminal.utf8;
    struct rect line = { rect.x + 1, rect.y, rect.width - 2, 1 };
    canvas_fill(frame->canvas, (struct rect){ rect.x, rect.y, rect.width, 1 }, utf8 ? 0x2500 : '-',
                look_style(frame->look, ROLE_FRAME));
    const char *words = editing_words(state);
    canvas_printf(frame->canvas, line, look_style(frame->look, ROLE_TITLE), " %s ",
                  launch_field(state->row)->key);
    int width = text_columns(words) + 2;
    canvas_printf(frame->canvas, (struct rect){ line.x + line.width - width, rect.y, width, 1 },
                  look_style(frame->look, ROLE_KEY), " %s ", words);
    line.y++;
    canvas_text(frame->canvas, line, facts_of(state, arena, state->row),
                look_style(frame->look, ROLE_DIM));
    draw_wrapped(frame, (struct rect){ line.x, line.y + 1, line.width, rect.height - 3 },
                 row_words(state, arena), ROLE_TEXT);
    line.y = rect.y + rect.height - 1;
    if (state->form.error)
        canvas_printf(frame->canvas, line, look_style(frame->look, ROLE_BAD), "! %s",
                      state->form.error);
    else
        canvas_text(frame->canvas, line, state->cost.summary, look_style(frame->look, ROLE_DIM));
}
