/* A form for a new run: the values of a recipe, what they cost, and a key that starts it. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "launch_state.h"

enum { WIDE = 110, FORM_LEAST = 56, DETAIL_LEAST = 4, DETAIL_MOST = 5, LOW = 18 };

static bool is_wide(struct rect rect)
{
    return rect.width >= WIDE;
}

struct launch_parts launch_parts(const struct launch_state *state, struct rect rect)
{
    struct launch_parts parts = { .title = { rect.x, rect.y, rect.width, 1 } };
    struct rect body = { rect.x, rect.y + 1, rect.width, rect.height - 1 };
    int detail = rect.height < LOW ? DETAIL_LEAST : DETAIL_MOST;
    if (!is_wide(rect) && state->is_on_cost) {
        parts.cost = body;
        return parts;
    }
    parts.form = body;
    if (is_wide(rect)) {
        parts.form.width = MAX(FORM_LEAST, rect.width * 9 / 20);
        parts.cost = (struct rect){ rect.x + parts.form.width + 1, body.y,
                                    rect.width - parts.form.width - 1, body.height };
    }
    parts.form.height -= detail;
    parts.detail =
        (struct rect){ parts.form.x, parts.form.y + parts.form.height, parts.form.width, detail };
    return parts;
}

/* --- what changes --- */

void launch_changed(struct launch_state *state)
{
    state->is_stale = true;
    state->is_cost_stale = true;
}

void launch_filled(struct view *view)
{
    struct launch_state *state = view->state;
    state->row = LAUNCH_FIELDS;
    state->first = 0;
    state->is_on_cost = false;
    state->advice = (struct launch_advice){ .row = -1 };
    state->cost = (struct launch_cost){ .is_known = false };
    pages_clear(&state->cost_pages);
    launch_changed(state);
}

void launch_set(struct launch_state *state, int row, const char *text)
{
    int64_t count;
    if (row == LAUNCH_NAME)
        form_set_name(&state->form, text);
    else if (row >= LAUNCH_FIELDS)
        form_set(&state->form, row - LAUNCH_FIELDS, text);
    else if (parse_integer(text, &count) == 0 && count >= 1 && count <= LAUNCH_SEEDS)
        state->form.seeds = (int)count;
    launch_changed(state);
}

void launch_go_to_error(struct launch_state *state)
{
    for (int row = 0; row < LAUNCH_ROWS; row++)
        if (launch_error_of(state, row)) {
            state->row = row;
            state->is_stale = true;
            return;
        }
}

/* --- opening and closing --- */

/* Settings that another view advises: "training.d_rate=1e-4 training.batch=32". */
static void take_advice(struct launch_form *form, const char *text)
{
    struct arena arena = { 0 };
    while (text && *text) {
        size_t length = strcspn(text, " ");
        form_apply(form, arena_strndup(&arena, text, length));
        text += length + strspn(text + length, " ");
    }
    arena_release(&arena);
}

static int open(struct view *view, const struct view_args *args)
{
    struct launch_state *state = view->state;
    const struct store *store = app_store(view->app);
    pages_init(&state->cost_pages);
    state->is_asked = true;
    if (args->run_count == 0) {
        state->is_asked = false;
    } else if (form_copy_run(&state->form, store, args->runs[0]) == 0) {
        take_advice(&state->form, args->text);
        launch_filled(view);
    } else {
        state->copied = args->runs[0];
        state->is_asked = false;
    }
    return 0;
}

static void restore(struct view *view, const struct json *object)
{
    struct launch_state *state = view->state;
    draft_restore(&state->draft, object);
    if (form_changes(&state->form) == 0 && draft_is_of(&state->draft, &state->form)) {
        draft_apply(&state->draft, &state->form);
        app_say(view->app, "with the changes that were left here; ^U takes one back");
    }
}

static void keep(const struct view *view, struct json *object)
{
    draft_keep(view->state, object);
}

static void close(struct view *view)
{
    struct launch_state *state = view->state;
    launch_editor_end(state);
    draft_release(&state->draft);
    form_release(&state->form);
    pages_release(&state->cost_pages);
    arena_release(&state->arena);
    free(state->before);
}

/* --- up to date --- */

