#define _GNU_SOURCE
#include "ui/jobs.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app_state.h"
#include "base/clock.h"
#include "base/error.h"

enum { SLOW_MS = 200 /* after that a sign is shown */ };

struct lane_state {
    struct jobs *jobs;
    pthread_t thread;
    bool is_running;
    struct index index; /* the thread's own; places NULL: not open yet */
    struct job *queue, *at_work;
    pthread_cond_t more;
};

struct jobs {
    struct app *app;
    pthread_mutex_t lock;
    struct lane_state lanes[LANE_COUNT];
    struct job *done; /* the first one done first */
    bool is_closing;
};

static void append(struct job **list, struct job *job)
{
    while (*list)
        list = &(*list)->next;
    job->next = NULL;
    *list = job;
}

static void free_job(struct job *job)
{
    arena_release(&job->index.arena);
    arena_release(&job->arena);
    free(job);
}

/* --- doing them --- */

static void work_on(struct job *job, struct index *index)
{
    struct arena arena = job->index.arena;
    double now = job->index.now;
    job->index = *index;
    job->index.arena = arena;
    job->index.now = now;
    job->error = job->is_cancelled ? ERR_CANCELLED : job->work(job);
    if (job->error)
        snprintf(job->message, sizeof job->message, "%s", error_text());
}

int index_open_unread(struct index *index, const char *directory, double now)
{
    int error = index_open_stores(index, &directory, 1, INDEX_LATER, now);
    if (!error &&
        (error = catalogue_open(&index->places[0].catalogue, &index->places[0].store)) < 0)
        index_close(index);
    return error;
}

static void do_one(struct lane_state *lane, struct job *job)
{
    int error = 0;
    if (!lane->index.places)
        error = index_open_unread(&lane->index, lane->jobs->app->index.places[0].store.path,
                                  job->index.now);
    if (error) {
        job->error = error;
        snprintf(job->message, sizeof job->message, "%s", error_text());
    } else {
        catalogue_follow(lane->index.places[0].catalogue, job->index.now);
        work_on(job, &lane->index);
    }
}

static void *run_lane(void *context)
{
    struct lane_state *lane = context;
    struct jobs *jobs = lane->jobs;
    pthread_mutex_lock(&jobs->lock);
    for (;;) {
        while (!lane->queue && !jobs->is_closing)
            pthread_cond_wait(&lane->more, &jobs->lock);
        if (!lane->queue)
            break;
        struct job *job = lane->queue;
        lane->queue = job->next;
        lane->at_work = job;
        pthread_mutex_unlock(&jobs->lock);
        do_one(lane, job);
        pthread_mutex_lock(&jobs->lock);
        lane->at_work = NULL;
        append(&jobs->done, job);
        app_wake(jobs->app);
    }
    pthread_mutex_unlock(&jobs->lock);
    if (lane->index.places)
        index_close(&lane->index);
    return NULL;
}

