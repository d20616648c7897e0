/* Do two runs say the same, number for number? What depends on the time (rates, seconds) and what a run
 * uses of its machine is not compared, nor what a resumption superseded. */
#ifndef GANDER_RUN_SAME_H
#define GANDER_RUN_SAME_H

#include "base/base.h"
#include "base/memory.h"
#include "run/store.h"

struct same {
    int64_t values, samples; /* that were the same, up to where they part */
    bool is_same;
    int64_t step;      /* from which they part */
    const char *what;  /* the metric or file in which they do; NULL: one has no more */
    const char *a, *b; /* what each has there; "" for a file, or for nothing */
};

/* By the journals and the samples of both. Strings are in the arena. `until` bounds the steps that count;
 * 0: all. */
int same_runs(struct arena *arena, struct same *out, const struct store *store, int64_t a,
              int64_t b, int64_t until);

#endif