static void ask(struct view *view)
{
    struct launch_state *state = view->state;
    int64_t copied = state->copied;
    state->is_asked = true;
    state->copied = 0;
    if (copied)
        launch_copy(view, copied);
    else
        launch_pick(view);
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct launch_state *state = view->state;
    struct launch_parts parts = launch_parts(state, tick->rect);
    int columns = parts.cost.width > 0 ? parts.cost.width : tick->rect.width;
    bool is_changed = state->is_stale || tick->is_new_size;
    if (!state->is_asked)
        ask(view);
    if (tick->is_new_size || state->is_cost_stale)
        launch_cost_load(view, columns);
    pages_resize(&state->cost_pages, columns, MAX(parts.cost.height, 1));
    if (is_changed)
        launch_lines_make(state, parts.form.height > 0 ? parts.form : tick->rect);
    return is_changed ? REDRAW : IGNORED;
}

/* --- editing --- */

static void begin_editing(struct view *view)
{
    struct launch_state *state = view->state;
    struct arena arena = { 0 };
    const char *value = launch_value_of(state, &arena, state->row);
    if (strlen(value) > LINE_LIMIT) {
        app_say(view->app, "it is too long to be typed here: ^E edits it");
    } else {
        free(state->before);
        state->before = xstrdup(value);
        line_set(&state->line, value);
        state->is_editing = true;
        state->is_stale = true;
    }
    arena_release(&arena);
}

static void end_editing(struct launch_state *state, bool is_kept)
{
    state->is_editing = false;
    launch_set(state, state->row, is_kept ? state->line.text : state->before);
}

static void move(struct launch_state *state, int row)
{
    state->row = MAX(0, MIN(row, LAUNCH_ROWS - 1));
    state->is_stale = true;
}

static enum reaction edit(struct view *view, const struct input *input)
{
    enum { C = 3, X = 24 };
    struct launch_state *state = view->state;
    uint32_t key = input->kind == INPUT_KEY ? input->key : 0;
    if (key == KEY_ESCAPE || key == C) {
        end_editing(state, false);
    } else if (key == KEY_RETURN) {
        end_editing(state, true);
    } else if (key == KEY_ARROW_UP || key == KEY_ARROW_DOWN || key == KEY_TAB ||
               key == KEY_BACK_TAB) {
        end_editing(state, true);
        move(state, state->row + (key == KEY_ARROW_DOWN || key == KEY_TAB ? 1 : -1));
    } else if (key == X || key == KEY_F1 + 4) {
        end_editing(state, true);
        launch_ask(view);
    } else if (line_input(&state->line, input)) {
        launch_set(state, state->row, state->line.text);
    }
    return REDRAW;
}

/* The next choice of a field that has some. */
static void turn(struct launch_state *state, int by)
{
    const struct recipe_field *field = launch_field(state->row);
    int count = 0, at = 0;
    if (field->type != FIELD_CHOICE)
        return;
    for (; field->choices[count]; count++)
        if (strcmp(field->choices[count], state->form.values[state->row - LAUNCH_FIELDS].text) == 0)
            at = count;
    if (count > 0)
        launch_set(state, state->row, field->choices[(at + by + count) % count]);
}

static void chosen(struct app *app, struct view *view, int index)
{
    struct launch_state *state = view->state;
    const struct recipe_field *field = launch_field(state->row);
    (void)app;
    launch_set(state, state->row, field->choices[index]);
}

static void list_choices(struct view *view, const struct recipe_field *field)
{
    const struct launch_state *state = view->state;
    struct choice choice = {
        .title = field->key, .items = field->choices, .view = view, .chosen = chosen
    };
    for (; field->choices[choice.count]; choice.count++)
        if (strcmp(field->choices[choice.count],
                   state->form.values[state->row - LAUNCH_FIELDS].text) == 0)
            choice.current = choice.count;
    app_choice_arena(view->app);
    app_choose(view->app, &choice);
}

static void open_row(struct view *view)
{
    const struct launch_state *state = view->state;
    const struct recipe_field *field = launch_field(state->row);
    if (!state->form.is_filled)
        launch_pick(view);
    else if (field->type == FIELD_CHOICE)
        list_choices(view, field);
    else
        begin_editing(view);
}

