/* Recipe values and metrics of several runs beside each other. */
#ifndef GANDER_SHOW_BESIDE_H
#define GANDER_SHOW_BESIDE_H

#include "record/metric.h"
#include "show/index.h"

struct beside {
    struct index *index;
    const struct listed_run *runs; /* their catalogues are open */
    int count;
    bool shows_all; /* recipe values that do not differ, too, and all metrics */
};

/* One value of all runs. */
struct beside_setting {
    const char *key;
    const char **values; /* (runs); NULL for those that have it not */
    bool differs;
};

/* Every key that any run has, in the order in which they first come. In the index's arena. */
int beside_settings(const struct beside *beside, struct beside_setting **settings, int *count);

struct beside_metric {
    const char *name;
    enum direction direction;
    struct run_metric *values; /* (runs); points 0: the run has it not */
    int best;                  /* which run was best by `direction`, over all its steps; -1: none */
};

/* Of programs with thousands of metrics the first 1,000. */
int beside_metrics(const struct beside *beside, struct beside_metric **metrics, int *count);
/* The best that a run has come to; of what has no direction the last. NaN: the run has it not. */
double beside_best(const struct beside_metric *metric, int run);

#endif
