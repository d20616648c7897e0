/* What the Compare view is made of; for compare_*.c and view_compare.c. */
#ifndef GANDER_UI_COMPARE_STATE_H
#define GANDER_UI_COMPARE_STATE_H

#include "diff_load.h"
#include "pages.h"
#include "plots.h"
#include "sheets.h"
#include "show/groups.h"

enum { COMPARE_RUNS = 8 };

enum compare_pane { PANE_VALUES, PANE_METRICS, PANE_CURVES, PANE_SAMPLES, PANE_CODE };
enum { PANE_COUNT = PANE_CODE + 1, NO_PANE = -1 };

/* Values of all runs in rows, a column each. */
struct compare_cell {
    const char *text;
    enum role role;
};
struct compare_row {
    const char *key;
    enum role role;
    bool differs; /* from one run to another */
    struct compare_cell cells[COMPARE_RUNS];
};
struct compare_table {
    struct compare_row *rows;
    int count;
    int key_width, widths[COMPARE_RUNS]; /* that they would like */
    int cursor, first;
};

/* What was loaded of the runs. */
struct compare_data {
    struct listed_run *runs;
    const char **titles;
    int count;
    struct beside_setting *settings;
    int setting_count;
    struct beside_metric *metrics;
    int metric_count;
    struct groups groups;
    struct difference *differences; /* (metrics, groups) beside the first group */
    struct arena arena;             /* owns all of it */
};

struct compare_samples {
    struct sheet sheets[COMPARE_RUNS]; /* images in the arena */
    char why[COMPARE_RUNS][120];       /* there are none */
    struct arena arena;
};

struct compare_state {
    struct pages code;
    int64_t runs[COMPARE_RUNS];
    int run_count;
    char note[200]; /* how these runs were chosen; "": they were marked */

    struct compare_data data;
    bool is_loaded, needs_load, shows_all;
    uint64_t mark; /* of their news */
    struct compare_table values, metrics;
    int same_count;     /* values that are left out since they are the same */
    struct arena arena; /* of the tables */

    struct plot plot;
    bool has_plot;
    struct curve_wish curves;
    int first_panel;
    struct compare_samples samples;
    bool has_samples;
    struct diff diff;
    bool has_code;
    char why[300]; /* code cannot be compared */

    enum compare_pane focus;
    bool is_enlarged;
    int first_run; /* the leftmost column that is shown */
};

/* Where the panes are, title rows included; empty ones are not shown. */
void compare_layout(const struct compare_state *state, struct rect rect,
                    struct rect panes[PANE_COUNT]);

/* compare_load.c */
/* The other run to compare a single one with, and says which in `note`; 0: there is none. */
int64_t compare_find_other(struct index *index, int64_t run, char *note, size_t size);
void compare_load(struct view *view); /* all that may change while runs work */
void compare_load_plot(struct view *view);
bool compare_is_loading(const struct view *view); /* all but the code, which may take long */

/* compare_tables.c */
void compare_tables_make(struct compare_state *state);
void compare_table_move(struct compare_table *table, int by, int rows);
/* How many columns of runs fit from `first` on. */
int compare_columns_fit(const struct compare_table *table, int run_count, int first, int width);
void compare_table_draw(const struct compare_state *state, const struct compare_table *table,
                        struct frame *frame, struct rect rect, bool has_cursor);

/* compare_panes.c */
void compare_pane_draw(const struct compare_state *state, enum compare_pane pane,
                       struct frame *frame, struct rect rect);

#endif