static void reset(struct launch_state *state)
{
    if (state->row >= LAUNCH_FIELDS)
        form_reset(&state->form, state->row - LAUNCH_FIELDS);
    else
        launch_set(state, state->row, state->row == LAUNCH_RUNS ? "1" : "");
    launch_changed(state);
}

/* --- acting --- */

static bool is_number(const struct launch_state *state)
{
    enum field_type type = launch_field(state->row)->type;
    return type == FIELD_INTEGER || type == FIELD_REAL;
}

/* A digit begins a number anew; all keys are text while one edits. */
static enum reaction key(struct view *view, const struct input *input)
{
    struct launch_state *state = view->state;
    bool is_digit =
        input->kind == INPUT_KEY && ((input->key >= '0' && input->key <= '9') || input->key == '.');
    if (state->is_editing)
        return edit(view, input);
    if (!is_digit || state->is_on_cost || !state->form.is_filled || !is_number(state))
        return IGNORED;
    begin_editing(view);
    line_set(&state->line, "");
    return edit(view, input);
}

static enum reaction act_on_form(struct view *view, enum action action)
{
    struct launch_state *state = view->state;
    switch (action) {
    case ACTION_UP:
    case ACTION_DOWN:
        move(state, state->row + (action == ACTION_DOWN ? 1 : -1));
        return REDRAW;
    case ACTION_PAGE_UP:
    case ACTION_PAGE_DOWN:
        move(state, state->row + (action == ACTION_PAGE_DOWN ? 1 : -1) * MAX(state->rows - 1, 1));
        return REDRAW;
    case ACTION_TOP:
    case ACTION_BOTTOM:
        move(state, action == ACTION_TOP ? 0 : LAUNCH_ROWS - 1);
        return REDRAW;
    case ACTION_LEFT:
    case ACTION_RIGHT:
        turn(state, action == ACTION_RIGHT ? 1 : -1);
        return REDRAW;
    case ACTION_OPEN:
        open_row(view);
        return REDRAW;
    case ACTION_FIELD_RESET:
        reset(state);
        return REDRAW;
    default:
        return IGNORED;
    }
}

static enum reaction act_on_recipe(struct view *view, enum action action)
{
    const struct launch_state *state = view->state;
    bool needs_form =
        action == ACTION_FIELD_EDIT || action == ACTION_FIELD_SAVE || action == ACTION_FIELD_SEEDS;
    if (needs_form && !state->form.is_filled)
        action = ACTION_FIELD_RECIPE;
    switch (action) {
    case ACTION_FIELD_TAKE:
        launch_pick_run(view);
        return REDRAW;
    case ACTION_FIELD_RECIPE:
        launch_pick(view);
        return REDRAW;
    case ACTION_FIELD_EDIT:
        launch_edit(view);
        return REDRAW;
    case ACTION_FIELD_SAVE:
        launch_save(view);
        return REDRAW;
    case ACTION_FIELD_ADVICE:
        launch_take_advice(view);
        return REDRAW;
    case ACTION_FIELD_SEEDS:
        launch_ask_seeds(view);
        return REDRAW;
    case ACTION_LAUNCH_NOW:
        launch_ask(view);
        return REDRAW;
    default:
        return IGNORED;
    }
}

static enum reaction act(struct view *view, enum action action)
{
    struct launch_state *state = view->state;
    if (launch_is_starting(view) && action != ACTION_HELP && action != ACTION_QUIT) {
        app_say(view->app, "it is being started");
        return REDRAW;
    }
    if (action == ACTION_NEXT_PANE || action == ACTION_PREVIOUS_PANE) {
        state->is_on_cost = !state->is_on_cost;
        state->is_stale = true;
        return REDRAW;
    }
    enum reaction reaction = act_on_recipe(view, action);
    if (reaction == IGNORED)
        reaction =
            state->is_on_cost ? pages_act(&state->cost_pages, action) : act_on_form(view, action);
    return reaction;
}

static bool is_inside(struct rect rect, const struct input *input)
{
    return input->x >= rect.x && input->x < rect.x + rect.width && input->y >= rect.y &&
           input->y < rect.y + rect.height;
}

