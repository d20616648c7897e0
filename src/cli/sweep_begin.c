/* A new sweep: its words, its plan, and the question whether to start it. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "draw/terminal.h"
#include "run/conductor.h"
#include "run/estimate.h"
#include "run/launch.h"
#include "run/queue.h"
#include "run/resolve.h"
#include "run/settings.h"
#include "run/slurm.h"
#include "launching.h"
#include "sweeps.h"

enum { BREAKER = 5, MOST_JOBS = 1024, CHECKED_POINTS = 300 };

/* --- words --- */

static int read_search(const struct arguments *arguments, struct sweep *sweep)
{
    int64_t random = 0, quasi = 0, draw = 1;
    if (option_integer(arguments, "random", 1, SWEEP_POINTS, &random) < 0 ||
        option_integer(arguments, "quasi", 1, SWEEP_POINTS, &quasi) < 0 ||
        option_integer(arguments, "draw", 0, INT32_MAX, &draw) < 0)
        return ERR_INVALID;
    if (random > 0 && quasi > 0)
        return fail(ERR_INVALID, "options '--random' and '--quasi' are two ways to search: choose");
    sweep->search = random > 0 ? SWEEP_RANDOM : quasi > 0 ? SWEEP_QUASI : SWEEP_GRID;
    sweep->wanted = (int)(random + quasi);
    sweep->draw = (uint64_t)draw;
    return 0;
}

static void read_give_up(struct arguments *arguments, struct sweep *sweep)
{
    static const char *const usual[] = { "mode collapse", NULL };
    int count, kept = 0;
    const char *const *states = option_texts(arguments, "give-up", &count);
    const char **words = arena_alloc(&sweep->arena, (size_t)count + 1, sizeof *words);
    for (int i = 0; i < count; i++)
        if (*states[i])
            words[kept++] = states[i];
    sweep->give_up = count > 0 ? words : usual;
}

static int read_options(struct arguments *arguments, struct sweep *sweep)
{
    int64_t jobs = 0, halving = 0;
    if (option_integer(arguments, "jobs", 1, MOST_JOBS, &jobs) < 0 ||
        option_integer(arguments, "halving", 2, 100, &halving) < 0 ||
        option_integer(arguments, "least", 1, INT32_MAX, &sweep->least) < 0 ||
        option_integer(arguments, "steps", 1, INT64_C(1000000000000), &sweep->steps) < 0 ||
        read_search(arguments, sweep) < 0)
        return ERR_INVALID;
    sweep->jobs = (int)jobs;
    sweep->halving = (int)halving;
    sweep->breaker = BREAKER;
    sweep->goal = option_text(arguments, "goal");
    read_give_up(arguments, sweep);
    return 0;
}

/* From the seed that the recipe has on. */
static int read_seeds(const struct arguments *arguments, struct sweep *sweep)
{
    int64_t count = 1, first = sweep->has_recipe ? sweep->recipe.training.seed : 1;
    if (option_integer(arguments, "seeds", 1, SWEEP_SEEDS, &count) < 0)
        return ERR_INVALID;
    int64_t *seeds = arena_alloc(&sweep->arena, (size_t)count, sizeof *seeds);
    for (int64_t i = 0; i < count; i++)
        seeds[i] = first + i;
    sweep->seeds = seeds;
    sweep->seed_count = (int)count;
    return 0;
}

static int read_parameters(const struct arguments *arguments, int first, struct sweep *sweep)
{
    int count = arguments->operand_count - first, error = 0;
    struct sweep_parameter *parameters =
        arena_alloc(&sweep->arena, (size_t)MAX(count, 0) + 1, sizeof *parameters);
    for (int i = 0; i < count && !error; i++)
        error = sweep_parse(&sweep->arena, arguments->operands[first + i], &parameters[i]);
    sweep->parameters = parameters;
    sweep->parameter_count = count;
    return error;
}

static int read_command(struct arguments *arguments, struct sweep *sweep)
{
    const char *experiment = option_text(arguments, "experiment");
    int settings;
    option_texts(arguments, "set", &settings);
    sweep->command = arguments->rest;
    if (!sweep->command[0])
        return fail(ERR_INVALID, "a command is missing after '--'");
    if (settings > 0)
        return fail(ERR_INVALID, "option '--set' sets values of a recipe; a command takes its own");
    if (experiment && run_name_check(experiment) < 0)
        return ERR_INVALID;
    sweep->experiment = experiment ? experiment : launch_experiment(&sweep->arena, sweep->command);
    return 0;
}

