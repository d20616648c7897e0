/* The state of the table of runs, and what its files share.
 *
 *     view_runs.c      the view: loading, keys, what is remembered
 *     runs_lines.c     runs and heads of groups in the order of the screen; the cursor, folds, marks
 *     runs_table.c     columns, cells and widths of the lines that are shown
 *     runs_wishes.c    what is asked for: order, filter, groups, words to search for
 *     runs_columns.c   choosing columns
 *     runs_names.c     what there is to choose
 *     runs_preview.c   the curves and digits of the run under the cursor
 *     runs_draw.c      all of it on the canvas; what the mouse hits */
#ifndef GANDER_UI_RUNS_H
#define GANDER_UI_RUNS_H

#include "draw/table.h"
#include "plots.h"
#include "run_list.h"
#include "sheets.h"
#include "ui/view.h"

enum { RUNS_MARGIN = 2 /* columns left of the table: the cursor's sign and the mark's */ };

struct runs_line {
    int run;   /* of the list; -1: the head of the group */
    int group; /* of the list; -1: they are not grouped */
};

struct runs_mark {
    int64_t run;
    bool is_listed; /* those that are not are not meant */
};

/* The cells of one line, which live on while it is scrolled. */
struct runs_row {
    int run; /* of the list; -1: none */
    struct arena arena;
    const struct table_cell *cells;
};

struct runs_table {
    struct table_column *heads;
    const char **names; /* of columns */
    struct arena arena; /* of both */
    char *signature;    /* the names, joined; malloc'ed */
    int column_count;
    int *full;     /* what is widest in each column so far */
    int *widths;   /* as they are drawn; 0: not */
    int skipped;   /* columns scrolled away */
    bool has_more; /* at the right, or left out */
    struct runs_row *rows;
    int row_count;
    bool is_stale;
};

struct runs_preview {
    bool is_hidden;
    struct rect rect; /* width 0: there is no room for it */
    double moved;     /* when the cursor came to rest, in steady seconds */
    int64_t wanted;   /* the run under the cursor; 0: none; of the head of a group the first run */
    int wanted_count; /* runs of a group */
    int64_t loaded;   /* what was asked for last … */
    int loaded_count;
    int64_t loaded_step; /* … when it had come so far */
    enum run_state loaded_state;
    struct plot plot;
    struct sheet sheet;
    struct rect chart, digits; /* where they are, for the mouse */
};

/* The columns as they are being chosen. */
struct runs_picker {
    bool is_open;
    char **names; /* malloc'ed: the chosen ones first */
    bool *is_on;
    int count, cursor;
};

/* Of recipe values, as they were known last. */
struct runs_names {
    char **settings; /* in the arena */
    int count;
    struct arena arena;
    void (*came)(struct view *view); /* what a list does that gets more; NULL: nothing */
};

struct runs {
    struct run_list list;
    char *filter, *sort, *group,
        *columns; /* malloc'ed; NULL: all, by number, none, the usual ones */
    char *trial;  /* the filter as it is being typed */
    bool is_trying;
    bool is_ascending, with_archived, from_bin;
    bool has_begun, has_read;  /* there is a list, if only of the first runs */
    bool needs_load, is_stale; /* it is wanted in another way; there may be new runs in it */
    double loaded;             /* when the list was last asked for, in steady seconds */
    double cost;               /* seconds that this took */

    struct runs_line *lines; /* malloc'ed */
    int line_count, line_room;
    int cursor, first, rows; /* lines */
    int64_t at;              /* the run that the cursor is on; 0: the head of a group … */
    char *at_group;          /* … with this value; malloc'ed */
    bool folds_all;
    char **unlike; /* groups that are not as folds_all says; malloc'ed */
    int unlike_count;
    struct runs_mark *marks; /* by ascending number; malloc'ed */
    int mark_count;

    char *searched;             /* malloc'ed; NULL: nothing yet */
    const char *const *choices; /* that app_choose shows */
    struct rect place;          /* of the table */
    struct runs_table table;
    struct runs_preview preview;
    struct runs_picker picker;
    struct runs_names names;
};

/* Replaces a malloc'ed text; "" and NULL are NULL. */
void runs_set(char **text, const char *to);
/* The list will be loaded at the next update. */
void runs_reload(struct view *view);

/* --- runs_lines.c --- */
void runs_make_lines(struct runs *runs); /* after the list, the groups or the folds changed */
void runs_move(struct runs *runs, int to);
void runs_scroll(struct runs *runs); /* so that the cursor is shown */
const struct runs_line *runs_line_at(const struct runs *runs, int line); /* NULL: none */
const struct run_row *runs_row_at(const struct runs *runs, int line);    /* NULL: not a run */
bool runs_is_folded(const struct runs *runs, int group);
void runs_fold(struct runs *runs);
void runs_fold_all(struct runs *runs);
void runs_add_unlike(struct runs *runs, const char *value); /* NULL: nothing */
void runs_unfold_run(struct runs *runs, int run);
bool runs_is_marked(const struct runs *runs, int64_t number);
bool runs_is_group_marked(const struct runs *runs, int group);
void runs_toggle_mark(struct runs *runs); /* of the line under the cursor */
void runs_unmark_all(struct runs *runs);
int runs_marked_count(const struct runs *runs);
/* The marked ones, else those under the cursor. */
int runs_meant(const struct runs *runs, struct arena *arena, int64_t **numbers);
void runs_lines_release(struct runs *runs);

/* --- runs_table.c --- */
/* True if something is shown in another way. */
bool runs_table_update(struct view *view);
void runs_table_scroll(struct runs *runs, int by);        /* columns */
int runs_table_column_at(const struct runs *runs, int x); /* -1: none */
void runs_table_release(struct runs *runs);

/* --- runs_wishes.c --- */
void runs_ask_sort(struct view *view);
void runs_sort_by(struct view *view, const char *column);
void runs_ask_group(struct view *view);
void runs_ask_filter(struct view *view);
void runs_search(struct view *view, const char *text, int by);

/* --- runs_columns.c --- */
void runs_pick_columns(struct view *view);
enum reaction runs_picker_key(struct view *view, uint32_t key);
enum reaction runs_picker_act(struct view *view, enum action action);
void runs_picker_draw(const struct runs *runs, struct frame *frame, struct rect rect);
void runs_picker_release(struct runs *runs);

/* --- runs_names.c --- */
/* Looks for names that are not known yet; `came` is called if there are some. */
void runs_names_load(struct view *view, void (*came)(struct view *view));
void runs_names_release(struct runs *runs);

/* --- runs_preview.c --- */
void runs_preview_update(struct view *view, const struct tick *tick);
double runs_preview_wakes(const struct runs *runs, double steady);
void runs_preview_draw(const struct runs *runs, struct frame *frame);
void runs_preview_release(struct runs *runs);

/* --- runs_draw.c --- */
void runs_draw(const struct view *view, struct frame *frame, struct rect rect);
enum reaction runs_mouse(struct view *view, const struct input *input);

#endif
