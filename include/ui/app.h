/* The application: a stack of views over a store, what they may ask of it, and the one place where
 * reactions become acts. */
#ifndef GANDER_UI_APP_H
#define GANDER_UI_APP_H

#include "base/base.h"
#include "base/memory.h"
#include "show/index.h"
#include "ui/action.h"
#include "ui/look.h"

struct job;
struct view;
struct view_type;
struct view_args;
struct app;

/* The screen's own catalogue: for reads of a run or two (under a millisecond). What is allocated in
 * its arena lives until the next update of the view. */
struct index *app_index(struct app *app);
const struct store *app_store(const struct app *app);
const struct look *app_look(const struct app *app);
double app_now(const struct app *app);    /* seconds since 1970 */
double app_steady(const struct app *app); /* seconds that never go back */

/* Picture modes that this terminal has; the next of them. */
void app_next_pictures(struct app *app);

/* Opens a view on top. What it cannot do it says at the foot. */
void app_open(struct app *app, const struct view_type *type, const struct view_args *args);

/* A sentence at the foot, until the next key. */
void app_say(struct app *app, const char *format, ...) PRINTF_LIKE(2, 3);
void app_say_error(struct app *app); /* error_text() */

/* Asks something that is answered with y or n. `context` is in an arena that lives until the answer. */
void app_ask(struct app *app, const char *question, void (*yes)(struct app *app, void *context),
             void *context);

/* A line to type in at the foot. */
struct prompt {
    const char *label;   /* "filter: " */
    const char *history; /* name of a list that is remembered; NULL: none */
    const char *text;    /* to begin with; or NULL */
    struct view *view;   /* that asked; the prompt closes with it; NULL: the app */
    /* Each Enter. Return negative to go on with the sentence of the error shown. */
    int (*take)(struct app *app, struct view *view, const char *text);
    /* Each change, to show results as one types; or NULL. */
    void (*look)(struct app *app, struct view *view, const char *text);
    /* Words that may follow, in the arena of the job, on a thread of its own (ui/jobs.h); *from is the
     * byte of `text` that they replace. Or NULL. */
    int (*complete)(struct job *job, const char *text, int *from, char ***words);
    void (*cancel)(struct app *app, struct view *view); /* Esc; or NULL */
    void (*edit)(struct app *app, struct view *view);   /* ^E while nothing is typed; or NULL */
};
void app_prompt(struct app *app, const struct prompt *prompt);

/* A list to choose from, over the view. `chosen` gets the index. Items are borrowed until then:
 * put them in the arena that app_choice_arena gives, which lives until the choice is made. */
struct choice {
    const char *title;
    const char *const *items;
    int count, current;
    struct view *view;
    void (*chosen)(struct app *app, struct view *view, int index);
};
struct arena *app_choice_arena(struct app *app);
void app_choose(struct app *app, const struct choice *choice);
/* More for the list with that title, if it is the one that is open: its arena, to put all items in,
 * and then the list with them; the cursor stays on its item. NULL: it is not open. */
struct arena *app_choice_more(struct app *app, const struct view *view, const char *title);
void app_choose_more(struct app *app, const struct choice *choice);

/* The runs that are meant now, by the view on top; at least one, else 0 and a sentence at the foot. */
int app_runs(struct app *app, struct arena *arena, int64_t **numbers);

/* Runs `gander WORDS…` of this store beside, and shows what it prints in a view; `sign` as of a job. */
void app_run_command(struct app *app, const char *const *words, const char *sign);
/* Gives the terminal to a program, and comes back when it has ended; its status as waitpid gives it.
 * Where keys are played nothing is run, and the status is 0. */
int app_run_in_terminal(struct app *app, const char *const *argv);

/* Tells that a run was changed here: looks at the store at once. */
void app_look_now(struct app *app);

/* The step that views which are locked to one another look at: curves with their cursor, samples. The
 * one that is left says where it was, the one that is come back to goes there. -1: none. */
void app_share_step(struct app *app, int64_t step);
int64_t app_shared_step(struct app *app); /* and it is taken: -1 from then on */

/* For `animation`: may a frame be sent, or has the terminal not shown the last one yet? */
bool app_may_animate(const struct app *app);

/* Are keys played from a file? Then what is shown must not depend on how long things take. */
bool app_is_played(const struct app *app);
/* Is the store being read for the first time? Until then the catalogue may lack runs. */
bool app_is_reading(const struct app *app);

#endif
