/* Brings the catalogue up to date on a thread of its own, so that reading a large store for the first
 * time, or a journal of a million lines, holds up no key. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app_state.h"
#include "base/clock.h"
#include "base/error.h"
#include "run/pulse.h"

enum {
    LIVE_MS = 400, /* between two looks while a run works … */
    IDLE_MS = 1000,
    STALL_S = 10 /* … and how long before time itself may have changed what is shown */
};

struct watcher {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_closing, is_asked, has_news, is_first;
    char error[MESSAGE_SIZE], shown[MESSAGE_SIZE];
    struct index index;
    uint64_t pulse;
    double refreshed;
    int live_count;
};

static void tell(struct watcher *watcher, int error)
{
    pthread_mutex_lock(&watcher->lock);
    snprintf(watcher->error, sizeof watcher->error, "%s", error ? error_text() : "");
    watcher->has_news = true;
    watcher->is_first = false;
    pthread_mutex_unlock(&watcher->lock);
    app_wake(watcher->app);
}

/* Has somebody asked for a look since the last one? */
static bool take_wish(struct watcher *watcher)
{
    pthread_mutex_lock(&watcher->lock);
    bool is_asked = watcher->is_asked;
    watcher->is_asked = false;
    pthread_mutex_unlock(&watcher->lock);
    return is_asked;
}

/* Looks, and takes in what is new if there is anything. */
static void look(struct watcher *watcher)
{
    struct arena arena = { 0 };
    struct index_place *place = &watcher->index.places[0];
    int64_t *live = NULL;
    int count = 0;
    double steady = monotonic_clock();
    catalogue_unsettled(place->catalogue, &arena, &live, &count);
    uint64_t pulse = store_pulse(&place->store, live, count);
    bool is_due = count > 0 && steady - watcher->refreshed > STALL_S;
    bool is_asked = take_wish(watcher);
    int error = 0;
    if (watcher->is_first || is_asked || pulse != watcher->pulse || is_due) {
        error = catalogue_refresh(place->catalogue, present_time());
        watcher->refreshed = steady;
        tell(watcher, error);
    }
    watcher->pulse = error ? ~pulse : pulse; /* what failed is tried again */
    watcher->live_count = count;
    arena_release(&arena);
}

static void sleep_a_while(struct watcher *watcher)
{
    struct timespec until;
    int ms = watcher->live_count > 0 ? LIVE_MS : IDLE_MS;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (ms % 1000) * 1000000L;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&watcher->lock);
    if (!watcher->is_closing && !watcher->is_asked)
        pthread_cond_timedwait(&watcher->wake, &watcher->lock, &until);
    pthread_mutex_unlock(&watcher->lock);
}

static bool is_closing(struct watcher *watcher)
{
    pthread_mutex_lock(&watcher->lock);
    bool is = watcher->is_closing;
    pthread_mutex_unlock(&watcher->lock);
    return is;
}

static void *watch(void *context)
{
    struct watcher *watcher = context;
    if (index_open_unread(&watcher->index, watcher->app->index.places[0].store.path,
                          present_time()) < 0) {
        tell(watcher, ERR_IO);
        return NULL;
    }
    while (!is_closing(watcher)) {
        look(watcher);
        sleep_a_while(watcher);
    }
    index_close(&watcher->index);
    return NULL;
}

void watcher_open(struct app *app)
{
    pthread_condattr_t steady;
    sigset_t all, before;
    struct watcher *watcher = xcalloc(1, sizeof *watcher);
    watcher->app = app;
    watcher->is_first = true;
    pthread_mutex_init(&watcher->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&watcher->wake, &steady);
    pthread_condattr_destroy(&steady);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_running = pthread_create(&watcher->thread, NULL, watch, watcher) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (is_running)
        app->watcher = watcher;
    else
        free(watcher);
}

bool watcher_close(struct app *app, const struct timespec *until)
{
    struct watcher *watcher = app->watcher;
    if (!watcher)
        return true;
    pthread_mutex_lock(&watcher->lock);
    watcher->is_closing = true;
    pthread_cond_signal(&watcher->wake);
    pthread_mutex_unlock(&watcher->lock);
    if (pthread_clockjoin_np(watcher->thread, NULL, CLOCK_MONOTONIC, until) != 0)
        return false;
    pthread_mutex_destroy(&watcher->lock);
    pthread_cond_destroy(&watcher->wake);
    free(watcher);
    app->watcher = NULL;
    return true;
}

void watcher_look_now(struct app *app)
{
    if (!app->watcher)
        return;
    pthread_mutex_lock(&app->watcher->lock);
    app->watcher->is_asked = true;
    pthread_cond_signal(&app->watcher->wake);
    pthread_mutex_unlock(&app->watcher->lock);
}

bool watcher_collect(struct app *app)
{
    if (!app->watcher)
        return false;
    pthread_mutex_lock(&app->watcher->lock);
    bool has_news = app->watcher->has_news;
    app->watcher->has_news = false;
    pthread_mutex_unlock(&app->watcher->lock);
    return has_news;
}

bool watcher_is_first(const struct app *app)
{
    if (!app->watcher)
        return false;
    pthread_mutex_lock(&app->watcher->lock);
    bool is_first = app->watcher->is_first;
    pthread_mutex_unlock(&app->watcher->lock);
    return is_first;
}

const char *watcher_error(struct app *app)
{
    if (!app->watcher)
        return NULL;
    pthread_mutex_lock(&app->watcher->lock);
    snprintf(app->watcher->shown, sizeof app->watcher->shown, "%s", app->watcher->error);
    pthread_mutex_unlock(&app->watcher->lock);
    return *app->watcher->shown ? app->watcher->shown : NULL;
}
