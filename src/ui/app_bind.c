/* Which key does what: the table's keys, and over them those of the settings. */
#define _GNU_SOURCE
#include <string.h>

#include "app_state.h"
#include "base/error.h"
#include "base/text.h"

static void bind(struct app *app, uint32_t key, enum action action)
{
    if (app->binding_count < BINDING_LIMIT)
        app->bindings[app->binding_count++] = (struct binding){ key, action };
}

static int bind_all(struct app *app, enum action action, const char *keys)
{
    struct arena arena = { 0 };
    int error = 0;
    for (const char *at = keys + strspn(keys, " "); *at && !error; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        char *name = arena_strndup(&arena, at, length);
        uint32_t key = key_parse(name);
        if (key)
            bind(app, key, action);
        else
            error = fail(ERR_INVALID, "'%.40s' is no key", name);
        at += length;
    }
    arena_release(&arena);
    return error;
}

int app_bind(struct app *app)
{
    app->binding_count = 0;
    for (int i = 1; i < action_count(); i++)
        bind_all(app, (enum action)i, action_row((enum action)i)->keys);
    return 0;
}
