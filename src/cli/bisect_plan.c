/* The plan of a bisect: its words, its file, its lock. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "bisect.h"
#include "run/resolve.h"
#include "show/index.h"

enum { PLAN_LIMIT = 1 << 20, MOST_JOBS = 1024, NAMES = 1000 };

static const char *place_of(const struct bisect *bisect, const char *name)
{
    return arena_printf(bisect->arena, "%s/bisects/%s", bisect->store.path, name);
}

/* --- from options --- */

static int read_run(struct bisect *bisect, const char *option, int64_t *number)
{
    const char *text = option_text(bisect->arguments, option);
    if (!text)
        return fail(ERR_INVALID, "option '--%s' is missing: which run is %s?", option, option);
    return run_resolve(&bisect->store, text, number);
}

/* The measure that evaluation takes, where the run has it. */
static int choose_goal(struct bisect *bisect)
{
    struct index index = { 0 };
    struct run_metric *rows;
    int count = 0;
    bisect->plan.goal = option_text(bisect->arguments, "goal");
    if (bisect->plan.goal)
        return 0;
    const char *path = bisect->store.path;
    int error = index_open_stores(&index, &path, 1, INDEX_NOW, 0);
    if (!error)
        error = catalogue_metrics(index.places[0].catalogue, &index.arena, &bisect->plan.bad, 1,
                                  "frechet", &rows, &count);
    bool has_it = !error && count > 0 && rows[0].points > 0;
    if (!error)
        index_close(&index);
    if (error)
        return error;
    if (!has_it)
        return fail(ERR_INVALID, "which measure got worse? --goal METRIC says it");
    bisect->plan.goal = "frechet";
    return 0;
}

int bisect_read_options(struct bisect *bisect)
{
    struct bisect_plan *plan = &bisect->plan;
    int64_t seeds = 3, jobs = 0;
    if (option_integer(bisect->arguments, "seeds", 2, BISECT_SEEDS, &seeds) < 0 ||
        option_integer(bisect->arguments, "jobs", 1, MOST_JOBS, &jobs) < 0)
        return ERR_INVALID;
    int error = read_run(bisect, "good", &plan->good);
    if (!error)
        error = read_run(bisect, "bad", &plan->bad);
    if (!error)
        error = choose_goal(bisect);
    plan->seeds = (int)seeds;
    plan->jobs = (int)jobs;
    plan->build = option_text(bisect->arguments, "build");
    plan->template = bisect->arguments->rest;
    if (!error && plan->template && !plan->template[0])
        error = fail(ERR_INVALID, "a command is missing after '--'");
    return error;
}

/* --- its file --- */

static char *plan_text(const struct bisect_plan *plan)
{
    struct json *root = json_new_object();
    json_set_integer(root, "good", plan->good);
    json_set_integer(root, "bad", plan->bad);
    json_set_string(root, "goal", plan->goal);
    json_set_integer(root, "seeds", plan->seeds);
    json_set_integer(root, "jobs", plan->jobs);
    if (plan->build)
        json_set_string(root, "build", plan->build);
    if (plan->template) {
        struct json *words = json_new_array();
        for (const char *const *word = plan->template; *word; word++)
            json_push_string(words, *word);
        json_set(root, "command", words);
    }
    char *text = json_text(root, 2);
    json_free(root);
    return text;
}

static const char *copy(struct arena *arena, const struct json *value)
{
    const char *text = json_get_string(value);
    return text ? arena_strdup(arena, text) : NULL;
}

static int take_plan(struct bisect *bisect, const struct json *root)
{
    struct arena *arena = bisect->arena;
    struct bisect_plan *plan = &bisect->plan;
    int64_t seeds = 0, jobs = 0;
    const struct json *words = json_member(root, "command");
    plan->goal = copy(arena, json_member(root, "goal"));
    plan->build = copy(arena, json_member(root, "build"));
    bool is_whole = json_get_integer(json_member(root, "good"), &plan->good) &&
                    json_get_integer(json_member(root, "bad"), &plan->bad) &&
                    json_get_integer(json_member(root, "seeds"), &seeds) && seeds >= 2 &&
                    seeds <= BISECT_SEEDS && plan->goal;
    json_get_integer(json_member(root, "jobs"), &jobs);
    plan->seeds = (int)seeds;
    plan->jobs = (int)MAX(0, MIN(jobs, MOST_JOBS));
    if (words) {
        const char **all = arena_alloc(arena, json_length(words) + 1, sizeof *all);
        for (size_t i = 0; i < json_length(words); i++) {
            all[i] = copy(arena, json_item(words, i));
            is_whole = is_whole && all[i];
        }
        is_whole = is_whole && all[0];
        plan->template = all;
    }
    return is_whole ? 0 : fail(ERR_INVALID, "the plan of bisect '%s' is not whole", plan->name);
}

