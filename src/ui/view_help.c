/* All keys, from the table and the settings. */
#include <string.h>

#include "app_state.h"
#include "base/text.h"
#include "pages.h"

struct help {
    struct pages pages;
};

/* "s", "Space, p": all keys that do it. */
static const char *keys_of(struct app *app, struct arena *arena, enum action action)
{
    const char *keys = "";
    for (int i = 0; i < app->binding_count; i++)
        if (app->bindings[i].action == action)
            keys = arena_printf(arena, "%s%s%s", keys, *keys ? ", " : "",
                                key_text(arena, app->bindings[i].key));
    return keys;
}

/* Rows of one kind: those that are meant in one place only, or everywhere. */
static void add_part(struct app *app, struct pages *pages, const char *title, unsigned place,
                     bool is_everywhere)
{
    struct arena arena = { 0 };
    bool is_begun = false;
    for (int i = 1; i < action_count(); i++) {
        const struct action_row *row = action_row((enum action)i);
        bool is_for_all = (row->where & ANYWHERE) == ANYWHERE;
        if (!(row->where & place) || is_for_all != is_everywhere)
            continue;
        if (!is_begun) {
            pages_add(pages, ROLE_TEXT, "");
            pages_printf(pages, ROLE_TITLE, " %s", title);
        }
        is_begun = true;
        pages_printf(pages, ROLE_TEXT, "   %-14s %s", keys_of(app, &arena, (enum action)i),
                     row->help);
    }
    arena_release(&arena);
}

static void fill(struct view *view, const char *from)
{
    struct help *help = view->state;
    pages_add(&help->pages, ROLE_TEXT,
              " Keys, by where they hold. They can be changed: [keys] in gander-config(5).");
    for (int i = 0; action_place_name(i); i++)
        if (from && strcmp(action_place_name(i), from) == 0)
            add_part(view->app, &help->pages, "Here", 1u << i, false);
    add_part(view->app, &help->pages, "Everywhere", ANYWHERE, true);
    for (int i = 0; action_place_name(i); i++)
        if (!from || strcmp(action_place_name(i), from) != 0)
            add_part(view->app, &help->pages,
                     arena_printf(&help->pages.arena, "In %s", action_place_name(i)), 1u << i,
                     false);
}

static int open(struct view *view, const struct view_args *args)
{
    struct help *help = view->state;
    pages_init(&help->pages);
    fill(view, args->text);
    return 0;
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct help *help = view->state;
    pages_resize(&help->pages, tick->rect.width, tick->rect.height);
    return IGNORED;
}

static enum reaction act(struct view *view, enum action action)
{
    struct help *help = view->state;
    if (action == ACTION_HELP)
        return CLOSE_VIEW;
    return pages_act(&help->pages, action);
}

static void search(struct view *view, const char *text, int by)
{
    struct help *help = view->state;
    pages_search(&help->pages, view, text, by);
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct help *help = view->state;
    pages_draw(&help->pages, frame, rect);
}

static const char *status(const struct view *view, struct arena *arena)
{
    const struct help *help = view->state;
    return pages_status(&help->pages, arena);
}

static void close(struct view *view)
{
    struct help *help = view->state;
    pages_release(&help->pages);
}

const struct view_type view_help = {
    .name = "help",
    .title = "Help",
    .place = IN_TEXT,
    .state_size = sizeof(struct help),
    .open = open,
    .update = update,
    .act = act,
    .search = search,
    .draw = draw,
    .status = status,
    .close = close,
};
