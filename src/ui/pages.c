#define _GNU_SOURCE
#include "pages.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_state.h"
#include "base/error.h"
#include "base/text.h"
#include "found.h"

void pages_init(struct pages *pages)
{
    *pages = (struct pages){ .found = -1 };
}

void pages_release(struct pages *pages)
{
    free(pages->lines);
    arena_release(&pages->arena);
    pages_init(pages);
}

void pages_clear(struct pages *pages)
{
    pages->count = 0;
    pages->found = -1;
    arena_release(&pages->arena);
}

static int last_first(const struct pages *pages)
{
    return MAX(pages->count - pages->rows, 0);
}

static void settle(struct pages *pages)
{
    if (pages->follows)
        pages->first = last_first(pages);
    pages->first = MAX(0, MIN(pages->first, last_first(pages)));
}

void pages_resize(struct pages *pages, int columns, int rows)
{
    pages->columns = columns;
    pages->rows = rows;
    settle(pages);
}

void pages_add_lines(struct pages *pages, const struct page_line *lines, int count)
{
    enum { FIRST_ROOM = 256 };
    if (pages->count + count > pages->room) {
        pages->room = MAX(MAX(2 * pages->room, FIRST_ROOM), pages->count + count);
        pages->lines = xrealloc(pages->lines, (size_t)pages->room, sizeof *pages->lines);
    }
    for (int i = 0; i < count; i++)
        pages->lines[pages->count++] = lines[i];
    settle(pages);
}

void pages_add(struct pages *pages, enum role role, const char *text)
{
    pages_add_lines(pages, &(struct page_line){ arena_strdup(&pages->arena, text), role }, 1);
}

void pages_printf(struct pages *pages, enum role role, const char *format, ...)
{
    va_list arguments;
    char *text;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        die_out_of_memory(0);
    va_end(arguments);
    pages_add(pages, role, text);
    free(text);
}

void pages_add_all(struct pages *pages, enum role role, const char *text)
{
    struct arena arena = { 0 };
    while (*text) {
        size_t length = strcspn(text, "\n");
        pages_add(pages, role, text_log_line(&arena, arena_strndup(&arena, text, length)));
        text += length + (text[length] == '\n');
    }
    arena_release(&arena);
}

/* --- folding --- */

void pages_add_folded(struct pages *pages, enum role role, const char *head, int indent,
                      int further, const char *text)
{
    enum { LEAST = 10 };
    do {
        const char *next;
        int length = (int)text_fitting(text, MAX(pages->columns - indent - 2, LEAST), &next);
        pages_printf(pages, role, " %-*s%.*s", indent, head, length, text);
        text = next;
        indent = further;
        head = "";
    } while (*text);
}

/* --- searching --- */

static void search(struct pages *pages, const char *text, int from, int by)
{
    if (text != pages->searched)
        snprintf(pages->searched, sizeof pages->searched, "%s", text);
    for (int i = 0, at = from; i < pages->count; i++, at += by) {
        at = (at + pages->count) % pages->count;
        if (!*text || !strcasestr(pages->lines[at].text, text))
            continue;
        pages->found = at;
        pages->follows = false;
        if (at < pages->first || at >= pages->first + pages->rows)
            pages->first = at - pages->rows / 3;
        settle(pages);
        return;
    }
    pages->found = -1;
}

void pages_search(struct pages *pages, struct view *view, const char *text, int by)
{
    int from = pages->found < 0 ? pages->first : pages->found;
    if (text)
        search(pages, text, pages->first, by);
    else
        search(pages, pages->searched, from + by, by);
    if (pages->found < 0 && pages->searched[0])
        app_say(view->app, "'%s' is not found", pages->searched);
}

static void scroll_to(struct pages *pages, int first)
{
    pages->first = MAX(0, MIN(first, last_first(pages)));
    pages->follows = pages->follows && pages->first == last_first(pages);
}

enum reaction pages_act(struct pages *pages, enum action action)
{
    enum { ASIDE = 8 };
    switch (action) {
    case ACTION_UP:
        scroll_to(pages, pages->first - 1);
        return REDRAW;
    case ACTION_DOWN:
        scroll_to(pages, pages->first + 1);
        return REDRAW;
    case ACTION_PAGE_UP:
        scroll_to(pages, pages->first - MAX(pages->rows - 1, 1));
        return REDRAW;
    case ACTION_PAGE_DOWN:
        scroll_to(pages, pages->first + MAX(pages->rows - 1, 1));
        return REDRAW;
    case ACTION_TOP:
        scroll_to(pages, 0);
        return REDRAW;
    case ACTION_BOTTOM:
        scroll_to(pages, pages->count);
        return REDRAW;
    case ACTION_LEFT:
        pages->column = MAX(pages->column - ASIDE, 0);
        return REDRAW;
    case ACTION_RIGHT:
        pages->column += ASIDE;
        return REDRAW;
    default:
        return IGNORED;
    }
}

/* --- drawing --- */

/* What stands from a column on. */
static const char *skip_columns(const char *text, int columns)
{
    while (columns > 0 && *text) {
        text_next(&text);
        columns--;
    }
    return text;
}

void pages_draw(const struct pages *pages, struct frame *frame, struct rect rect)
{
    for (int i = 0; i < rect.height && pages->first + i < pages->count; i++) {
        const struct page_line *line = &pages->lines[pages->first + i];
        struct rect row = { rect.x, rect.y + i, rect.width, 1 };
        const char *text = skip_columns(line->text, pages->column);
        canvas_text(frame->canvas, row, text, look_style(frame->look, line->role));
        found_draw(frame, row, pages->searched, false);
    }
}

const char *pages_status(const struct pages *pages, struct arena *arena)
{
    if (pages->count <= pages->rows)
        return NULL;
    return arena_printf(arena, "%d-%d of %d", pages->first + 1,
                        MIN(pages->first + pages->rows, pages->count), pages->count);
}
