/* A plan is checked and made whole; what its places are. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "run/resolve.h"
#include "run/training.h"
#include "sweep_parts.h"

enum { LEAST_HALVING = 2, MOST_HALVING = 100, MOST_JOBS = 1024 };

static const struct recipe_field *find_field(const char *key)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i].key, key) == 0)
            return &fields[i];
    return NULL;
}

const struct recipe_field *sweep_field(const struct sweep *sweep, const char *key)
{
    return sweep->has_recipe ? find_field(key) : NULL;
}

bool sweep_mentions(const char *const *command, const char *key)
{
    struct arena arena = { 0 };
    const char *braced = arena_printf(&arena, "{%s}", key);
    bool is_there = false;
    for (int i = 0; command[i] && !is_there; i++)
        is_there = strstr(command[i], braced);
    arena_release(&arena);
    return is_there;
}

/* --- checking --- */

static int check_key(const struct sweep *sweep, const char *key)
{
    static const char *const kept[] = { "experiment.name", "training.seed", "training.until" };
    int count;
    if (sweep->command)
        return strcmp(key, "seed") == 0 || strcmp(key, "steps") == 0
                   ? fail(ERR_INVALID, "parameter '%s': option '--seeds' or '--steps' says that",
                          key)
               : sweep_mentions(sweep->command, key)
                   ? 0
                   : fail(ERR_INVALID, "parameter '%.60s': no word of the command holds '{%.60s}'",
                          key, key);
    for (int i = 0; i < ARRAY_SIZE(kept); i++)
        if (strcmp(key, kept[i]) == 0)
            return fail(ERR_INVALID, "parameter '%s' is not for a sweep to vary%s", key,
                        i == 1 ? ": --seeds N is how many each point has" : "");
    if (sweep->halving && strcmp(key, "training.steps") == 0)
        return fail(ERR_INVALID, "parameter '%s' cannot be varied together with halving", key);
    const struct recipe_field *fields = recipe_fields(&count);
    if (find_field(key))
        return 0;
    const char *nearest = text_nearest(key, &fields[0].key, count, sizeof *fields);
    return fail(ERR_INVALID, "unknown parameter '%.60s'%s%s%s", key,
                nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

/* As recipes print it. */
static int canonical(struct sweep *sweep, const struct recipe_field *field, const char *text,
                     const char **out)
{
    struct recipe scratch;
    struct arena arena = { 0 };
    const char *setting = arena_printf(&arena, "%s=%s", field->key, text);
    const char *base = recipe_text(&arena, &sweep->recipe);
    const char *where = arena_printf(&arena, "setting '%.200s'", setting);
    bool is_source = strcmp(field->key, "data.source") == 0; /* a path becomes absolute */
    int error =
        recipe_parse(&scratch, base, strlen(base), "sweep", is_source ? &setting : NULL, is_source);
    if (!error && !is_source)
        error = recipe_set(&scratch, field, text, where);
    if (!error)
        *out = recipe_value(&sweep->arena, &scratch, field);
    recipe_release(&scratch);
    arena_release(&arena);
    return error;
}

static int check_list(struct sweep *sweep, struct sweep_parameter *parameter)
{
    const struct recipe_field *field = sweep_field(sweep, parameter->key);
    const char **values =
        arena_alloc(&sweep->arena, (size_t)parameter->value_count + 1, sizeof *values);
    for (int i = 0; i < parameter->value_count; i++) {
        values[i] = parameter->values[i];
        int error = field ? canonical(sweep, field, parameter->values[i], &values[i]) : 0;
        if (error)
            return error;
        for (int k = 0; k < i; k++)
            if (strcmp(values[k], values[i]) == 0)
                return fail(ERR_INVALID, "parameter '%s' has the value '%.60s' twice",
                            parameter->key, values[i]);
    }
    parameter->values = values;
    return 0;
}

static int check_range(struct sweep *sweep, struct sweep_parameter *parameter)
{
    const struct recipe_field *field = sweep_field(sweep, parameter->key);
    const char *key = parameter->key;
    struct arena arena = { 0 };
    const char *value;
    if (field && field->type != FIELD_INTEGER && field->type != FIELD_REAL)
        return fail(ERR_INVALID, "parameter '%s' takes words, not a range", key);
    if (field)
        parameter->is_whole = field->type == FIELD_INTEGER;
    if (!(parameter->low < parameter->high))
        return fail(ERR_INVALID, "parameter '%s': %g..%g is no range from low to high", key,
                    parameter->low, parameter->high);
    if (parameter->is_log && (parameter->low <= 0 || (parameter->is_whole && parameter->low < 1)))
        return fail(ERR_INVALID, "parameter '%s': a log scale begins above 0, not at %g", key,
                    parameter->low);
    int error = 0;
    for (int i = 0; field && i < 2 && !error; i++)
        error = canonical(sweep, field, format_real(&arena, i ? parameter->high : parameter->low),
                          &value);
    arena_release(&arena);
    return error;
}

static int check_parameters(struct sweep *sweep)
{
    struct sweep_parameter *own =
        arena_alloc(&sweep->arena, (size_t)sweep->parameter_count + 1, sizeof *own);
    if (sweep->parameter_count < 1 || sweep->parameter_count > SWEEP_PARAMETERS)
        return fail(ERR_INVALID, "a sweep varies from 1 to %d parameters, not %d", SWEEP_PARAMETERS,
                    sweep->parameter_count);
    for (int i = 0; i < sweep->parameter_count; i++) {
        own[i] = sweep->parameters[i];
        for (int k = 0; k < i; k++)
            if (strcmp(own[k].key, own[i].key) == 0)
                return fail(ERR_INVALID, "parameter '%.60s' comes twice", own[i].key);
        int error = check_key(sweep, own[i].key);
        if (!error)
            error = own[i].values ? check_list(sweep, &own[i]) : check_range(sweep, &own[i]);
        if (error)
            return error;
    }
    sweep->parameters = own;
    return 0;
}

static int check_seeds(const struct sweep *sweep)
{
    if (sweep->seed_count < 1 || sweep->seed_count > SWEEP_SEEDS)
        return fail(ERR_INVALID, "a sweep has from 1 to %d seeds, not %d", SWEEP_SEEDS,
                    sweep->seed_count);
    for (int i = 0; i < sweep->seed_count; i++) {
        if (sweep->seeds[i] < 0 || sweep->seeds[i] > INT64_C(9007199254740991))
            return fail(ERR_INVALID, "seed %lld is out of range", (long long)sweep->seeds[i]);
        for (int k = 0; k < i; k++)
            if (sweep->seeds[k] == sweep->seeds[i])
                return fail(ERR_INVALID, "seed %lld comes twice", (long long)sweep->seeds[i]);
    }
    return 0;
}

static int check_numbers(const struct sweep *sweep)
{
    if (sweep->jobs < 0 || sweep->jobs > MOST_JOBS)
        return fail(ERR_INVALID, "jobs must be from 1 to %d, not %d", MOST_JOBS, sweep->jobs);
    if (sweep->halving != 0 && (sweep->halving < LEAST_HALVING || sweep->halving > MOST_HALVING))
        return fail(ERR_INVALID, "halving must be from %d to %d, not %d", LEAST_HALVING,
                    MOST_HALVING, sweep->halving);
    if (sweep->least < 0 || sweep->breaker < 0 || sweep->steps < 0 ||
        sweep->steps > INT64_C(1000000000000))
        return fail(ERR_INVALID,
                    "'least', 'breaker' and 'steps' must not be negative, nor too large");
    if (sweep->halving && !sweep->goal)
        return fail(ERR_INVALID, "halving needs a goal to judge by: --goal METRIC");
    if (sweep->halving && sweep->command &&
        (sweep->steps == 0 || !sweep_mentions(sweep->command, "steps")))
        return fail(ERR_INVALID,
                    "halving needs to tell the command how many steps to take: --steps "
                    "N, and '{steps}' in the command");
    return 0;
}

int sweep_complete(struct sweep *sweep)
{
    int error;
    if ((error = run_name_check(sweep->name)) < 0 || (error = check_numbers(sweep)) < 0 ||
        (error = check_parameters(sweep)) < 0 || (error = check_seeds(sweep)) < 0 ||
        (error = sweep_make_points(sweep)) < 0)
        return error;
    sweep_make_rungs(sweep);
    return 0;
}

void sweep_release(struct sweep *sweep)
{
    if (sweep->has_recipe)
        recipe_release(&sweep->recipe);
    arena_release(&sweep->arena);
    *sweep = (struct sweep){ .name = NULL };
}

/* --- places --- */

static bool is_varied(const struct sweep *sweep, const char *key)
{
    for (int i = 0; i < sweep->parameter_count; i++)
        if (strcmp(sweep->parameters[i].key, key) == 0)
            return true;
    return strcmp(key, "training.seed") == 0;
}

char *sweep_base(struct arena *arena, const struct sweep *sweep)
{
    struct arena scratch = { 0 };
    struct hash *hash = hash_new();
    char text[HASH_TEXT_SIZE];
    int count = 0;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; sweep->has_recipe && i < count; i++) {
        if (is_varied(sweep, fields[i].key) || training_may_change(fields[i].key))
            continue;
        const char *line = arena_printf(&scratch, "%s=%s", fields[i].key,
                                        recipe_value(&scratch, &sweep->recipe, &fields[i]));
        hash_add(hash, line, strlen(line) + 1);
    }
    for (int i = 0; sweep->command && sweep->command[i]; i++)
        hash_add(hash, sweep->command[i], strlen(sweep->command[i]) + 1);
    hash_end(hash, text);
    arena_release(&scratch);
    return arena_strdup(arena, text);
}

const char *const *sweep_values(struct arena *arena, const struct sweep *sweep, int point)
{
    const char **words = arena_alloc(arena, (size_t)sweep->parameter_count + 1, sizeof *words);
    for (int i = 0; i < sweep->parameter_count; i++)
        words[i] =
            arena_printf(arena, "%s=%s", sweep->parameters[i].key, sweep->points[point].values[i]);
    return words;
}

int sweep_recipe(struct recipe *out, const struct sweep *sweep, int point, int64_t seed)
{
    struct arena arena = { 0 };
    const char *base = recipe_text(&arena, &sweep->recipe);
    const char *const *values = sweep_values(&arena, sweep, point);
    const char *settings[SWEEP_PARAMETERS + 1];
    int count = 0;
    for (; values[count]; count++)
        settings[count] = values[count];
    settings[count++] = arena_printf(&arena, "training.seed=%lld", (long long)seed);
    int error = recipe_parse(out, base, strlen(base), "recipe.ini", settings, count);
    if (error)
        fail_prefix("point %d", point + 1);
    arena_release(&arena);
    return error;
}

/* `word` with what stands for "{KEY}". */
static const char *replace(struct arena *arena, const char *word, const char *key,
                           const char *value)
{
    const char *braced = arena_printf(arena, "{%s}", key);
    for (const char *at = strstr(word, braced); at;) {
        size_t before = (size_t)(at - word);
        const char *made =
            arena_printf(arena, "%.*s%s%s", (int)before, word, value, at + strlen(braced));
        word = made;
        at = strstr(word + before + strlen(value), braced);
    }
    return word;
}

const char *const *sweep_command(struct arena *arena, const struct sweep *sweep, int point,
                                 int64_t seed, int64_t steps)
{
    int count = 0;
    while (sweep->command[count])
        count++;
    const char **words = arena_alloc(arena, (size_t)count + 1, sizeof *words);
    for (int i = 0; i < count; i++) {
        words[i] = sweep->command[i];
        for (int p = 0; p < sweep->parameter_count; p++)
            words[i] =
                replace(arena, words[i], sweep->parameters[p].key, sweep->points[point].values[p]);
        words[i] = replace(arena, words[i], "seed", arena_printf(arena, "%lld", (long long)seed));
        words[i] = replace(arena, words[i], "steps", arena_printf(arena, "%lld", (long long)steps));
    }
    return words;
}
