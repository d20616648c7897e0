/* What a recipe would cost on this machine, before anything is trained: its plan (run/plan.h), and the
 * time that a step takes by what earlier runs of the store took. */
#ifndef GANDER_RUN_ESTIMATE_H
#define GANDER_RUN_ESTIMATE_H

#include "base/base.h"
#include "base/memory.h"
#include "record/recipe.h"
#include "run/catalogue.h"
#include "run/plan.h"

/* The images of a recipe. Those that are not on this machine are taken for MNIST's, and `missing`
 * says so. */
struct estimate_images {
    struct game_images size;
    int count;           /* 0: unknown */
    const char *missing; /* a sentence; NULL: they are here */
};

/* In the arena. ERR_INVALID for a source that is there and is no data set. */
int estimate_look(struct arena *arena, const struct recipe *recipe, struct estimate_images *out);

struct estimate {
    struct estimate_images images;
    struct plan plan;
    int threads;
    double step_seconds; /* NaN: no run tells */
    int64_t by_run;      /* that told it; 0: none */
    bool is_same;        /* its steps cost the same; else they were scaled by their work */
    struct arena arena;
};

/* Milliseconds. `store` and `catalogue` NULL: nothing is asked of earlier runs. ERR_INVALID as
 * plan_init. The caller releases *out in any case. */
int estimate_make(struct estimate *out, const struct recipe *recipe, const struct store *store,
                  struct catalogue *catalogue, double now);
void estimate_release(struct estimate *estimate);

#endif
