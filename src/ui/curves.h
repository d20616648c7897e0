/* The curves view: what its files share.
 *
 *     view_curves.c    opening, loading, keys
 *     curves_make.c    from what was loaded to the chart that is drawn
 *     curves_zoom.c    the part that is shown, the cursor, the mouse
 *     curves_draw.c    the chart, the list of curves, the head
 *
 * Two plots are loaded: `all`, from the first step to the last, and `part`, finer, around what is
 * shown when that is less. Until the right part has come, the old one or `all` is drawn. */
#ifndef GANDER_UI_CURVES_H
#define GANDER_UI_CURVES_H

#include "plots.h"
#include "show/history.h"
#include "ui/view.h"

enum curves_axis { /* the first ones as in enum curve_axis */
                   AXIS_RUN = CURVE_CLOCK + 1,
                   AXIS_COMMIT,
                   AXIS_COUNT
};

/* What there is to choose from, and whether anything has come. */
struct curves_names {
    struct listed_run *runs; /* ascending; those that are there */
    int run_count;
    int *groups;          /* (runs) as fold_groups */
    const char **labels;  /* "losses", "D loss" … */
    const char **metrics; /* NULL: the losses of the one run, together */
    const char **losses;
    int count, loss_count;
    struct run_metric *values; /* of all runs and metrics */
    int value_count;
    uint64_t mark; /* another one when there are other points or states */
    struct arena arena;
};

struct curves_history {
    struct history_point *points;
    int count, best; /* best -1: none */
    const char *metric;
    bool has_best; /* the metric has a direction */
    struct listed_run *runs;
    struct arena arena;
};

/* A line of the list of curves. */
struct curves_entry {
    uint64_t *keys; /* numbers of runs, or the place of a loss: what is hidden is kept by them */
    int key_count;  /* more than one: runs that are folded */
    int64_t run;    /* the first */
    const char *name;
    int look;
    const struct chart_series *series; /* NULL: hidden, or without points */
    double best;                       /* NaN: there is none */
    bool is_best, is_hidden;
};

struct curves {
    int64_t runs[VIEW_RUNS_LIMIT];
    int run_count;
    char *wanted;     /* the metric that is asked for, by name; malloc'ed or NULL */
    char *remembered; /* the one that was shown last; the same */

    struct curves_names names;
    int metric;            /* of names */
    int axis, wanted_axis; /* what is shown, and what is being loaded */
    int smoothing;         /* of plot_weights */
    bool is_log, shows_outliers, hides_bands, folds;
    uint64_t hidden[VIEW_RUNS_LIMIT];
    int hidden_count;

    struct plot all, part;
    struct chart_range part_range, part_wanted; /* what `part` was loaded for, and is to be */
    struct curves_history history;
    bool needs_names, needs_all, needs_part, needs_history;
    uint64_t mark;  /* of their news */
    bool is_loaded; /* something has come, if only nothing */

    /* Made of these when is_stale; in `made`. */
    bool is_stale;
    struct curves_entry *entries;
    int entry_count;
    bool has_best; /* the metric has a direction */
    struct chart chart;
    struct chart_range full; /* all x of what is shown */
    struct arena made;

    struct chart_range shown; /* low == high: all */
    bool has_cursor;
    double cursor;
    double cursor_step; /* where it goes when another axis has come; NaN: it stays */
    bool in_list;
    int entry, first; /* of the list */
    bool is_dragging;
    int drag_from, drag_to; /* columns */
};

/* Where the parts of the screen are. */
struct curves_places {
    struct rect head, chart, list;
    bool is_beside;    /* the list is on the right */
    int across, pitch; /* entries in a line of the list, and columns of each */
};

static inline bool curves_is_history(const struct curves *curves)
{
    return curves->axis >= AXIS_RUN;
}

static inline bool curves_is_zoomed(const struct curves *curves)
{
    return curves->shown.low < curves->shown.high;
}

/* curves_make.c */
void curves_make(struct view *view);
void curves_release(struct curves *curves);
struct chart curves_chart_now(const struct curves *curves); /* with what is shown of it */
bool curves_is_hidden(const struct curves *curves, uint64_t key);
/* The steps that lie in a part of the axis. */
struct chart_range curves_steps(const struct curves *curves, struct chart_range x);
double curves_step_at(const struct curves *curves, double x);      /* NaN: unknown */
double curves_x_of_step(const struct curves *curves, double step); /* the same */

/* curves_zoom.c */
enum reaction curves_zoom(struct view *view, double factor, double around);
enum reaction curves_zoom_to(struct view *view, double low, double high);
enum reaction curves_zoom_at_cursor(struct view *view, double factor);
enum reaction curves_pan(struct view *view, double share);
enum reaction curves_move(struct view *view, int dots);
enum reaction curves_move_to_end(struct view *view, bool is_last);
enum reaction curves_move_to_event(struct view *view, int by);
enum reaction curves_mouse(struct view *view, const struct input *input);
struct chart_range curves_shown(const struct curves *curves);

/* curves_draw.c */
struct curves_places curves_places(const struct view *view, struct rect rect);
void curves_draw(const struct view *view, struct frame *frame, struct rect rect);
const char *curves_status(const struct view *view, struct arena *arena);

double curves_value(const struct curves *curves, const struct curves_entry *entry);

/* view_curves.c */
enum reaction curves_go_in_list(struct view *view, int by);
void curves_toggle(struct view *view, int entry_index);

#endif
