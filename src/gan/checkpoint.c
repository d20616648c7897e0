#include "checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "nn/blas.h"

/* Fields that do not touch the course of training, or that one may change on the way: a longer run,
 * other reports. The data are compared by their hash. */
static const char *const free_keys[] = {
    "experiment.name",
    "data.source",
    "data.count",
    "training.steps",
    "training.until",
    "training.threads",
    "training.report_every",
    "training.checkpoint_every",
    "training.keep",
    "training.evaluate_every",
    "training.stop_when",
    "samples.every",
    "samples.count",
};

int state_entries(struct trainer *trainer, struct counters *counters,
                  struct state_entry entries[STATE_LIMIT])
{
    struct player *g = &trainer->generator, *d = &trainer->discriminator;
    size_t streams = sizeof(struct random);
    const struct state_entry all[] = {
        { STATE_STEP, TENSOR_I64, 1, &counters->step },
        { "state.updates", TENSOR_I64, 1, &counters->updates },
        { STATE_IMAGES, TENSOR_I64, 3, counters->images },
        { "state.order.place", TENSOR_I64, 1, &counters->place },
        { "state.penalty", TENSOR_F64, 1, &counters->penalty },
        { "state.order.epoch", TENSOR_U8, streams, &counters->epoch },
        { STATE_GENERATOR, TENSOR_F32, g->net->parameter_count, g->net->parameters },
        { STATE_GENERATOR_BUFFERS, TENSOR_F32, g->net->buffer_count, g->net->buffers },
        { "state.generator.first", TENSOR_F32, g->optimiser.count, g->optimiser.first },
        { "state.generator.second", TENSOR_F32, g->optimiser.count, g->optimiser.second },
        { STATE_AVERAGE, TENSOR_F32, g->net->parameter_count, trainer->average },
        { STATE_AVERAGE_BUFFERS, TENSOR_F32, g->net->buffer_count, trainer->average_buffers },
        { STATE_DISCRIMINATOR, TENSOR_F32, d->net->parameter_count, d->net->parameters },
        { STATE_DISCRIMINATOR_BUFFERS, TENSOR_F32, d->net->buffer_count, d->net->buffers },
        { "state.discriminator.first", TENSOR_F32, d->optimiser.count, d->optimiser.first },
        { "state.discriminator.second", TENSOR_F32, d->optimiser.count, d->optimiser.second },
        { "state.random.latents", TENSOR_U8, streams, &trainer->latents },
        { "state.random.labels", TENSOR_U8, streams, &trainer->labels },
        { "state.random.noise", TENSOR_U8, streams, &trainer->noise },
        { "state.random.mixing", TENSOR_U8, streams, &trainer->mixing },
        { "state.random.corruption", TENSOR_U8, trainer->pairs.conditions ? streams : 0,
          &trainer->pairs.corruption },
        { "state.random.generator", TENSOR_U8, streams, &g->dropout },
        { "state.random.discriminator", TENSOR_U8, streams, &d->dropout },
    };
    _Static_assert(sizeof all / sizeof all[0] <= STATE_LIMIT, "room for all entries");
    int count = 0;
    for (int i = 0; i < ARRAY_SIZE(all); i++)
        if (all[i].data && all[i].count > 0)
            entries[count++] = all[i];
    return count;
}

void makers_of(const struct trainer *trainer, struct arena *arena, struct maker makers[MAKER_COUNT])
{
    makers[0] = (struct maker){ "gander.build", "build", build_id() };
    makers[1] = (struct maker){ "gander.cpu", "CPU", host_cpu() };
    makers[2] = (struct maker){ "gander.blas", "BLAS",
                                arena_printf(arena, "%s, %s", blas_version(), blas_kernel()) };
    makers[3] = (struct maker){ "gander.threads", "number of threads",
                                arena_printf(arena, "%d", pool_threads(trainer->pool)) };
}

