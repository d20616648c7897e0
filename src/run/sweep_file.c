/* sweep.json, to and from. What is read was perhaps edited, or made by somebody else: all of it is
 * checked. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "run/resolve.h"
#include "sweep_parts.h"

enum { PLAN_LIMIT = 1 << 22 /* bytes */, WORDS_LIMIT = 10000 };

static const char *const search_names[] = { "grid", "random", "quasi" };

char *sweep_directory(struct arena *arena, const struct store *store, const char *name)
{
    return arena_printf(arena, "%s/sweeps/%s", store->path, name);
}

int sweep_list(struct arena *arena, const struct store *store, char ***names, int *count)
{
    const char *folder = path_join(arena, store->path, "sweeps");
    *names = NULL;
    *count = 0;
    if (!directory_exists(folder))
        return 0;
    int error = list_directory(arena, folder, "", names, count), kept = 0;
    for (int i = 0; !error && i < *count; i++)
        if (run_name_check((*names)[i]) == 0)
            (*names)[kept++] = (*names)[i];
    *count = kept;
    return error;
}

/* --- writing --- */

static struct json *word_list(const char *const *words)
{
    struct json *list = json_new_array();
    for (; words && *words; words++)
        json_push_string(list, *words);
    return list;
}

static struct json *parameter_json(const struct sweep_parameter *parameter)
{
    struct json *object = json_new_object();
    json_set_string(object, "key", parameter->key);
    if (parameter->values) {
        struct json *values = json_new_array();
        for (int i = 0; i < parameter->value_count; i++)
            json_push_string(values, parameter->values[i]);
        json_set(object, "values", values);
        return object;
    }
    json_set_number(object, "low", parameter->low);
    json_set_number(object, "high", parameter->high);
    json_set_string(object, "scale", parameter->is_log ? "log" : "linear");
    if (parameter->is_whole)
        json_set_bool(object, "whole", true);
    if (parameter->count > 0)
        json_set_integer(object, "count", parameter->count);
    return object;
}

static void set_search(struct json *root, const struct sweep *sweep)
{
    struct json *parameters = json_new_array(), *seeds = json_new_array();
    for (int i = 0; i < sweep->parameter_count; i++)
        json_push(parameters, parameter_json(&sweep->parameters[i]));
    for (int i = 0; i < sweep->seed_count; i++)
        json_push_integer(seeds, sweep->seeds[i]);
    json_set(root, "parameters", parameters);
    json_set_string(root, "search", search_names[sweep->search]);
    if (sweep->search != SWEEP_GRID) {
        json_set_integer(root, "points", sweep->wanted);
        json_set_integer(root, "draw", (int64_t)sweep->draw);
    }
    json_set(root, "seeds", seeds);
}

static char *plan_text(const struct sweep *sweep)
{
    struct json *root = json_new_object();
    json_set_string(root, "id", sweep->id);
    json_set_string(root, "name", sweep->name);
    json_set_string(root, "experiment", sweep->experiment);
    json_set_string(root, "user", sweep->user);
    json_set_number(root, "created", (double)(int64_t)(sweep->created * 1000) / 1000);
    json_set(root, "argv", word_list(sweep->argv));
    json_set_string(root, "cwd", sweep->cwd);
    json_set_string(root, "top", sweep->code.top);
    json_set(root, "git", code_json(&sweep->code));
    if (sweep->command)
        json_set(root, "command", word_list(sweep->command));
    if (sweep->steps > 0)
        json_set_integer(root, "steps", sweep->steps);
    set_search(root, sweep);
    if (sweep->goal)
        json_set_string(root, "goal", sweep->goal);
    json_set_string(root, "on", sweep->is_on_slurm ? "slurm" : "local");
    json_set_integer(root, "jobs", sweep->jobs);
    json_set_integer(root, "halving", sweep->halving);
    json_set_integer(root, "least", sweep->least);
    json_set(root, "give_up", word_list(sweep->give_up));
    json_set_integer(root, "breaker", sweep->breaker);
    char *text = json_text(root, 2);
    json_free(root);
    return text;
}

