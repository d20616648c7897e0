/* What the run view is made of; for view_run.c and the files run_*.c of its tabs. */
#ifndef GANDER_UI_RUN_VIEW_H
#define GANDER_UI_RUN_VIEW_H

#include "diff_load.h"
#include "draw/gauge.h"
#include "log_pane.h"
#include "pages.h"
#include "plots.h"
#include "run_head.h"
#include "sheets.h"
#include "show/report.h"

enum run_tab { TAB_OVERVIEW, TAB_CURVES, TAB_SAMPLES, TAB_RECIPE, TAB_LOG };
enum { TAB_COUNT = TAB_LOG + 1 };

/* All that is known of the run, as a job loads it. */
struct run_known {
    struct report report;
    struct gauge gauge; /* real and fake NaN: the run does not tell */
    struct evaluation_row evaluation;
    int64_t points, sample; /* of all metrics; step of the newest sample, -1: none */
    struct arena arena;     /* owns all of it */
};

/* Panels of all metrics, as many as fit at once. */
struct run_grid {
    struct plot plot; /* of the metrics from `first` on */
    int first, shown; /* metrics of this page */
    int cursor;       /* metric */
    int across, down; /* panels */
    bool is_enlarged; /* the one at the cursor alone */
    char searched[SEARCHED_SIZE];
};

struct run_view {
    struct pages overview, facts; /* texts of those tabs */
    bool is_overview_stale, are_facts_stale;
    char searched[SEARCHED_SIZE]; /* in whichever tab */
    struct log_pane log;
    struct run_head head;
    struct run_known known;
    bool is_known, wants_known;
    uint64_t mark; /* of its news */
    double looked; /* steady seconds when it was last asked for */
    enum run_tab tab;
    bool has_news_row; /* what is new of it is too long to stand behind the tabs */
    struct curve_wish wish;
    struct plot losses;
    int64_t losses_points, grid_points; /* that were drawn; -1: must be loaded */
    struct run_grid grid;
    struct sheet sheet;
    int64_t
        asked_sample; /* the newest step that was known when the sheet was asked for; -1: none */
    bool is_sheet_read;
    struct diff changes;
    bool are_changes_asked, are_changes_known;
    char no_changes[256]; /* why they are not known */
};

/* run_known.c */
void run_known_load(struct view *view, void (*done)(struct view *view, struct job *job));
bool run_known_take(struct run_known *known, struct job *job);
void run_known_release(struct run_known *known);

/* run_overview.c */
/* Where its chart stands. */
struct rect run_overview_chart(const struct run_view *run, struct rect body);
void run_overview_update(struct run_view *run, struct rect body);
void run_overview_draw(const struct run_view *run, struct frame *frame, struct rect body);

/* run_grid.c */
void run_lacks_epochs(struct view *view); /* curves could not be read: over time instead */
void run_grid_update(struct view *view, struct rect body, bool is_new_size);
enum reaction run_grid_act(struct view *view, enum action action);
void run_grid_search(struct view *view, const char *text, int by);
void run_grid_draw(const struct run_view *run, struct frame *frame, struct rect body);
int run_grid_at(const struct run_view *run, struct rect body, int x, int y); /* a metric; -1 */

/* run_facts.c */
void run_facts_fill(struct view *view, int columns);
/* Pages whose lines begin with a label, as wide as that: it stands back behind what it labels. */
void run_pages_draw(const struct pages *pages, struct frame *frame, struct rect body, int label);
void run_facts_draw(const struct run_view *run, struct frame *frame, struct rect body);

#endif
