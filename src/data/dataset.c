#include "data/dataset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/digits.h"

const char *const dataset_names[DATASET_NAMES] = { "mnist", "fashion", "kmnist" };

int dataset_directory(struct arena *arena, const char *name, char **out)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    if (data && data[0] == '/') /* a relative path is to be ignored, says the XDG specification */
        *out = arena_printf(arena, "%s/gander/%s", data, name);
    else if (home && home[0])
        *out = arena_printf(arena, "%s/.local/share/gander/%s", home, name);
    else
        return fail(ERR_NOT_FOUND, "no place for data set '%s': set HOME or XDG_DATA_HOME", name);
    return 0;
}

static void make_digits(struct dataset *set, enum dataset_part part, int count, uint64_t seed)
{
    int all = part == DATASET_TRAIN ? DIGITS_TRAIN_COUNT : DIGITS_TEST_COUNT;
    set->count = count == 0 ? all : MIN(count, all);
    set->height = set->width = DIGITS_SIDE;
    set->classes = DIGITS_CLASSES;
    set->source = xstrdup("digits");
    set->pixels = xmalloc((size_t)set->count * DIGITS_SIDE * DIGITS_SIDE);
    set->labels = xmalloc((size_t)set->count);
    digits_draw(seed, (int)part, set->count, set->pixels, set->labels);
    char *what = xasprintf("digits version %d seed %" PRIu64 " part %d count %d", DIGITS_VERSION,
                           seed, (int)part, set->count);
    hash_of(what, strlen(what), set->hash);
    free(what);
}

int dataset_open(struct dataset **out, const char *source, enum dataset_part part, int count,
                 uint64_t seed)
{
    *out = NULL;
    if (count < 0)
        return fail(ERR_INVALID, "data count %d is negative", count);
    if (strcmp(source, "digits") != 0)
        return fail(ERR_NOT_FOUND, "data source '%s' is not 'digits'", source);
    struct dataset *set = xcalloc(1, sizeof *set);
    make_digits(set, part, count, seed);
    *out = set;
    return 0;
}

void dataset_close(struct dataset *set)
{
    if (!set)
        return;
    free(set->source);
    free(set->pixels);
    free(set->labels);
    free(set);
}

/* 0 … 255 to -1 … 1, both ends exact. One multiplication and no sum, so that no machine rounds it
 * otherwise. */
VECTOR_CLONES static void to_floats(const uint8_t *from, size_t count, float *to)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)(2 * from[i] - 255) * (1.0f / 255);
}

void dataset_batch(const struct dataset *set, const uint32_t *indices, int n, float *pixels,
                   int *labels)
{
    size_t area = (size_t)set->height * (size_t)set->width;
    for (int i = 0; i < n; i++)
        to_floats(set->pixels + indices[i] * area, area, pixels + (size_t)i * area);
    for (int i = 0; labels && i < n; i++)
        labels[i] = set->labels ? set->labels[indices[i]] : 0;
}
