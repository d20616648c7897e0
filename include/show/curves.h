/* Metrics of runs as curves, and curves as a chart. */
#ifndef GANDER_SHOW_CURVES_H
#define GANDER_SHOW_CURVES_H

#include "draw/chart.h"
#include "show/index.h"

enum curve_axis {
    CURVE_STEP,
    CURVE_EPOCH, /* passes over the data */
    CURVE_TIME,  /* seconds of work */
    CURVE_CLOCK
};

struct curve_wish {
    enum curve_axis by;
    double first, last; /* steps; NaN: no bound */
    double smooth;      /* weight of chart_smooth; 0: as it is */
    bool is_log, hides_outliers;
    int columns;    /* of the chart */
    int utc_offset; /* seconds east of Greenwich */
};

struct curve {
    const struct listed_run *run; /* its catalogue is open */
    const char *metric;
    const char *name; /* in the legend */
    int look;
    struct series series;
    double *x; /* (series.count) as the wish says */
};

/* Fills in `series` and `x`, in the index's arena. A run without the metric has an empty series.
 * ERR_NOT_FOUND where a run does not tell its epochs: neither the recipe's batch and the count of
 * its images are known, nor has it a metric "epoch". */
int curve_read(struct index *index, struct curve *curve, const struct curve_wish *wish);

/* Fills in `x` from the steps and times of a series that is there, in the index's arena. */
int curve_place(struct index *index, struct curve *curve, const struct curve_wish *wish);

/* The chart of curves that were read, each smoothed one with the raw one faint behind it. Those that
 * are empty are left out; of none else the chart has no series. */
void curves_chart(struct arena *arena, const char *title, const struct curve *curves, int count,
                  const struct curve_wish *wish, struct chart *out);

/* Seconds of work that a run had done at a moment of its; the first of its attempts began at 0. */
double run_worked_at(const struct attempt_row *attempts, int count, double time);

/* Of what one run draws on one chart unless it is said: its losses; of several runs one metric. */
const char **curve_usual_metrics(struct index *index, const struct listed_run *runs, int run_count,
                                 int most, int *count);

#endif
