/* Making room: what of a store nobody needs any more.
 *
 *     gc_plan(&plan, …);           looks, and changes nothing
 *     gc_perform(&plan.items[i], …)   removes one of what it found
 *
 * G1. Runs that are queued, work or have an orphan are left alone, and so are those tagged "keep":
 *     of these only leftovers of killed writers go once they have ended.
 * G2. The newest whole checkpoint of a run stays whatever is asked for, so that it can go on; so does
 *     the best.
 * G3. A checkout (runs/N/tree) that holds anything besides the code of the run goes only when that is
 *     asked for, since commands write their results there.
 * G4. Each removal holds the run's lock, and tells STORE/changes before it changes anything. What is
 *     interrupted goes on with the next gc. */
#ifndef GANDER_RUN_GC_H
#define GANDER_RUN_GC_H

#include "base/base.h"
#include "base/memory.h"
#include "run/catalogue.h"
#include "run/store.h"

struct gc_wish {
    int checkpoints;  /* that a run keeps, at least 1 */
    int samples;      /* that a run keeps, evenly over its steps, first and last among them */
    bool takes_trees; /* with what commands have written there */
};

enum gc_kind { GC_BIN, GC_CHECKPOINTS, GC_SAMPLES, GC_TREE, GC_LEFTOVERS, GC_PIN, GC_KINDS };
const char *gc_kind_name(enum gc_kind kind); /* "bin", "checkpoints" … */

struct gc_item {
    enum gc_kind kind;
    int64_t run;              /* 0: of the store itself */
    const char *const *paths; /* relative to the store */
    int path_count;
    int64_t bytes;
    const char *kept; /* why it is not removed after all; NULL: it is */
};

struct gc_plan {
    const struct gc_item *items;
    int count;
    int64_t bytes; /* of what is removed */
};

/* `runs`: all of the store, its bin included, as catalogue_list gives them. In the arena. */
int gc_plan(struct arena *arena, struct gc_plan *plan, const struct store *store,
            const struct run_row *runs, int run_count, const struct gc_wish *wish, double now);

/* Runs that code is pinned for and that are nowhere any more, ascending, malloc'ed. Pins younger than
 * an hour may be of a launch or an import under way, and are left out. */
int gc_ownerless_pins(const struct store *store, double now, int64_t **numbers, int *count);

/* ERR_BUSY when the run has begun to work since. */
int gc_perform(const struct store *store, const struct gc_item *item);

#endif
