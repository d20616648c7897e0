/* The journal: what a run says while it works, in two files of JSON lines. See gander-journal(5).
 *
 * events.jsonl is written by the training, and by nobody else:
 *
 *     {"t":1732370000.1,"step":0,"engine":{"blas":"OpenBLAS …",…},"data":{"hash":"…",…}}
 *     {"t":1732370000.12,"step":120,"metrics":{"d_loss":1.21,"g_loss":0.93,"d_real":0.61}}
 *     {"t":1732370003.5,"step":200,"sample":"samples/00000200.png"}
 *     {"t":1732370003.9,"step":200,"checkpoint":"checkpoints/00000200.safetensors"}
 *     {"t":1732370004,"step":200,"health":"mode collapse","why":"3 of 10 classes","advice":{…}}
 *     {"t":1732370004.1,"step":207,"metrics":{"d_loss":"NaN","g_loss":0.4}}
 *     {"config":{"lr":1e-4,"optimiser":{"name":"adam"}}}
 *
 * worker.jsonl by the worker:
 *
 *     {"t":1732369990,"state":"queued","worker":4240,"host":"rho","settings":["training.steps=6000"]}
 *     {"t":1732370000,"state":"running","pid":4242,"worker":4240,"host":"rho","from_step":0,
 *      "events":0}
 *     {"t":1732370005,"step":320,"use":{"cpu":187.5,"memory":123456789}}
 *     {"t":1732370006,"step":320,"health":"mode collapse","why":"…","advice":{"words":"…"}}
 *     {"t":1732370006,"state":"paused"}
 *     {"t":1732370008,"state":"running"}
 *     {"t":1732370009,"state":"failed","step":610,"exit":3,"reason":"exit status 3"}
 *
 * J1. A line is written with one write, whole or not at all. A torn last line is not there yet; a
 *     writer that finds one puts a newline first.
 * J2. A line that is no JSON object, too long or out of sense is skipped and counted.
 * J3. A "running" with "from_step" begins an attempt. `events` is the size that events.jsonl had
 *     then: what stands before that offset, with a step greater than `from_step`, is superseded: it
 *     stays on disk, and is not shown. (By offset and not by time, since clocks are put back.)
 * J4. Numbers that are not finite are the strings "NaN", "Infinity", "-Infinity".
 * J5. What is journalled at a step is on disk before the checkpoint of that step is.
 * J6. A line without "step" stands one step after the line before it if it holds metrics, else at
 *     the same step. A line without "t" has no time.
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
    RUN_LOST,     /* said queued, running or paused, has no end, and nobody holds its locks */
};
enum { RUN_STATES = RUN_LOST + 1 };
const char *run_state_name(enum run_state state);
bool run_state_parse(const char *name, enum run_state *out);
bool run_state_is_end(enum run_state state);

/* --- writing: one writer a file --- */

struct metric {
    const char *name;
    double value;
};

int events_open(struct line_writer *writer, const char *directory);
int events_put_metrics(struct line_writer *writer, double time, int64_t step,
                       const struct metric *metrics, int count);
/* `kind` is "sample" or "checkpoint"; `path` is relative to the run's directory. */
int events_put_file(struct line_writer *writer, double time, int64_t step, const char *kind,
                    const char *path);
/* {"t":…,"step":…,KEY:VALUE,…}: takes the members of `members`, and frees it. */
int events_put(struct line_writer *writer, double time, int64_t step, struct json *members);

/* What a worker says when an attempt begins. */
struct attempt {
    double time;            /* seconds since 1970 */
    double worked;          /* seconds that all attempts before it worked; known when reading */
    int64_t pid;            /* of the training; for people, never to tell whether it lives */
    int64_t from_step;      /* of the checkpoint that it went on from; 0 for a new run */
    int64_t events;         /* bytes of events.jsonl that were there before it */
    const char *checkpoint; /* that it went on from, relative to the run's directory; or NULL */
    const char *place;      /* where a command runs: NULL as it was typed, "checkout" of its pin */
};

/* Who has a run in hand. */
struct worker_identity {
    int64_t pid;
    const char *host;
    const char *const
        *settings; /* "training.steps=6000": what differs from recipe.ini, all of it */
    int setting_count;
    const char *slurm; /* the job that it is, "123" or "123_4"; NULL: none */
};

/* How a run ended. */
struct run_end {
    enum run_state state;
    int64_t step;       /* -1: unknown */
    int exit_status;    /* of the command; -1: it did not end by itself */
    int signal;         /* that ended it; 0: none */
    const char *reason; /* a sentence; NULL: none */
};

