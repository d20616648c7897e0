/* Runs are launched, go on, and are asked to stop. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "conductor_state.h"
#include "run/control.h"
#include "run/launch.h"

static void count_effort(struct conductor *conductor, int64_t run)
{
    for (int i = 0; i < conductor->effort_count; i++)
        if (conductor->efforts[i].run == run) {
            conductor->efforts[i].times++;
            return;
        }
    conductor->efforts = xrealloc(conductor->efforts, (size_t)conductor->effort_count + 1,
                                  sizeof *conductor->efforts);
    conductor->efforts[conductor->effort_count++] = (struct effort){ run, 1 };
}

static int say_begun(struct conductor *conductor, const struct choice *choice, bool is_again)
{
    struct arena arena = { 0 };
    const struct sweep *sweep = &conductor->sweep;
    const struct trial *trial = &conductor->trials.list[choice->trial];
    struct json *line = json_new_object(), *values = json_new_array();
    const char *const *words = sweep_values(&arena, sweep, trial->point);
    for (; *words; words++)
        json_push_string(values, *words);
    json_set_integer(line, "run", trial->run);
    json_set(line, "values", values);
    json_set_integer(line, "seed", sweep->seeds[trial->seed]);
    if (sweep->rungs[choice->rung] > 0)
        json_set_integer(line, "steps", sweep->rungs[choice->rung]);
    if (is_again)
        json_set_bool(line, "again", true);
    arena_release(&arena);
    return conductor_say(conductor, line);
}

static void take_in_hand(struct conductor *conductor, const struct choice *choice, int64_t run)
{
    struct trial *trial = &conductor->trials.list[choice->trial];
    trial->run = run;
    if (!conductor->sweep.command)
        for (int i = 0; i < SWEEP_RUNGS; i++)
            trial->runs[i] = run;
    trial->runs[choice->rung] = run;
    trial->rung = choice->rung;
    trial->standing = TRIAL_LIVE;
    conductor->trials.seen = MAX(conductor->trials.seen, run);
    conductor->hands[choice->trial].is_asked = false;
    conductor->live++;
    conductor_watch(conductor, run, true);
    count_effort(conductor, run);
}

/* 0 for the whole training. */
static int64_t until_of(const struct sweep *sweep, int rung)
{
    return rung < sweep->rung_count - 1 || sweep->command ? sweep->rungs[rung] : 0;
}

/* --- new runs --- */

/* What somebody would have typed for such a run, NULL-terminated. */
static const char *const *typed(struct arena *arena, const struct sweep *sweep,
                                const char *const *values, int64_t seed, const char *const *command)
{
    int count = 0, at = 0;
    while (command && command[count])
        count++;
    const char **words =
        arena_alloc(arena, (size_t)count + 2 * (size_t)sweep->parameter_count + 8, sizeof *words);
    words[at++] = "gander";
    words[at++] = "run";
    for (int i = 0; !command && values[i]; i++) {
        words[at++] = "-s";
        words[at++] = values[i];
    }
    words[at++] = command ? "--" : "-s";
    if (!command)
        words[at++] = arena_printf(arena, "training.seed=%lld", (long long)seed);
    for (int i = 0; i < count; i++)
        words[at++] = command[i];
    if (!command)
        words[at++] = path_join(arena, sweep->directory, "recipe.ini");
    return words;
}

static int launch(struct conductor *conductor, const struct launch *launch, int64_t *run)
{
    struct launched launched;
    int error = launch_check(&launched, launch);
    if (!error)
        error = launch_run(&launched, conductor->store, launch);
    if (!error)
        for (const char *const *remark = launched.remarks; *remark; remark++)
            conductor_log("run %lld: %s", (long long)launched.number, *remark);
    *run = launched.number;
    arena_release(&launched.arena);
    return error;
}

/* What cannot be made of this point may be made of another; what the system refuses, of none. */
static int refuse(struct conductor *conductor, const struct choice *choice, int error)
{
    conductor_log("%s", error_text());
    conductor->hands[choice->trial].is_refused = true;
    if (error != ERR_INVALID)
        conductor->why_failed = xstrdup(error_text());
    return error == ERR_INVALID ? 0 : error;
}

