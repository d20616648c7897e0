/* What stands around views: the header, the foot, what is asked, what is chosen. */
#define _GNU_SOURCE
#include <string.h>

#include "app_state.h"
#include "base/text.h"

static void draw_header(struct app *app, struct frame *frame, struct rect rect)
{
    const struct view *view = app->top;
    const char *path = view->type->title;
    const char *status = view->type->status ? view->type->status(view, frame->arena) : NULL;
    const char *sign = watcher_is_first(app) ? "reading the store" : jobs_sign(app);
    struct style style = look_style(frame->look, ROLE_TITLE);
    for (const struct view *below = view->below; below; below = below->below)
        path = arena_printf(frame->arena, "%s %s %s", below->type->title,
                            frame->look->terminal.utf8 ? "›" : ">", path);
    if (sign)
        status =
            arena_printf(frame->arena, "%s …%s%s", sign, status ? "  " : "", status ? status : "");
    const char *label = text_clean(frame->arena, app->index.places[0].label, 40);
    int used = canvas_printf(frame->canvas, rect, style, " %s ", label);
    struct rect rest = { rect.x + used + 1, rect.y, rect.width - used - 1, 1 };
    used = canvas_text(frame->canvas, rest, path, look_style(frame->look, ROLE_TEXT));
    int width = status ? MIN(text_columns(status), rest.width - used - 3) : 0;
    if (width > 0)
        canvas_text(frame->canvas,
                    (struct rect){ rest.x + rest.width - width - 1, rest.y, width, 1 }, status,
                    look_style(frame->look, ROLE_DIM));
}

/* The key that does an action here: the first that is bound to it. */
static const char *key_of(const struct app *app, struct arena *arena, enum action action)
{
    for (int i = 0; i < app->binding_count; i++)
        if (app->bindings[i].action == action &&
            app_action_of(app, app->bindings[i].key, app->top->type->place) == action)
            return key_text(arena, app->bindings[i].key);
    return NULL;
}

/* Is it worth room at the foot, as the view stands now? */
static bool is_offered(const struct app *app, enum action action)
{
    const struct view *view = app->top;
    unsigned where = action_row(action)->where;
    if (!(where & view->type->place) || (where & IS_QUIET) || action == ACTION_HELP)
        return false;
    if (view->type->search &&
        (action == ACTION_SEARCH || action == ACTION_NEXT || action == ACTION_PREVIOUS))
        return search_is_offered(view, action);
    return view_offers(view, action);
}

static void draw_hints(const struct app *app, struct frame *frame, struct rect rect)
{
    enum { GAP = 2 };
    int x = rect.x + 1, end = rect.x + rect.width;
    struct rect help = { end - 7, rect.y, 7, 1 };
    end -= 8;
    for (int i = 1; i < action_count(); i++) {
        const struct action_row *row = action_row((enum action)i);
        const char *key = NULL;
        if (is_offered(app, (enum action)i))
            key = key_of(app, frame->arena, (enum action)i);
        int width = key ? text_columns(key) + 1 + text_columns(row->hint) : 0;
        if (!key || x + width > end)
            continue;
        x += canvas_text(frame->canvas, (struct rect){ x, rect.y, end - x, 1 }, key,
                         look_style(frame->look, ROLE_KEY));
        x += 1 + canvas_text(frame->canvas, (struct rect){ x + 1, rect.y, end - x - 1, 1 },
                             row->hint, look_style(frame->look, ROLE_DIM));
        x += GAP;
    }
    const char *key = key_of(app, frame->arena, ACTION_HELP);
    int used = canvas_text(frame->canvas, help, key ? key : "?", look_style(frame->look, ROLE_KEY));
    help.x += used + 1, help.width -= used + 1;
    canvas_text(frame->canvas, help, "help", look_style(frame->look, ROLE_DIM));
}

/* A sentence that is longer than the foot grows upward. */
static void draw_message(const struct app *app, struct frame *frame, struct rect rect)
{
    enum { MOST_ROWS = 5 };
    struct style style = look_style(frame->look, app->message.is_error ? ROLE_BAD : ROLE_TEXT);
    const char *lines[MOST_ROWS], *rest = app->message.text;
    int lengths[MOST_ROWS], count = 0;
    for (; *rest && count < MOST_ROWS; count++) {
        lines[count] = rest;
        lengths[count] = (int)text_fitting(rest, rect.width - 2, &rest);
    }
    for (int i = 0; i < count; i++) {
        struct rect row = { rect.x, rect.y - count + 1 + i, rect.width, 1 };
        canvas_fill(frame->canvas, row, ' ', (struct style){ 0 });
        canvas_printf(frame->canvas, row, style, " %.*s", lengths[i], lines[i]);
    }
}

/* What is wrong with what was typed stands above it. */
static void draw_foot(const struct app *app, struct frame *frame, struct rect rect)
{
    if (app->typing.line && app->message.text[0])
        draw_message(app, frame, (struct rect){ rect.x, rect.y - 1, rect.width, 1 });
    if (app->question.text[0])
        canvas_printf(frame->canvas, rect, look_style(frame->look, ROLE_WARNING), " %s (y/n) ",
                      app->question.text);
    else if (app->typing.line)
        typing_draw(app, frame, rect);
    else if (app->message.text[0])
        draw_message(app, frame, rect);
    else
        draw_hints(app, frame, rect);
}

void app_draw(struct app *app)
{
    arena_release(&app->frame);
    struct rect all = canvas_bounds(&app->canvas);
    struct frame frame = { &app->canvas, &app->frame, &app->look };
    canvas_fill(&app->canvas, all, ' ', (struct style){ 0 });
    app->needs_draw = false;
    if (all.width < LEAST_COLUMNS || all.height < LEAST_ROWS) {
        canvas_printf(&app->canvas, all, (struct style){ 0 }, "too small: %d x %d, needs %d x %d",
                      all.width, all.height, LEAST_COLUMNS, LEAST_ROWS);
        return;
    }
    struct rect body = { 0, 1, all.width, all.height - 2 };
    draw_header(app, &frame, (struct rect){ 0, 0, all.width, 1 });
    app->top->type->draw(app->top, &frame, body);
    draw_foot(app, &frame, (struct rect){ 0, all.height - 1, all.width, 1 });
    if (app->choosing.choice.items)
        choosing_draw(app, &frame, body);
}
