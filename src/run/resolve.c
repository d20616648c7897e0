#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "run/resolve.h"

enum { NAME_LIMIT = 64 };

int run_name_check(const char *name)
{
    bool has_other = false;
    for (const char *letter = name; *letter; letter++) {
        if (!isalnum((unsigned char)*letter) && !strchr("._-", *letter))
            return fail(ERR_INVALID,
                        "name '%.80s': use letters, digits, '.', '_' and '-' (a name must not "
                        "look like '@' or 'exp:')",
                        name);
        has_other = has_other || !isdigit((unsigned char)*letter);
    }
    if (!has_other)
        return fail(ERR_INVALID, "name '%.80s': a number names the run of that number", name);
    if (strlen(name) > NAME_LIMIT)
        return fail(ERR_INVALID, "name '%.80s…': longer than %d characters", name, NAME_LIMIT);
    return 0;
}

char *run_name_from(struct arena *arena, const char *text)
{
    char *name = arena_strndup(arena, text, NAME_LIMIT);
    for (char *letter = name; *letter; letter++)
        if (!isalnum((unsigned char)*letter) && !strchr("._-", *letter))
            *letter = '-';
    while (*name && strchr("._-", *name))
        name++;
    return *name ? name : NULL;
}

static int resolve_newest(const struct store *store, int64_t *number)
{
    int64_t *numbers;
    int count;
    int error = store_runs(store, &numbers, &count);
    if (!error && count == 0)
        error = fail(ERR_NOT_FOUND, "there are no runs in '%s' yet", store->path);
    if (!error)
        *number = numbers[count - 1];
    free(numbers);
    return error;
}

static int resolve_number(const struct store *store, const char *text, int64_t *number)
{
    struct arena arena = { 0 };
    int error = 0;
    if (parse_integer(text, number) < 0 ||
        !directory_exists(store_run_directory(&arena, store, *number)))
        error = fail(ERR_NOT_FOUND, "there is no run %.40s in '%s'", text, store->path);
    arena_release(&arena);
    return error;
}

/* " (did you mean 'x'?)", or nothing; in the arena. */
static const char *suggest(struct catalogue *catalogue, struct arena *arena,
                           enum catalogue_word which, const char *name)
{
    enum { MOST_NAMES = 1000 };
    char **names;
    int count = 0;
    if (catalogue_words(catalogue, arena, which, MOST_NAMES, &names, &count) < 0)
        return "";
    const char *nearest = text_nearest(name, (const char *const *)names, count, sizeof names[0]);
    bool is_run = which == WORD_NAME;
    return nearest ? arena_printf(arena, " (did you mean '%s%s%s'?)",
                                  is_run ? "" : "exp:", text_clean(arena, nearest, NAME_LIMIT),
                                  is_run ? "" : "@")
                   : "";
}

static int resolve_experiment(struct catalogue *catalogue, const struct store *store,
                              const char *experiment, int64_t *number)
{
    int64_t matches;
    struct arena arena = { 0 };
    int error = catalogue_find(catalogue, NULL, experiment, number, &matches);
    if (!error && matches == 0)
        error = fail(ERR_NOT_FOUND, "no run of experiment '%.80s' in '%s'%s", experiment,
                     store->path, suggest(catalogue, &arena, WORD_EXPERIMENT, experiment));
    arena_release(&arena);
    return error;
}

/* A name that no run has: another one is near, or it is an experiment's. */
static int refuse_name(struct catalogue *catalogue, const struct store *store, const char *name)
{
    struct arena arena = { 0 };
    const char *hint = suggest(catalogue, &arena, WORD_NAME, name);
    if (!*hint)
        hint = suggest(catalogue, &arena, WORD_EXPERIMENT, name);
    int error = fail(ERR_NOT_FOUND, "no run is called '%.80s' in '%s'%s", name, store->path, hint);
    arena_release(&arena);
    return error;
}

static int resolve_name(struct catalogue *catalogue, const struct store *store, const char *name,
                        int64_t *number)
{
    int64_t matches;
    int error = catalogue_find(catalogue, name, NULL, number, &matches);
    if (!error && matches == 0)
        error = refuse_name(catalogue, store, name);
    if (!error && matches > 1)
        error = fail(ERR_INVALID, "%lld runs are called '%.80s'; the newest is %lld",
                     (long long)matches, name, (long long)*number);
    return error;
}

bool run_resolve_plain(const struct store *store, const char *text, int64_t *number, int *error)
{
    bool is_newest = strcmp(text, "@") == 0;
    bool is_number = *text && strspn(text, "0123456789") == strlen(text);
    if (is_newest)
        *error = resolve_newest(store, number);
    else if (is_number)
        *error = resolve_number(store, text, number);
    return is_newest || is_number;
}

int run_resolve_name(struct catalogue *catalogue, const struct store *store, const char *text,
                     int64_t *number)
{
    size_t length = strlen(text);
    bool is_experiment = length > 5 && strncmp(text, "exp:", 4) == 0 && text[length - 1] == '@';
    if (!is_experiment)
        return resolve_name(catalogue, store, text, number);
    char *experiment = xstrndup(text + 4, length - 5);
    int error = resolve_experiment(catalogue, store, experiment, number);
    free(experiment);
    return error;
}

int run_resolve(const struct store *store, const char *text, int64_t *number)
{
    struct catalogue *catalogue;
    int error = 0;
    if (run_resolve_plain(store, text, number, &error))
        return error;
    error = catalogue_open(&catalogue, store);
    if (error)
        return error;
    error = catalogue_refresh(catalogue, wall_clock());
    if (!error)
        error = run_resolve_name(catalogue, store, text, number);
    catalogue_close(catalogue);
    return error;
}
