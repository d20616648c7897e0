/* TensorBoard's event files, in and out.
 *
 *     events.out.tfevents.1732370000.ada.4242.0
 *
 * A file is TFRecords with checksums, each a protobuf message Event: scalars ("simple values" as
 * PyTorch and TensorFlow 1 write them, tensors as TensorFlow 2 does) and images, which become
 * metrics and samples of a run. What else there is (histograms, text, graphs …) is counted.
 *
 * T1. A torn last record is not there yet. One whose data do not fit their checksum is passed over;
 *     where a length does not fit its own, the rest of that file cannot be told.
 * T2. As in TensorBoard a restart (a SessionLog START with a step) makes what was written before it
 *     in its directory, of that step and later, count no more. So does a later file of a directory
 *     for the tags in it, from their first step in it on: a training that was run again, or went on.
 * T3. Files are hostile: lengths are believed once they are there, and what one record can take is
 *     bounded. */
#ifndef GANDER_EXCHANGE_TENSORBOARD_H
#define GANDER_EXCHANGE_TENSORBOARD_H

#include "base/base.h"
#include "exchange/taken.h"
#include "run/catalogue.h"
#include "run/store.h"

/* --- in --- */

/* Every run of TensorBoard's in a directory, or an event file, becomes a run; with wish->is_joined
 * all of them one. A negative result: none was taken; else each says what became of it. */
int tensorboard_import(struct arena *arena, const struct store *store, const char *path,
                       const struct take_wish *wish, struct taken_run **runs, int *count);

/* Sentences on what was read and what was not, NULL-terminated: "12,000 scalars and 40 images of 3
 * event files". In the arena. */
const char *const *tensorboard_words(struct arena *arena, const struct tensorboard_counts *counts);

/* --- out --- */

struct tensorboard_wish {
    const char *directory;
    const char *sub; /* of the directory, for this run; "" for itself */
    bool force;      /* although event files are there */
};

/* Writes the metrics (but those of resource use) and samples of a run as one event file, which
 * appears whole or not at all; *path gets its name. Numbers are of single precision, as TensorBoard's
 * are. ERR_EXISTS when there are event files already. */
int tensorboard_export(struct arena *arena, const struct store *store, int64_t number,
                       const struct tensorboard_wish *wish, struct tensorboard_counts *counts,
                       char **path);

#endif
