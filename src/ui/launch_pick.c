/* What to launch: a recipe that is found here, the recipe of a run, or a command that is typed. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "app_state.h"
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
    const char *newest; /* of all runs, in words; NULL: there is none */
    int64_t newest_run;
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

static void find_newest_run(struct found *found, struct index *index)
{
    struct catalogue_query query = { .order = ORDER_DESCENDING, .limit = 1 };
    struct run_row *rows;
    int count;
    if (catalogue_list(index->places[0].catalogue, found->arena, &query, index->now, &rows, &count,
                       NULL) < 0 ||
        count == 0)
        return;
    found->newest_run = rows[0].number;
    found->newest = arena_printf(found->arena, "run %lld, the newest: %s%s%s",
                                 (long long)rows[0].number, rows[0].experiment,
                                 rows[0].name ? ", " : "", rows[0].name ? rows[0].name : "");
}

static int find_all(struct job *job)
{
    struct found *found = job->result;
    found->arena = &job->arena;
    find_newest_run(found, &job->index);
    find_recipes(found, &job->index.places[0].store);
    return 0;
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

static void add_newest_run(struct picks *picks, const struct found *found)
{
    if (found->newest)
        add_pick(picks, (struct picked){ PICK_RUN, .run = found->newest_run },
                 arena_strdup(picks->arena, found->newest));
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

static void add_recipes(struct picks *picks, const struct found *found)
{
    struct arena *arena = picks->arena;
    int width = 0;
    for (int i = 0; i < found->count; i++)
        width = MAX(width, text_columns(found->labels[i]));
    for (int i = 0; i < found->count; i++)
        add_pick(picks,
                 (struct picked){ PICK_RECIPE, .path = arena_strdup(arena, found->paths[i]) },
                 arena_printf(arena, "%s%*s  %s", found->labels[i],
                              width - text_columns(found->labels[i]), "", found->words[i]));
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

/* Somebody may have gone on to something else meanwhile. */
static bool is_waiting(const struct view *view)
{
    const struct app *app = view->app;
    return app->top == view && !app->typing.line && !app->choosing.choice.items;
}

static void found_all(struct view *view, struct job *job)
{
    enum { OTHERS = 4 };
    struct launch_state *state = view->state;
    if (job->error) {
        fail(job->error, "%s", job->message);
        app_say_error(view->app);
        return;
    }
    if (!is_waiting(view))
        return;
    struct arena *arena = app_choice_arena(view->app);
    struct picks picks = { .arena = arena };
    picks.items = arena_alloc(arena, RECIPES + OTHERS, sizeof *picks.items);
    picks.what = arena_alloc(arena, RECIPES + OTHERS, sizeof *picks.what);
    add_draft(&picks, &state->draft);
    add_newest_run(&picks, job->result);
    add_recipes(&picks, job->result);
    add_pick(&picks, (struct picked){ PICK_OTHER_RUN, .path = NULL }, "another run …");
    add_pick(&picks, (struct picked){ PICK_COMMAND, .path = NULL }, "a command …");
    state->picks = picks.what;
    app_choose(view->app, &(struct choice){ .title = "what to launch",
                                            .items = picks.items,
                                            .count = picks.count,
                                            .view = view,
                                            .chosen = chosen });
}

void launch_pick(struct view *view)
{
    struct job *job = job_new(view->app, view, find_all, found_all);
    job->result = arena_alloc(&job->arena, 1, sizeof(struct found));
    job->sign = "finding recipes";
    job_start(job, LANE_READ);
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
