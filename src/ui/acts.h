/* What is done to runs, in parts: acts.c begins each act and holds what may be undone, acts_text.c
 * asks for words, acts_files.c writes directories and archives. */
#ifndef GANDER_UI_ACTS_H
#define GANDER_UI_ACTS_H

#include "app_state.h"

/* The runs that an act is for. While something is asked about them, they are those of acts->meant. */
struct meant {
    int64_t *numbers;
    int count;
    struct run_row *rows; /* what is known of the first of them */
    int row_count;
    const char *title; /* "run 12", "3 runs" */
    struct arena arena;
};

enum undo { UNDO_NOTHING, UNDO_ARCHIVE, UNDO_UNARCHIVE, UNDO_DELETE, UNDO_TAKE_BACK };

/* Something that is done to each of some runs, beside the screen; in the arena of its job. */
struct change {
    int (*each)(struct change *change, const struct store *store, int64_t run);
    const char *one, *many; /* "stops after a checkpoint", "stop after a checkpoint" */
    const char *text;       /* what `each` wants; or NULL */
    const char *sign;       /* while it takes long; NULL: "changing runs" */
    enum lane lane;         /* 0: LANE_ACT */
    enum undo undo;         /* how it is taken back */
    bool can_be_given_up;   /* `each` looks at job->is_cancelled, and then leaves nothing behind */
    const int64_t *runs;
    int count;

    struct job *job;
    int64_t *done; /* those to which it was done */
    int done_count, failed_count;
    const char *why;      /* the first that failed, in a sentence */
    const char *sentence; /* of one run, instead of `one`; or NULL */
    const char *remark;   /* what else is worth saying; or NULL */
};

/* Starts the change on the runs that are meant; what `change` borrows is copied. */
void acts_change(struct app *app, const struct change *change);
struct meant *acts_meant(struct app *app);

/* acts_text.c */
void acts_ask_tags(struct app *app, struct meant *meant);
void acts_ask_note(struct app *app, struct meant *meant);
void acts_ask_name(struct app *app, struct meant *meant);

/* acts_files.c */
void acts_ask_directory(struct app *app, struct meant *meant);
void acts_ask_archive(struct app *app, struct meant *meant);

/* command_line.c, command_run.c */
void command_line_open(struct app *app);
/* `gander WORDS…` of this store with the terminal; how it ended, as waitpid gives it. */
int command_in_terminal(struct app *app, const char *const *words, bool asks);
/* What `gander candidates` says of `words`, which begin with "gander"; in the arena of the job. */
int run_candidates(struct job *job, const char *const *words, char **out);

/* Completes the path that `text` has from byte `from` on: a struct prompt's `complete` in which all of
 * the text is one path, and the same for a word of a line. */
int path_complete(struct job *job, const char *text, int *from, char ***words);
int path_complete_word(struct arena *arena, const char *word, bool only_directories, char ***words);

#endif