static void start_lane(struct lane_state *lane)
{
    sigset_t all, before;
    sigfillset(&all); /* signals are for the screen's thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    lane->is_running = pthread_create(&lane->thread, NULL, run_lane, lane) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- life --- */

void jobs_open(struct app *app)
{
    struct jobs *jobs = xcalloc(1, sizeof *jobs);
    jobs->app = app;
    pthread_mutex_init(&jobs->lock, NULL);
    for (int i = 0; i < LANE_COUNT; i++) {
        jobs->lanes[i].jobs = jobs;
        pthread_cond_init(&jobs->lanes[i].more, NULL);
    }
    app->jobs = jobs;
}

static void cancel_all(struct jobs *jobs)
{
    for (int i = 0; i < LANE_COUNT; i++) {
        for (struct job *job = jobs->lanes[i].queue; job; job = job->next)
            job->is_cancelled = !job->outlives_view;
        struct job *at_work = jobs->lanes[i].at_work;
        if (at_work && !at_work->outlives_view)
            at_work->is_cancelled = true;
    }
}

static bool must_end(const struct job *job)
{
    return job->outlives_view || job->cleans_up;
}

/* What must end is waited for however long it takes, anything else until then. */
static bool join_lane(struct jobs *jobs, struct lane_state *lane, const struct timespec *until)
{
    bool has_such = false;
    if (!lane->is_running)
        return true;
    pthread_mutex_lock(&jobs->lock);
    for (struct job *job = lane->queue; job; job = job->next)
        has_such = has_such || must_end(job);
    has_such = has_such || (lane->at_work && must_end(lane->at_work));
    pthread_mutex_unlock(&jobs->lock);
    if (has_such)
        return pthread_join(lane->thread, NULL) == 0;
    return pthread_clockjoin_np(lane->thread, NULL, CLOCK_MONOTONIC, until) == 0;
}

bool jobs_close(struct app *app, const struct timespec *until)
{
    struct jobs *jobs = app->jobs;
    bool is_over = true;
    if (!jobs)
        return true;
    pthread_mutex_lock(&jobs->lock);
    cancel_all(jobs);
    jobs->is_closing = true;
    for (int i = 0; i < LANE_COUNT; i++)
        pthread_cond_signal(&jobs->lanes[i].more);
    pthread_mutex_unlock(&jobs->lock);
    for (int i = 0; i < LANE_COUNT; i++)
        is_over = join_lane(jobs, &jobs->lanes[i], until) && is_over;
    if (!is_over)
        return false;
    while (jobs->done) {
        struct job *job = jobs->done;
        jobs->done = job->next;
        free_job(job);
    }
    pthread_mutex_destroy(&jobs->lock);
    for (int i = 0; i < LANE_COUNT; i++)
        pthread_cond_destroy(&jobs->lanes[i].more);
    free(jobs);
    app->jobs = NULL;
    return true;
}

struct job *job_new(struct app *app, struct view *view, int (*work)(struct job *job),
                    void (*done)(struct view *view, struct job *job))
{
    struct job *job = xcalloc(1, sizeof *job);
    job->app = app;
    job->view = view;
    job->work = work;
    job->done = done;
    job->index.now = app->now;
    return job;
}

/* Calls back for each that is not done yet or not collected. The lock is held. */
static void each_pending(struct jobs *jobs, void (*call)(struct job *job, const void *context),
                         const void *context)
{
    for (int i = 0; i < LANE_COUNT; i++) {
        for (struct job *job = jobs->lanes[i].queue; job; job = job->next)
            call(job, context);
        if (jobs->lanes[i].at_work)
            call(jobs->lanes[i].at_work, context);
    }
    for (struct job *job = jobs->done; job; job = job->next)
        call(job, context);
}

struct pick {
    const struct view *view;
    void (*done)(struct view *view, struct job *job);
    bool *is_found;
    bool is_any; /* whatever `done` it has */
};

static bool is_picked(const struct job *job, const struct pick *pick)
{
    return job->view == pick->view && (pick->is_any || job->done == pick->done);
}

static void cancel_picked(struct job *job, const void *context)
{
    if (is_picked(job, context) && !job->outlives_view) {
        job->is_cancelled = true;
        job->is_given_up = false;
    }
}

static void let_go(struct job *job, const void *context)
{
    cancel_picked(job, context);
    if (is_picked(job, context))
        job->view = NULL;
}

static void find_picked(struct job *job, const void *context)
{
    const struct pick *pick = context;
    *pick->is_found = *pick->is_found || (!job->is_cancelled && is_picked(job, pick));
}

void job_start(struct job *job, enum lane lane)
{
    struct jobs *jobs = job->app->jobs;
    struct lane_state *state = &jobs->lanes[lane];
    struct pick same = { .view = job->view, .done = job->done };
    job->begun = monotonic_clock();
    pthread_mutex_lock(&jobs->lock);
    if (job->view)
        each_pending(jobs, cancel_picked, &same);
    append(&state->queue, job);
    pthread_mutex_unlock(&jobs->lock);
    if (job->app->screen) {
        if (!state->is_running)
            start_lane(state);
        pthread_cond_signal(&state->more);
    }
}

bool job_is_pending(const struct view *view, void (*done)(struct view *view, struct job *job))
{
    bool is_found = false;
    struct jobs *jobs = view->app->jobs;
    struct pick pick = { view, done, &is_found, !done };
    pthread_mutex_lock(&jobs->lock);
    each_pending(jobs, find_picked, &pick);
    pthread_mutex_unlock(&jobs->lock);
    return is_found;
}

void job_cancel(struct view *view, void (*done)(struct view *view, struct job *job))
{
    struct jobs *jobs = view->app->jobs;
    struct pick pick = { .view = view, .done = done, .is_any = !done };
    pthread_mutex_lock(&jobs->lock);
    each_pending(jobs, cancel_picked, &pick);
    pthread_mutex_unlock(&jobs->lock);
}

void jobs_forget(struct app *app, struct view *view)
{
    struct pick all = { .view = view, .is_any = true };
    pthread_mutex_lock(&app->jobs->lock);
    each_pending(app->jobs, let_go, &all);
    pthread_mutex_unlock(&app->jobs->lock);
}

/* --- collecting --- */

/* Where keys are played, or no thread can be had, the next job is done here and now. */
static void do_here(struct app *app)
{
    for (int i = 0; i < LANE_COUNT; i++) {
        struct job *job = app->jobs->lanes[i].queue;
        if (!job || app->jobs->lanes[i].is_running)
            continue;
        app->jobs->lanes[i].queue = job->next;
        work_on(job, &app->index);
        append(&app->jobs->done, job);
        return;
    }
}

/* One by one, since what is done with one may close the view of the next. */
static struct job *take_done(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    struct job *job = jobs->done;
    if (job)
        jobs->done = job->next;
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

static void tell_done(struct job *job)
{
    if (job->is_given_up && (!job->cleans_up || job->error)) {
        job->error = ERR_CANCELLED;
        snprintf(job->message, sizeof job->message, "cancelled");
    }
    if ((!job->is_cancelled || job->is_given_up) && job->done)
        job->done(job->view, job);
    free_job(job);
}

bool jobs_collect(struct app *app)
{
    struct job *job;
    bool is_any = false;
    do_here(app);
    while ((job = take_done(app->jobs))) {
        tell_done(job);
        is_any = true;
    }
    return is_any;
}

struct slow {
    double now;
    const char **sign;
    bool is_cancelling;
    bool *is_found;
};

static void look_at_slow(struct job *job, const void *context)
{
    const struct slow *slow = context;
    if (!job->sign || job->is_cancelled || slow->now - job->begun < SLOW_MS / 1000.0)
        return;
    *slow->sign = job->sign;
    if (slow->is_cancelling && !job->outlives_view) {
        job->is_cancelled = job->is_given_up = true;
        *slow->is_found = true;
    }
}

static const char *find_slow(const struct app *app, bool is_cancelling, bool *is_found)
{
    const char *sign = NULL;
    struct slow slow = { monotonic_clock(), &sign, is_cancelling, is_found };
    pthread_mutex_lock(&app->jobs->lock);
    each_pending(app->jobs, look_at_slow, &slow);
    pthread_mutex_unlock(&app->jobs->lock);
    return sign;
}

const char *jobs_sign(const struct app *app)
{
    bool is_found = false;
    return find_slow(app, false, &is_found);
}

static void find_next_slow(struct job *job, const void *context)
{
    double *least = *(double *const *)context;
    double left = job->begun + SLOW_MS / 1000.0 - monotonic_clock();
    if (job->sign && !job->is_cancelled && left > 0 && (*least < 0 || left < *least))
        *least = left;
}

double jobs_wake(const struct app *app)
{
    double least = -1, *place = &least;
    pthread_mutex_lock(&app->jobs->lock);
    each_pending(app->jobs, find_next_slow, &place);
    pthread_mutex_unlock(&app->jobs->lock);
    return least;
}

static void look_at_lost(struct job *job, const void *context)
{
    const char **sign = *(const char **const *)context;
    if (job->sign && !job->view && !job->is_cancelled && !job->outlives_view)
        *sign = job->sign;
}

const char *jobs_lost_sign(const struct app *app)
{
    const char *sign = NULL, **place = &sign;
    pthread_mutex_lock(&app->jobs->lock);
    each_pending(app->jobs, look_at_lost, &place);
    pthread_mutex_unlock(&app->jobs->lock);
    return sign;
}

bool jobs_cancel_slow(struct app *app)
{
    bool is_found = false;
    find_slow(app, true, &is_found);
    return is_found;
}

static void note_any(struct job *job, const void *context)
{
    (void)job;
    *((const struct slow *)context)->is_found = true;
}

bool jobs_are_pending(const struct app *app)
{
    bool is_found = false;
    struct slow any = { .is_found = &is_found };
    pthread_mutex_lock(&app->jobs->lock);
    each_pending(app->jobs, note_any, &any);
    pthread_mutex_unlock(&app->jobs->lock);
    return is_found;
}
