/* What a worker holds; shared by its files. */
#ifndef GANDER_RUN_WORKER_STATE_H
#define GANDER_RUN_WORKER_STATE_H

#include <signal.h>
#include <sys/types.h>

#include "base/file.h"
#include "base/memory.h"
#include "record/config.h"
#include "run/queue.h"
#include "run/rundir.h"
#include "run/usage.h"
#include "run/worker.h"

struct worker {
    const struct store *store;
    int64_t number;
    struct arena arena;
    const char *directory;
    struct run_facts facts;
    struct config config;
    struct worker_story story; /* as it was before this attempt */
    struct worker_identity self;
    struct line_writer journal;
    int lock; /* -1: not held */
    struct queue *queue;
    bool waited; /* for a slot */

    struct attempt attempt;
    pid_t training;
    const struct worker_feed *reader; /* of files that the training writes … */
    void *feed;                       /* … and what it has in hand; NULL: there are none */
    char *feed_trouble;               /* what was said last of it; malloc'ed, or NULL */
    int words; /* what the built-in training says of its end comes from there; -1 */
    struct memory_kills kills_before;
    struct usage *usage;
    struct events_place place;    /* how far the training's journal has been followed */
    char *health;                 /* the last state of it that was journalled; malloc'ed */
    struct command_health *judge; /* of a command; NULL: it says itself, or is a training */
    bool is_paused;
    double next_look, next_beat; /* seconds of the monotonic clock */
    sigset_t while_asleep;       /* signals blocked while the worker sleeps */
    int status;                  /* of the training, as waitpid gives it */
};

/* Asked for by signals; the handlers set them. */
bool worker_is_to_stop(void);
bool worker_is_to_stop_now(void);
bool worker_is_out_of_time(void); /* the time limit of its Slurm job is near */

/* A line in log.txt, which is the worker's standard output. */
void worker_log(const char *format, ...) PRINTF_LIKE(1, 2);

/* Chooses what to go on from and where, starts the training, and journals that it runs. */
int worker_begin_attempt(struct worker *worker);

/* Journals what is new in the files that the training writes, if it does. False: there is more. */
bool worker_feed_look(struct worker *worker);

/* From here on signals come while the worker sleeps, and at no other time. */
void worker_listen(struct worker *worker);

/* Sees the training end. */
void worker_see_end(struct worker *worker);

/* worker_health.c: what a command journals and draws, judged. */
void worker_health_open(struct worker *worker);
void worker_health_close(struct worker *worker);
void worker_health_follow(struct worker *worker, const struct event *event);
void worker_health_look(struct worker *worker); /* after the journal was followed */

/* How it ended, from what the training said, its status and what was asked. Strings in the arena. */
struct run_end worker_judge(struct worker *worker);

/* Journals it, in the room of the reserve if need be. */
int worker_put_last(struct worker *worker, const struct run_end *end);

/* Run the commands of config.ini, with what happened in their environment. Only the first waits, and
 * not for ever. */
void worker_tell_end(struct worker *worker, const struct run_end *end);
void worker_tell_health(struct worker *worker, const char *health, const char *why);

#endif
