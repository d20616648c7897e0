/* Views: what fills the screen. A view is a descriptor, one file src/ui/view_NAME.c, and a state of
 * its own on the stack of views.
 *
 * V1. `draw` changes nothing: it gets the state as it is and puts it on the canvas. All that it needs
 *     was made in `update`, which is called before each draw, with the size that it will have.
 * V2. Nothing here blocks: what takes more than a millisecond is a job (ui/jobs.h).
 * V3. Handlers return what must follow; only the app acts. */
#ifndef GANDER_UI_VIEW_H
#define GANDER_UI_VIEW_H

#include "base/base.h"
#include "base/json.h"
#include "base/memory.h"
#include "draw/canvas.h"
#include "ui/action.h"
#include "ui/app.h"
#include "ui/jobs.h"
#include "ui/keys.h"
#include "ui/look.h"

enum reaction {
    IGNORED = 0,
    HANDLED = 1,
    REDRAW = 2,     /* the screen must be drawn again */
    CLOSE_VIEW = 4, /* back one layer */
    QUIT = 8
};

enum { VIEW_RUNS_LIMIT = 64 /* runs that a view takes at once */ };

/* What a view is opened on. Copied by `open`. */
struct view_args {
    const int64_t *runs; /* the first is the one that the cursor was on */
    int run_count;
    const char *text;  /* a metric, a file, a recipe: what the view makes of it */
    int64_t step;      /* -1: none */
    const void *extra; /* between views that know each other */
};

/* What a view is drawn into. */
struct frame {
    struct canvas *canvas;
    struct arena *arena; /* dies with the frame */
    const struct look *look;
};

struct tick {
    struct rect rect;              /* where it will be drawn */
    double now;                    /* seconds since 1970 */
    double steady;                 /* seconds that never go back */
    bool is_new_size, is_new_data; /* since the last update of this view */
};

struct view;

struct view_type {
    const char *name; /* "curves": in settings and in what is remembered */
    const char *title;
    unsigned place; /* IN_… */
    size_t state_size;
    int (*open)(struct view *view,
                const struct view_args *args); /* a sentence is set when it fails */
    /* Takes notice of the time, the size and new data; starts jobs. REDRAW if what is shown changed.
     * `update` of the view on top only. */
    enum reaction (*update)(struct view *view, const struct tick *tick);
    enum reaction (*act)(struct view *view, enum action action);
    enum reaction (*key)(struct view *view, const struct input *input); /* before `act`; or NULL */
    enum reaction (*mouse)(struct view *view, const struct input *input); /* or NULL */
    /* Does an action of its place do something as it stands now? What does not is not shown at the
     * foot. NULL: all do. */
    bool (*offers)(const struct view *view, enum action action);
    /* Goes to what holds `text`, forwards or back (`by` 1, -1): from where it stands, or, with NULL,
     * on from what was found. Says what is not found. "": nothing is searched for any more. NULL:
     * there is nothing to search, or it does so in its own way. */
    void (*search)(struct view *view, const char *text, int by);
    void (*draw)(const struct view *view, struct frame *frame, struct rect rect);
    /* Runs that an action means: marked ones, else the one under the cursor. NULL: none are meant
     * here. */
    int (*runs)(const struct view *view, struct arena *arena, int64_t **numbers);
    /* Shown at the right of the header; NULL: nothing. In the arena. */
    const char *(*status)(const struct view *view, struct arena *arena);
    /* What is remembered of it per store; or NULL. */
    void (*keep)(const struct view *view, struct json *object);
    void (*restore)(struct view *view, const struct json *object);
    /* Seconds until it wants an update by itself (an animation); negative: never. Or NULL. */
    double (*wakes)(const struct view *view, double steady);
    int (*watches)(const struct view *view); /* a descriptor that wakes it, -1: none; or NULL */
    void (*close)(struct view *view);
};

struct view {
    const struct view_type *type;
    struct app *app;
    void *state;      /* zeroed; owned by the app */
    struct rect rect; /* of the last update */
    uint64_t seen;    /* the version of data that it was updated with */
    bool is_searched; /* something was searched for in it */
    struct view *below;
};

extern const struct view_type view_runs, view_run, view_curves, view_samples, view_walk,
    view_compare, view_sweep, view_launch, view_log, view_diff, view_help, view_output,
    view_restore;

#endif
