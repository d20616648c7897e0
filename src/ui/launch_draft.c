/* A form that was left is not lost: what was changed in it is remembered. */
#include <stdlib.h>
#include <string.h>

#include "launch_state.h"

void draft_release(struct launch_draft *draft)
{
    for (int i = 0; i < draft->count; i++)
        free(draft->settings[i]);
    free(draft->settings);
    free(draft->path);
    free(draft->name);
    *draft = (struct launch_draft){ .count = 0 };
}

static void keep_form(const struct launch_form *form, struct json *object)
{
    struct arena arena = { 0 };
    struct json *settings = json_new_array();
    const char **all = form_settings(form, &arena);
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++)
        if (form_is_changed(form, i))
            json_push_string(settings, all[i]);
    if (form->path)
        json_set_string(object, "path", form->path);
    json_set_integer(object, "run", form->parent);
    json_set_string(object, "name", form->name);
    json_set(object, "settings", settings);
    arena_release(&arena);
}

static void keep_draft(const struct launch_draft *draft, struct json *object)
{
    struct json *settings = json_new_array();
    for (int i = 0; i < draft->count; i++)
        json_push_string(settings, draft->settings[i]);
    if (draft->path)
        json_set_string(object, "path", draft->path);
    json_set_integer(object, "run", draft->run);
    json_set_string(object, "name", draft->name ? draft->name : "");
    json_set(object, "settings", settings);
}

void draft_keep(const struct launch_state *state, struct json *object)
{
    const struct launch_form *form = &state->form;
    if (!state->is_started && form_changes(form) > 0)
        keep_form(form, object);
    else if (!(state->is_started && draft_is_of(&state->draft, form)))
        keep_draft(&state->draft, object);
}

void draft_restore(struct launch_draft *draft, const struct json *object)
{
    enum { LIMIT = RECIPE_FIELD_COUNT };
    const struct json *settings = json_member(object, "settings");
    const char *path = json_get_string(json_member(object, "path"));
    const char *name = json_get_string(json_member(object, "name"));
    int64_t run = 0;
    draft_release(draft);
    int count = (int)MIN(json_length(settings), (size_t)LIMIT);
    json_get_integer(json_member(object, "run"), &run);
    if (count == 0 || (!path && run <= 0))
        return;
    draft->path = path ? xstrdup(path) : NULL;
    draft->name = xstrdup(name ? name : "");
    draft->run = run;
    draft->settings = xcalloc((size_t)count, sizeof *draft->settings);
    for (int i = 0; i < count; i++) {
        const char *setting = json_get_string(json_item(settings, (size_t)i));
        draft->settings[draft->count++] = xstrdup(setting ? setting : "");
    }
}

bool draft_is_of(const struct launch_draft *draft, const struct launch_form *form)
{
    if (draft->count == 0 || !form->is_filled)
        return false;
    return draft->path ? form->path && strcmp(draft->path, form->path) == 0
                       : !form->path && draft->run == form->parent;
}

void draft_apply(const struct launch_draft *draft, struct launch_form *form)
{
    for (int i = 0; i < draft->count; i++)
        form_apply(form, draft->settings[i]);
    form_set_name(form, draft->name);
}

int draft_take(const struct launch_draft *draft, struct launch_form *form,
               const struct store *store)
{
    int error = draft->path ? form_read(form, draft->path) : form_copy_run(form, store, draft->run);
    if (!error)
        draft_apply(draft, form);
    return error;
}
