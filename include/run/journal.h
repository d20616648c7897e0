/* The journal: what a run says while it works, in two files of JSON lines.
 *
 * events.jsonl is written by the training, and by nobody else:
 *
 *     {"t":1732370000.12,"step":120,"metrics":{"d_loss":1.21,"g_loss":0.93,"d_real":0.61}}
 *     {"t":1732370003.5,"step":200,"sample":"samples/00000200.png"}
 *     {"t":1732370003.9,"step":200,"checkpoint":"checkpoints/00000200.safetensors"}
 *     {"t":1732370004.1,"step":207,"metrics":{"d_loss":"NaN","g_loss":0.4}}
 *
 * worker.jsonl by the worker, one line a change of state:
 *
 *     {"t":1732370000,"state":"running","pid":4242,"host":"rho","from_step":0,"events":0}
 *     {"t":1732370009,"state":"stopped","step":210,"reason":"interrupted"}
 *     {"t":1732370100,"state":"running","pid":4300,"host":"rho","from_step":210,"events":8812,
 *      "settings":["training.steps=6000"]}
 *
 * J1. A line is written with one write, whole or not at all. A torn last line is not there yet; a
 *     writer that finds one puts a newline first.
 * J2. A line that is no JSON object, too long or out of sense is skipped and counted.
 * J3. Each "running" begins an attempt. `events` is the size that events.jsonl had then: what
 *     stands before that offset, with a step greater than `from_step`, is superseded: it stays on
 *     disk, and is not shown. (By offset and not by time, since clocks are put back.)
 * J4. Numbers that are not finite are the strings "NaN", "Infinity", "-Infinity".
 * J5. What is journalled at a step is on disk before the checkpoint of that step is.
 */
#ifndef GANDER_RUN_JOURNAL_H
#define GANDER_RUN_JOURNAL_H

#include "base/base.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memory.h"

enum run_state {
    RUN_QUEUED,
    RUN_RUNNING,
    RUN_PAUSED,
    RUN_FINISHED,
    RUN_STOPPED,  /* somebody asked */
    RUN_FAILED,   /* it said so itself, or by its exit status */
    RUN_KILLED,   /* a signal did */
    RUN_DIVERGED, /* a loss was not finite */
    RUN_LOST,     /* said running, has no end, and nobody holds its locks */
};
enum { RUN_STATES = RUN_LOST + 1 };
const char *run_state_name(enum run_state state);
bool run_state_is_end(enum run_state state);

/* What a worker says when an attempt begins. */
struct attempt {
    double time;                 /* seconds since 1970 */
    int64_t pid;                 /* of the training; for people, never to tell whether it lives */
    const char *host;            /* NULL if not said */
    int64_t from_step;           /* of the checkpoint that it went on from; 0 for a new run */
    int64_t events;              /* bytes of events.jsonl that were there before it */
    const char *const *settings; /* "training.steps=6000": what differs from recipe.ini */
    int setting_count;
};

struct metric {
    const char *name;
    double value;
};

/* Writing: one writer a file. */

int events_open(struct line_writer *writer, const char *directory);
int events_put_metrics(struct line_writer *writer, double time, int64_t step,
                       const struct metric *metrics, int count);
/* `kind` is "sample" or "checkpoint"; `path` is relative to the run's directory. */
int events_put_file(struct line_writer *writer, double time, int64_t step, const char *kind,
                    const char *path);

int worker_open(struct line_writer *writer, const char *directory);
int worker_put_attempt(struct line_writer *writer, const struct attempt *attempt);
/* {"t":…,"state":…,"step":…,"reason":…}; step -1 and reason NULL are left out. */
int worker_put_state(struct line_writer *writer, double time, enum run_state state, int64_t step,
                     const char *reason);

/* Reading: anybody, at any time. */

struct worker_story {
    const struct attempt *attempts;
    int attempt_count;
    enum run_state state; /* the last one said; RUN_QUEUED before any */
    double time;          /* when it was said */
    int64_t step;         /* of an end; -1 where it was not said */
    const char *reason;   /* NULL where it was not said */
    int64_t bad_lines;    /* J2 */
};

/* In the arena. A file that is not there is an empty story. */
int worker_read(struct arena *arena, struct worker_story *out, const char *directory);

/* What is true now: the state said, or RUN_LOST where it said that it works and both locks are
 * free. */
enum run_state worker_state_now(const struct worker_story *story, const char *directory);

struct event {
    double time;
    int64_t step;
    const struct json *metrics;      /* an object, or NULL */
    const char *sample, *checkpoint; /* or NULL */
    const struct json *line;         /* all of it; borrowed, dies with the call */
};

struct event_counts {
    int64_t read, superseded, bad; /* lines */
};

/* Calls `visit` for each event that is not superseded, in the order of the file, until it returns
 * other than 0, which then is the result. `counts` may be NULL. A file that is not there has no
 * events. */
int events_read(const char *directory, const struct worker_story *story,
                int (*visit)(void *context, const struct event *event), void *context,
                struct event_counts *counts);

#endif