static int read_recipe(struct arguments *arguments, struct sweep *sweep)
{
    int count;
    const char *const *settings = option_texts(arguments, "set", &count);
    if (option_text(arguments, "experiment"))
        return fail(ERR_INVALID, "option '--experiment' is for commands: a recipe says it itself");
    if (sweep->steps > 0)
        return fail(ERR_INVALID, "option '--steps' is for commands: -s training.steps=N sets a "
                                 "recipe's");
    int error = recipe_read(&sweep->recipe, arguments->operands[0], settings, count);
    sweep->has_recipe = !error;
    sweep->experiment = error ? NULL : sweep->recipe.experiment.name;
    return error;
}

/* Parameters come right after the recipe; before a command there is none. */
static int read_words(struct arguments *arguments, struct sweep *sweep)
{
    int error = read_options(arguments, sweep);
    if (!error)
        error = arguments->rest ? read_command(arguments, sweep) : read_recipe(arguments, sweep);
    if (!error)
        error = read_seeds(arguments, sweep);
    if (!error)
        error = read_parameters(arguments, arguments->rest ? 0 : 1, sweep);
    sweep->name = option_text(arguments, "name");
    sweep->cwd = path_absolute(&sweep->arena, ".");
    sweep->argv = (const char *const *)(uintptr_t)arguments->argv;
    sweep->created = wall_clock();
    sweep->user = arena_strdup(&sweep->arena, user_name(getuid()));
    return error;
}

/* The goal that is there by itself: what evaluation measures. */
static void choose_goal(struct sweep *sweep)
{
    const struct recipe *recipe = &sweep->recipe;
    bool is_evaluated = sweep->has_recipe && recipe->training.evaluate_every > 0 &&
                        recipe->training.evaluate_every <= recipe->training.steps;
    if (!sweep->goal && is_evaluated)
        sweep->goal = "frechet";
}

/* --- can it be launched at all? --- */

static int check_point(const struct sweep *sweep, int point)
{
    struct arena arena = { 0 };
    struct recipe recipe;
    struct launched launched;
    struct launch launch = { .cwd = sweep->cwd };
    int error = 0;
    if (sweep->command)
        launch.command = sweep_command(&arena, sweep, point, sweep->seeds[0], sweep->steps);
    else
        error = sweep_recipe(&recipe, sweep, point, sweep->seeds[0]);
    if (!error) {
        launch.recipe = sweep->command ? NULL : &recipe;
        error = launch_check(&launched, &launch);
        arena_release(&launched.arena);
        if (!sweep->command)
            recipe_release(&recipe);
        if (error)
            fail_prefix("point %d", point + 1);
    }
    arena_release(&arena);
    return error;
}

/* --- what it will cost --- */

struct cost {
    double seconds; /* NaN: unknown */
    double step_seconds;
    int64_t by_run;
    bool is_same;
};

/* Steps of all runs together. With halving, of so many points a share goes on from rung to rung. */
static double total_steps(const struct sweep *sweep)
{
    double points = sweep->point_count, steps = 0, before = 0;
    for (int i = 0; i < sweep->rung_count; i++) {
        steps += points * ((double)sweep->rungs[i] - before);
        before = sweep->command ? 0 : (double)sweep->rungs[i]; /* a command begins anew */
        points = floor(points / MAX(sweep->halving, 1));
    }
    return steps * sweep->seed_count;
}

/* The mean of some points, by what earlier runs took. */
static void estimate(const struct sweep *sweep, const struct store *store, double now, int jobs,
                     struct cost *out)
{
    enum { LOOKED_AT = 16 };
    struct catalogue *catalogue = NULL;
    int apart = MAX(sweep->point_count / LOOKED_AT, 1), count = 0;
    double sum = 0;
    *out = (struct cost){ .seconds = NAN };
    if (!store || sweep->command || catalogue_open(&catalogue, store) < 0)
        return;
    catalogue_refresh(catalogue, now);
    for (int i = 0; i < sweep->point_count; i += apart) {
        struct recipe recipe;
        struct estimate one;
        if (sweep_recipe(&recipe, sweep, i, sweep->seeds[0]) < 0)
            continue;
        if (estimate_make(&one, &recipe, store, catalogue, now) == 0) {
            sum += one.step_seconds;
            out->by_run = one.by_run;
            out->is_same = one.is_same;
            count++;
        }
        estimate_release(&one);
        recipe_release(&recipe);
    }
    catalogue_close(catalogue);
    out->step_seconds = count > 0 ? sum / count : NAN;
    out->seconds = out->step_seconds * total_steps(sweep) / jobs;
}

