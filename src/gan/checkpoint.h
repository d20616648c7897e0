/* Checkpoints: one safetensors file for readers and for going on.
 *
 *     generator.N.weight …       as a PyTorch nn.Sequential of the layer list has them (strict)
 *     average.N.weight …         the moving average, norm statistics re-estimated for it
 *     discriminator.N.weight …
 *     state.*                    what the next step depends on, as it lies in memory
 *     metadata                   the recipe; what made it; the hash of its data
 *
 * The weights are there twice, since those for readers have another layout and, under spectral
 * norm, are divided by sigma; what goes on bit for bit are the blocks in state.*. */
#ifndef GANDER_GAN_CHECKPOINT_H
#define GANDER_GAN_CHECKPOINT_H

#include "base/memory.h"
#include "base/tensors.h"
#include "trainer_state.h"

/* Metadata keys. */
#define CHECKPOINT_FORMAT "gander.checkpoint"
#define CHECKPOINT_RECIPE "gander.recipe"
#define CHECKPOINT_DATA "gander.data"

/* Names of blocks that a generator is drawn with, or a discriminator judges with. */
#define STATE_GENERATOR "state.generator.parameters"
#define STATE_GENERATOR_BUFFERS "state.generator.buffers"
#define STATE_AVERAGE "state.average.parameters"
#define STATE_AVERAGE_BUFFERS "state.average.buffers"
#define STATE_DISCRIMINATOR "state.discriminator.parameters"
#define STATE_DISCRIMINATOR_BUFFERS "state.discriminator.buffers"
#define STATE_IMAGES "state.images" /* height, width, classes */
#define STATE_STEP "state.step"

/* What is not a place in struct trainer, or is checked before it becomes one. */
struct counters {
    int64_t step, updates; /* of G, of D */
    int64_t images[3];
    int64_t place;       /* in the epoch … */
    struct random epoch; /* … that began with this stream */
    double penalty;
};

struct state_entry {
    const char *name;
    enum tensor_type type; /* U8: a random stream */
    size_t count;          /* values; 1 is a scalar */
    void *data;
};

enum { COUNTER_ENTRIES = 6, STATE_LIMIT = 24 };

/* The table of all that goes on. The first COUNTER_ENTRIES have their data in `counters`, the
 * others in the trainer. */
int state_entries(struct trainer *trainer, struct counters *counters,
                  struct state_entry entries[STATE_LIMIT]);

/* What decides on the bits of a run: rows of metadata. */
enum { MAKER_COUNT = 4 };
struct maker {
    const char *key, *noun; /* "gander.cpu", "CPU" */
    const char *value;
};
void makers_of(const struct trainer *trainer, struct arena *arena,
               struct maker makers[MAKER_COUNT]);

/* Opens a file and reads the recipe in it; the caller closes and releases both. ERR_INVALID for a
 * file that no trainer_save wrote. */
int checkpoint_open(struct tensor_file **file, struct recipe *recipe, const char *path);

/* 0, or ERR_INVALID naming the first key that differs and matters to the course of training. */
int checkpoint_compare(const struct recipe *there, const struct recipe *here, const char *path);

/* The tensor of exactly this name, type and count, or NULL with a sentence (ERR_INVALID). */
const struct tensor *checkpoint_find(const struct tensor_file *file,
                                     const struct state_entry *entry, const char *path);

/* Copies that tensor to entry.data; nothing where the count is 0. */
int checkpoint_copy(const struct tensor_file *file, const char *path, struct state_entry entry);

/* The images that it is of: height, width and classes, within what an image may have. */
int checkpoint_images(const struct tensor_file *file, const char *path, int images[3]);

#endif
