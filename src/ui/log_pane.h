/* The log of a run in a pane: its end, which goes on as it is written, and what stands before it,
 * scrolled and searched. What is shown are the lines of a few offsets; a log of a gigabyte opens
 * at once. */
#ifndef GANDER_UI_LOG_PANE_H
#define GANDER_UI_LOG_PANE_H

#include "log_file.h"
#include "pages.h"

struct log_pane {
    struct pages
        pages; /* the lines that are shown; its `follows` says that the end is kept in view */
    struct log_file file;
    off_t top, bottom; /* of what is shown */
    off_t found;       /* the line that was searched for; -1: none */
    bool is_stale;
};

void log_pane_open(struct log_pane *pane, const char *directory);
void log_pane_release(struct log_pane *pane);

/* Looks whether the file has grown. True if what is shown changed. */
bool log_pane_update(struct log_pane *pane, int columns, int rows);

/* Moves; IGNORED for the rest. */
enum reaction log_pane_act(struct log_pane *pane, enum action action);
/* As a view's `search`. A job, as the log may be long. */
void log_pane_search(struct log_pane *pane, struct view *view, const char *text, int by);

/* `silence` is what to say where there is nothing to show. */
void log_pane_draw(const struct log_pane *pane, struct frame *frame, struct rect rect,
                   const char *silence);
/* "following, 1.2 MB"; in the arena. */
const char *log_pane_status(const struct log_pane *pane, struct arena *arena);

#endif
