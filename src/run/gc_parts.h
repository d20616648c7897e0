/* What the files of run/gc.h share. */
#ifndef GANDER_RUN_GC_PARTS_H
#define GANDER_RUN_GC_PARTS_H

#include "run/gc.h"

struct gc_planning {
    struct arena *arena;
    const struct store *store;
    const struct gc_wish *wish;
    double now;
    struct gc_item *items;
    int count, room;
};

struct gc_paths {
    const char **paths; /* relative to the store */
    int count, room;
    int64_t bytes;
};

/* `path` below the store. */
void gc_add_path(struct gc_planning *planning, struct gc_paths *paths, const char *path);
/* One without paths is none, unless it is a pin. */
void gc_add_item(struct gc_planning *planning, enum gc_kind kind, int64_t run,
                 const struct gc_paths *paths, const char *kept);

/* What killed writers have left in the store, outside of its runs. */
void gc_plan_store(struct gc_planning *planning);

#endif
