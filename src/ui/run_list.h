/* The list of runs as a job loads it: filtered, sorted, whole. */
#ifndef GANDER_UI_RUN_LIST_H
#define GANDER_UI_RUN_LIST_H

#include "show/index.h"
#include "ui/view.h"

struct run_list_wish {
    const char *filter, *sort; /* NULL: all, by number */
    bool is_ascending, with_archived, from_bin;
};

struct run_list {
    struct listed_run *runs;
    int count;
    int64_t total;      /* without the filter's limit */
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
