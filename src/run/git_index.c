/* Our copy of the user's index, STORE/git.index-…, in which times that have changed without the
 * content are put right: so a repository whose index knows none of them (after cp -r, say) is read
 * through once and not at every launch. The user's is only read. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <git2/sys/repository.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "git_parts.h"

static int fail_index(void)
{
    return fail_git(ERR_INVALID, "cannot read the git index");
}

/* The last 20 bytes of an index are the sum of all others, and so its name. */
static const char *copy_path(struct arena *arena, const struct store *store, const char *top,
                             const char *data, size_t size)
{
    enum { SUM = 20, SHORT = 12 };
    char hash[HASH_TEXT_SIZE];
    struct hash *both = hash_new();
    hash_add(both, top, strlen(top));
    hash_add(both, data + (size > SUM ? size - SUM : 0), MIN(size, SUM));
    hash_end(both, hash);
    return arena_printf(arena, "%s/git.index-%.*s", store->path, SHORT, hash);
}

/* Copies of earlier states of the index are of no more use. What begins like the newest is that, or
 * belongs to another launch that is about to write it. */
static void remove_old_copies(struct arena *arena, const struct store *store, const char *newest)
{
    char **names;
    int count = 0;
    size_t length = strlen(path_base(newest));
    if (list_directory(arena, store->path, "", &names, &count) < 0)
        return;
    for (int i = 0; i < count; i++)
        if (strncmp(names[i], "git.index-", 10) == 0 &&
            strncmp(names[i], path_base(newest), length) != 0)
            unlink(path_join(arena, store->path, names[i]));
}

/* With the times of the original: a file changed in the moment in which that was written may have
 * changed after it, which its own time tells (see racy-git in git's documentation). */
static int copy_index(struct arena *arena, const struct store *store, const char *from,
                      const char *to, const char *data, size_t size)
{
    struct stat status;
    int error = file_replace(to, data, size);
    if (!error && stat(from, &status) == 0) {
        struct timespec times[] = { status.st_atim, status.st_mtim };
        utimensat(AT_FDCWD, to, times, 0);
    }
    if (!error)
        remove_old_copies(arena, store, to);
    return error;
}

/* Where none can be written (a full disk, somebody else's store) the user's own is looked at in
 * memory. */
int own_index(git_index **out, git_repository *repository, struct arena *arena,
              const struct store *store, bool *is_copy)
{
    enum { LIMIT = 1 << 30 };
    git_index *users;
    char *data;
    size_t size;
    *is_copy = false;
    if (git_repository_index(&users, repository) != 0)
        return fail_index();
    *out = users;
    const char *path = git_index_path(users);
    if (!path || file_read(path, LIMIT, &data, &size) < 0)
        return 0; /* nothing was added yet */
    const char *copy = copy_path(arena, store, git_repository_workdir(repository), data, size);
    bool is_there = file_exists(copy) || copy_index(arena, store, path, copy, data, size) == 0;
    free(data);
    git_index *own;
    if (is_there && git_index_open(&own, copy) == 0) {
        if (git_repository_set_index(repository, own) == 0) {
            git_index_free(users);
            *out = own;
            *is_copy = true;
        } else {
            git_index_free(own);
        }
    }
    return 0;
}