static int begin_new(struct conductor *conductor, const struct choice *choice)
{
    struct arena arena = { 0 };
    const struct sweep *sweep = &conductor->sweep;
    const struct trial *trial = &conductor->trials.list[choice->trial];
    struct recipe recipe;
    int64_t run = 0, seed = sweep->seeds[trial->seed], until = until_of(sweep, choice->rung);
    struct run_place place = { .id = sweep->id, .name = sweep->name, .seed = seed, .until = until };
    place.base = conductor->trials.base;
    place.values = sweep_values(&arena, sweep, trial->point);
    struct launch what = { .experiment = sweep->experiment,
                           .cwd = sweep->cwd,
                           .slots = sweep->jobs,
                           .on = LAUNCH_LOCAL,
                           .array = sweep->is_on_slurm ? &conductor->array : NULL,
                           .code = &sweep->code,
                           .parent = trial->run,
                           .seed = seed,
                           .place = &place };
    int error = 0;
    if (sweep->command)
        what.command = sweep_command(&arena, sweep, trial->point, seed, until);
    else
        error = sweep_recipe(&recipe, sweep, trial->point, seed);
    bool has_recipe = !sweep->command && !error;
    if (has_recipe) {
        recipe.training.until = (int)until;
        what.recipe = &recipe;
    }
    what.argv = typed(&arena, sweep, place.values, seed, what.command);
    if (!error)
        error = launch(conductor, &what, &run);
    if (has_recipe)
        recipe_release(&recipe);
    arena_release(&arena);
    if (error)
        return refuse(conductor, choice, error);
    take_in_hand(conductor, choice, run);
    return say_begun(conductor, choice, false);
}

/* --- runs that go on --- */

static int go_on(struct conductor *conductor, const struct choice *choice)
{
    struct arena arena = { 0 };
    const struct sweep *sweep = &conductor->sweep;
    struct trial *trial = &conductor->trials.list[choice->trial];
    const char *settings[2];
    int count = 0;
    if (sweep->has_recipe) {
        int64_t until = until_of(sweep, choice->rung);
        settings[count++] = arena_printf(&arena, "training.until=%lld", (long long)until);
        settings[count++] = arena_printf(&arena, "training.steps=%d", sweep->recipe.training.steps);
    }
    int error =
        sweep->is_on_slurm
            ? launch_again_in(&conductor->array, conductor->store, trial->run, settings, count)
            : launch_again(conductor->store, trial->run, settings, count, LAUNCH_LOCAL);
    arena_release(&arena);
    if (error == ERR_BUSY) { /* its worker is just going */
        conductor->is_busy = true;
        return 0;
    }
    if (error == ERR_EXISTS) {
        trial->standing = TRIAL_REACHED;
        trial->rung = choice->rung;
        return trial_values(conductor->hands[choice->trial].values, trial, conductor->store, sweep,
                            &conductor->goal);
    }
    if (error) {
        conductor_log("%s", error_text());
        conductor->hands[choice->trial].is_refused = true;
        return 0;
    }
    take_in_hand(conductor, choice, trial->run);
    return say_begun(conductor, choice, true);
}

/* A command goes on where it was broken off; to a higher rung it begins anew. */
int conductor_begin(struct conductor *conductor, const struct choice *choice)
{
    const struct trial *trial = &conductor->trials.list[choice->trial];
    bool is_new =
        trial->run == 0 || (conductor->sweep.command && trial->runs[choice->rung] != trial->run);
    return is_new ? begin_new(conductor, choice) : go_on(conductor, choice);
}

void conductor_ask_to_stop(struct conductor *conductor, int trial, const char *health)
{
    int64_t run = conductor->trials.list[trial].run;
    struct json *line = json_new_object();
    conductor->hands[trial].is_asked = true;
    json_set_integer(line, "run", run);
    json_set_string(line, "gave_up", health);
    conductor_say(conductor, line);
    if (control_ask(conductor->store, run, CONTROL_STOP, wall_clock()) < 0)
        conductor_log("%s", error_text());
}
