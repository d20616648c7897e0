/* The recipe in a person's own editor, and as a file of its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acts.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "launch_state.h"

/* As it stands in its file with all comments while nothing is changed, unless it names a place that
 * is sought from there; else as values. In the arena; NULL with a sentence. */
static const char *text_of(struct arena *arena, const struct launch_form *form)
{
    struct recipe recipe;
    char *data;
    size_t size;
    if (form_recipe(form, &recipe) < 0)
        return NULL;
    const char *text = recipe_text(arena, &recipe);
    bool is_anywhere = !strchr(recipe.data.source, '/');
    recipe_release(&recipe);
    if (form->path && form_changes(form) == 0 && is_anywhere &&
        file_read(form->path, RECIPE_SIZE_LIMIT, &data, &size) == 0) {
        text = arena_strdup(arena, data);
        free(data);
    }
    return text;
}

/* --- the editor --- */

static int write_copy(const char *text, char **path)
{
    static const char ending[] = ".ini";
    const char *directory = getenv("TMPDIR");
    *path = xasprintf("%s/gander-XXXXXX%s", directory && *directory ? directory : "/tmp", ending);
    int fd = mkstemps(*path, (int)strlen(ending));
    size_t length = strlen(text);
    bool is_whole = fd >= 0 && write(fd, text, length) == (ssize_t)length;
    int error = is_whole ? 0 : fail(ERR_IO, "cannot write '%s': %s", *path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return error;
}

static void forget_copy(struct launch_state *state)
{
    if (state->edited)
        unlink(state->edited);
    free(state->edited);
    state->edited = NULL;
}

static void edit_again(struct app *app, void *context);

static void read_back(struct view *view)
{
    struct launch_state *state = view->state;
    struct arena arena = { 0 };
    char *text;
    size_t size;
    int error = file_read(state->edited, RECIPE_SIZE_LIMIT, &text, &size);
    if (!error) {
        error = form_take_text(&state->form, text, size, "as edited");
        free(text);
    }
    if (error) {
        app_ask(view->app, arena_printf(&arena, "%s; edit again?", error_text()), edit_again, view);
    } else {
        forget_copy(state);
        app_say(view->app, "%d value%s differ%s from %s; ^W writes a recipe file",
                form_changes(&state->form), form_changes(&state->form) == 1 ? "" : "s",
                form_changes(&state->form) == 1 ? "s" : "", state->form.title);
    }
    launch_changed(state);
    arena_release(&arena);
}

static void open_editor(struct view *view)
{
    const struct launch_state *state = view->state;
    const char *const argv[] = { "sh",     "-c",          "exec ${VISUAL:-${EDITOR:-vi}} \"$1\"",
                                 "gander", state->edited, NULL };
    if (app_run_in_terminal(view->app, argv) == 0)
        read_back(view);
    else
        app_say(view->app, "the editor failed; $VISUAL or $EDITOR says which one is meant");
}

static void edit_again(struct app *app, void *context)
{
    (void)app;
    open_editor(context);
}

void launch_edit(struct view *view)
{
    struct launch_state *state = view->state;
    struct arena arena = { 0 };
    const char *text = text_of(&arena, &state->form);
    forget_copy(state);
    if (!text || write_copy(text, &state->edited) < 0)
        app_say_error(view->app);
    else
        open_editor(view);
    arena_release(&arena);
}

void launch_editor_end(struct launch_state *state)
{
    forget_copy(state);
    free(state->saved_as);
}

/* --- a file of its own --- */

static void write_file(struct view *view, const char *path)
{
    const struct launch_state *state = view->state;
    struct arena arena = { 0 };
    const char *text = text_of(&arena, &state->form);
    if (!text || file_replace(path, text, strlen(text)) < 0)
        app_say_error(view->app);
    else
        app_say(view->app, "written: %s", path);
    arena_release(&arena);
}

static void overwrite(struct app *app, void *context)
{
    struct launch_state *state = ((struct view *)context)->state;
    (void)app;
    write_file(context, state->saved_as);
}

static int take_path(struct app *app, struct view *view, const char *text)
{
    struct launch_state *state = view->state;
    struct arena arena = { 0 };
    if (!*text)
        return fail(ERR_INVALID, "the name of a file is missing");
    const char *path = path_expand(&arena, text);
    if (file_exists(path)) {
        free(state->saved_as);
        state->saved_as = xstrdup(path);
        app_ask(app, arena_printf(&arena, "'%s' is there: replace it?", path), overwrite, view);
    } else {
        write_file(view, path);
    }
    arena_release(&arena);
    return 0;
}

void launch_save(struct view *view)
{
    const struct launch_state *state = view->state;
    struct arena arena = { 0 };
    struct recipe recipe;
    if (form_recipe(&state->form, &recipe) < 0) {
        app_say_error(view->app);
        return;
    }
    app_prompt(view->app,
               &(struct prompt){ .label = " write recipe to: ",
                                 .text = arena_printf(&arena, "%s.ini", recipe.experiment.name),
                                 .view = view,
                                 .complete = path_complete,
                                 .take = take_path });
    recipe_release(&recipe);
    arena_release(&arena);
}
