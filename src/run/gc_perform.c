#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "run/bin.h"
#include "run/gc.h"
#include "run/rundir.h"

static int remove_paths(const struct store *store, const struct gc_item *item)
{
    int error = 0;
    for (int i = 0; i < item->path_count; i++) {
        int failed = remove_tree(store->path, item->paths[i]);
        error = error ? error : failed;
    }
    return error;
}

/* First out of reach of everybody else, in one step. */
static int empty_bin(struct arena *arena, const struct store *store, int64_t number)
{
    struct run_facts facts;
    const char *binned = bin_directory(arena, store, number);
    const char *going = arena_printf(arena, "bin/.gone-%lld", (long long)number);
    bool is_known = run_read_facts_in(arena, &facts, binned, number) == 0;
    if (rename(binned, path_join(arena, store->path, going)) != 0)
        return errno == ENOENT ? 0
                               : fail(ERR_IO, "cannot remove '%s': %s", binned, strerror(errno));
    code_unpin(store, is_known ? facts.code.top : store->top, number);
    int error = remove_tree(store->path, going);
    if (!error && is_known)
        error = code_remove_tree(&(struct code_of){ store, number, &facts.code });
    return error;
}

static int remove_checkout(struct arena *arena, const struct store *store, int64_t number)
{
    struct run_facts facts;
    int error = run_read_facts(arena, &facts, store, number);
    return error ? error : code_remove_tree(&(struct code_of){ store, number, &facts.code });
}

static int thin_run(struct arena *arena, const struct store *store, const struct gc_item *item)
{
    int lock = -1;
    int error = run_lock_idle(store_run_directory(arena, store, item->run), item->run, &lock);
    if (!error)
        error = store_tell_change(store, item->run);
    if (!error)
        error = item->kind == GC_TREE ? remove_checkout(arena, store, item->run)
                                      : remove_paths(store, item);
    if (lock >= 0)
        close(lock);
    return error;
}

/* The code of imports, once none of it is pinned any more. An import under way holds the lock. */
static int forget_imported(struct arena *arena, const struct store *store)
{
    int64_t *pins = NULL;
    int count = 0, lock;
    if (!directory_exists(path_join(arena, store->path, "code.git")) ||
        lock_take(path_join(arena, store->path, "incoming/lock"), &lock) < 0)
        return 0;
    int error = code_pins(store, NULL, INFINITY, &pins, &count);
    if (!error && count == 0)
        error = remove_tree(store->path, "code.git");
    free(pins);
    close(lock);
    return error;
}

int gc_perform(const struct store *store, const struct gc_item *item)
{
    struct arena arena = { 0 };
    int error = 0;
    if (item->kind == GC_BIN)
        error = empty_bin(&arena, store, item->run);
    else if (item->kind == GC_PIN)
        code_unpin(store, store->top, item->run);
    else if (item->run == 0)
        error = remove_paths(store, item);
    else
        error = thin_run(&arena, store, item);
    if (!error && (item->kind == GC_BIN || item->kind == GC_PIN))
        error = forget_imported(&arena, store);
    arena_release(&arena);
    return error;
}
