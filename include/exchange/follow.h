/* Following TensorBoard's event files while a command writes them: `gander run --tensorboard`.
 *
 * The worker of such a run is the only writer of its events.jsonl, and puts there what the files have
 * got since it looked last, with a line on how far it has come:
 *
 *     {"tensorboard":{"events.out.tfevents.1732370000.ada.4242.0":1234}}
 *
 * Both are one write, so what is read is read once, whatever happens to the worker. Files that lay
 * there before the run began are not its own: null stands for them. */
#ifndef GANDER_EXCHANGE_FOLLOW_H
#define GANDER_EXCHANGE_FOLLOW_H

#include "run/worker.h"

extern const struct worker_feed tensorboard_feed;

#endif
