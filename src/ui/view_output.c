/* What a command has printed. */
#include "view_output.h"

#include <stdlib.h>

#include "base/process.h"
#include "base/text.h"
#include "pages.h"

struct output {
    struct pages pages;
    char *command; /* malloc'ed */
};

static int open(struct view *view, const struct view_args *args)
{
    struct output *output = view->state;
    const struct command_output *from = args->extra;
    pages_init(&output->pages);
    output->command = xstrdup(from->command);
    pages_add_all(&output->pages, ROLE_TEXT, from->text);
    if (from->is_cut)
        pages_add(&output->pages, ROLE_WARNING, "… and more than is kept here");
    if (from->status != 0)
        pages_printf(&output->pages, ROLE_BAD, "[%s]", process_status_text(from->status));
    return 0;
}

static enum reaction update(struct view *view, const struct tick *tick)
{
    struct output *output = view->state;
    pages_resize(&output->pages, tick->rect.width, tick->rect.height);
    return IGNORED;
}

static enum reaction act(struct view *view, enum action action)
{
    struct output *output = view->state;
    return pages_act(&output->pages, action);
}

static void search(struct view *view, const char *text, int by)
{
    struct output *output = view->state;
    pages_search(&output->pages, view, text, by);
}

static void draw(const struct view *view, struct frame *frame, struct rect rect)
{
    const struct output *output = view->state;
    pages_draw(&output->pages, frame, rect);
}

static const char *status(const struct view *view, struct arena *arena)
{
    enum { LONGEST = 200 };
    const struct output *output = view->state;
    const char *place = pages_status(&output->pages, arena);
    return arena_printf(arena, "%s%s%s", text_clean(arena, output->command, LONGEST),
                        place ? "  " : "", place ? place : "");
}

static void close(struct view *view)
{
    struct output *output = view->state;
    pages_release(&output->pages);
    free(output->command);
}

const struct view_type view_output = {
    .name = "output",
    .title = "Output",
    .place = IN_TEXT,
    .state_size = sizeof(struct output),
    .open = open,
    .update = update,
    .act = act,
    .search = search,
    .draw = draw,
    .status = status,
    .close = close,
};
