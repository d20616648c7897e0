/* What has come of a sweep: its points, the best first, and which parameter mattered. */
#ifndef GANDER_SHOW_SWEPT_H
#define GANDER_SHOW_SWEPT_H

#include "run/conductor.h"
#include "run/trials.h"
#include "show/statistics.h"

struct swept_point {
    int point; /* in the plan */
    const char *const *values;
    const struct trial *trials; /* (seeds) */
    int counts[TRIAL_BROKEN + 1];
    int rung;             /* the last that one of its runs was begun for; -1: none */
    struct spread spread; /* of the goal, over the seeds, at the end of that */
    double first;         /* mean at the end of the first rung, where all points can be compared */
};

struct swept_parameter {
    const char *key;
    bool is_number, is_log;
    double *numbers; /* (points, as they stand in `points`) NaN: it is none */
    double effect;   /* rank correlation with the goal; of words the rank ratio, without sign */
};

struct swept {
    struct arena arena;
    struct sweep sweep;
    struct sweep_goal goal;
    const char *goal_words; /* as it was asked for; NULL: none */
    struct trials trials;
    struct conductor_story conductor;
    int counts[TRIAL_BROKEN + 1]; /* of all trials */
    struct swept_point *points;   /* the best first; those without a value last */
    struct swept_parameter *parameters;
};

/* `goal` NULL: the plan's. Release *out in any case. `now`: seconds since 1970. */
int swept_read(struct swept *out, const struct store *store, const char *name, const char *goal,
               const struct config *config, double now);
void swept_release(struct swept *swept);

/* "working", "done", "stopped", "broken", "failed", "interrupted". */
const char *swept_state(const struct swept *swept);
/* "2 working", "3 of 3", "1 missing": how a point stands. In the arena. */
const char *swept_standing(struct arena *arena, const struct swept *swept,
                           const struct swept_point *point);
/* "12.1 ± 0.4", "12.1" of one run, "" of none. In the arena. */
const char *swept_value(struct arena *arena, const struct swept *swept,
                        const struct spread *spread);
/* The place of the first point that has a value; -1: none has. */
int swept_best(const struct swept *swept);

#endif
