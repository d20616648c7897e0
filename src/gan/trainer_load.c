#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "checkpoint.h"

static int check_counters(const struct trainer *trainer, const struct counters *counters,
                          const char *path)
{
    int64_t d_steps = trainer->recipe->training.d_steps;
    if (counters->images[0] != trainer->set->height || counters->images[1] != trainer->set->width ||
        counters->images[2] != trainer->classes)
        return fail(ERR_INVALID, "checkpoint '%s' is of images of another size, or other labels",
                    path);
    if (counters->step < 0 || counters->step > INT32_MAX ||
        counters->updates != counters->step * d_steps || counters->place < 0 ||
        counters->place > trainer->order.count || !isfinite(counters->penalty))
        return fail(ERR_INVALID, "checkpoint '%s' holds counts that cannot be", path);
    return 0;
}

static int check_data(const struct trainer *trainer, const struct tensor_file *file,
                      const char *path)
{
    const char *hash = tensors_metadata(file, CHECKPOINT_DATA);
    if (hash && strcmp(hash, trainer->set->hash) == 0)
        return 0;
    return fail(ERR_INVALID,
                "checkpoint '%s' was trained on other images than '%s' holds now (data.source)",
                path, trainer->set->source);
}

/* Copies entries [begin, end) of the table to where they belong, once all of them are found good.
 */
static int copy_entries(const struct tensor_file *file, const struct state_entry *entries,
                        int begin, int end, const char *path)
{
    const struct tensor *found[STATE_LIMIT];
    for (int i = begin; i < end; i++)
        if (!(found[i] = checkpoint_find(file, &entries[i], path)))
            return ERR_INVALID;
    for (int i = begin; i < end; i++)
        memcpy(entries[i].data, found[i]->data, tensor_bytes(found[i]));
    return 0;
}

/* The counters are the last thing that may be refused, and the blocks are found before they are
 * copied: a file that is refused has changed nothing. */
static int load_state(struct trainer *trainer, const struct tensor_file *file, const char *path)
{
    struct state_entry entries[STATE_LIMIT];
    struct counters counters;
    int count = state_entries(trainer, &counters, entries);
    int code = copy_entries(file, entries, 0, COUNTER_ENTRIES, path);
    if (code == 0)
        code = check_counters(trainer, &counters, path);
    if (code == 0)
        code = copy_entries(file, entries, COUNTER_ENTRIES, count, path);
    if (code < 0)
        return code;
    trainer->generator.optimiser.step = counters.step;
    trainer->discriminator.optimiser.step = counters.updates;
    trainer->penalty = counters.penalty;
    order_resume(&trainer->order, &counters.epoch, counters.place);
    return 0;
}

/* "checkpoint 'x' was written with another build ('a', now 'b'), another CPU …", or NULL. */
static char *describe_makers(const struct trainer *trainer, const struct tensor_file *file,
                             const char *path)
{
    enum { VALUE_LIMIT = 100 };
    struct arena arena = { NULL };
    struct maker makers[MAKER_COUNT];
    char *list = NULL, *result = NULL;
    makers_of(trainer, &arena, makers);
    for (int i = 0; i < MAKER_COUNT; i++) {
        const char *value = tensors_metadata(file, makers[i].key);
        const char *old = text_clean(&arena, value ? value : "unknown", VALUE_LIMIT);
        if (strcmp(old, makers[i].value) != 0)
            list = arena_printf(&arena, "%s%sanother %s ('%s', now '%s')", list ? list : "",
                                list ? ", " : "", makers[i].noun, old, makers[i].value);
    }
    if (list)
        result = xasprintf("checkpoint '%s' was written with %s: the run goes on, but its numbers "
                           "need not be those of an uninterrupted one bit for bit",
                           path, list);
    arena_release(&arena);
    return result;
}

int trainer_load(struct trainer *trainer, const char *path)
{
    struct tensor_file *file;
    struct recipe recipe;
    int code = checkpoint_open(&file, &recipe, path);
    if (code < 0)
        return code;
    code = checkpoint_compare(&recipe, trainer->recipe, path);
    if (code == 0)
        code = check_data(trainer, file, path);
    if (code == 0)
        code = load_state(trainer, file, path);
    if (code == 0) {
        free(trainer->promise);
        trainer->promise = describe_makers(trainer, file, path);
    }
    recipe_release(&recipe);
    tensors_close(file);
    return code;
}

const char *trainer_promise(const struct trainer *trainer)
{
    return trainer->promise;
}
