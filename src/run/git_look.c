/* What is there of many runs' code, and of the store in git's eyes. For the doctor. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "git_parts.h"

static bool is_pinned(git_repository *repository, const char *name, const git_oid *commit)
{
    git_oid target;
    return git_reference_name_to_id(&target, repository, name) == 0 &&
           git_oid_equal(&target, commit);
}

static enum code_presence look_for(git_repository *repository, git_odb *odb,
                                   const struct store *store, const struct code_wanted *run)
{
    struct arena arena = { 0 };
    git_oid commit;
    enum code_presence presence = CODE_GONE;
    if (git_oid_fromstr(&commit, run->snapshot) == 0 && git_odb_exists(odb, &commit))
        presence = is_pinned(repository, pin_name(&arena, store, run->number), &commit)
                       ? CODE_PINNED
                       : CODE_LOOSE;
    arena_release(&arena);
    return presence;
}

static void look_in(git_repository *repository, const struct store *store, struct code_wanted *runs,
                    int count)
{
    git_odb *odb;
    if (git_repository_odb(&odb, repository) != 0)
        return;
    for (int i = 0; i < count; i++)
        if (runs[i].presence != CODE_PINNED)
            runs[i].presence = MIN(runs[i].presence, look_for(repository, odb, store, &runs[i]));
    git_odb_free(odb);
}

void code_look_for(const struct store *store, const char *top, struct code_wanted *runs, int count)
{
    git_repository *repository;
    for (int i = 0; i < count; i++)
        runs[i].presence = CODE_GONE;
    for (int from_import = 0; from_import < 2; from_import++) {
        if (from_import ? imported_open(&repository, store, false) < 0
                        : !top || repository_open(&repository, top) < 0)
            continue;
        look_in(repository, store, runs, count);
        git_repository_free(repository);
    }
}

/* The store below the top of the work tree, "experiments/.gander/"; NULL: it is not in it. */
static char *path_below(struct arena *arena, git_repository *repository, const struct store *store)
{
    char *real = realpath(store->path, NULL), *top = top_of(arena, repository), *below = NULL;
    size_t length = top ? strlen(top) : 0;
    if (real && top && strncmp(real, top, length) == 0 && real[length] == '/')
        below = arena_printf(arena, "%s/", real + length + 1);
    free(real);
    return below;
}

bool code_shows_store(const struct store *store, bool *is_tracked)
{
    struct arena arena = { 0 };
    git_repository *repository = NULL;
    git_index *index = NULL;
    int is_ignored = 1;
    *is_tracked = false;
    if (repository_open(&repository, store->path) == 0) {
        const char *below = path_below(&arena, repository, store);
        if (below)
            git_ignore_path_is_ignored(&is_ignored, repository,
                                       arena_printf(&arena, "%sstore.json", below));
        if (below && git_repository_index(&index, repository) == 0)
            *is_tracked = git_index_find_prefix(NULL, index, below) == 0;
    }
    git_index_free(index);
    git_repository_free(repository);
    arena_release(&arena);
    return !is_ignored || *is_tracked;
}
