/* The list of runs as a job loads it: filtered, sorted, grouped, whole. */
#ifndef GANDER_UI_RUN_LIST_H
#define GANDER_UI_RUN_LIST_H

#include "show/index.h"
#include "show/run_table.h"
#include "ui/view.h"

struct run_list_wish {
    const char *filter, *sort; /* NULL: all, by number */
    const char *group;         /* a column, metric or recipe value; NULL: none */
    const char *columns;       /* NULL: those of the dashboard */
    bool is_ascending, with_archived, from_bin;
};

/* Runs with one value, which stand together; groups come in the order of their first runs. */
struct run_group {
    const char *value; /* "": they have none */
    int first, count;  /* of the list */
    int states[RUN_STATES];
    double best; /* of the list's metric; NaN */
};

struct run_list {
    struct listed_run *runs;
    int count;
    int64_t total; /* without the filter's limit */
    struct run_group *groups;
    int group_count;
    const char *metric; /* that tells most, and has a direction; NULL: none */
    struct run_column *columns;
    int column_count;
    double now;         /* when it was read */
    struct arena arena; /* owns all of it */
};

/* Starts loading; `done` then calls run_list_take. */
void run_list_load(struct view *view, const struct run_list_wish *wish,
                   void (*done)(struct view *view, struct job *job));
/* The same here and now, at most `limit` runs: for a first screen. */
int run_list_read(struct app *app, const struct run_list_wish *wish, int limit,
                  struct run_list *out);
/* Moves what was loaded into *list, whose old contents are released; false, with a sentence set, when
 * it could not be loaded. */
bool run_list_take(struct run_list *list, struct job *job);
void run_list_release(struct run_list *list);

#endif
