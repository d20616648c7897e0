/* Metrics of runs as curves on one chart: what plot and compare draw. */
#ifndef GANDER_CLI_CURVES_H
#define GANDER_CLI_CURVES_H

#include "draw/chart.h"
#include "draw/picture.h"
#include "run_table.h"

enum curve_axis { CURVE_STEP, CURVE_TIME, CURVE_CLOCK };

struct curve_wish {
    enum curve_axis by;
    enum chart_glyphs glyphs;   /* not AUTO */
    enum picture_mode pictures; /* what goes with them; AUTO where nothing was said */
    double first, last;         /* steps; NaN: no bound */
    double smooth;              /* weight of chart_smooth */
    bool is_log, hides_outliers;
    int columns, rows; /* of the chart */
    int utc_offset;    /* seconds east of Greenwich */
};

#define CURVE_OPTIONS                                                                              \
    { 0, "by", "AXIS", "Draw over step, time (hours of work) or clock.", false },                  \
        { 0, "smooth", "W", "Smooth curves, from 0 (not) to 0.999.", false },                      \
        { 0, "log", NULL, "A logarithmic axis of values.", false },                                \
        { 0, "outliers", NULL, "Show all values, not only the middle 99 %.", false },              \
        { 0, "from", "STEP", "Begin at this step.", false },                                       \
        { 0, "to", "STEP", "End at this step.", false },                                           \
    {                                                                                              \
        0, "as", "MODE", "Draw with auto, ascii, half, quadrant or braille.", false                \
    }

/* From these options and the terminal of standard output. */
int option_curves(const struct arguments *arguments, struct curve_wish *wish);

struct curve {
    const struct listed_run *run;
    const char *metric;
    const char *name; /* in the legend */
    int look;
    struct series series;
    double *x; /* (series.count) as the wish says */
};

/* Fills in `series` and `x`, in the index's arena. A run without the metric has an empty series. */
int curve_read(struct index *index, struct curve *curve, const struct curve_wish *wish);

/* The chart of curves that were read; nothing is printed where all are empty. */
void curves_print(struct index *index, const char *title, const struct curve *curves, int count,
                  const struct curve_wish *wish);

/* Seconds of work that a run had done at a moment of its; the first of its attempts began at 0. */
double run_worked_at(const struct attempt_row *attempts, int count, double time);

/* Of what one run draws on one chart unless it is said: its losses; of several runs one metric. */
const char **curve_usual_metrics(struct index *index, const struct listed_run *runs, int run_count,
                                 int most, int *count);

/* "12", or with several stores "2:12"; and with the name, if it has one. In the index's arena. */
const char *run_title(struct index *index, const struct listed_run *run);
const char *run_long_title(struct index *index, const struct listed_run *run);

/* The rows of runs that were resolved; the sentence is set. */
int index_list(struct index *index, const struct index_run *runs, int count,
               struct listed_run **out);

#endif
