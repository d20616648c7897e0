/* The refs that keep pinned code alive. */
#define _GNU_SOURCE
#include <git2/sys/repository.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "git_parts.h"

int pin_commit(git_repository *repository, const char *name, const git_oid *id)
{
    enum { ATTEMPTS = 20, PAUSE_MS = 10 };
    git_config *none = NULL;
    git_reference *reference = NULL;
    if (git_config_new(&none) != 0)
        return fail_git(ERR_IO, "cannot pin code");
    git_repository_set_config(repository, none);
    int code = -1;
    for (int i = 0; code != 0 && i < ATTEMPTS; i++) { /* git may just remove empty directories */
        if (i > 0)
            pause_ms(PAUSE_MS);
        code = git_reference_create(&reference, repository, name, id, true, NULL);
    }
    git_reference_free(reference);
    git_config_free(none);
    return code == 0 ? 0
                     : fail_git(ERR_IO, "cannot pin code in '%s'", git_repository_path(repository));
}

int code_pin(const struct store *store, const struct code_state *code, int64_t number)
{
    struct arena arena = { 0 };
    git_repository *repository = NULL;
    git_commit *commit = NULL;
    if (!code->snapshot)
        return 0;
    int error = snapshot_open(&repository, &commit, &(struct code_of){ store, number, code }, NULL);
    if (!error)
        error = pin_commit(repository, pin_name(&arena, store, number), git_commit_id(commit));
    git_commit_free(commit);
    git_repository_free(repository);
    arena_release(&arena);
    return error;
}

void code_unpin(const struct store *store, const char *top, int64_t number)
{
    struct arena arena = { 0 };
    git_repository *repository;
    const char *name = pin_name(&arena, store, number);
    for (int from_import = 0; from_import < 2; from_import++) {
        if (from_import ? imported_open(&repository, store, false) < 0
                        : !top || repository_open(&repository, top) < 0)
            continue;
        git_reference_remove(repository, name);
        git_repository_free(repository);
    }
    arena_release(&arena);
}

/* When a ref was written; git may have moved it to packed-refs since, which then is younger. */
static double written(struct arena *arena, git_repository *repository, const char *name)
{
    struct stat status;
    const char *directory = git_repository_commondir(repository);
    if (stat(path_join(arena, directory, name), &status) != 0 &&
        stat(path_join(arena, directory, "packed-refs"), &status) != 0)
        return INFINITY;
    return (double)status.st_mtim.tv_sec;
}

static void add_pins(git_repository *repository, const struct store *store, double before,
                     int64_t **numbers, int *count)
{
    struct arena arena = { 0 };
    git_reference_iterator *iterator = NULL;
    const char *prefix = arena_printf(&arena, "refs/gander/%s/", store->id), *name;
    int64_t number;
    if (git_reference_iterator_glob_new(&iterator, repository,
                                        arena_printf(&arena, "%s*", prefix)) == 0)
        while (git_reference_next_name(&name, iterator) == 0) {
            if (parse_integer(name + strlen(prefix), &number) < 0 || number < 1 ||
                written(&arena, repository, name) > before)
                continue;
            *numbers = xrealloc(*numbers, (size_t)*count + 1, sizeof **numbers);
            (*numbers)[(*count)++] = number;
        }
    git_reference_iterator_free(iterator);
    git_repository_free(repository);
    arena_release(&arena);
}

static int by_number(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

int code_pins(const struct store *store, const char *top, double before, int64_t **numbers,
              int *count)
{
    git_repository *repository;
    *numbers = NULL;
    *count = 0;
    if (top) {
        int error = repository_open(&repository, top);
        if (error)
            return error;
        add_pins(repository, store, before, numbers, count);
    }
    if (imported_open(&repository, store, false) == 0)
        add_pins(repository, store, before, numbers, count);
    if (*count == 0)
        return 0;
    qsort(*numbers, (size_t)*count, sizeof **numbers, by_number);
    int kept = 1;
    for (int i = 1; i < *count; i++)
        if ((*numbers)[i] != (*numbers)[kept - 1])
            (*numbers)[kept++] = (*numbers)[i];
    *count = kept;
    return 0;
}

/* --- is it all there? --- */

enum { DEPTH_LIMIT = 500 };

/* Trees and blobs that were found whole are not looked at again. */
static int check_tree(git_repository *repository, git_odb *odb, struct id_table *known,
                      const git_oid *id, const char *path, int depth)
{
    git_tree *tree;
    int error = 0;
    if (id_table_find(known, id) >= 0)
        return 0;
    if (depth == DEPTH_LIMIT || git_tree_lookup(&tree, repository, id) != 0)
        return fail(ERR_NOT_FOUND, "its directory '%s' is gone", path);
    for (size_t i = 0; !error && i < git_tree_entrycount(tree); i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        char *below = xasprintf("%s%s%s", path, *path ? "/" : "", git_tree_entry_name(entry));
        if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
            error = check_tree(repository, odb, known, git_tree_entry_id(entry), below, depth + 1);
        else if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB &&
                 !git_odb_exists(odb, git_tree_entry_id(entry)))
            error = fail(ERR_NOT_FOUND, "its file '%s' is gone", below);
        free(below);
    }
    git_tree_free(tree);
    if (!error)
        id_table_add(known, id, 1);
    return error;
}

int code_check(const struct code_of *run)
{
    git_repository *repository = NULL;
    git_commit *commit = NULL;
    git_odb *odb = NULL;
    struct id_table known = { 0 };
    int error = snapshot_open(&repository, &commit, run, NULL);
    if (!error && git_repository_odb(&odb, repository) != 0)
        error = fail_git(ERR_IO, "cannot read '%s'", git_repository_path(repository));
    if (!error) {
        error = check_tree(repository, odb, &known, git_commit_tree_id(commit), "", 0);
        if (error)
            fail_prefix("the code of run %lld is not whole", (long long)run->number);
    }
    id_table_release(&known);
    git_odb_free(odb);
    git_commit_free(commit);
    git_repository_free(repository);
    return error;
}
