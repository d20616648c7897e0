/* Starting: it is asked for once, then done beside the screen. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app_state.h"
#include "base/error.h"
#include "base/text.h"
#include "launch_state.h"
#include "run/launch.h"

struct start {
    const char *const *settings; /* of a recipe; NULL: a command */
    const char *const *command;
    const char *const *argv;
    const char *title, *name; /* name NULL: none */
    int64_t seed, parent;
    int count;
};

struct started {
    int64_t first, last; /* 0: none */
    const char *experiment, *remark;
};

/* --- on the thread --- */

static int launch_one(struct job *job, const struct launch *launch)
{
    struct started *started = job->result;
    struct launched launched;
    int error = launch_check(&launched, launch);
    arena_release(&launched.arena);
    launched = (struct launched){ .number = 0 };
    if (!error)
        error = launch_run(&launched, &job->index.places[0].store, launch);
    if (!error) {
        started->first = started->first ? started->first : launched.number;
        started->last = launched.number;
        if (launched.remarks[0] && !started->remark)
            started->remark = arena_strdup(&job->arena, launched.remarks[0]);
    }
    arena_release(&launched.arena);
    return error;
}

/* The run of one seed. */
static int launch_seed(struct job *job, const struct start *start, int i)
{
    const char *settings[RECIPE_FIELD_COUNT + 1];
    struct started *started = job->result;
    struct recipe recipe;
    for (int k = 0; k < RECIPE_FIELD_COUNT; k++)
        settings[k] = start->settings[k];
    settings[RECIPE_FIELD_COUNT] =
        arena_printf(&job->arena, "training.seed=%lld", (long long)(start->seed + i));
    const char *name = start->name;
    if (name && start->count > 1)
        name = arena_printf(&job->arena, "%s-%lld", name, (long long)(start->seed + i));
    int error = recipe_parse(&recipe, "", 0, start->title, settings,
                             start->count > 1 ? ARRAY_SIZE(settings) : RECIPE_FIELD_COUNT);
    if (error)
        return error;
    started->experiment = arena_strdup(&job->arena, recipe.experiment.name);
    error = launch_one(
        job, &(struct launch){
                 .recipe = &recipe, .name = name, .argv = start->argv, .parent = start->parent });
    recipe_release(&recipe);
    return error;
}

static int work(struct job *job)
{
    const struct start *start = job->input;
    struct started *started = arena_alloc(&job->arena, 1, sizeof *started);
    int error = 0;
    job->result = started;
    if (!start->settings) {
        started->experiment = launch_experiment(&job->arena, start->command);
        return launch_one(job, &(struct launch){ .command = start->command, .argv = start->argv });
    }
    for (int i = 0; i < start->count && !error; i++)
        error = launch_seed(job, start, i);
    return error;
}

/* --- on the screen's --- */

static const char *started_words(struct arena *arena, const struct started *started)
{
    const char *remark = started->remark ? started->remark : "";
    if (started->first == started->last)
        return arena_printf(arena, "run %lld started: %s%s%s", (long long)started->first,
                            started->experiment, *remark ? "; " : "", remark);
    return arena_printf(arena, "runs %lld to %lld started: %s%s%s", (long long)started->first,
                        (long long)started->last, started->experiment, *remark ? "; " : "", remark);
}

static void show_blame(struct launch_state *state, const struct job *job)
{
    state->is_stale = true;
    if (((const struct start *)job->input)->settings)
        form_blame(&state->form, job->message);
    launch_go_to_error(state);
}

static void close_form(struct view *view)
{
    struct launch_state *state = view->state;
    state->is_started = true;
    if (view->app->top == view)
        app_close_top(view->app);
}

/* The form may be gone by then. */
static void done(struct view *view, struct job *job)
{
    const struct started *started = job->result;
    struct app *app = job->app;
    bool is_any = started && started->first;
    if (is_any)
        app_look_now(app);
    if (job->error || !is_any) {
        if (view)
            show_blame(view->state, job);
        fail(job->error, "%s", job->message);
        if (is_any)
            fail_prefix("%s, then", started_words(&job->arena, started));
        app_say_error(app);
        return;
    }
    app_say(app, "%s", started_words(&job->arena, started));
    if (view)
        close_form(view);
}

static void begin(struct job *job)
{
    job->sign = "starting";
    job->outlives_view = true;
    job_start(job, LANE_ACT);
}

bool launch_is_starting(const struct view *view)
{
    return job_is_pending(view, done);
}

static const char **copy_words(struct arena *arena, const char *const *words)
{
    int count = 0;
    while (words[count])
        count++;
    const char **copy = arena_alloc(arena, (size_t)count + 1, sizeof *copy);
    for (int i = 0; i < count; i++)
        copy[i] = arena_strdup(arena, words[i]);
    return copy;
}

