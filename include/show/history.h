/* The history of an experiment as one curve: what each run, or each commit, came to at best. */
#ifndef GANDER_SHOW_HISTORY_H
#define GANDER_SHOW_HISTORY_H

#include "record/metric.h"
#include "show/index.h"

enum history_axis { HISTORY_RUN, HISTORY_COMMIT };

struct history_point {
    const struct listed_run *run; /* that did best */
    int run_count;                /* of the commit */
    double value;                 /* the best, by the metric's direction; of none the last */
    double low, high;             /* of the runs of the commit */
    const char *label;            /* "12", "1a2b3c4" */
};

/* Runs by ascending number, each with its value; those without one (NaN), and by commit those
 * without a commit, are left out. Commits come in the order in which runs first had them. Returns how
 * many points there are; in the arena. */
int history_make(struct arena *arena, const struct listed_run *runs, const double *values,
                 int count, enum direction direction, enum history_axis axis,
                 struct history_point **points);

/* The same of a metric of these runs, of one store. */
int history_read(struct index *index, const struct listed_run *runs, int count, const char *metric,
                 enum history_axis axis, struct history_point **points, int *point_count);

/* The place of the best point; -1 where the metric has no direction, or there is no point. */
int history_best(const struct history_point *points, int count, enum direction direction);

#endif
