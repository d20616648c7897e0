/* Have two runs the same numbers, bit for bit? All metrics of their journals are compared but those
 * that the machine has a part in (metric_is_of_machine), superseded lines left out. */
#ifndef GANDER_SHOW_SAME_H
#define GANDER_SHOW_SAME_H

#include "base/base.h"
#include "base/memory.h"
#include "run/store.h"

/* One metric; `a` and `b` are the two runs. */
struct same_metric {
    const char *name;
    int64_t compared;        /* values at steps that both have … */
    int64_t differing;       /* … and how many are not the same */
    int64_t only_a, only_b;  /* values at steps that the other has not */
    int64_t parts;           /* the first step of either; -1: none */
    double first_a, first_b; /* the values there … */
    bool has_a, has_b;       /* … of those that have one */
    double most;             /* the largest difference … */
    int64_t most_step;       /* … and its step */
};

struct same {
    struct same_metric *metrics; /* in the order in which they first came */
    int count;
    int64_t compared;           /* values of all */
    int64_t parts;              /* the first step at which any differs; -1: none */
    int64_t last_a, last_b;     /* steps of their last values; -1: none */
    const char *const *skipped; /* what was left out, NULL-terminated */
};

/* Journals of two runs of a store. What run `a` lacks at its end is no difference where `is_prefix`:
 * it did not come to its end. All in the arena. */
int same_compare(struct arena *arena, const struct store *store, int64_t a, int64_t b,
                 bool is_prefix, struct same *out);

/* What the training and its machine were: "build", "cpu", "blas", "kernel", "threads", "host",
 * "data.hash" …, of both runs; NULL where it is not known. */
struct same_fact {
    const char *name;
    const char *a, *b;
};
int same_facts(struct arena *arena, const struct store *store, int64_t a, int64_t b,
               struct same_fact **facts, int *count);

#endif
