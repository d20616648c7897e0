/* The training works: its worker listens, and writes down what it uses. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/error.h"
#include "worker_state.h"

enum { LOOK_SECONDS = 5, BEAT_SECONDS = 10 };

static volatile sig_atomic_t pause_asked, go_on_asked;

static void ask_to_pause(int signal)
{
    pause_asked = signal == SIGUSR1;
    go_on_asked = signal == SIGUSR2;
}

static void note_child(int signal)
{
    (void)signal; /* only to end the sleep */
}

void worker_listen(struct worker *worker)
{
    static const int heard[] = { SIGTERM, SIGINT,  SIGQUIT, SIGXCPU,
                                 SIGUSR1, SIGUSR2, SIGCHLD, SIGALRM };
    struct sigaction action = { .sa_handler = ask_to_pause };
    sigset_t all;
    pause_asked = go_on_asked = 0;
    sigemptyset(&all);
    for (int i = 0; i < ARRAY_SIZE(heard); i++)
        sigaddset(&all, heard[i]);
    sigprocmask(SIG_BLOCK, &all, &worker->while_asleep);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    action.sa_handler = note_child;
    sigaction(SIGCHLD, &action, NULL);
}

static void signal_training(const struct worker *worker, int signal)
{
    kill(-worker->training, signal);
}

/* What was asked since the last look. A training that is paused must go on to be able to stop. */
static void obey(struct worker *worker, bool *was_told_to_stop)
{
    if (worker_is_to_stop_now()) {
        signal_training(worker, SIGKILL);
        return;
    }
    if (worker_is_to_stop() && !*was_told_to_stop) {
        *was_told_to_stop = true;
        worker_log("asked to stop");
        signal_training(worker, SIGTERM);
        signal_training(worker, SIGCONT);
        worker->is_paused = false;
    }
    if (pause_asked && !worker->is_paused) {
        signal_training(worker, SIGSTOP);
        worker->is_paused = true;
        worker_put_state(&worker->journal, wall_clock(), RUN_PAUSED);
    }
    if (go_on_asked && worker->is_paused) {
        /* said first: what it reports from now on is progress again */
        worker_put_state(&worker->journal, wall_clock(), RUN_RUNNING);
        worker->is_paused = false;
        signal_training(worker, SIGCONT);
    }
    pause_asked = go_on_asked = 0;
}

/* --- what the training says meanwhile --- */

static int follow_event(void *context, const struct event *event)
{
    struct worker *worker = context;
    const char *why = json_get_string(json_member(event->line, "why"));
    worker_health_follow(worker, event);
    if (!event->health || (worker->health && strcmp(worker->health, event->health) == 0))
        return 0;
    free(worker->health);
    worker->health = xstrdup(event->health);
    worker_tell_health(worker, event->health, why);
    return 0;
}

static void follow(struct worker *worker)
{
    const struct worker_story none = { .attempt_count = 0 };
    events_read(worker->directory, &none, &worker->place, 0, follow_event, worker);
    worker_health_look(worker);
}

bool worker_feed_look(struct worker *worker)
{
    bool has_more = false;
    if (!worker->feed || worker->reader->look(worker->feed, &has_more) == 0)
        return !has_more;
    if (!worker->feed_trouble || strcmp(worker->feed_trouble, error_text()) != 0) {
        worker_log("%s", error_text());
        free(worker->feed_trouble);
        worker->feed_trouble = xstrdup(error_text());
    }
    return true;
}

static void look_at_use(struct worker *worker)
{
    struct metric values[USAGE_VALUES];
    int count = usage_sample(worker->usage, monotonic_clock(), values);
    worker_put_use(&worker->journal, wall_clock(), worker->place.step, values, count);
}

/* While it is paused there is nothing new to say. */
static void beat(const struct worker *worker)
{
    futimens(worker->journal.fd, NULL);
}

static void look(struct worker *worker)
{
    double now = monotonic_clock();
    if (now < worker->next_look)
        return;
    worker->next_look = now + (worker->is_paused ? BEAT_SECONDS : LOOK_SECONDS);
    if (worker->is_paused) {
        beat(worker);
    } else {
        if (!worker_feed_look(worker))
            worker->next_look = now; /* after a look at the signals */
        follow(worker);
        look_at_use(worker);
    }
}

static void sleep_until_next_look(const struct worker *worker)
{
    double seconds = MAX(worker->next_look - monotonic_clock(), 0);
    struct timespec time = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
    ppoll(NULL, 0, &time, &worker->while_asleep);
}

/* Its process group may hold what it has started; a program that means to stay makes a session of
 * its own. */
static void end_leftovers(const struct worker *worker)
{
    enum { GRACE_MS = 1000, LOOK_MS = 10 };
    if (kill(-worker->training, 0) < 0)
        return;
    signal_training(worker, SIGTERM);
    for (int waited = 0; waited < GRACE_MS && kill(-worker->training, 0) == 0; waited += LOOK_MS)
        pause_ms(LOOK_MS);
    signal_training(worker, SIGKILL);
}

/* What the training wrote last. */
static void end_feed(struct worker *worker)
{
    if (!worker->feed)
        return;
    while (!worker_feed_look(worker))
        ;
    char *words = worker->reader->tell(worker->feed);
    worker_log("%s", words);
    free(words);
}

void worker_see_end(struct worker *worker)
{
    struct metric begun[USAGE_VALUES];
    bool was_told_to_stop = false;
    worker->usage = usage_new(worker->training);
    worker_health_open(worker);
    usage_sample(worker->usage, monotonic_clock(), begun);
    worker->next_look = monotonic_clock() + LOOK_SECONDS;
    for (;;) {
        pid_t ended = waitpid(worker->training, &worker->status, WNOHANG);
        if (ended == worker->training || (ended < 0 && errno != EINTR))
            break;
        obey(worker, &was_told_to_stop);
        look(worker);
        sleep_until_next_look(worker);
    }
    end_leftovers(worker);
    end_feed(worker);
    follow(worker);
    worker_health_close(worker);
}
