/* A list over the view, to choose from. What one types narrows it. */
#define _GNU_SOURCE
#include <string.h>

#include "app_state.h"
#include "base/text.h"

static bool fits(const struct choosing *choosing, int item)
{
    return strcasestr(choosing->choice.items[item], choosing->typed) != NULL;
}

/* The next one that fits in a direction; the same if there is none. */
static int step(const struct choosing *choosing, int from, int by)
{
    for (int i = from + by; i >= 0 && i < choosing->choice.count; i += by)
        if (fits(choosing, i))
            return i;
    return from;
}

static void settle(struct choosing *choosing)
{
    if (fits(choosing, choosing->cursor))
        return;
    int next = step(choosing, choosing->cursor, 1);
    choosing->cursor = fits(choosing, next) ? next : step(choosing, choosing->cursor, -1);
}

struct arena *app_choice_arena(struct app *app)
{
    choosing_end(app);
    return &app->choosing.arena;
}

void app_choose(struct app *app, const struct choice *choice)
{
    app->choosing.choice = *choice;
    app->choosing.cursor = choice->current;
    app->choosing.typed[0] = '\0';
    app->needs_draw = true;
}

struct arena *app_choice_more(struct app *app, const struct view *view, const char *title)
{
    const struct choice *choice = &app->choosing.choice;
    bool is_open = choice->items && choice->view == view && strcmp(choice->title, title) == 0;
    return is_open ? &app->choosing.arena : NULL;
}

void app_choose_more(struct app *app, const struct choice *choice)
{
    struct choosing *choosing = &app->choosing;
    const char *at = choosing->choice.items[choosing->cursor];
    choosing->cursor = choice->current;
    for (int i = 0; i < choice->count; i++)
        if (strcmp(choice->items[i], at) == 0)
            choosing->cursor = i;
    choosing->choice = *choice;
    settle(choosing);
    app->needs_draw = true;
}

void choosing_end(struct app *app)
{
    arena_release(&app->choosing.arena);
    app->choosing = (struct choosing){ .cursor = 0 };
    app->needs_draw = true;
}

static void type(struct choosing *choosing, uint32_t key)
{
    size_t length = strlen(choosing->typed);
    if (key == KEY_RUBOUT)
        choosing->typed[length > 0 ? length - 1 : 0] = '\0';
    else if (key > ' ' && key < 127 && length + 1 < sizeof choosing->typed)
        choosing->typed[length] = (char)key, choosing->typed[length + 1] = '\0';
    settle(choosing);
}

static void choose(struct app *app)
{
    struct choice choice = app->choosing.choice;
    int index = app->choosing.cursor;
    bool is_one = fits(&app->choosing, index);
    /* the one who chose may open the next list: items must live until it is done */
    struct arena arena = app->choosing.arena;
    app->choosing = (struct choosing){ .cursor = 0 };
    if (is_one)
        choice.chosen(app, choice.view, index);
    arena_release(&arena);
}

void choosing_input(struct app *app, const struct input *input)
{
    enum { C = 3, PAGE = 10 };
    struct choosing *choosing = &app->choosing;
    bool is_mouse = input->kind == INPUT_MOUSE;
    uint32_t key = is_mouse && input->button == MOUSE_WHEEL_UP     ? KEY_ARROW_UP
                   : is_mouse && input->button == MOUSE_WHEEL_DOWN ? KEY_ARROW_DOWN
                   : input->kind == INPUT_KEY                      ? input->key
                                                                   : 0;
    app->needs_draw = true;
    if (key == KEY_ESCAPE || key == C) {
        choosing_end(app);
    } else if (key == KEY_RETURN) {
        choose(app);
    } else if (key == KEY_ARROW_UP || key == KEY_BACK_TAB) {
        choosing->cursor = step(choosing, choosing->cursor, -1);
    } else if (key == KEY_ARROW_DOWN || key == KEY_TAB) {
        choosing->cursor = step(choosing, choosing->cursor, 1);
    } else if (key == KEY_PAGE_UP || key == KEY_PAGE_DOWN) {
        for (int i = 0; i < PAGE; i++)
            choosing->cursor = step(choosing, choosing->cursor, key == KEY_PAGE_UP ? -1 : 1);
    } else {
        type(choosing, key);
    }
}

void choosing_draw(const struct app *app, struct frame *frame, struct rect rect)
{
    enum { MARGIN = 2 };
    const struct choosing *choosing = &app->choosing;
    const struct choice *choice = &choosing->choice;
    int width = text_columns(choice->title) + 12, shown = 0, above = 0;
    for (int i = 0; i < choice->count; i++) {
        width = MAX(width, text_columns(choice->items[i]));
        shown += fits(choosing, i);
        above += i < choosing->cursor && fits(choosing, i);
    }
    width = MIN(width + 2 * MARGIN, rect.width);
    int height = MIN(MAX(shown, 1) + 2, rect.height), rows = height - 2;
    struct rect box = { rect.x + (rect.width - width) / 2, rect.y + (rect.height - height) / 2,
                        width, height };
    canvas_fill(frame->canvas, box, ' ', (struct style){ 0 });
    canvas_frame(frame->canvas, box, look_style(frame->look, ROLE_FRAME));
    canvas_printf(frame->canvas, (struct rect){ box.x + MARGIN, box.y, width - 2 * MARGIN, 1 },
                  look_style(frame->look, ROLE_TITLE), " %s%s%s ", choice->title,
                  choosing->typed[0] ? ": " : "", choosing->typed);
    int first = MAX(0, MIN(above - rows / 2, shown - rows)), place = 0;
    for (int i = 0; i < choice->count; i++) {
        if (!fits(choosing, i) || place++ < first || place - first > rows)
            continue;
        struct rect line = { box.x + 1, box.y + place - first, width - 2, 1 };
        struct style style =
            look_style(frame->look, i == choosing->cursor ? ROLE_CURSOR : ROLE_TEXT);
        canvas_fill(frame->canvas, line, ' ', style);
        line.x++, line.width--;
        canvas_text(frame->canvas, line, choice->items[i], style);
    }
    if (shown == 0)
        canvas_text(frame->canvas, (struct rect){ box.x + MARGIN, box.y + 1, width - 4, 1 }, "none",
                    look_style(frame->look, ROLE_DIM));
}
