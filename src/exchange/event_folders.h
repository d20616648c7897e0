/* Where event files lie, as TensorBoard looks for them: in a directory and all below it.
 *
 * A directory with event files that is below no other such one is a run of TensorBoard's. What lies
 * below it belongs to it (add_scalars of PyTorch makes such), its name before the tag: "val/loss".
 * "train" and "validation" beside each other, as Keras makes them, are of one run, too. */
#ifndef GANDER_EXCHANGE_EVENT_FOLDERS_H
#define GANDER_EXCHANGE_EVENT_FOLDERS_H

#include "base/base.h"
#include "base/memory.h"

struct event_folder {
    const char *name;   /* as seen from the directory: "mnist/val"; "" for itself */
    const char *unit;   /* what it belongs to: "mnist" */
    const char *prefix; /* of its metrics: "val/"; "" for none */
    char **files;       /* paths, by name, and so by the time in it */
    int file_count;
};

struct event_folders {
    struct event_folder *folders; /* by unit, then by name */
    int count;
    const char *problem; /* the first place that could not be looked into; NULL: none */
};

/* `root` may be an event file itself. In the arena. ERR_NOT_FOUND when it is not there, ERR_INVALID
 * when there is more than can be sensible. */
int event_folders_find(struct arena *arena, const char *root, struct event_folders *out);

#endif