static enum reaction mouse(struct view *view, const struct input *input)
{
    struct launch_state *state = view->state;
    struct launch_parts parts = launch_parts(state, view->rect);
    if (state->is_editing || input->button != MOUSE_LEFT || input->motion != MOUSE_PRESS)
        return IGNORED;
    if (is_inside(parts.title, input) && !is_wide(view->rect))
        return act(view, ACTION_NEXT_PANE);
    state->is_on_cost = is_inside(parts.cost, input);
    int line = state->first + input->y - parts.form.y;
    if (is_inside(parts.form, input) && line < state->line_count) {
        int row = state->lines[line].row;
        if (row == state->row && state->lines[line].kind == LAUNCH_ROW)
            open_row(view);
        move(state, row);
    }
    return REDRAW;
}

/* --- drawing --- */

static void draw_title(const struct launch_state *state, struct frame *frame, struct rect rect)
{
    int changes = form_changes(&state->form);
    int used = canvas_printf(frame->canvas, rect, look_style(frame->look, ROLE_TITLE), " %s",
                             state->form.title);
    struct rect rest = { rect.x + used, rect.y, rect.width - used, 1 };
    if (changes > 0)
        used += canvas_printf(frame->canvas, rest, look_style(frame->look, ROLE_MARKED),
                              "  * %d change%s", changes, changes == 1 ? "" : "s");
    if (is_wide(rect))
        return;
    static const char *const tabs[] = { " values ", " shapes and cost " };
    int x = rect.x + rect.width - text_columns(tabs[0]) - text_columns(tabs[1]) - 6;
    if (x <= rect.x + used)
        return;
    x += canvas_text(frame->canvas, (struct rect){ x, rect.y, rect.width, 1 }, "Tab ",
                     look_style(frame->look, ROLE_KEY));
    for (int i = 0; i < ARRAY_SIZE(tabs); i++)
        x += 1 +
             canvas_text(frame->canvas, (struct rect){ x, rect.y, rect.width, 1 }, tabs[i],
                         look_style(frame->look, i == state->is_on_cost ? ROLE_CURSOR : ROLE_DIM));
}

static void draw_cost(const struct launch_state *state, struct frame *frame, struct rect rect,
                      bool has_line)
{
    if (has_line)
        for (int y = 0; y < rect.height; y++)
            canvas_put(frame->canvas, rect.x - 1, rect.y + y,
                       frame->look->terminal.utf8 ? 0x2502 : '|',
                       look_style(frame->look, ROLE_FRAME));
    if (state->cost_pages.count > 0)
        pages_draw(&state->cost_pages, frame, rect);
    else
        canvas_text(frame->canvas, (struct rect){ rect.x + 1, rect.y + 1, rect.width - 2, 1 },
                    form_is_sound(&state->form) ? ""
                                                : "known when nothing is wrong with the values",
                    look_style(frame->look, ROLE_DIM));
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct launch_state *state = view->state;
    struct launch_parts parts = launch_parts(state, rect);
    if (!state->form.is_filled) {
        canvas_text(frame->canvas, (struct rect){ rect.x + 2, rect.y + 1, rect.width - 2, 1 },
                    "nothing to launch yet: ^R lists recipes, ^O copies a run",
                    look_style(frame->look, ROLE_DIM));
        return;
    }
    draw_title(state, frame, parts.title);
    if (parts.form.height > 0) {
        launch_lines_draw(state, frame, parts.form);
        launch_detail_draw(state, frame, parts.detail);
    }
    if (parts.cost.height > 0)
        draw_cost(state, frame, parts.cost, parts.form.height > 0);
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct launch_state *state = view->state;
    if (state->is_on_cost)
        return pages_status(&state->cost_pages, arena);
    return state->form.is_filled ? arena_printf(arena, "%d of %d", state->row + 1, LAUNCH_ROWS)
                                 : NULL;
}

const struct view_type view_launch = {
    .name = "launch",
    .title = "Launch",
    .place = IN_LAUNCH,
    .state_size = sizeof(struct launch_state),
    .open = open,
    .update = update,
    .act = act,
    .key = key,
    .mouse = mouse,
    .draw = draw,
    .status = status,
    .keep = keep,
    .restore = restore,
    .close = close,
};