/* --- the plan, for people --- */

static const char *values_text(struct arena *arena, const struct sweep_parameter *parameter)
{
    if (!parameter->values)
        return arena_printf(arena, "%s to %s%s%s", format_real(arena, parameter->low),
                            format_real(arena, parameter->high),
                            parameter->is_whole ? ", whole numbers" : "",
                            parameter->is_log ? ", on a log scale" : "");
    const char *text = "";
    for (int i = 0; i < parameter->value_count; i++)
        text = arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "", parameter->values[i]);
    return text;
}

/* Of a range on a grid what came of it. */
static const char *grid_text(struct arena *arena, const struct sweep *sweep, int at)
{
    const char *text = "", *last = NULL;
    for (int i = 0; i < sweep->point_count; i++) {
        const char *value = sweep->points[i].values[at];
        bool is_new = !last || strcmp(value, last) != 0;
        for (int k = 0; k < i && is_new; k++)
            is_new = strcmp(sweep->points[k].values[at], value) != 0;
        if (is_new)
            text = arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "", value);
        last = value;
    }
    return text;
}

static void print_parameters(struct arena *arena, const struct sweep *sweep)
{
    int width = 0;
    for (int i = 0; i < sweep->parameter_count; i++)
        width = MAX(width, text_columns(sweep->parameters[i].key));
    for (int i = 0; i < sweep->parameter_count; i++) {
        const struct sweep_parameter *parameter = &sweep->parameters[i];
        const char *text = sweep->search == SWEEP_GRID ? grid_text(arena, sweep, i)
                                                       : values_text(arena, parameter);
        printf("  %-*s  %s\n", width, text_clean(arena, parameter->key, 100),
               text_clean(arena, text, 1000));
    }
}

static const char *search_text(struct arena *arena, const struct sweep *sweep)
{
    if (sweep->search == SWEEP_GRID)
        return "every combination";
    return arena_printf(arena, "%d points %s", sweep->point_count,
                        sweep->search == SWEEP_RANDOM ? "at random" : "of a Sobol sequence");
}

static void print_halving(struct arena *arena, const struct sweep *sweep)
{
    const char *text = "";
    for (int i = 0; i < sweep->rung_count; i++)
        text = arena_printf(arena, "%s%s%s", text, i > 0 ? ", " : "",
                            format_count(arena, (double)sweep->rungs[i]));
    if (sweep->halving && sweep->rung_count > 1)
        printf("halving  of %d that have done %s steps the best goes on\n", sweep->halving, text);
    else if (sweep->halving)
        printf("halving  none: there are too few points or steps for it\n");
}

static void print_time(struct arena *arena, const struct sweep *sweep, const struct cost *cost)
{
    if (sweep->command)
        printf("time     unknown: it is a command's\n");
    else if (isnan(cost->seconds))
        printf("time     unknown: no earlier run tells\n");
    else
        printf("time     about %s, by run %lld%s\n", format_duration(arena, cost->seconds),
               (long long)cost->by_run, cost->is_same ? "" : ", whose steps cost other than these");
}

static void print_plan(const struct sweep *sweep, const struct config *config,
                       const struct cost *cost, int jobs)
{
    struct arena arena = { 0 };
    struct sweep_goal goal;
    int runs = sweep->point_count * sweep->seed_count;
    printf("sweep %s: %s point%s, %d seed%s each: %s run%s\n", sweep->name,
           format_count(&arena, sweep->point_count), sweep->point_count == 1 ? "" : "s",
           sweep->seed_count, sweep->seed_count == 1 ? "" : "s", format_count(&arena, runs),
           runs == 1 ? "" : "s");
    print_parameters(&arena, sweep);
    printf("search   %s\n", search_text(&arena, sweep));
    if (sweep->goal && sweep_goal_parse(&arena, sweep->goal, config, &goal) == 0)
        printf("goal     %s, the %s the better\n", text_clean(&arena, sweep->goal, 100),
               goal.is_smaller_better ? "smaller" : "larger");
    print_halving(&arena, sweep);
    if (sweep->is_on_slurm && sweep->jobs == 0)
        printf("at once  as many as Slurm lets work\n");
    else
        printf("at once  %d run%s%s\n", jobs, jobs == 1 ? "" : "s",
               sweep->is_on_slurm ? ", in Slurm" : "");
    print_time(&arena, sweep, cost);
    if (sweep->command && sweep->seed_count > 1 && !sweep_mentions(sweep->command, "seed"))
        printf("note: no word of the command holds '{seed}': the runs of a point repeat it\n");
    fflush(stdout);
    arena_release(&arena);
}

