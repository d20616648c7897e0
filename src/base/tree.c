#define _GNU_SOURCE
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

/* A walk that crosses no link and no file system; NULL when there is nothing. */
static FTS *open_walk(const char *path)
{
    char *const paths[] = { (char *)(uintptr_t)path, NULL };
    return fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
}

static int remove_entries(FTS *walk)
{
    FTSENT *entry;
    int error = 0;
    while ((entry = fts_read(walk))) {
        if (entry->fts_info == FTS_D || (entry->fts_info == FTS_NS && entry->fts_errno == ENOENT))
            continue; /* its content first; or nothing there */
        if (remove(entry->fts_accpath) != 0 && errno != ENOENT && !error)
            error = fail(ERR_IO, "cannot remove '%s': %s", entry->fts_path, strerror(errno));
    }
    return error;
}

int remove_tree(const char *root, const char *name)
{
    struct arena arena = { 0 };
    if (!*root || !path_is_below(name))
        return fail(ERR_INVALID, "'%s' is not below '%s', and not removed", name, root);
    FTS *walk = open_walk(path_join(&arena, root, name));
    int error = walk ? remove_entries(walk) : 0;
    if (walk)
        fts_close(walk);
    arena_release(&arena);
    return error;
}

int64_t tree_bytes(const char *path)
{
    enum { BLOCK = 512 }; /* of st_blocks, whatever the file system's are */
    FTS *walk = open_walk(path);
    FTSENT *entry;
    int64_t bytes = 0;
    while (walk && (entry = fts_read(walk)))
        if (entry->fts_info == FTS_F || entry->fts_info == FTS_D)
            bytes += entry->fts_statp->st_blocks * BLOCK;
    if (walk)
        fts_close(walk);
    return bytes;
}
