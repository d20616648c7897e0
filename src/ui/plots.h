/* Curves of runs: loaded beside the screen, drawn as one chart a metric. What the preview, the run
 * view, the curves view and the comparison share.
 *
 *     plot_load(view, &wish, loaded);
 *     static void loaded(struct view *view, struct job *job) { plot_take(&state->plot, job); }
 *     plot_draw(&state->plot, panel, frame, rect, &look);
 *     plot_release(&state->plot); */
#ifndef GANDER_UI_PLOTS_H
#define GANDER_UI_PLOTS_H

#include "show/curves.h"
#include "ui/view.h"

enum { PLOT_PANELS = 64 };

struct plot_wish {
    const int64_t *runs; /* copied */
    int run_count;
    const char *const *metrics; /* a panel each; copied */
    int metric_count;           /* 0: those that tell most about these runs, at most `most` */
    int most;
    bool joins_losses;        /* with metric_count 0: the losses of one run share the first panel */
    struct curve_wish curves; /* `first` and `last` both 0: all; `columns` 0: usual ones */
};

struct plot_panel {
    const char *metric, *title;
    struct curve *curves; /* of each run that has the metric */
    int count;
    struct chart chart; /* of these curves, in `drawn` */
};

struct plot {
    struct plot_panel *panels;
    int panel_count;
    struct listed_run *runs;
    int run_count;
    struct chart_event *events; /* of the first run, where it is the only one */
    int event_count;
    const char **event_texts; /* "step 300: mode collapse - 3 of 10 classes" */
    struct curve_wish curves; /* as it was loaded or prepared */
    struct arena arena;       /* owns all of it but … */
    struct arena drawn;       /* … the charts */
};

void plot_load(struct view *view, const struct plot_wish *wish,
               void (*done)(struct view *view, struct job *job));
/* False, with a sentence set, when it could not be loaded; the old one stays then. */
bool plot_take(struct plot *plot, struct job *job);
/* Makes the charts anew: smoothed in another way, logarithmic or not, with outliers or without. The
 * axis and the range stay those that were loaded. */
void plot_prepare(struct plot *plot, const struct curve_wish *wish);
void plot_release(struct plot *plot);

/* All metrics of these runs, at most `most`: losses, then what else tells much, then the rest. In the
 * index's arena. For threads, too. */
const char **plot_metrics(struct index *index, const struct listed_run *runs, int run_count,
                          int most, int *count);
/* Rows of these runs by ascending number, each once, in the index's arena; those that are gone are
 * left out. ERR_NOT_FOUND when none is there. For threads, too. */
int plot_read_runs(struct index *index, const int64_t *wished, int count, struct listed_run **runs,
                   int *run_count);
bool plot_is_loss(const char *metric);

/* How much may be smoothed, from not at all on. */
extern const double plot_weights[];
int plot_weight_count(void);
/* To the next one of these, or (`by` -1) the one before, and says which. */
void plot_smooth(struct app *app, double *weight, int by);

int plot_utc_offset(double now); /* seconds east of Greenwich, for the clock */

/* How it is drawn now; all zero is usual. */
struct plot_look {
    struct chart_range x, y;
    bool is_bare; /* no title, no legend: for small panels the value stands in the title */
    bool has_cursor, hides_bands;
    double cursor;
    const struct chart_event *events;
    int event_count;
    double half; /* a value at which a reference line is drawn; 0 or NaN: none */
};
/* The layout, for cursors and the mouse; plot empty if there is nothing to draw. */
struct chart_layout plot_draw(const struct plot *plot, int panel, struct frame *frame,
                              struct rect rect, const struct plot_look *look);

#endif
