/* Which key does what: the table's keys, and over them those of the settings. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "app_state.h"
#include "base/error.h"
#include "base/text.h"

static const char separators[] = " ,";

static unsigned places_of(enum action action)
{
    return action_row(action)->where & ANYWHERE;
}

static void bind(struct app *app, uint32_t key, enum action action)
{
    if (app->binding_count < BINDING_LIMIT)
        app->bindings[app->binding_count++] = (struct binding){ key, action };
}

/* Keys with blanks or commas between them; a comma alone is that key. Calls back for each. */
static int each_key(const char *keys,
                    void (*call)(struct app *app, uint32_t key, enum action action),
                    struct app *app, enum action action)
{
    struct arena arena = { 0 };
    int error = 0;
    if (strcmp(keys, ",") == 0 && call)
        call(app, ',', action);
    for (const char *at = keys + strspn(keys, separators); *at && !error;
         at += strspn(at, separators)) {
        size_t length = strcspn(at, separators);
        char *name = arena_strndup(&arena, at, length);
        uint32_t key = key_parse(name);
        if (!key)
            error = fail(ERR_INVALID, "'%.40s' is no key", text_clean(&arena, name, 40));
        else if (call)
            call(app, key, action);
        at += length;
    }
    arena_release(&arena);
    return error;
}

/* --- settings --- */

static void unbind(struct app *app, enum action action)
{
    int kept = 0;
    for (int i = 0; i < app->binding_count; i++)
        if (app->bindings[i].action != action)
            app->bindings[kept++] = app->bindings[i];
    app->binding_count = kept;
}

/* A key that is given to an action is taken from all others; where those are meant in other places,
 * too, they keep it there. In front of the others, since the first that fits a place holds. */
static void rebind(struct app *app, uint32_t key, enum action action)
{
    int kept = 0;
    for (int i = 0; i < app->binding_count; i++) {
        unsigned others = places_of(app->bindings[i].action);
        if (app->bindings[i].key != key || (others & ~places_of(action)))
            app->bindings[kept++] = app->bindings[i];
    }
    app->binding_count = MIN(kept, BINDING_LIMIT - 1);
    memmove(app->bindings + 1, app->bindings, (size_t)app->binding_count * sizeof app->bindings[0]);
    app->bindings[0] = (struct binding){ key, action };
    app->binding_count++;
}

static int fail_action(const char *name)
{
    struct arena arena = { 0 };
    int count = action_count();
    const char **names = arena_alloc(&arena, (size_t)count, sizeof *names);
    for (int i = 1; i < count; i++)
        names[i - 1] = action_row((enum action)i)->name;
    const char *nearest = text_nearest(name, names, count - 1, sizeof names[0]);
    const char *quoted = text_clean(&arena, name, 40);
    int error =
        nearest ? fail(ERR_INVALID, "'%s' is no action (did you mean '%s'?)", quoted, nearest)
                : fail(ERR_INVALID, "'%s' is no action ('gander help --keys' lists them)", quoted);
    arena_release(&arena);
    return error;
}

static int obey(struct app *app, const struct config_pair *pair)
{
    enum action action = action_find(pair->name);
    bool is_none = strcmp(pair->text, "none") == 0;
    int error = action == ACTION_NONE ? fail_action(pair->name)
                : is_none             ? 0
                : strcmp(pair->text, ",") == 0 || pair->text[strspn(pair->text, separators)]
                    ? each_key(pair->text, NULL, NULL, action)
                    : fail(ERR_INVALID, "'%s' has no key (none unbinds it)", pair->name);
    if (error)
        return fail_prefix("%s", pair->where);
    unbind(app, action);
    return is_none ? 0 : each_key(pair->text, rebind, app, action);
}

/* Can one leave from there? A key may mean something else in that place. */
static bool has_way_out(const struct app *app, unsigned place)
{
    for (int i = 0; i < app->binding_count; i++) {
        enum action action = app->bindings[i].action;
        if ((action == ACTION_QUIT || action == ACTION_BACK || action == ACTION_CANCEL) &&
            app_action_of(app, app->bindings[i].key, place) == action)
            return true;
    }
    return false;
}

/* Nobody is to be locked in. */
static void keep_a_way_out(struct app *app)
{
    enum { C = 3 };
    for (int bit = 0; action_place_name(bit); bit++)
        if (!has_way_out(app, 1u << bit)) {
            rebind(app, C, ACTION_QUIT);
            return;
        }
}

void app_bind(struct app *app)
{
    const struct config_pairs *pairs = &app->index.config.keys.any;
    int error = 0, mistakes = 0;
    char first[MESSAGE_SIZE];
    app->binding_count = 0;
    for (int i = 1; i < action_count(); i++)
        each_key(action_row((enum action)i)->keys, bind, app, (enum action)i);
    for (int i = 0; i < pairs->count; i++) {
        error = obey(app, &pairs->items[i]);
        if (error && mistakes++ == 0)
            snprintf(first, sizeof first, "%s", error_text());
    }
    keep_a_way_out(app);
    if (mistakes > 1)
        fail(ERR_INVALID, "%s (and %d more)", first, mistakes - 1);
    else if (mistakes == 1)
        fail(ERR_INVALID, "%s", first);
    if (mistakes > 0)
        app_say_error(app);
}