int launch_start_command(struct view *view, const char *const *words)
{
    static const char *const before[] = { "gander", "run", "--" };
    enum { BEFORE = ARRAY_SIZE(before) };
    struct launched launched;
    int error = launch_check(&launched, &(struct launch){ .command = words });
    arena_release(&launched.arena);
    if (error)
        return error;
    struct job *job = job_new(view->app, view, work, done);
    struct start *start = arena_alloc(&job->arena, 1, sizeof *start);
    const char **command = copy_words(&job->arena, words);
    int count = 0;
    while (command[count])
        count++;
    const char **argv = arena_alloc(&job->arena, (size_t)count + BEFORE + 1, sizeof *argv);
    for (int i = 0; i < count + BEFORE; i++)
        argv[i] = i < BEFORE ? before[i] : command[i - BEFORE];
    *start = (struct start){ .command = (const char *const *)command,
                             .argv = (const char *const *)argv,
                             .count = 1 };
    job->input = start;
    begin(job);
    return 0;
}

/* What one would have typed for the same. */
static const char *const *typed_words(struct arena *arena, const struct launch_form *form,
                                      const char *const *settings)
{
    enum { OTHERS = 8 };
    const char **words = arena_alloc(arena, 2 * RECIPE_FIELD_COUNT + OTHERS, sizeof *words);
    int count = 0;
    words[count++] = "gander";
    words[count++] = form->path ? "run" : "rerun";
    if (*form->name) {
        words[count++] = "--name";
        words[count++] = arena_strdup(arena, form->name);
    }
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++)
        if (form_is_changed(form, i)) {
            words[count++] = "-s";
            words[count++] = settings[i];
        }
    words[count++] = form->path ? arena_strdup(arena, form->path)
                                : arena_printf(arena, "%lld", (long long)form->parent);
    return (const char *const *)words;
}

static void start(struct app *app, void *context)
{
    struct view *view = context;
    const struct launch_state *state = view->state;
    const struct launch_form *form = &state->form;
    struct recipe recipe;
    if (form_recipe(form, &recipe) < 0) {
        app_say_error(app);
        return;
    }
    struct job *job = job_new(app, view, work, done);
    struct start *input = arena_alloc(&job->arena, 1, sizeof *input);
    input->settings = (const char *const *)form_settings(form, &job->arena);
    input->argv = typed_words(&job->arena, form, input->settings);
    input->title = arena_strdup(&job->arena, form->title);
    input->name = *form->name ? arena_strdup(&job->arena, form->name) : NULL;
    input->seed = recipe.training.seed;
    input->parent = form->parent;
    input->count = form->seeds;
    recipe_release(&recipe);
    job->input = input;
    begin(job);
}

static const char *cost_words(struct arena *arena, const struct launch_state *state)
{
    const struct launch_cost *cost = &state->cost;
    if (!cost->is_known || !isfinite(cost->seconds))
        return "";
    const char *time = format_duration(arena, cost->seconds);
    return state->form.seeds > 1 ? arena_printf(arena, ", about %s each", time)
                                 : arena_printf(arena, ", about %s, %s", time, cost->by);
}

void launch_ask(struct view *view)
{
    struct launch_state *state = view->state;
    struct app *app = view->app;
    struct arena arena = { 0 };
    struct recipe recipe;
    if (!state->form.is_filled) {
        launch_pick(view);
        return;
    }
    launch_go_to_error(state);
    if (!form_is_sound(&state->form) || form_recipe(&state->form, &recipe) < 0) {
        app_say(app, "it cannot start yet: what is marked with ! must be put right");
        return;
    }
    int seeds = state->form.seeds;
    long long first = (long long)recipe.training.seed;
    const char *steps = format_count(&arena, recipe.training.steps);
    const char *name = recipe.experiment.name, *cost = cost_words(&arena, state);
    app_ask(app,
            seeds == 1
                ? arena_printf(&arena, "start 1 run of %s (%s steps%s)?", name, steps, cost)
                : arena_printf(&arena, "start %d runs of %s, seeds %lld to %lld (%s steps%s)?",
                               seeds, name, first, first + seeds - 1, steps, cost),
            start, view);
    recipe_release(&recipe);
    arena_release(&arena);
}

static int take_seeds(struct app *app, struct view *view, const char *text)
{
    struct launch_state *state = view->state;
    int64_t count;
    if (parse_integer(text, &count) < 0 || count < 1 || count > LAUNCH_SEEDS)
        return fail(ERR_INVALID, "it must be a whole number from 1 to %d", LAUNCH_SEEDS);
    (void)app;
    state->form.seeds = (int)count;
    launch_changed(state);
    launch_ask(view);
    return 0;
}

void launch_ask_seeds(struct view *view)
{
    app_prompt(view->app,
               &(struct prompt){ .label = " how many runs, each with a seed of its own: ",
                                 .view = view,
                                 .take = take_seeds });
}