int checkpoint_open(struct tensor_file **file, struct recipe *recipe, const char *path)
{
    int code = tensors_open(file, path);
    if (code < 0)
        return code;
    const char *format = tensors_metadata(*file, CHECKPOINT_FORMAT);
    const char *text = tensors_metadata(*file, CHECKPOINT_RECIPE);
    if (!format || strcmp(format, "1") != 0 || !text)
        code = fail(ERR_INVALID, "'%s' is not a checkpoint of this program", path);
    else if (recipe_parse(recipe, text, strlen(text), path, NULL, 0) < 0)
        code = fail_prefix("the recipe in checkpoint");
    if (code < 0)
        tensors_close(*file);
    return code;
}

static bool is_free(const char *key)
{
    for (int i = 0; i < ARRAY_SIZE(free_keys); i++)
        if (strcmp(key, free_keys[i]) == 0)
            return true;
    return false;
}

int checkpoint_compare(const struct recipe *there, const struct recipe *here, const char *path)
{
    enum { QUOTE_LIMIT = 60 };
    struct arena arena = { NULL };
    int count, code = 0;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count && code == 0; i++) {
        char *old = recipe_value(&arena, there, &fields[i]);
        char *now = recipe_value(&arena, here, &fields[i]);
        if (strcmp(old, now) != 0 && !is_free(fields[i].key))
            code = fail(ERR_INVALID,
                        "checkpoint '%s' is of another recipe: %s was '%.*s' there and is '%.*s'",
                        path, fields[i].key, QUOTE_LIMIT, old, QUOTE_LIMIT, now);
    }
    arena_release(&arena);
    return code;
}

/* A stream of zeros would give zeros for ever, and never an unbiased number. */
static bool is_stream(const struct tensor *tensor)
{
    const unsigned char *bytes = tensor->data;
    for (size_t i = 0; i < tensor_bytes(tensor); i++)
        if (bytes[i])
            return true;
    return false;
}

const struct tensor *checkpoint_find(const struct tensor_file *file,
                                     const struct state_entry *entry, const char *path)
{
    const struct tensor *found = tensors_find(file, entry->name);
    struct tensor want = { .type = entry->type,
                           .dimensions = 1,
                           .shape = { (int64_t)entry->count } };
    if (!found) {
        fail(ERR_INVALID, "checkpoint '%s' has no tensor '%s'", path, entry->name);
        return NULL;
    }
    if (found->type != want.type || tensor_bytes(found) != tensor_bytes(&want)) {
        fail(ERR_INVALID, "checkpoint '%s': tensor '%s' has not the size that the recipe gives it",
             path, entry->name);
        return NULL;
    }
    if (entry->type == TENSOR_U8 && !is_stream(found)) {
        fail(ERR_INVALID, "checkpoint '%s': tensor '%s' is no random stream", path, entry->name);
        return NULL;
    }
    return found;
}

int checkpoint_copy(const struct tensor_file *file, const char *path, struct state_entry entry)
{
    const struct tensor *tensor = entry.count > 0 ? checkpoint_find(file, &entry, path) : NULL;
    if (!tensor)
        return entry.count > 0 ? ERR_INVALID : 0;
    memcpy(entry.data, tensor->data, tensor_bytes(tensor));
    return 0;
}

int checkpoint_images(const struct tensor_file *file, const char *path, int images[3])
{
    int64_t there[3];
    int code =
        checkpoint_copy(file, path, (struct state_entry){ STATE_IMAGES, TENSOR_I64, 3, there });
    if (code < 0)
        return code;
    for (int i = 0; i < 2; i++)
        if (there[i] < 1 || there[i] > DATASET_SIDE_LIMIT)
            return fail(ERR_INVALID, "checkpoint '%s' is of images of %lld pixels", path,
                        (long long)there[i]);
    if (there[2] < 0 || there[2] > UINT8_MAX + 1)
        return fail(ERR_INVALID, "checkpoint '%s' is of %lld classes", path, (long long)there[2]);
    for (int i = 0; i < 3; i++)
        images[i] = (int)there[i];
    return 0;
}
