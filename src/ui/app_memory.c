/* What is remembered of a store between two dashboards: $XDG_STATE_HOME/gander/<store id>.json. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_state.h"
#include "base/file.h"

enum { MEMORY_LIMIT = 1 << 20 /* bytes */, LINES = 100 };

/* NULL where there is no place for it. */
static char *memory_path(struct arena *arena, const struct app *app)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    const char *directory = NULL;
    if (state && state[0] == '/')
        directory = path_join(arena, state, "gander");
    else if (home && home[0] == '/')
        directory = path_join(arena, home, ".local/state/gander");
    return directory ? arena_printf(arena, "%s/%s.json", directory, app_store(app)->id) : NULL;
}

void memory_load(struct app *app)
{
    struct arena arena = { 0 };
    const char *path = memory_path(&arena, app);
    char *data = NULL;
    size_t size;
    app->memory = NULL;
    if (path && file_read(path, MEMORY_LIMIT, &data, &size) == 0) {
        if (json_parse(&app->memory, data, size) < 0)
            app->memory = NULL;
        if (app->memory && !json_is_object(app->memory)) {
            json_free(app->memory);
            app->memory = NULL;
        }
        free(data);
    }
    if (!app->memory)
        app->memory = json_new_object();
    arena_release(&arena);
}

/* What cannot be kept is forgotten: it is a comfort, and no reason to bother anybody. */
void memory_save(struct app *app)
{
    struct arena arena = { 0 };
    char *path = memory_path(&arena, app);
    if (path) {
        char *directory = arena_strdup(&arena, path);
        *strrchr(directory, '/') = '\0';
        char *text = json_text(app->memory, 0);
        if (make_directories(directory) == 0)
            file_replace(path, text, strlen(text));
        free(text);
    }
    json_free(app->memory);
    app->memory = NULL;
    arena_release(&arena);
}

void memory_keep(struct app *app, const struct view *view)
{
    if (!view->type->keep)
        return;
    struct json *object = json_new_object();
    view->type->keep(view, object);
    json_set(app->memory, view->type->name, object);
}

void memory_restore(struct app *app, struct view *view)
{
    const struct json *object = json_member(app->memory, view->type->name);
    if (view->type->restore && json_is_object(object))
        view->type->restore(view, object);
}

/* "lines.filter": the filters that were typed, the oldest first. */
static const struct json *lines_of(const struct app *app, const char *history)
{
    struct arena arena = { 0 };
    const struct json *lines = json_member(app->memory, arena_printf(&arena, "lines.%s", history));
    arena_release(&arena);
    return lines;
}

const char *memory_line(const struct app *app, const char *history, int back)
{
    const struct json *lines = history ? lines_of(app, history) : NULL;
    size_t count = json_length(lines);
    return back >= 1 && (size_t)back <= count
               ? json_get_string(json_item(lines, count - (size_t)back))
               : NULL;
}

/* The newest last, each once. */
void memory_add_line(struct app *app, const char *history, const char *text)
{
    struct arena arena = { 0 };
    const struct json *old = lines_of(app, history);
    struct json *lines = json_new_array();
    size_t count = json_length(old);
    for (size_t i = count > LINES ? count - LINES : 0; i < count; i++) {
        const char *line = json_get_string(json_item(old, i));
        if (line && strcmp(line, text) != 0)
            json_push_string(lines, line);
    }
    json_push_string(lines, text);
    json_set(app->memory, arena_printf(&arena, "lines.%s", history), lines);
    arena_release(&arena);
}
