/* What to launch: a recipe that is found here, the recipe of a run, or a command that is typed. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "launch_state.h"
#include "run/rundir.h"
#include "words.h"

enum { RECIPES = 200, HEAD = 1 << 14 };

/* --- recipes that are found --- */

struct found {
    const char *paths[RECIPES], *labels[RECIPES], *words[RECIPES];
    int count;
    struct arena *arena;
};

static bool is_found(const struct found *found, const char *path)
{
    for (int i = 0; i < found->count; i++)
        if (strcmp(found->paths[i], path) == 0)
            return true;
    return false;
}

/* The first line of comment, else the objective. */
static const char *words_of(struct arena *arena, const char *path, const char *text)
{
    struct recipe recipe;
    const char *words = "";
    if (*text == '#') {
        text += strspn(text, "# ");
        return arena_strndup(arena, text, strcspn(text, "\r\n"));
    }
    if (recipe_read(&recipe, path, NULL, 0) < 0)
        return words;
    words = arena_printf(arena, "%s: %s", recipe.experiment.name,
                         objective_name((enum objective)recipe.training.objective));
    recipe_release(&recipe);
    return words;
}

static void add_recipe(struct found *found, const char *path, const char *label)
{
    char *text, *real = realpath(path, NULL);
    size_t size;
    const char *absolute = arena_strdup(found->arena, real ? real : path);
    free(real);
    if (found->count == RECIPES || is_found(found, absolute) ||
        file_read_start(path, HEAD, &text, &size) < 0)
        return;
    if (strstr(text, "[experiment]")) {
        found->paths[found->count] = absolute;
        found->labels[found->count] = label;
        found->words[found->count++] = words_of(found->arena, path, text);
    }
    free(text);
}

static void add_directory(struct found *found, const char *directory, const char *prefix,
                          const char *suffix)
{
    char **names;
    int count;
    if (list_directory(found->arena, directory, ".ini", &names, &count) < 0)
        return;
    for (int i = 0; i < count; i++)
        add_recipe(found, path_join(found->arena, directory, names[i]),
                   arena_printf(found->arena, "%s%s%s", prefix, names[i], suffix));
}

static void find_recipes(struct found *found, const struct store *store)
{
    const char *program = program_path();
    const char *bin = arena_strndup(found->arena, program, (size_t)(path_base(program) - program));
    add_directory(found, ".", "", "");
    add_directory(found, "experiments", "experiments/", "");
    add_directory(found, path_join(found->arena, store->top, "experiments"), "experiments/", "");
    add_directory(found, path_join(found->arena, bin, "../share/gander/experiments"), "",
                  " (installed)");
}

/* --- the list --- */

enum pick { PICK_DRAFT, PICK_RUN, PICK_RECIPE, PICK_OTHER_RUN, PICK_COMMAND };
struct picked {
    enum pick pick;
    const char *path;
    int64_t run;
};
struct picks {
    const char **items;
    struct picked *what;
    int count;
    struct arena *arena;
};

static void add_pick(struct picks *picks, struct picked what, const char *item)
{
    picks->items[picks->count] = item;
    picks->what[picks->count++] = what;
}

static void add_newest_run(struct picks *picks, struct index *index)
{
    struct catalogue_query query = { .order = ORDER_DESCENDING, .limit = 1 };
    struct run_row *rows;
    int count;
    if (catalogue_list(index->places[0].catalogue, &index->arena, &query, index->now, &rows, &count,
                       NULL) < 0 ||
        count == 0)
        return;
    add_pick(picks, (struct picked){ PICK_RUN, .run = rows[0].number },
             arena_printf(picks->arena, "run %lld, the newest: %s%s%s", (long long)rows[0].number,
                          rows[0].experiment, rows[0].name ? ", " : "",
                          rows[0].name ? rows[0].name : ""));
}

static void add_draft(struct picks *picks, const struct launch_draft *draft)
{
    const char *of = draft->path ? path_base(draft->path)
                                 : arena_printf(picks->arena, "run %lld", (long long)draft->run);
    if (draft->count > 0)
        add_pick(picks, (struct picked){ PICK_DRAFT, .path = NULL },
                 arena_printf(picks->arena, "what you left: %s, %d change%s", of, draft->count,
                              draft->count == 1 ? "" : "s"));
}

