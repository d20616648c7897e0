/* Slots: how many runs of a store may work at once on a host, and the queue for them.
 *
 *     .gander/slots/HOST/
 *       turn.lock               held while a ticket is drawn
 *       queue/0000000042-7      ticket 42, of run 7
 *       slot-0, slot-1 …        each locked by the worker that has it, and by its training
 *
 * Q1. There is no daemon: everything is an OFD lock, which the kernel lets go of when a process
 *     dies, however it does.
 * Q2. Tickets are drawn in order. A waiting worker sleeps in fcntl() on the next older ticket that
 *     somebody holds; only the oldest looks at slots, and sleeps until one is let go of. So two
 *     hundred of them use no CPU, and whichever of them is killed, the others come in their order.
 * Q3. The oldest takes a free slot when fewer than its own limit are taken. Nobody else takes one,
 *     so no two can take the last one.
 * Q4. A training inherits the slot of its worker: an orphan still has it.
 * Q5. A worker inside a Slurm job takes no slot: Slurm has given it its cores.
 */
#ifndef GANDER_RUN_QUEUE_H
#define GANDER_RUN_QUEUE_H

#include "base/base.h"
#include "record/config.h"
#include "run/store.h"

struct queue;

/* Draws a ticket. Who launches a run does that for its worker, so that runs come in the order of
 * their launches: the worker inherits the descriptor, and queue_pass_on lets go of it here. */
int queue_enter(struct queue **out, const struct store *store, int64_t run);
int queue_ticket(const struct queue *queue);
void queue_pass_on(struct queue *queue);
/* With the ticket that was drawn for this process. ERR_INVALID if `ticket` is none of that run. */
int queue_take_over(struct queue **out, const struct store *store, int64_t run, int ticket);
/* Waits for a slot, while fewer than `limit` are taken. The ticket is given back then. *waited tells
 * whether it had to. ERR_CANCELLED when `is_cancelled` says so, which is asked whenever a caught
 * signal interrupts the sleep. */
int queue_wait(struct queue *queue, int limit, bool (*is_cancelled)(void), bool *waited);
/* The descriptor that holds the slot, for the training to inherit; -1 before queue_wait. */
int queue_slot(const struct queue *queue);
/* Lets go of slot or ticket. NULL is fine. */
void queue_leave(struct queue *queue);

/* How many runs may work at once: as a run says (0: it does not), else as GANDER_SLOTS or the settings
 * say, else as many as have cores for their threads (0: all cores). */
int queue_limit(int said, const struct config *config, int threads);

/* For people: how many slots are taken on this host now. */
int queue_slots_taken(const struct store *store);

#endif