/* --- the whole --- */

static bool is_wanted(const struct arguments *arguments)
{
    struct terminal input, output;
    char answer[16];
    if (option_given(arguments, "dry-run"))
        return false;
    if (option_given(arguments, "yes"))
        return true;
    terminal_probe(&input, stdin);
    terminal_probe(&output, stdout);
    if (!input.is_terminal || !output.is_terminal) {
        printf("nothing was started; --yes starts it\n");
        return false;
    }
    printf("start? [y/N] ");
    fflush(stdout);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int start(struct arguments *arguments, struct sweep *sweep)
{
    struct store store;
    int error = store_open(&store, option_text(arguments, "store"), STORE_MAKE);
    if (!error) {
        const char *message =
            arena_printf(&sweep->arena, "gander: work tree of sweep %s", sweep->name);
        code_snapshot(&sweep->arena, &sweep->code, &store, sweep->cwd, message);
        if (sweep->code.missing)
            fprintf(stderr, "note: %s\n", text_clean(&sweep->arena, sweep->code.missing, 1000));
        error = sweep_create(sweep, &store);
    }
    if (!error)
        error = conductor_start(&store, sweep->name);
    store_release(&store);
    if (!error)
        printf("show    gander sweep show %s\nstop    gander sweep stop %s\n", sweep->name,
               sweep->name);
    return error;
}

/* Where there is a store, it knows which names are taken and how long such runs took. */
static int look_at_store(struct arguments *arguments, struct sweep *sweep, struct store *store,
                         struct config *config, bool *has_store)
{
    int error = store_open(store, option_text(arguments, "store"), STORE_FIND);
    *has_store = !error;
    if (error && error != ERR_NOT_FOUND)
        return error;
    if (!sweep->name)
        sweep->name = *has_store ? sweep_free_name(&sweep->arena, store, sweep->experiment)
                                 : arena_printf(&sweep->arena, "%.50s-1", sweep->experiment);
    else if (*has_store && run_name_check(sweep->name) == 0 &&
             directory_exists(sweep_directory(&sweep->arena, store, sweep->name)))
        return fail(ERR_EXISTS, "there is a sweep '%s' already ('gander sweep resume %s' goes on)",
                    sweep->name, sweep->name);
    return config_read_for(config, *has_store ? store : NULL);
}

static int choose_place(const struct arguments *arguments, struct sweep *sweep,
                        const struct config *config)
{
    enum launch_place on;
    if (option_place(arguments, &on) < 0)
        return ERR_INVALID;
    sweep->is_on_slurm =
        on == LAUNCH_SLURM || (on == LAUNCH_AS_CONFIGURED && config->launcher == LAUNCHER_SLURM);
    return sweep->is_on_slurm ? slurm_check() : 0;
}

/* Of very many points some: what cannot be launched of the others its conductor says, and leaves. */
static int prepare(struct sweep *sweep, const struct config *config)
{
    struct sweep_goal goal;
    choose_goal(sweep);
    int error = sweep_goal_parse(&sweep->arena, sweep->goal, config, &goal);
    if (!error)
        error = sweep_complete(sweep);
    int apart = MAX(sweep->point_count / CHECKED_POINTS, 1);
    for (int i = 0; i < sweep->point_count && !error; i += apart)
        error = check_point(sweep, i);
    return error;
}

enum exit_status sweep_begin(struct arguments *arguments)
{
    struct sweep sweep = { .name = NULL };
    struct store store = { .path = NULL };
    struct config config = { .slots = 0 };
    struct cost cost;
    bool has_store = false;
    enum exit_status status = STATUS_DONE;
    int error = read_words(arguments, &sweep);
    if (!error)
        error = look_at_store(arguments, &sweep, &store, &config, &has_store);
    if (!error)
        error = prepare(&sweep, &config);
    if (!error)
        error = choose_place(arguments, &sweep, &config);
    if (!error) {
        int threads = sweep.has_recipe ? sweep.recipe.training.threads : 0;
        int jobs = sweep.jobs > 0      ? sweep.jobs
                   : sweep.is_on_slurm ? sweep.point_count * sweep.seed_count
                                       : queue_limit(0, &config, threads);
        estimate(&sweep, has_store ? &store : NULL, wall_clock(), jobs, &cost);
        print_plan(&sweep, &config, &cost, jobs);
        if (is_wanted(arguments))
            error = start(arguments, &sweep);
    }
    if (error)
        status = command_failed(arguments);
    config_release(&config);
    store_release(&store);
    sweep_release(&sweep);
    return status;
}