static void add_recipes(struct picks *picks, const struct store *store)
{
    struct found found = { .arena = picks->arena };
    int width = 0;
    find_recipes(&found, store);
    for (int i = 0; i < found.count; i++)
        width = MAX(width, text_columns(found.labels[i]));
    for (int i = 0; i < found.count; i++)
        add_pick(picks, (struct picked){ PICK_RECIPE, .path = found.paths[i] },
                 arena_printf(picks->arena, "%s%*s  %s", found.labels[i],
                              width - text_columns(found.labels[i]), "", found.words[i]));
}

/* What was found lies in the arena of the list, and so does what its items mean. */
static struct picked *picked_of(const struct launch_state *state)
{
    return state->picks;
}

static void chosen(struct app *app, struct view *view, int index)
{
    struct launch_state *state = view->state;
    struct picked *what = &picked_of(state)[index];
    int error = 0;
    switch (what->pick) {
    case PICK_DRAFT:
        error = draft_take(&state->draft, &state->form, app_store(app));
        break;
    case PICK_RUN:
        launch_copy(view, what->run);
        return;
    case PICK_RECIPE:
        error = form_read(&state->form, what->path);
        break;
    case PICK_OTHER_RUN:
        launch_pick_run(view);
        return;
    case PICK_COMMAND:
        launch_pick_command(view, NULL);
        return;
    }
    if (error)
        app_say_error(app);
    else
        launch_filled(view);
}

void launch_pick(struct view *view)
{
    enum { OTHERS = 4 };
    struct launch_state *state = view->state;
    struct arena *arena = app_choice_arena(view->app);
    struct picks picks = { .arena = arena };
    picks.items = arena_alloc(arena, RECIPES + OTHERS, sizeof *picks.items);
    picks.what = arena_alloc(arena, RECIPES + OTHERS, sizeof *picks.what);
    add_draft(&picks, &state->draft);
    add_newest_run(&picks, app_index(view->app));
    add_recipes(&picks, app_store(view->app));
    add_pick(&picks, (struct picked){ PICK_OTHER_RUN, .path = NULL }, "another run …");
    add_pick(&picks, (struct picked){ PICK_COMMAND, .path = NULL }, "a command …");
    state->picks = picks.what;
    app_choose(view->app, &(struct choice){ .title = "what to launch",
                                            .items = picks.items,
                                            .count = picks.count,
                                            .view = view,
                                            .chosen = chosen });
}

/* --- a run --- */

const char *launch_command_of(struct arena *arena, const struct store *store, int64_t number)
{
    struct run_facts facts;
    const char *text = "";
    if (run_read_facts(arena, &facts, store, number) < 0 || !facts.command)
        return NULL;
    for (int i = 0; facts.command[i]; i++)
        text = arena_printf(arena, "%s%s%s", text, i > 0 ? " " : "",
                            word_quote(arena, facts.command[i]));
    return text;
}

/* A command is typed again, a recipe fills the form. */
void launch_copy(struct view *view, int64_t number)
{
    struct launch_state *state = view->state;
    struct arena arena = { 0 };
    const char *command = launch_command_of(&arena, app_store(view->app), number);
    if (command)
        launch_pick_command(view, command);
    else if (form_copy_run(&state->form, app_store(view->app), number) < 0)
        app_say_error(view->app);
    else
        launch_filled(view);
    arena_release(&arena);
}

static int take_run(struct app *app, struct view *view, const char *text)
{
    struct index_run run;
    int error = index_resolve(app_index(app), text, &run);
    if (!error)
        launch_copy(view, run.number);
    return error;
}

void launch_pick_run(struct view *view)
{
    app_prompt(view->app,
               &(struct prompt){ .label = " copy run: ", .view = view, .take = take_run });
}

/* --- a command --- */

static int take_command(struct app *app, struct view *view, const char *text)
{
    struct arena arena = { 0 };
    struct word *words;
    int count = 0;
    int error = words_read(&arena, text, &words, &count);
    (void)app;
    if (!error && count == 0)
        error = fail(ERR_INVALID, "a command is missing");
    if (!error) {
        const char **command = arena_alloc(&arena, (size_t)count + 1, sizeof *command);
        for (int i = 0; i < count; i++)
            command[i] = words[i].text;
        error = launch_start_command(view, (const char *const *)command);
    }
    arena_release(&arena);
    return error;
}

void launch_pick_command(struct view *view, const char *text)
{
    app_prompt(view->app, &(struct prompt){ .label = " command: ",
                                            .history = "launch",
                                            .text = text,
                                            .view = view,
                                            .take = take_command });
}
