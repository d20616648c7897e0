/* What killed programs have left in a store, outside of its runs. */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/host.h"
#include "gc_parts.h"
#include "run/code.h"

enum { SETTLED_SECONDS = 3600 /* what is younger may be somebody's work */ };

static bool is_settled(const struct gc_planning *planning, const char *path)
{
    struct stat status;
    return lstat(path_join(planning->arena, planning->store->path, path), &status) == 0 &&
           (double)status.st_mtim.tv_sec < planning->now - SETTLED_SECONDS;
}

/* Entries of a folder of the store, hidden ones too, that `is_left` says are left behind. */
static void add_left(struct gc_planning *planning, struct gc_paths *paths, const char *folder,
                     bool (*is_left)(const char *name))
{
    DIR *stream = opendir(path_join(planning->arena, planning->store->path, folder));
    const struct dirent *entry;
    while (stream && (entry = readdir(stream))) {
        const char *path = *folder ? path_join(planning->arena, folder, entry->d_name)
                                   : arena_strdup(planning->arena, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            is_left(entry->d_name) && is_settled(planning, path))
            gc_add_path(planning, paths, path);
    }
    if (stream)
        closedir(stream);
}

static bool begins(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}

static bool is_left_in_store(const char *name)
{
    return strstr(name, ".tmp-") || begins(name, "catalogue.db.aside-") ||
           (begins(name, "git.index") && strstr(name, ".lock"));
}

static bool is_hidden(const char *name)
{
    return name[0] == '.';
}

static bool is_any(const char *name)
{
    return name[0] != '.';
}

static bool is_stage(const char *name)
{
    return name[0] != '.' && strcmp(name, "lock") != 0;
}

/* Tickets of this host whose workers were killed. */
static void add_tickets(struct gc_planning *planning, struct gc_paths *paths)
{
    struct gc_paths all = { .count = 0 };
    add_left(planning, &all, arena_printf(planning->arena, "slots/%s/queue", host_name()), is_any);
    for (int i = 0; i < all.count; i++)
        if (!lock_is_held(path_join(planning->arena, planning->store->path, all.paths[i])))
            gc_add_path(planning, paths, all.paths[i]);
}

static bool is_left_of_classifier(const char *name)
{
    enum { SUFFIX = sizeof ".lock" - 1 };
    size_t length = strlen(name);
    return strstr(name, ".tmp-") ||
           (length > SUFFIX && strcmp(name + length - SUFFIX, ".lock") == 0);
}

/* Locks of trainings that are over, and files that were half written. */
static void add_classifier_locks(struct gc_planning *planning, struct gc_paths *paths)
{
    struct gc_paths all = { .count = 0 };
    add_left(planning, &all, "classifiers", is_left_of_classifier);
    for (int i = 0; i < all.count; i++)
        if (!lock_is_held(path_join(planning->arena, planning->store->path, all.paths[i])))
            gc_add_path(planning, paths, all.paths[i]);
}

/* Directories of launches and imports that were killed; those that go on hold a lock. */
static void add_unfinished(struct gc_planning *planning, struct gc_paths *paths)
{
    struct gc_paths all = { .count = 0 };
    add_left(planning, &all, "runs", is_hidden);
    add_left(planning, &all, "incoming", is_stage);
    for (int i = 0; i < all.count; i++) {
        const char *lock = path_join(planning->arena, all.paths[i], "lock");
        if (!lock_is_held(path_join(planning->arena, planning->store->path, lock)))
            gc_add_path(planning, paths, all.paths[i]);
    }
}

static int by_number(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static bool holds(const int64_t *numbers, int count, int64_t number)
{
    return count > 0 && bsearch(&number, numbers, (size_t)count, sizeof *numbers, by_number);
}

int gc_ownerless_pins(const struct store *store, double now, int64_t **numbers, int *count)
{
    int64_t *runs = NULL, *binned = NULL;
    int run_count = 0, binned_count = 0, kept = 0;
    double before = now - SETTLED_SECONDS;
    int error = code_pins(store, store->top, before, numbers, count);
    if (error) /* no repository there: the code of imports */
        error = code_pins(store, NULL, before, numbers, count);
    if (!error)
        error = store_runs(store, &runs, &run_count);
    if (!error)
        error = store_binned(store, &binned, &binned_count);
    for (int i = 0; i < *count && !error; i++)
        if (!holds(runs, run_count, (*numbers)[i]) && !holds(binned, binned_count, (*numbers)[i]))
            (*numbers)[kept++] = (*numbers)[i];
    *count = kept;
    free(runs);
    free(binned);
    return error;
}

static void add_pins(struct gc_planning *planning)
{
    struct gc_paths none = { .count = 0 };
    int64_t *pins = NULL;
    int count = 0;
    if (gc_ownerless_pins(planning->store, planning->now, &pins, &count) == 0)
        for (int i = 0; i < count; i++)
            gc_add_item(planning, GC_PIN, pins[i], &none, NULL);
    free(pins);
}

void gc_plan_store(struct gc_planning *planning)
{
    struct gc_paths paths = { .count = 0 };
    add_left(planning, &paths, "", is_left_in_store);
    add_left(planning, &paths, "bin", is_hidden);
    add_unfinished(planning, &paths);
    add_tickets(planning, &paths);
    add_classifier_locks(planning, &paths);
    gc_add_item(planning, GC_LEFTOVERS, 0, &paths, NULL);
    add_pins(planning);
}
