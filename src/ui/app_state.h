/* What the app is made of; for the files app*.c, jobs.c and those that draw around views. */
#ifndef GANDER_UI_APP_STATE_H
#define GANDER_UI_APP_STATE_H

#include <time.h>

#include "base/json.h"
#include "screen.h"
#include "show/index.h"
#include "ui/dashboard.h"
#include "ui/view.h"

struct jobs;
struct watcher;
struct line;

enum { MESSAGE_SIZE = 512, BINDING_LIMIT = 512, LEAST_COLUMNS = 60, LEAST_ROWS = 15 };

/* What a key means somewhere. */
struct binding {
    uint32_t key;
    enum action action;
};

struct message {
    char text[MESSAGE_SIZE];
    bool is_error;
};

struct question {
    char text[MESSAGE_SIZE]; /* "": nothing is asked */
    void (*yes)(struct app *app, void *context);
    void *context;
};

struct choosing {
    struct choice choice; /* items NULL: nothing to choose */
    struct arena arena;
    int cursor, first;
    char typed[64]; /* what the item has to hold */
};

struct typing {
    struct prompt prompt;
    struct line *line; /* NULL: nobody types */
    char *kept;        /* what stood there before one looked into the history; malloc'ed or NULL */
    int recalled;      /* how far back in the history; 0: not at all */
    struct arena arena;
    char **words; /* completions, while they are shown */
    int word_count, word, from;
};

struct app {
    struct dashboard_wish wish;
    struct index index;   /* owns the store and its catalogue */
    struct index reading; /* the same with an arena that dies at each update */
    struct look look;
    enum picture_mode picture_modes[8]; /* those that `v` goes through */
    int picture_mode_count;
    struct screen *screen; /* NULL: keys are played */
    struct view *top;
    struct canvas canvas;
    struct arena frame; /* of one draw */
    double now, steady;
    uint64_t data_version;
    bool needs_draw, is_over, has_made_store;
    int signal; /* that ended it */
    struct binding bindings[BINDING_LIMIT];
    int binding_count;
    struct message message;
    struct question question;
    struct choosing choosing;
    struct typing typing;
    struct jobs *jobs;
    struct watcher *watcher;
    int wake[2];           /* a pipe: a byte wakes the loop */
    struct json *memory;   /* what is remembered of this store */
    bool is_frame_pending; /* the terminal has not yet said that it shows the last one */
    double asked;          /* when it was asked that */
    double patience;       /* seconds that it may take to answer */
    bool is_answering;     /* the terminal has answered before */
    int unanswered;        /* questions in a row that it has not answered in time */
    bool shows_sign;       /* of a job that takes long */
    void *undo;            /* of acts.c */
    int pixel_cell_width, pixel_cell_height;
    bool has_sixel, has_kitty;
    int64_t shared_step; /* -1: none */
};

/* app.c */
void app_wake(struct app *app);  /* from any thread */
void app_begin(struct app *app); /* opens the first views, as the wish has it */
void app_input(struct app *app, const struct input *input);
enum action app_action_of(const struct app *app, uint32_t key, unsigned place);
bool app_update(struct app *app); /* true: it must be drawn */
bool view_offers(const struct view *view, enum action action);
void app_close_top(struct app *app);
void app_recall_pictures(
    struct app *app);            /* the mode that was chosen, if there is such a one here */
void app_leave(struct app *app); /* all views, the last one too */

/* app_store.c */
int app_find_store(struct app *app); /* opens app->index; made if there is none */
/* Takes away a store that was made for this dashboard and got no run. */
void app_unmake_store(const struct app *app, const struct store *store);

/* app_draw.c */
void app_draw(struct app *app); /* onto app->canvas */

/* As the settings say, of those that this terminal has. */
bool app_wants_pictures(struct app *app, enum picture_mode mode);
void app_set_pictures(struct app *app);

/* app_bind.c */
void app_bind(struct app *app); /* keys from the table and the settings; mistakes are said */

/* app_prompt.c, app_choose.c */
void typing_input(struct app *app, const struct input *input);
void typing_draw(const struct app *app, struct frame *frame, struct rect rect);
void typing_end(struct app *app);
void choosing_input(struct app *app, const struct input *input);
void choosing_draw(const struct app *app, struct frame *frame, struct rect rect);
void choosing_end(struct app *app);

/* app_search.c: `/`, `n` and `N`; IGNORED for the rest. */
enum reaction search_act(struct app *app, enum action action);
bool search_is_offered(const struct view *view, enum action action);

/* acts.c: what is done to runs; IGNORED for what is none of these. */
enum reaction acts_do(struct app *app, enum action action);
void acts_release(struct app *app);

/* jobs.c */
/* The store with its catalogue as it is, without a look at what is new. */
int index_open_unread(struct index *index, const char *directory, double now);
void jobs_open(struct app *app);
/* False when a thread is still at work then, which uses what it has of the app. */
bool jobs_close(struct app *app, const struct timespec *until);
bool jobs_collect(struct app *app); /* calls what is done; true if there was something */
void jobs_forget(struct app *app, struct view *view); /* it closes */
const char *jobs_sign(const struct app *app);         /* of what takes long; NULL: nothing does */
double jobs_wake(const struct app *app);              /* seconds until a sign appears; -1: none */
bool jobs_cancel_slow(struct app *app);               /* Esc: true if there was one */
const char *jobs_lost_sign(const struct app *app);    /* of what would end with the dashboard */
bool jobs_are_pending(const struct app *app);

/* watcher.c: brings the catalogue up to date on a thread of its own. */
void watcher_open(struct app *app);
bool watcher_close(struct app *app, const struct timespec *until); /* as jobs_close */
void watcher_look_now(struct app *app);
bool watcher_collect(struct app *app);        /* true: there is new data */
bool watcher_is_first(const struct app *app); /* it reads the store for the first time */
const char *watcher_error(struct app *app);   /* a sentence, or NULL */

/* app_memory.c: what is remembered per store. */
void memory_load(struct app *app);
void memory_save(struct app *app);
void memory_keep(struct app *app, const struct view *view);
void memory_restore(struct app *app, struct view *view);
void memory_add_line(struct app *app, const char *history, const char *text);
/* The line that is `back` lines before the newest (1: the newest); NULL past the oldest. */
const char *memory_line(const struct app *app, const char *history, int back);

#endif
