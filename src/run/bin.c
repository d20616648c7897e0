#define _GNU_SOURCE
#include "run/bin.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "run/rundir.h"

char *bin_directory(struct arena *arena, const struct store *store, int64_t number)
{
    return arena_printf(arena, "%s/bin/%lld", store->path, (long long)number);
}

static int move(const char *from, const char *to)
{
    if (rename(from, to) == 0)
        return 0;
    return fail(ERR_IO, "cannot move '%s' to '%s': %s", from, to, strerror(errno));
}

int bin_put(const struct store *store, int64_t number)
{
    struct arena arena = { 0 };
    int lock = -1;
    const char *directory = store_run_directory(&arena, store, number);
    int error = directory_exists(directory) ? run_lock_idle(directory, number, &lock)
                                            : fail(ERR_NOT_FOUND, "there is no run %lld in '%s'",
                                                   (long long)number, store->path);
    if (!error)
        error = make_directories(path_join(&arena, store->path, "bin"));
    if (!error)
        error = move(directory, bin_directory(&arena, store, number));
    if (lock >= 0)
        close(lock);
    arena_release(&arena);
    return error;
}

int bin_take_back(const struct store *store, int64_t number)
{
    struct arena arena = { 0 };
    const char *binned = bin_directory(&arena, store, number);
    int error = directory_exists(binned)
                    ? move(binned, store_run_directory(&arena, store, number))
                    : fail(ERR_NOT_FOUND, "there is no run %lld in the bin of '%s'",
                           (long long)number, store->path);
    arena_release(&arena);
    return error;
}
