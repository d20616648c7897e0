#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/version.h"
#include "checkpoint.h"

struct listing { /* tensors to be written */
    struct arena arena;
    struct tensor *tensors;
    int count, room;
    const char *prefix;  /* of the network being exported */
    int64_t batches;     /* that its norm statistics come from */
    const int64_t *kept; /* `batches` in the arena */
};

static void push(struct listing *listing, struct tensor tensor)
{
    if (listing->count == listing->room) {
        listing->room = 2 * listing->room + 64;
        listing->tensors =
            xrealloc(listing->tensors, (size_t)listing->room, sizeof *listing->tensors);
    }
    listing->tensors[listing->count++] = tensor;
}

/* PyTorch's batch norm also counts its batches, which no layer of ours needs. */
static void push_batches(struct listing *listing, const char *variance)
{
    int stem = (int)(strlen(variance) - strlen("running_var"));
    push(listing,
         (struct tensor){ .name = arena_printf(&listing->arena, "%s%.*snum_batches_tracked",
                                               listing->prefix, stem, variance),
                          .type = TENSOR_I64,
                          .data = listing->kept });
}

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static int push_exported(void *context, const char *name, int dimensions, const int64_t *shape,
                         const float *values)
{
    struct listing *listing = context;
    struct tensor tensor = { .name = arena_printf(&listing->arena, "%s%s", listing->prefix, name),
                             .type = TENSOR_F32,
                             .dimensions = dimensions };
    memcpy(tensor.shape, shape, (size_t)dimensions * sizeof *shape);
    size_t bytes = tensor_bytes(&tensor);
    void *copy = arena_alloc(&listing->arena, bytes, 1);
    memcpy(copy, values, bytes);
    tensor.data = copy;
    push(listing, tensor);
    if (ends_in(name, ".running_var"))
        push_batches(listing, name);
    return 0;
}

static int push_network(struct listing *listing, const char *prefix, struct network *net,
                        const float *parameters, float *buffers, int64_t batches)
{
    int64_t *kept = arena_alloc(&listing->arena, 1, sizeof *kept);
    *kept = batches;
    listing->prefix = prefix;
    listing->kept = kept;
    network_prepare(net, parameters, buffers, false);
    return network_export(net, parameters, buffers, push_exported, listing);
}

static int push_networks(struct listing *listing, struct trainer *trainer)
{
    struct network *g = trainer->generator.net, *d = trainer->discriminator.net;
    int64_t updates = trainer->discriminator.optimiser.step;
    int code = push_network(listing, "generator.", g, g->parameters, g->buffers, updates);
    if (code == 0 && trainer->average) {
        struct drawing average = trainer_drawing(trainer);
        code = push_network(listing, "average.", g, average.parameters, average.buffers,
                            DRAWING_ESTIMATES);
    }
    if (code == 0)
        code = push_network(listing, "discriminator.", d, d->parameters, d->buffers, updates);
    return code;
}

static void push_state(struct listing *listing, struct trainer *trainer, struct counters *counters)
{
    struct state_entry entries[STATE_LIMIT];
    *counters = (struct counters){
        .step = trainer->generator.optimiser.step,
        .updates = trainer->discriminator.optimiser.step,
        .images = { trainer->set->height, trainer->set->width, trainer->classes },
        .place = trainer->order.place,
        .epoch = trainer->order.begin,
        .penalty = trainer->penalty,
    };
    int count = state_entries(trainer, counters, entries);
    for (int i = 0; i < count; i++)
        push(listing, (struct tensor){ .name = entries[i].name,
                                       .type = entries[i].type,
                                       .dimensions = entries[i].count > 1,
                                       .shape = { (int64_t)entries[i].count },
                                       .data = entries[i].data });
}

static size_t alignment(const struct tensor *tensor)
{
    struct tensor scalar = { .type = tensor->type };
    return tensor_bytes(&scalar);
}

/* Wide types first, so that every tensor lies aligned in the file. */
static void align(struct listing *listing)
{
    struct tensor *sorted = xcalloc((size_t)listing->count, sizeof *sorted);
    int done = 0;
    for (size_t size = 8; size > 0; size /= 2)
        for (int i = 0; i < listing->count; i++)
            if (alignment(&listing->tensors[i]) == size)
                sorted[done++] = listing->tensors[i];
    free(listing->tensors);
    listing->tensors = sorted;
}

static int write_listing(struct listing *listing, const struct trainer *trainer, const char *path)
{
    struct maker makers[MAKER_COUNT];
    char *text = recipe_text(&listing->arena, trainer->recipe);
    char hash[HASH_TEXT_SIZE];
    struct tensor_metadata metadata[6 + MAKER_COUNT] = {
        { "format", "pt" }, /* what PyTorch's own loaders ask for */
        { CHECKPOINT_FORMAT, "1" },
        { CHECKPOINT_RECIPE, text },
        { "gander.recipe_hash", hash },
        { CHECKPOINT_DATA, trainer->set->hash },
        { "gander.version", GANDER_VERSION },
    };
    hash_of(text, strlen(text), hash);
    makers_of(trainer, &listing->arena, makers);
    for (int i = 0; i < MAKER_COUNT; i++)
        metadata[6 + i] = (struct tensor_metadata){ makers[i].key, makers[i].value };
    return tensors_write(path, listing->tensors, listing->count, metadata, ARRAY_SIZE(metadata));
}

int trainer_save(struct trainer *trainer, const char *path)
{
    struct listing listing = { .count = 0 };
    struct counters counters;
    int code = push_networks(&listing, trainer);
    if (code == 0) {
        push_state(&listing, trainer, &counters);
        align(&listing);
        code = write_listing(&listing, trainer, path);
    }
    free(listing.tensors);
    arena_release(&listing.arena);
    return code;
}
