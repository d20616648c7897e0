/* Telling a run's worker what to do, by signals, which scancel takes to those that are Slurm jobs:
 *
 *     SIGTERM, SIGINT   stop: the training is asked to end (SIGTERM), after a checkpoint if it makes
 *                       any; a queued run leaves the queue
 *     SIGQUIT           stop at once: its process group is killed
 *     SIGUSR1           pause: its process group is stopped (SIGSTOP), the slot stays taken
 *     SIGUSR2           go on
 *     SIGXCPU           stop, since the time limit of the job is near (from Slurm alone)
 *
 * A worker is told from a process that has got its number by what it holds: only who has the run's
 * lock (as /proc/PID/fdinfo says) and calls itself its worker is sent a signal. */
#ifndef GANDER_RUN_CONTROL_H
#define GANDER_RUN_CONTROL_H

#include "base/base.h"
#include "run/journal.h"
#include "run/store.h"

enum control_request { CONTROL_STOP, CONTROL_STOP_NOW, CONTROL_PAUSE, CONTROL_GO_ON };

/* Asks; does not wait. ERR_INVALID with a sentence when the run is in no state for it, works on
 * another host or belongs to somebody else; ERR_BUSY when an orphan would have to be asked for more
 * than to be stopped at once. An orphan that is to stop at once is killed here, with all that holds
 * its command.lock. `now`: seconds since 1970. */
int control_ask(const struct store *store, int64_t number, enum control_request request,
                double now);

/* Sends a signal to the process `pid` if it holds that lock; else ERR_NOT_FOUND. */
int control_signal(const char *lock, int64_t pid, int signal);

/* Waits until the run is in none of the states of the set `states` (1 << RUN_RUNNING | …), or
 * `seconds` are over, or a caught signal comes: then ERR_CANCELLED. *status is what it is in then. */
int control_wait(const struct store *store, int64_t number, unsigned states, double seconds,
                 struct run_status *status);

#endif
