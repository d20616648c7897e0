#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "gc_parts.h"
#include "run/bin.h"
#include "run/rundir.h"

const char *gc_kind_name(enum gc_kind kind)
{
    static const char *const names[GC_KINDS] = {
        [GC_BIN] = "bin",   [GC_CHECKPOINTS] = "checkpoints", [GC_SAMPLES] = "samples",
        [GC_TREE] = "tree", [GC_LEFTOVERS] = "leftovers",     [GC_PIN] = "pin",
    };
    return names[kind];
}

/* --- gathering --- */

void gc_add_path(struct gc_planning *planning, struct gc_paths *paths, const char *path)
{
    if (paths->count == paths->room) {
        int room = paths->room ? 2 * paths->room : 8;
        const char **more = arena_alloc(planning->arena, (size_t)room, sizeof *more);
        if (paths->count > 0)
            memcpy(more, paths->paths, (size_t)paths->count * sizeof *more);
        paths->paths = more;
        paths->room = room;
    }
    paths->paths[paths->count++] = path;
    paths->bytes += tree_bytes(path_join(planning->arena, planning->store->path, path));
}

void gc_add_item(struct gc_planning *planning, enum gc_kind kind, int64_t run,
                 const struct gc_paths *paths, const char *kept)
{
    if (paths->count == 0 && kind != GC_PIN)
        return;
    if (planning->count == planning->room) {
        int room = planning->room ? 2 * planning->room : 32;
        struct gc_item *more = arena_alloc(planning->arena, (size_t)room, sizeof *more);
        if (planning->count > 0)
            memcpy(more, planning->items, (size_t)planning->count * sizeof *more);
        planning->items = more;
        planning->room = room;
    }
    planning->items[planning->count++] = (struct gc_item){
        kind, run, paths->paths, paths->count, paths->bytes, kept,
    };
}

/* --- one run --- */

struct place {
    struct gc_planning *planning;
    int64_t number;
    const char *directory; /* absolute … */
    const char *relative;  /* … and from the store */
};

/* `path` is absolute, and below the store. */
static const char *from_store(const struct place *place, const char *path)
{
    return path + strlen(place->planning->store->path) + 1;
}

static void add_file(struct place *place, struct gc_paths *paths, const struct run_file *file)
{
    gc_add_path(place->planning, paths, from_store(place, file->path));
}

/* Those of steps older than the newest ones, but for the best. A command may have several files of a step. */
static int plan_checkpoints(struct place *place)
{
    struct arena *arena = place->planning->arena;
    struct gc_paths paths = { .count = 0 };
    struct run_file *files, newest = { .step = -1 };
    struct run_best best;
    int count, steps = 0;
    int error = run_list_step_files(arena, path_join(arena, place->directory, "checkpoints"),
                                    &files, &count);
    if (error)
        return error;
    bool is_whole = run_newest_checkpoint(arena, place->directory, -1, &newest, NULL) == 0;
    bool has_best = run_best_checkpoint(arena, place->directory, &best) == 0;
    for (int i = count - 1; i >= 0; i--) {
        steps += i == count - 1 || files[i].step != files[i + 1].step;
        if (steps > place->planning->wish->checkpoints &&
            (!is_whole || files[i].step != newest.step) &&
            (!has_best || files[i].step != best.file.step))
            add_file(place, &paths, &files[i]);
    }
    gc_add_item(place->planning, GC_CHECKPOINTS, place->number, &paths, NULL);
    return 0;
}

/* Of `count` in a row, `keep` stay: evenly, the first and the last among them. */
static bool is_kept(int index, int count, int keep)
{
    if (count <= keep || index == count - 1)
        return true;
    if (keep <= 1)
        return false;
    int64_t slot = ((int64_t)index * (keep - 1) + count - 2) / (count - 1);
    return slot * (count - 1) / (keep - 1) == index;
}