static int make_id(struct sweep *sweep)
{
    unsigned char bytes[16];
    char *id = arena_alloc(&sweep->arena, 2 * sizeof bytes + 1, 1);
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return fail(ERR_IO, "the system gives no random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    sweep->id = id;
    return 0;
}

static int fill(const struct sweep *sweep, const char *directory)
{
    struct arena arena = { 0 };
    char *plan = plan_text(sweep);
    const char *text = arena_printf(&arena, "%s\n", plan);
    int error = make_directories(directory);
    if (!error && sweep->has_recipe) {
        const char *ini = recipe_text(&arena, &sweep->recipe);
        error = file_create(path_join(&arena, directory, "recipe.ini"), ini, strlen(ini), true);
    }
    if (!error)
        error = file_create(path_join(&arena, directory, "sweep.json"), text, strlen(text), true);
    free(plan);
    arena_release(&arena);
    return error;
}

int sweep_create(struct sweep *sweep, const struct store *store)
{
    struct arena *arena = &sweep->arena;
    int error = make_id(sweep);
    if (error)
        return error;
    const char *folder = path_join(arena, store->path, "sweeps");
    const char *hidden = arena_printf(arena, ".new-%s", sweep->id);
    const char *prepared = path_join(arena, folder, hidden);
    sweep->directory = sweep_directory(arena, store, sweep->name);
    error = fill(sweep, prepared);
    if (!error && rename(prepared, sweep->directory) < 0)
        error = errno == EEXIST || errno == ENOTEMPTY
                    ? fail(ERR_EXISTS, "there is a sweep '%s' already", sweep->name)
                    : fail(ERR_IO, "cannot make '%s': %s", sweep->directory, strerror(errno));
    if (!error)
        return directory_sync(folder);
    const char *sentence = arena_strdup(arena, error_text());
    remove_tree(folder, hidden);
    return fail(error, "%s", sentence);
}

char *sweep_free_name(struct arena *arena, const struct store *store, const char *experiment)
{
    enum { LONGEST = 50 };
    for (int i = 1;; i++) {
        char *name = arena_printf(arena, "%.*s-%d", LONGEST, experiment, i);
        if (!directory_exists(sweep_directory(arena, store, name)))
            return name;
    }
}

/* --- reading --- */

static int get_integer(const struct json *root, const char *key, int64_t most, int64_t *out)
{
    const struct json *value = json_member(root, key);
    if (!value || (json_get_integer(value, out) && *out >= 0 && *out <= most))
        return 0;
    return fail(ERR_INVALID, "'%s' must be a whole number from 0 to %lld", key, (long long)most);
}

static int get_int(const struct json *root, const char *key, int *out)
{
    int64_t value = *out;
    int error = get_integer(root, key, INT32_MAX, &value);
    *out = (int)value;
    return error;
}

static const char *get_text(struct arena *arena, const struct json *root, const char *key)
{
    const char *text = json_get_string(json_member(root, key));
    return text ? arena_strdup(arena, text) : NULL;
}

/* *out stays NULL where there is no such member. */
static int get_words(struct arena *arena, const struct json *root, const char *key,
                     const char *const **out)
{
    const struct json *list = json_member(root, key);
    size_t length = json_length(list);
    if (!list)
        return 0;
    if (!json_is_array(list) || length > WORDS_LIMIT)
        return fail(ERR_INVALID, "'%s' must be a list of words", key);
    const char **words = arena_alloc(arena, length + 1, sizeof *words);
    for (size_t i = 0; i < length; i++) {
        const char *word = json_get_string(json_item(list, i));
        if (!word)
            return fail(ERR_INVALID, "'%s' must be a list of words", key);
        words[i] = arena_strdup(arena, word);
    }
    *out = words;
    return 0;
}

/* Words, and numbers as people write them into a file. */
static int read_values(struct arena *arena, const struct json *list, struct sweep_parameter *out)
{
    size_t length = json_length(list);
    if (!json_is_array(list) || length < 1 || length > SWEEP_VALUES)
        return fail(ERR_INVALID, "parameter '%.60s' must have from 1 to %d values", out->key,
                    SWEEP_VALUES);
    const char **values = arena_alloc(arena, length + 1, sizeof *values);
    for (size_t i = 0; i < length; i++) {
        double number;
        const char *word = json_get_string(json_item(list, i));
        if (word)
            values[i] = arena_strdup(arena, word);
        else if (json_get_number(json_item(list, i), &number))
            values[i] = format_real(arena, number);
        else
            return fail(ERR_INVALID, "parameter '%.60s': a value is neither word nor number",
                        out->key);
    }
    out->values = values;
    out->value_count = (int)length;
    return 0;
}

static int read_range(const struct json *object, struct sweep_parameter *out)
{
    const char *scale = json_get_string(json_member(object, "scale"));
    if (!json_get_number(json_member(object, "low"), &out->low) ||
        !json_get_number(json_member(object, "high"), &out->high))
        return fail(ERR_INVALID, "parameter '%.60s' has neither 'values' nor 'low' and 'high'",
                    out->key);
    if (scale && strcmp(scale, "log") != 0 && strcmp(scale, "linear") != 0)
        return fail(ERR_INVALID, "parameter '%.60s': 'scale' is 'linear' or 'log', not '%.40s'",
                    out->key, scale);
    out->is_log = scale && strcmp(scale, "log") == 0;
    json_get_bool(json_member(object, "whole"), &out->is_whole);
    int error = get_int(object, "count", &out->count);
    if (!error && (out->count == 1 || out->count > SWEEP_VALUES))
        error = fail(ERR_INVALID, "parameter '%.60s': 'count' must be from 2 to %d", out->key,
                     SWEEP_VALUES);
    return error;
}

static int read_parameters(struct sweep *sweep, const struct json *root)
{
    const struct json *list = json_member(root, "parameters");
    size_t length = json_length(list);
    if (!json_is_array(list) || length > SWEEP_PARAMETERS)
        return fail(ERR_INVALID, "'parameters' must be a list of at most %d", SWEEP_PARAMETERS);
    struct sweep_parameter *parameters = arena_alloc(&sweep->arena, length + 1, sizeof *parameters);
    for (size_t i = 0; i < length; i++) {
        const struct json *object = json_item(list, i), *values = json_member(object, "values");
        parameters[i].key = get_text(&sweep->arena, object, "key");
        if (!parameters[i].key)
            return fail(ERR_INVALID, "parameter %zu has no 'key'", i + 1);
        int error = values ? read_values(&sweep->arena, values, &parameters[i])
                           : read_range(object, &parameters[i]);
        if (error)
            return error;
    }
    sweep->parameters = parameters;
    sweep->parameter_count = (int)length;
    return 0;
}

static int read_seeds(struct sweep *sweep, const struct json *root)
{
    const struct json *list = json_member(root, "seeds");
    size_t length = json_length(list);
    if (!json_is_array(list) || length > SWEEP_SEEDS)
        return fail(ERR_INVALID, "'seeds' must be a list of at most %d whole numbers", SWEEP_SEEDS);
    int64_t *seeds = arena_alloc(&sweep->arena, length + 1, sizeof *seeds);
    for (size_t i = 0; i < length; i++)
        if (!json_get_integer(json_item(list, i), &seeds[i]))
            return fail(ERR_INVALID, "'seeds' must be a list of whole numbers");
    sweep->seeds = seeds;
    sweep->seed_count = (int)length;
    return 0;
}

static int read_search(struct sweep *sweep, const struct json *root)
{
    const char *search = json_get_string(json_member(root, "search"));
    int64_t draw = 1;
    for (int i = 0; i < ARRAY_SIZE(search_names); i++)
        if (search && strcmp(search, search_names[i]) == 0) {
            sweep->search = (enum sweep_search)i;
            int error = get_int(root, "points", &sweep->wanted);
            if (!error)
                error = get_integer(root, "draw", INT64_MAX, &draw);
            sweep->draw = (uint64_t)draw;
            return error;
        }
    return fail(ERR_INVALID, "'search' must be 'grid', 'random' or 'quasi'");
}

static int read_origin(struct sweep *sweep, const struct json *root)
{
    struct arena *arena = &sweep->arena;
    sweep->id = get_text(arena, root, "id");
    sweep->experiment = get_text(arena, root, "experiment");
    sweep->user = get_text(arena, root, "user");
    sweep->cwd = get_text(arena, root, "cwd");
    sweep->goal = get_text(arena, root, "goal");
    json_get_number(json_member(root, "created"), &sweep->created);
    code_read(arena, &sweep->code, json_member(root, "git"));
    if (!sweep->code.top)
        sweep->code.top = get_text(arena, root, "top");
    if (!sweep->id || !*sweep->id || !sweep->experiment || run_name_check(sweep->experiment) < 0)
        return fail(ERR_INVALID, "it needs an 'id' and an 'experiment'");
    if (!sweep->cwd || sweep->cwd[0] != '/')
        return fail(ERR_INVALID, "'cwd' must be an absolute path");
    return 0;
}

/* Plans of before there was a choice do not say. */
static int read_place(struct sweep *sweep, const struct json *root)
{
    const char *on = json_get_string(json_member(root, "on"));
    sweep->is_on_slurm = on && strcmp(on, "slurm") == 0;
    if (json_member(root, "on") && !sweep->is_on_slurm && (!on || strcmp(on, "local") != 0))
        return fail(ERR_INVALID, "'on' must be 'local' or 'slurm'");
    return 0;
}

static int read_numbers(struct sweep *sweep, const struct json *root)
{
    int error;
    if ((error = get_int(root, "jobs", &sweep->jobs)) < 0 ||
        (error = get_int(root, "halving", &sweep->halving)) < 0 ||
        (error = get_int(root, "breaker", &sweep->breaker)) < 0 ||
        (error = get_integer(root, "least", INT64_C(1000000000000), &sweep->least)) < 0)
        return error;
    return get_integer(root, "steps", INT64_C(1000000000000), &sweep->steps);
}

static int read_all(struct sweep *sweep, const struct json *root)
{
    static const char *const none[] = { NULL };
    struct arena *arena = &sweep->arena;
    int error;
    sweep->give_up = sweep->argv = none;
    if (!json_is_object(root))
        return fail(ERR_INVALID, "it is no object");
    if ((error = read_origin(sweep, root)) < 0 || (error = read_numbers(sweep, root)) < 0 ||
        (error = read_place(sweep, root)) < 0 || (error = read_search(sweep, root)) < 0 ||
        (error = read_parameters(sweep, root)) < 0 || (error = read_seeds(sweep, root)) < 0 ||
        (error = get_words(arena, root, "argv", &sweep->argv)) < 0 ||
        (error = get_words(arena, root, "give_up", &sweep->give_up)) < 0 ||
        (error = get_words(arena, root, "command", &sweep->command)) < 0)
        return error;
    if (sweep->command && !sweep->command[0])
        return fail(ERR_INVALID, "'command' has no words");
    if (!sweep->command) {
        error =
            recipe_read(&sweep->recipe, path_join(arena, sweep->directory, "recipe.ini"), NULL, 0);
        sweep->has_recipe = !error;
    }
    return error ? error : sweep_complete(sweep);
}

static int fail_unknown(struct sweep *sweep, const struct store *store)
{
    char **names;
    int count;
    const char *nearest = NULL;
    if (sweep_list(&sweep->arena, store, &names, &count) == 0 && count > 0)
        nearest =
            text_nearest(sweep->name, (const char *const *)(uintptr_t)names, count, sizeof *names);
    return fail(ERR_NOT_FOUND, "there is no sweep '%.80s'%s%s%s", sweep->name,
                nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

int sweep_read(struct sweep *out, const struct store *store, const char *name)
{
    char *data;
    size_t size;
    struct json *root;
    *out = (struct sweep){ .search = SWEEP_GRID };
    out->name = arena_strdup(&out->arena, name);
    if (run_name_check(name) < 0)
        return fail_unknown(out, store);
    out->directory = sweep_directory(&out->arena, store, name);
    if (!directory_exists(out->directory))
        return fail_unknown(out, store);
    const char *path = path_join(&out->arena, out->directory, "sweep.json");
    int error = file_read(path, PLAN_LIMIT, &data, &size);
    if (error)
        return error;
    error = json_parse(&root, data, size);
    if (!error) {
        error = read_all(out, root);
        json_free(root);
    }
    free(data);
    return error ? fail_prefix("'%s'", path) : 0;
}
