#define _GNU_SOURCE
#include "launch_form.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "run/journal.h"
#include "run/resolve.h"

enum { WHERE_LIMIT = 80 /* bytes of a setting that recipe_parse quotes */ };

static const struct recipe_field *fields(void)
{
    int count;
    return recipe_fields(&count);
}

static int find(const char *key)
{
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++)
        if (strcmp(fields()[i].key, key) == 0)
            return i;
    return -1;
}

static void put(char **place, const char *text)
{
    char *copy = text ? xstrdup(text) : NULL;
    free(*place);
    *place = copy;
}

void form_release(struct launch_form *form)
{
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++) {
        free(form->values[i].base);
        free(form->values[i].text);
        free(form->values[i].error);
    }
    free(form->title);
    free(form->path);
    free(form->name);
    free(form->name_error);
    free(form->error);
    *form = (struct launch_form){ .is_filled = false };
}

/* --- filling --- */

/* The weight that is usual for its penalty is written as 0, so that it goes along when the penalty is
 * changed. */
static bool has_usual_weight(const struct recipe *recipe)
{
    struct arena arena = { 0 };
    struct recipe usual;
    const char *text = recipe_text(&arena, recipe);
    const char *const zero[] = { "training.penalty_weight=0" };
    bool is_usual = false;
    if (recipe_parse(&usual, text, strlen(text), "", zero, 1) == 0) {
        is_usual = usual.training.penalty_weight == recipe->training.penalty_weight;
        recipe_release(&usual);
    }
    arena_release(&arena);
    return is_usual;
}

static void fill(struct launch_form *form, const struct recipe *recipe, const char *title)
{
    struct arena arena = { 0 };
    form_release(form);
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++) {
        const char *text = recipe_value(&arena, recipe, &fields()[i]);
        if (strcmp(fields()[i].key, "training.penalty_weight") == 0 && has_usual_weight(recipe))
            text = "0";
        put(&form->values[i].base, text);
        put(&form->values[i].text, text);
    }
    put(&form->title, title);
    put(&form->name, "");
    form->seeds = 1;
    form->is_filled = true;
    arena_release(&arena);
}

int form_read(struct launch_form *form, const char *path)
{
    struct recipe recipe;
    int error = recipe_read(&recipe, path, NULL, 0);
    if (error)
        return error;
    fill(form, &recipe, path_base(path));
    put(&form->path, path);
    recipe_release(&recipe);
    return 0;
}

int form_copy_run(struct launch_form *form, const struct store *store, int64_t number)
{
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    struct recipe recipe;
    const char *directory = store_run_directory(&arena, store, number);
    const char *path = path_join(&arena, directory, "recipe.ini");
    int error = file_exists(path)
                    ? worker_read(&arena, &story, directory, NULL, NULL)
                    : fail(ERR_NOT_FOUND, "run %lld has no recipe", (long long)number);
    if (!error)
        error = recipe_read(&recipe, path, story.worker.settings, story.worker.setting_count);
    if (!error) {
        fill(form, &recipe, arena_printf(&arena, "run %lld", (long long)number));
        form->parent = number;
        recipe_release(&recipe);
    }
    arena_release(&arena);
    return error;
}

/* --- checking --- */

/* How recipe_parse names the setting of a value. */
static const char *where_of(struct arena *arena, const struct launch_form *form, int field)
{
    const char *setting =
        arena_printf(arena, "%s=%s", fields()[field].key, form->values[field].text);
    return arena_printf(arena, "setting '%s': ", text_clean(arena, setting, WHERE_LIMIT));
}

void form_blame(struct launch_form *form, const char *sentence)
{
    struct arena arena = { 0 };
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++) {
        const char *where = where_of(&arena, form, i);
        if (strncmp(sentence, where, strlen(where)) == 0) {
            put(&form->values[i].error, sentence + strlen(where));
            arena_release(&arena);
            return;
        }
    }
    put(&form->error, sentence);
    arena_release(&arena);
}

static void check_value(struct launch_form *form, int field)
{
    static const char where[] = "here";
    struct recipe scratch = { .arena = { 0 } };
    put(&form->values[field].error, NULL);
    if (recipe_set(&scratch, &fields()[field], form->values[field].text, where) < 0)
        put(&form->values[field].error, error_text() + strlen(where) + strlen(": "));
    arena_release(&scratch.arena);
}

static void check_all(struct launch_form *form)
{
    struct recipe recipe;
    put(&form->error, NULL);
    bool is_sound = true;
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++) {
        check_value(form, i);
        is_sound = is_sound && !form->values[i].error;
    }
    if (!is_sound)
        return;
    if (form_recipe(form, &recipe) == 0)
        recipe_release(&recipe);
    else
        form_blame(form, error_text());
}

void form_set(struct launch_form *form, int field, const char *text)
{
    put(&form->values[field].text, text);
    check_all(form);
}

void form_reset(struct launch_form *form, int field)
{
    form_set(form, field, form->values[field].base);
}

void form_set_name(struct launch_form *form, const char *text)
{
    put(&form->name, text);
    put(&form->name_error, *text && run_name_check(text) < 0 ? error_text() : NULL);
}

bool form_apply(struct launch_form *form, const char *setting)
{
    size_t length = strcspn(setting, "=");
    char *key = xstrndup(setting, length);
    int field = setting[length] ? find(key) : -1;
    free(key);
    if (field >= 0)
        form_set(form, field, setting + length + 1);
    return field >= 0;
}

int form_take_text(struct launch_form *form, const char *text, size_t size, const char *name)
{
    struct arena arena = { 0 };
    struct recipe recipe;
    int error = recipe_parse(&recipe, text, size, name, NULL, 0);
    if (error)
        return error;
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++) {
        const char *value = recipe_value(&arena, &recipe, &fields()[i]);
        if (strcmp(fields()[i].key, "training.penalty_weight") == 0 && has_usual_weight(&recipe))
            value = "0";
        put(&form->values[i].text, value);
    }
    check_all(form);
    recipe_release(&recipe);
    arena_release(&arena);
    return 0;
}

/* --- asking --- */

bool form_is_changed(const struct launch_form *form, int field)
{
    return strcmp(form->values[field].text, form->values[field].base) != 0;
}

int form_changes(const struct launch_form *form)
{
    int count = 0;
    for (int i = 0; form->is_filled && i < RECIPE_FIELD_COUNT; i++)
        count += form_is_changed(form, i);
    return count;
}

bool form_is_sound(const struct launch_form *form)
{
    bool is_sound = form->is_filled && !form->error && !form->name_error;
    for (int i = 0; is_sound && i < RECIPE_FIELD_COUNT; i++)
        is_sound = !form->values[i].error;
    return is_sound;
}

const char **form_settings(const struct launch_form *form, struct arena *arena)
{
    const char **settings = arena_alloc(arena, RECIPE_FIELD_COUNT, sizeof *settings);
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++)
        settings[i] = arena_printf(arena, "%s=%s", fields()[i].key, form->values[i].text);
    return settings;
}

int form_recipe(const struct launch_form *form, struct recipe *out)
{
    struct arena arena = { 0 };
    const char *const *settings = (const char *const *)form_settings(form, &arena);
    int error = recipe_parse(out, "", 0, form->title, settings, RECIPE_FIELD_COUNT);
    arena_release(&arena);
    return error;
}