static int plan_samples(struct place *place)
{
    struct arena *arena = place->planning->arena;
    struct gc_paths paths = { .count = 0 };
    struct run_file *files;
    int count;
    int error = run_list_samples(arena, place->directory, &files, &count);
    for (int i = 0; i < count && !error; i++)
        if (!is_kept(i, count, place->planning->wish->samples))
            add_file(place, &paths, &files[i]);
    if (!error)
        gc_add_item(place->planning, GC_SAMPLES, place->number, &paths, NULL);
    return error;
}

static void plan_tree(struct place *place)
{
    struct gc_planning *planning = place->planning;
    struct gc_paths paths = { .count = 0 };
    struct run_facts facts;
    const char *kept = NULL;
    int own_files;
    if (!directory_exists(path_join(planning->arena, place->directory, "tree")))
        return;
    gc_add_path(planning, &paths, path_join(planning->arena, place->relative, "tree"));
    if (!planning->wish->takes_trees) {
        if (run_read_facts(planning->arena, &facts, planning->store, place->number) < 0 ||
            code_tree_own_files(&(struct code_of){ planning->store, place->number, &facts.code },
                                &own_files) < 0)
            kept = arena_printf(planning->arena, "%s", error_text());
        else if (own_files > 0)
            kept = arena_printf(planning->arena, "%d file%s there %s not of its code", own_files,
                                own_files == 1 ? "" : "s", own_files == 1 ? "is" : "are");
    }
    gc_add_item(planning, GC_TREE, place->number, &paths, kept);
}

static int plan_leftovers(struct place *place)
{
    static const char *const folders[] = { "", "samples", "checkpoints" };
    struct arena *arena = place->planning->arena;
    struct gc_paths paths = { .count = 0 };
    for (int i = 0; i < ARRAY_SIZE(folders); i++) {
        char **names;
        int count = 0;
        const char *folder =
            *folders[i] ? path_join(arena, place->relative, folders[i]) : place->relative;
        int error = list_directory(arena, path_join(arena, place->planning->store->path, folder),
                                   "", &names, &count);
        if (error && error != ERR_NOT_FOUND)
            return error;
        for (int k = 0; k < count && !error; k++)
            if (strstr(names[k], ".tmp-") || (i == 0 && strcmp(names[k], RUN_RESERVE_NAME) == 0))
                gc_add_path(place->planning, &paths, path_join(arena, folder, names[k]));
    }
    gc_add_item(place->planning, GC_LEFTOVERS, place->number, &paths, NULL);
    return 0;
}

static bool is_to_keep(const struct run_row *row)
{
    for (int i = 0; i < row->tag_count; i++)
        if (strcmp(row->tags[i], "keep") == 0)
            return true;
    return false;
}

static int plan_run(struct gc_planning *planning, const struct run_row *row)
{
    struct arena *arena = planning->arena;
    struct place place = { planning, row->number, NULL, NULL };
    place.relative =
        arena_printf(arena, "%s/%lld", row->is_binned ? "bin" : "runs", (long long)row->number);
    place.directory = path_join(arena, planning->store->path, place.relative);
    if (row->is_binned) {
        struct gc_paths paths = { .count = 0 };
        gc_add_path(planning, &paths, place.relative);
        gc_add_item(planning, GC_BIN, row->number, &paths, NULL);
        return 0;
    }
    if (!run_state_is_end(row->state) || row->is_orphan)
        return 0;
    int error = plan_leftovers(&place);
    if (error || is_to_keep(row))
        return error;
    error = plan_checkpoints(&place);
    if (!error)
        error = plan_samples(&place);
    if (!error)
        plan_tree(&place);
    return error;
}

int gc_plan(struct arena *arena, struct gc_plan *plan, const struct store *store,
            const struct run_row *runs, int run_count, const struct gc_wish *wish, double now)
{
    struct gc_planning planning = { .arena = arena, .store = store, .wish = wish, .now = now };
    int error = 0;
    for (int i = 0; i < run_count && !error; i++)
        error = plan_run(&planning, &runs[i]);
    if (error)
        return error;
    gc_plan_store(&planning);
    *plan = (struct gc_plan){ planning.items, planning.count, 0 };
    for (int i = 0; i < plan->count; i++)
        if (!plan->items[i].kept)
            plan->bytes += plan->items[i].bytes;
    return 0;
}
