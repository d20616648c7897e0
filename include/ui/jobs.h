/* Work beside the screen: reading, sorting, comparing, deleting, on threads of their own, each with
 * a catalogue of its own.
 *
 *     struct job *job = job_new(app, view, load, loaded);
 *     job->input = …                       in job->arena
 *     job->sign = "sorting";               shown while it takes long
 *     job_start(job, LANE_READ);
 *
 *     static int load(struct job *job)     on a thread: job->index, job->arena, job->input only
 *     static void loaded(struct view *view, struct job *job)      on the screen's thread again
 *
 * B1. What `work` makes lives in job->index.arena or job->arena, which die after `done` unless it
 *     takes them: copies the struct and empties the job's.
 * B2. A job whose view has closed, or that a later one of the same view and `done` has overtaken, is
 *     cancelled, and `done` is not called. One that somebody gave up with Esc ends with ERR_CANCELLED.
 *     One that outlives its view is never cancelled: `done` is called, with NULL when the view is gone.
 * B3. Where keys are played from a file, jobs are done at once, in their order. */
#ifndef GANDER_UI_JOBS_H
#define GANDER_UI_JOBS_H

#include <stdatomic.h>

#include "base/base.h"
#include "base/memory.h"
#include "show/index.h"

struct app;
struct view;

/* Each lane is a thread that does one after another. */
enum lane {
    LANE_READ, /* what a screen waits for: milliseconds */
    LANE_TYPE, /* what helps one who types */
    LANE_WORK, /* what may take long: diffs, comparing */
    LANE_ACT, /* what changes runs, in the order in which it was wanted: tags, the bin, launching */
    LANE_COMMAND /* what may take minutes: commands, exports, directories of code */
};
enum { LANE_COUNT = LANE_COMMAND + 1 };

struct job {
    struct app *app;
    struct view *view; /* that it is for; NULL: the app's own */
    const char *sign;  /* "comparing code"; NULL: not worth a word */
    void *input;       /* whatever `work` needs, in `arena` */
    void *result;      /* whatever `done` needs */
    struct arena arena;
    struct index index;       /* the lane's own, with an arena of the job's */
    int error;                /* what `work` returned … */
    char message[512];        /* … and the sentence */
    atomic_bool is_cancelled; /* `work` looks at it now and then, and returns ERR_CANCELLED */
    bool is_given_up;         /* by Esc, and `done` is still to be told */
    bool
        outlives_view; /* what must be done even when its view closes; `view` is NULL from then on */
    bool
        cleans_up; /* it is waited for when it is cancelled, and takes back what it has begun: if it
                       ends without an error then, it was done before */
    int (*work)(struct job *job);
    void (*done)(struct view *view, struct job *job);
    double begun; /* monotonic seconds */
    struct job *next;
};

struct job *job_new(struct app *app, struct view *view, int (*work)(struct job *job),
                    void (*done)(struct view *view, struct job *job));
void job_start(struct job *job, enum lane lane);

/* Is one of this view, with this `done` (NULL: any), not done yet? */
bool job_is_pending(const struct view *view, void (*done)(struct view *view, struct job *job));
void job_cancel(struct view *view, void (*done)(struct view *view, struct job *job));

#endif
