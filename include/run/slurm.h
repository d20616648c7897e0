/* Slurm, through its own commands: sbatch, squeue, scontrol, sacct and scancel.
 *
 * A job is named as Slurm prints it, "123", or "123_4" for task 4 of an array. What Slurm says of all
 * of a user's jobs is asked for once for all runs of a store, at most every few seconds, whoever asks:
 *
 *     .gander/slurm/view        what squeue last said, and when; atomically replaced
 *     .gander/slurm/view.lock   held by who asks
 *
 * S1. Jobs that Slurm forgets (MinJobAge after their end) are looked up in its accounting, else in its
 *     list of completed jobs (sacct -c), else they are SLURM_FORGOTTEN.
 * S2. Where the controller does not answer the last view stands, and says so: a job that was there is
 *     still believed to be. Nobody waits for it longer than SLURM_PATIENCE seconds at a time.
 * S3. Commands print in formats of ours (-o, -P), never JSON, whose fields change with versions. */
#ifndef GANDER_RUN_SLURM_H
#define GANDER_RUN_SLURM_H

#include "base/base.h"
#include "base/memory.h"
#include "run/store.h"

enum { SLURM_VIEW_SECONDS = 4, SLURM_PATIENCE = 10 };

enum slurm_state {
    SLURM_PENDING,   /* waits: `reason` says for what */
    SLURM_RUNNING,   /* has a node; starting and ending (CONFIGURING, COMPLETING) count, too */
    SLURM_SUSPENDED, /* by an operator, or STOPPED by a signal */
    SLURM_ENDED,     /* `word` says how: COMPLETED, FAILED, CANCELLED, TIMEOUT, NODE_FAIL … */
    SLURM_FORGOTTEN, /* nobody knows it any more */
};

struct slurm_job {
    const char *id;
    enum slurm_state state;
    const char *word;   /* Slurm's own: "PENDING" … */
    const char *reason; /* "Resources" …; "" for none */
    const char *node;   /* or "" */
};

/* Is sbatch there? ERR_NOT_FOUND says what to install. */
int slurm_check(void);

struct slurm_submission {
    const char *name;         /* of the job */
    const char *const *words; /* what runs on the node, NULL-terminated; absolute paths */
    const char *output;       /* its log, appended to */
    const char *partition, *time, *account; /* NULL or "": Slurm's own */
    const char *const *extra; /* further options of sbatch, NULL-terminated; NULL: none */
    int cpus;                 /* per task */
    int warning;              /* seconds between SIGXCPU and the end of the time limit */
    bool requeues;            /* after a node's failure or preemption */
    const char *array;        /* "0-35%4"; NULL: no array. "%a" in words becomes the task */
};
/* *job is "123", of an array its common part. ERR_INVALID with what sbatch said. */
int slurm_submit(struct arena *arena, const struct slurm_submission *what, char **job);

/* What Slurm says of our jobs. */
struct slurm_view {
    const struct slurm_job *jobs;
    int count;
    double time;         /* of the answer, seconds since 1970; 0: there never was one */
    const char *trouble; /* why there is no newer one, a sentence; NULL: all is well */
};
/* The last answer; a new one is asked for where it is older than SLURM_VIEW_SECONDS, unless somebody
 * else is asking. All in the arena. 0 also where Slurm does not answer: then `trouble` says so. */
int slurm_look(struct arena *arena, const struct store *store, double now, struct slurm_view *out);

/* One job in the view, else in what Slurm keeps of the past (S1). */
int slurm_find(struct arena *arena, const struct slurm_view *view, const char *job,
               struct slurm_job *out);

/* scancel: takes a job out of the queue, or ends it; or sends a signal ("TERM", "USR1" …) to what runs
 * on the node, which is a worker (run/control.h says what it makes of it). */
int slurm_cancel(const char *job);
int slurm_signal(const char *job, const char *signal);
/* Ends a running job, and queues it again. */
int slurm_requeue(const char *job);

/* --- runs that are jobs --- */

/* STORE/slurm/jobs/N holds the job of run N from its submission until its end has been journalled. */
int slurm_note_job(const struct store *store, int64_t run, const char *job);

/* Takes the job of a queued run out of Slurm's queue, and journals that it was stopped. ERR_BUSY when
 * its worker has just begun. */
int slurm_drop(const struct store *store, int64_t run, const char *job);

/* Brings journals into line with what Slurm says of jobs that no worker holds the lock of: one that was
 * requeued is queued again; one that waits, says for what; one that was cancelled, ran out of time or
 * lost its node outside of gander has ended, and so has one that Slurm no longer knows. Costs one
 * look at a directory where no run is a job. */
void slurm_settle(const struct store *store, double now);

#endif
