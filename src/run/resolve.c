#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "run/rundir.h"

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

/* What a look through all runs searches for, and finds. */
struct search {
    const char *name, *experiment; /* one of them */
    int64_t found;                 /* the newest that fits; 0: none */
    int matches;
};

static int search_runs(const struct store *store, struct search *search)
{
    int64_t *numbers;
    int count;
    int error = store_runs(store, &numbers, &count);
    for (int i = 0; !error && i < count; i++) {
        struct arena arena = { 0 };
        struct run_facts facts;
        /* a run whose run.json is broken has no name, and hinders no other */
        if (run_read_facts(&arena, &facts, store, numbers[i]) == 0) {
            const char *wanted = search->name ? search->name : search->experiment;
            const char *given = search->name ? facts.name : facts.experiment;
            if (given && strcmp(wanted, given) == 0) {
                search->found = numbers[i];
                search->matches++;
            }
        }
        arena_release(&arena);
    }
    free(numbers);
    return error;
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

static int resolve_experiment(const struct store *store, const char *experiment, int64_t *number)
{
    struct search search = { .experiment = experiment };
    int error = search_runs(store, &search);
    if (!error && search.matches == 0)
        error =
            fail(ERR_NOT_FOUND, "no run of experiment '%.80s' in '%s'", experiment, store->path);
    *number = search.found;
    return error;
}

static int resolve_name(const struct store *store, const char *name, int64_t *number)
{
    struct search search = { .name = name };
    int error = search_runs(store, &search);
    if (!error && search.matches == 0)
        error = fail(ERR_NOT_FOUND, "no run is called '%.80s' in '%s'", name, store->path);
    if (!error && search.matches > 1)
        error = fail(ERR_INVALID, "%d runs are called '%.80s'; the newest is %lld", search.matches,
                     name, (long long)search.found);
    *number = search.found;
    return error;
}

int run_resolve(const struct store *store, const char *text, int64_t *number)
{
    size_t length = strlen(text);
    if (strcmp(text, "@") == 0)
        return resolve_newest(store, number);
    if (length > 5 && strncmp(text, "exp:", 4) == 0 && text[length - 1] == '@') {
        char *experiment = xstrndup(text + 4, length - 5);
        int error = resolve_experiment(store, experiment, number);
        free(experiment);
        return error;
    }
    if (*text && strspn(text, "0123456789") == length) {
        struct arena arena = { 0 };
        struct run_facts facts;
        int error = parse_integer(text, number);
        error = error ? fail(ERR_NOT_FOUND, "there is no run '%.40s'", text)
                      : run_read_facts(&arena, &facts, store, *number);
        arena_release(&arena);
        return error;
    }
    return resolve_name(store, text, number);
}
