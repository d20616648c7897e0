/* The code of runs compared: made beside the screen, for the diff view and for the list of changed
 * files. */
#ifndef GANDER_UI_DIFF_LOAD_H
#define GANDER_UI_DIFF_LOAD_H

#include "pages.h"
#include "ui/view.h"

enum { /* lines that are kept; the rest is counted */
       DIFF_LINES = 100000,
       DIFF_FILE_LINES = 20000 /* of one file, so that it does not hide the others */
};

enum diff_kind {
    DIFF_RUNS,   /* the code of two runs */
    DIFF_COMMIT, /* of one, against the commit that it was made from: what was not committed */
    DIFF_TREE    /* of one, against the work tree: what has changed since */
};

struct diff_file {
    const char *path; /* clean; "old -> new" where it was renamed */
    int line;         /* in `lines`; -1: left out */
    int added, removed, kept;
    int64_t left_out;
    bool is_new, is_deleted, is_binary;
};

struct diff {
    struct page_line *lines;
    int count;
    int64_t left_out; /* lines */
    struct diff_file *files;
    int file_count;
    struct arena arena; /* owns all of it */
};

/* `runs` are two for DIFF_RUNS, else one. */
void diff_load(struct view *view, const int64_t *runs, enum diff_kind kind,
               void (*done)(struct view *view, struct job *job));
/* False, with a sentence set, when they cannot be compared; *diff is empty then. */
bool diff_take(struct diff *diff, struct job *job);
void diff_release(struct diff *diff);

#endif
