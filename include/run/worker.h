/* The worker: the background process that owns one attempt at a run.
 *
 *     queue for a slot   ->  choose the checkpoint and the place  ->  start the training, held back
 *     by a gate  ->  journal that it begins, open the gate  ->  see it end, listening to signals
 *     (run/control.h), journalling what it uses  ->  journal how it ended  ->  on_end
 *
 * W1. It holds the run's lock from its start to the moment the end is journalled.
 * W2. The training is `gander train RUN` or the run's command, in a process group of its own. It
 *     inherits command.lock and the slot, and finds in its environment
 *         GANDER_RUN          the run's number
 *         GANDER_DIR          the store
 *         GANDER_JOURNAL      events.jsonl, to append to
 *         GANDER_SAMPLES      a directory for images
 *         GANDER_CHECKPOINTS  a directory for whatever it needs to go on
 *         GANDER_RESUME       the newest checkpoint, when it is to go on from one
 *     and PYTHONUNBUFFERED=1 unless that is set, so that its log can be followed.
 * W3. What the training leaves behind in its process group is ended with it.
 * W4. Every 5 seconds it journals what the training uses; while the run is queued or paused it
 *     touches worker.jsonl every 10 seconds where other machines may look at it. Else it sleeps.
 * W5. On a full disk the end is said in the room that `reserve` leaves.
 * W6. Of a run whose command writes files of another tool (TensorBoard), the worker is the only writer
 *     of events.jsonl: every 5 seconds and at the end it journals what is new there. Such a command
 *     finds no GANDER_JOURNAL.
 */
#ifndef GANDER_RUN_WORKER_H
#define GANDER_RUN_WORKER_H

#include "base/base.h"
#include "run/journal.h"
#include "run/store.h"

/* What a launcher leaves to the worker: descriptors that hold the run's lock and its place in the
 * queue; -1 for what the worker has to see to itself. */
struct worker_legacy {
    int lock, ticket;
    bool is_job; /* it was submitted to Slurm: the launcher may still hold the lock */
};

/* Where a command writes files that its worker journals (W6): how to read them. */
struct worker_feed {
    /* Before the training begins. `directory` is the run's, `source` where the files will be. */
    int (*begin)(void **feed, const char *directory, const char *source, bool is_first_attempt);
    /* Journals what is new, but not for long: *has_more says that there is more. */
    int (*look)(void *feed, bool *has_more);
    char *(*tell)(void *feed); /* a sentence on what was read in this attempt, malloc'ed */
    void (*release)(void *feed);
};

/* Works on the run until it has ended. 0 when the end was journalled, whatever it was; negative when
 * the worker could not do its own work. `feed` is for runs that name such files (tensorboard of
 * struct run_facts). */
int worker_work(const struct store *store, int64_t number, const struct worker_legacy *legacy,
                const struct worker_feed *feed);

/* How the built-in training tells its worker how it ended: one line of JSON into a descriptor, so
 * that no disk is needed for it. */
void worker_send_end(int words, const struct run_end *end);

#endif
