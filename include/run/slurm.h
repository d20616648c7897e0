/* Slurm, through its own commands: sbatch, squeue, scontrol, sacct and scancel.
 *
 * A job is named as Slurm prints it, "123", or "123_4" for task 4 of an array. What Slurm says of all
 * of a user's jobs is asked for once for all runs of a store, at most every few seconds, whoever asks,
 * by a process in the background (gander settle), which then brings the journals into line:
 *
 *     .gander/slurm/view        what squeue last said, and when; atomically replaced when that is done
 *     .gander/slurm/view.lock   held by who asks
 *     .gander/slurm/jobs/42     the job of run 42, from its submission until its end is journalled
 *
 * S1. Jobs that are not in that list (Slurm forgets them MinJobAge after their end) are asked for by
 *     name, then looked up in its accounting, then in its list of completed jobs (sacct -c); where all
 *     of these answer and none knows it, a job is SLURM_FORGOTTEN. An answer that does not come is none.
 * S2. Where the controller does not answer the last view stands, and says so: a job that was there is
 *     still believed to be. Only the process in the background, and who has something to tell Slurm,
 *     wait for it, SLURM_PATIENCE seconds at a time; it is asked again after SLURM_TROUBLE_SECONDS.
 * S3. Commands print in formats of ours (-o, -P), never JSON, whose fields change with versions.
 * S4. Journals are written by the owner of the store alone, with the run's lock held, and only by what
 *     was asked for after the run last got its job. That is compared by the clock that stamps files
 *     there, so that a machine whose clock is wrong does no harm. */
#ifndef GANDER_RUN_SLURM_H
#define GANDER_RUN_SLURM_H

#include "base/base.h"
#include "base/memory.h"
#include "run/store.h"

enum { SLURM_VIEW_SECONDS = 4, SLURM_TROUBLE_SECONDS = 20, SLURM_PATIENCE = 10 };

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
    const char *array;        /* "0-35%4"; NULL: no array. a word "%a" becomes the task */
};
/* *job is "123", of an array its common part. ERR_INVALID with what sbatch said. */
int slurm_submit(struct arena *arena, const struct slurm_submission *what, char **job);

/* "123" or "123_4"? Nothing else may become a word of a command. */
bool slurm_is_job(const char *text);

/* scancel: takes a job out of the queue, or ends it; or sends a signal ("TERM", "USR1" …) to what runs
 * on the node, which is a worker (run/control.h says what it makes of it). */
int slurm_cancel(const char *job);
int slurm_signal(const char *job, const char *signal);
/* Ends a running job, and queues it again. */
int slurm_requeue(const char *job);

/* --- runs that are jobs --- */

int slurm_note_job(const struct store *store, int64_t run, const char *job);
/* Of "STORE/runs/42": has Slurm still to say what became of its job? */
bool slurm_has_job(const char *run_directory);

/* Takes the job of a queued run out of Slurm's queue, and journals that it was stopped. ERR_BUSY when
 * its worker has just begun. `job` NULL: it has been taken out. */
int slurm_drop(const struct store *store, int64_t run, const char *job);
/* Of several jobs ("123" of an array is all of its tasks), those that wait. */
int slurm_cancel_pending(const char *job);
/* Does the controller answer? */
bool slurm_answers(void);

/* Brings journals into line with what Slurm says of jobs that no worker holds the lock of: one that was
 * requeued is queued again; one that waits, says for what; one that was cancelled, ran out of time or
 * lost its node outside of gander has ended, and so has one that Slurm no longer knows. In this
 * process, however long that takes; 0 also when nothing has to be done, since the last view is new or
 * another process is at it. An urgent one asks in any case. */
int slurm_settle_here(const struct store *store, bool is_urgent);

/* The same in the background, when the last view is old, waited for not longer than what was set
 * here. Costs a look at one file where no run is a job. */
void slurm_settle(const struct store *store);
void slurm_set_patience(int milliseconds); /* 3000 unless set; a screen waits for nothing */

/* What is known of a run's job, without asking; false where it has none in Slurm any more. Strings
 * are in the arena. */
struct slurm_known {
    const char *id;
    const struct slurm_job *job; /* NULL: Slurm has not been asked since */
    const char *trouble;         /* why it does not answer; NULL: it does */
    double time;                 /* of the last question */
};
bool slurm_know(struct arena *arena, const struct store *store, int64_t run,
                struct slurm_known *out);

#endif