int worker_open(struct line_writer *writer, const char *directory);
/* `reason`: what it waits for, of a job in Slurm's queue; or NULL. */
int worker_put_queued(struct line_writer *writer, double time, const struct worker_identity *self,
                      const char *reason);
int worker_put_attempt(struct line_writer *writer, const struct worker_identity *self,
                       const struct attempt *attempt);
/* RUN_PAUSED, and RUN_RUNNING when it goes on. */
int worker_put_state(struct line_writer *writer, double time, enum run_state state);
int worker_put_end(struct line_writer *writer, double time, const struct run_end *end);
/* Names without "use."; `step` is what the training had come to. */
int worker_put_use(struct line_writer *writer, double time, int64_t step,
                   const struct metric *values, int count);

/* What a worker finds of the health of a command: as the line that a built-in training writes. */
int worker_put_health(struct line_writer *writer, double time, int64_t step, const char *health,
                      const char *why, const char *remedy);

/* --- reading: anybody, at any time --- */

struct worker_story {
    const struct attempt *attempts;
    int attempt_count;
    enum run_state state;          /* the last one said; RUN_QUEUED before any */
    double time;                   /* when it was said */
    struct run_end end;            /* where `state` is an end; of a queued run its reason alone */
    struct worker_identity worker; /* the last one that took the run in hand; host NULL: nobody */
    double queued;                 /* when it last entered the queue; 0: never */
    double worked;                 /* seconds in ended stretches of running … */
    double working_since;          /* … and when the present one began; 0: none */
    double seen;                   /* the time of the last line */
    int64_t size;                  /* bytes read: up to the end of the last whole line */
    int64_t bad_lines;             /* J2 */
};

/* Reads on where *story ended; a zeroed one begins. Strings and attempts are in the arena, which
 * must be the same each time. A file that is not there, or is shorter than before, is an empty
 * story. `visit_use` (or NULL) gets each line about resources, or health. */
struct use_line {
    double time;
    int64_t step;
    const struct json *values; /* of resources; NULL: the line is about health … */
    const struct json *health; /* … and this is all of it */
};
int worker_read(struct arena *arena, struct worker_story *story, const char *directory,
                void (*visit_use)(void *context, const struct use_line *use), void *context);

/* What is true now. */
struct run_status {
    enum run_state state;
    bool is_orphan; /* its worker is gone, and its training works */
};

/* From the state said and the locks (rule 2 of the design). A run that is queued in Slurm needs no
 * lock: what becomes of it there, slurm_settle journals (run/slurm.h). `now` is for runs of another host,
 * and for jobs of which Slurm has not said yet what became of them: these are only lost when their
 * heartbeat is older than a minute. */
struct run_status worker_status(const struct worker_story *story, const char *directory,
                                double now);

/* Reads on, and says what is true now. Who lets go of the lock has said how it ended; so a story that
 * does not know the end of a run that nobody holds is read on once more before the run counts as
 * lost. */
int worker_look(struct arena *arena, struct worker_story *story, const char *directory, double now,
                struct run_status *status);

/* One line of events.jsonl. All of it dies with the callback. */
struct event_metric {
    const char *name;
    double value;
    const char *text; /* of the number as the line has it, or "NaN", "Infinity", "-Infinity" */
};
struct event {
    double time;  /* NaN where the line has none */
    int64_t step; /* J6 */
    const struct event_metric *metrics;
    int metric_count;
    const char *sample, *checkpoint, *health; /* or NULL */
    const struct json *line; /* all of it; NULL for a line of time, step and metrics only */
    int64_t offset;          /* of its line */
    bool is_superseded;      /* J3 */
};

struct event_counts {
    int64_t read, superseded, bad; /* lines */
};

/* Where reading stands: begins all zero. */
struct events_place {
    int64_t offset; /* bytes read: up to the end of the last whole line */
    int64_t step;   /* of the last line, for J6 */
    struct event_counts counts;
};

/* Calls `visit` for each event after *place, in the order of the file, superseded ones too, until
 * it returns other than 0, which then is the result, or `limit` bytes are read (0: no limit). Moves
 * *place on. A file that is not there has no events. */
int events_read(const char *directory, const struct worker_story *story, struct events_place *place,
                int64_t limit, int (*visit)(void *context, const struct event *event),
                void *context);

#endif
