/* What the Launch view is made of; for launch_*.c and view_launch.c. */
#ifndef GANDER_UI_LAUNCH_STATE_H
#define GANDER_UI_LAUNCH_STATE_H

#include "launch_form.h"
#include "line.h"
#include "pages.h"
#include "ui/view.h"

enum { LAUNCH_NAME, LAUNCH_RUNS, LAUNCH_FIELDS, LAUNCH_ROWS = LAUNCH_FIELDS + RECIPE_FIELD_COUNT };
enum { LAUNCH_KEYS = 20 /* columns of marks and keys in front of the values */ };

/* A line of the form as it is shown. */
enum launch_line_kind { LAUNCH_SECTION, LAUNCH_ROW, LAUNCH_REST, LAUNCH_ERROR };
struct launch_line {
    enum launch_line_kind kind;
    int row;          /* that it is of */
    const char *text; /* of all but LAUNCH_ROW */
};

struct launch_draft { /* a form that was left; strings malloc'ed */
    char *path;       /* of the recipe file; NULL: of a run */
    int64_t run;
    char *name;
    char **settings;
    int count; /* 0: there is none */
};

struct launch_cost {
    bool is_known;
    char summary[200];
    double seconds; /* of a whole run; NaN: unknown */
    char by[40];    /* "as run 12" */
};

struct launch_advice { /* of the run that the form copies */
    int next;          /* remedy, from 0 */
    int row;           /* that has the last one; -1: none has */
    char why[400];
};

struct launch_state {
    struct launch_form form;
    struct launch_advice advice;
    struct launch_draft draft;
    int row; /* that the cursor is on */
    bool is_editing;
    struct line line;
    char *before; /* the value while it is edited; malloc'ed */

    struct launch_line *lines;
    int line_count, first, rows; /* first and rows that are shown */
    struct arena arena;          /* of the lines */
    bool is_stale;               /* lines must be made again */

    bool is_on_cost; /* the keys are for the pane of shapes and cost */
    struct pages cost_pages;
    struct launch_cost cost;
    bool is_cost_stale;

    bool is_asked;           /* which recipe */
    int64_t copied;          /* a run that is a command, to be typed again; 0: none */
    struct picked *picks;    /* what the items of the list of recipes mean, while it is shown */
    char *edited, *saved_as; /* the editor's temporary file, a recipe's; malloc'ed */
    bool is_started;
};

/* Where the parts of the view are; an empty rect is not shown. */
struct launch_parts {
    struct rect title, form, detail, cost;
};
struct launch_parts launch_parts(const struct launch_state *state, struct rect rect);

/* A row's key ("rate"), its value, and what is wrong with it or NULL. */
const char *launch_key(int row);
const char *launch_value_of(const struct launch_state *state, struct arena *arena, int row);
const char *launch_error_of(const struct launch_state *state, int row);
const struct recipe_field *launch_field(int row); /* of the recipe, or the form's own */
void launch_set(struct launch_state *state, int row, const char *text);
void launch_changed(struct launch_state *state); /* all that depends on the values is made again */
void launch_filled(struct view *view);           /* another recipe is in the form */
void launch_go_to_error(struct launch_state *state);

/* launch_lines.c */
void launch_lines_make(struct launch_state *state, struct rect form);
int launch_line_of(const struct launch_state *state, int row); /* index of its LAUNCH_ROW */
void launch_lines_draw(const struct launch_state *state, struct frame *frame, struct rect rect);
void launch_detail_draw(const struct launch_state *state, struct frame *frame, struct rect rect);
/* launch_cost.c */
void launch_cost_load(struct view *view, int columns);

/* launch_pick.c */
void launch_pick(struct view *view);     /* a list of recipes */
void launch_pick_run(struct view *view); /* a line that names a run */
void launch_pick_command(struct view *view, const char *text);
void launch_copy(struct view *view, int64_t number); /* into the form, or the line of a command */
/* The command of a run as one would type it, in the arena; NULL: it is no command. */
const char *launch_command_of(struct arena *arena, const struct store *store, int64_t number);

/* launch_advice.c */
void launch_take_advice(struct view *view); /* the next remedy in place of the one before */

/* launch_draft.c */
void draft_release(struct launch_draft *draft);
void draft_keep(const struct launch_state *state, struct json *object);
void draft_restore(struct launch_draft *draft, const struct json *object);
bool draft_is_of(const struct launch_draft *draft, const struct launch_form *form);
/* Fills the form with it; a sentence is set where that fails. */
int draft_take(const struct launch_draft *draft, struct launch_form *form,
               const struct store *store);
void draft_apply(const struct launch_draft *draft, struct launch_form *form);

/* launch_start.c */
void launch_ask(struct view *view);       /* whether to start it */
void launch_ask_seeds(struct view *view); /* how many first */
bool launch_is_starting(const struct view *view);
/* Starts a command; ERR_… when it can be refused at once. */
int launch_start_command(struct view *view, const char *const *words);

/* launch_editor.c */
void launch_edit(struct view *view);
void launch_save(struct view *view);
void launch_editor_end(struct launch_state *state);

#endif