int bisect_read_plan(struct bisect *bisect, const char *name)
{
    struct json *root = NULL;
    char *text;
    size_t size;
    bisect->plan.name = name;
    if (!path_is_below(name) || strchr(name, '/'))
        return fail(ERR_NOT_FOUND, "there is no bisect '%.80s'", name);
    const char *path = path_join(bisect->arena, place_of(bisect, name), "plan.json");
    int error = file_read(path, PLAN_LIMIT, &text, &size);
    if (error)
        return error == ERR_NOT_FOUND ? fail(error, "there is no bisect '%s'", name) : error;
    error = json_parse(&root, text, size);
    if (error)
        fail_prefix("'%s'", path);
    else
        error = take_plan(bisect, root);
    json_free(root);
    free(text);
    return error;
}

/* --- taking it in hand --- */

static bool is_same_plan(const char *path, const char *text)
{
    char *there;
    size_t size;
    if (file_read(path, PLAN_LIMIT, &there, &size) < 0)
        return false;
    bool is_same = strcmp(there, text) == 0;
    free(there);
    return is_same;
}

/* The same words again mean the same bisect; others with these runs get a name of their own. */
static int find_or_make(struct bisect *bisect)
{
    struct arena *arena = bisect->arena;
    char *text = plan_text(&bisect->plan);
    int error = ERR_EXISTS;
    for (int i = 1; error == ERR_EXISTS && i < NAMES; i++) {
        const char *base = arena_printf(arena, "%lld-%lld", (long long)bisect->plan.good,
                                        (long long)bisect->plan.bad);
        bisect->plan.name = i == 1 ? base : arena_printf(arena, "%s-%d", base, i);
        const char *directory = place_of(bisect, bisect->plan.name);
        const char *path = path_join(arena, directory, "plan.json");
        if (is_same_plan(path, text)) {
            error = 0;
        } else if (!file_exists(path)) {
            error = make_directories(directory);
            if (!error)
                error = file_replace(path, text, strlen(text));
        }
    }
    free(text);
    return error;
}

int bisect_take(struct bisect *bisect)
{
    int error = bisect->plan.name ? 0 : find_or_make(bisect);
    if (error)
        return error;
    bisect->directory = place_of(bisect, bisect->plan.name);
    error = lock_take(path_join(bisect->arena, bisect->directory, "lock"), &bisect->lock);
    return error == ERR_BUSY
               ? fail(error, "bisect '%s' is being worked at already", bisect->plan.name)
               : error;
}

/* --- what came of it --- */

int bisect_keep_result(const struct bisect *bisect)
{
    static const char *const words[] = { "open", "good", "bad", "skipped" };
    struct json *root = json_new_object(), *suspects = json_new_array(), *list = json_new_array();
    for (int i = 0; i < bisect->count; i++) {
        const struct bisect_commit *commit = &bisect->tried[i];
        if (hunt_suspects(&bisect->hunt, i))
            json_push_string(suspects, commit->id);
        if (commit->verdict == BISECT_OPEN)
            continue;
        struct json *object = json_new_object();
        json_set_string(object, "commit", commit->id);
        json_set_string(object, "verdict", words[commit->verdict]);
        if (commit->why)
            json_set_string(object, "why", commit->why);
        json_push(list, object);
    }
    json_set(root, "first_bad", suspects);
    json_set(root, "tested", list);
    char *text = json_text(root, 2);
    int error = file_replace(path_join(bisect->arena, bisect->directory, "result.json"), text,
                             strlen(text));
    free(text);
    json_free(root);
    return error;
}
