#include "data/dataset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "data/digits.h"
#include "data/idx.h"
#include "data/png_folder.h"

enum { LENT_ONE_IN = 6 };

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

static void look_at_digits(struct dataset *set, enum dataset_part part, int count)
{
    int all = part == DATASET_TRAIN ? DIGITS_TRAIN_COUNT : DIGITS_TEST_COUNT;
    set->count = count == 0 ? all : MIN(count, all);
    set->height = set->width = DIGITS_SIDE;
    set->classes = DIGITS_CLASSES;
    set->source = xstrdup("digits");
}

static void make_digits(struct dataset *set, enum dataset_part part, int count, uint64_t seed)
{
    look_at_digits(set, part, count);
    set->pixels = xmalloc((size_t)set->count * DIGITS_SIDE * DIGITS_SIDE);
    set->labels = xmalloc((size_t)set->count);
    digits_draw(seed, (int)part, set->count, set->pixels, set->labels);
    char *what = xasprintf("digits version %d seed %" PRIu64 " part %d count %d", DIGITS_VERSION,
                           seed, (int)part, set->count);
    hash_of(what, strlen(what), set->hash);
    free(what);
}

/* What a directory may hold; the first kind that is there is taken. */
static const struct kind {
    bool (*holds)(const char *directory, enum dataset_part part);
    int (*load)(struct dataset *set, const char *directory, enum dataset_part part);
    int (*look)(struct dataset *set, const char *directory, enum dataset_part part);
} kinds[] = {
    { idx_holds, idx_load, idx_look },
    { png_folder_holds, png_folder_load, png_folder_look },
};

/* Keeps the images that belong to a part when a set has but one: every LENT_ONE_INth for the test
 * part, the others for training. */
static int keep_part(struct dataset *set, enum dataset_part part)
{
    if (set->count < LENT_ONE_IN && part == DATASET_TEST)
        return fail(ERR_NOT_FOUND,
                    "'%s' has no test part, and too few images (%d) to set some of them aside",
                    set->source, set->count);
    size_t area = (size_t)set->height * (size_t)set->width;
    int kept = 0;
    for (int i = 0; i < set->count; i++) {
        bool lent = i % LENT_ONE_IN == LENT_ONE_IN - 1;
        if (lent != (part == DATASET_TEST))
            continue;
        if (set->pixels)
            memmove(set->pixels + (size_t)kept * area, set->pixels + (size_t)i * area, area);
        if (set->labels)
            set->labels[kept] = set->labels[i];
        kept++;
    }
    set->count = kept;
    return 0;
}

static void hash_images(struct dataset *set)
{
    char *shape = xasprintf("images %d height %d width %d classes %d\n", set->count, set->height,
                            set->width, set->classes);
    struct hash *hash = hash_new();
    hash_add(hash, shape, strlen(shape));
    hash_add(hash, set->pixels, (size_t)set->count * (size_t)set->height * (size_t)set->width);
    if (set->labels)
        hash_add(hash, set->labels, (size_t)set->count);
    hash_end(hash, set->hash);
    free(shape);
}

static int load_directory(struct dataset *set, enum dataset_part part, int count, bool looks_only)
{
    for (int k = 0; k < ARRAY_SIZE(kinds); k++) {
        bool has_test = kinds[k].holds(set->source, DATASET_TEST);
        enum dataset_part from = has_test ? part : DATASET_TRAIN;
        if (!kinds[k].holds(set->source, from))
            continue;
        int status = (looks_only ? kinds[k].look : kinds[k].load)(set, set->source, from);
        if (status == 0 && !has_test)
            status = keep_part(set, part);
        if (status < 0)
            return status;
        if (count > 0)
            set->count = MIN(set->count, count);
        if (!looks_only)
            hash_images(set);
        return 0;
    }
    return fail(ERR_NOT_FOUND,
                "no images in '%s': neither '%s-images-idx3-ubyte' (or its .gz) nor PNG files",
                set->source, part == DATASET_TRAIN ? "train" : "t10k");
}

/* Turns data.source into an absolute directory that is there. */
static int resolve(struct arena *arena, const char *source, char **directory)
{
    for (int i = 0; i < DATASET_NAMES; i++) {
        if (strcmp(source, dataset_names[i]) != 0)
            continue;
        int status = dataset_directory(arena, source, directory);
        if (status == 0 && !directory_exists(*directory))
            return fail(ERR_NOT_FOUND,
                        "data set '%s' is not in '%s' (get it with: gander fetch %s)", source,
                        *directory, source);
        return status;
    }
    *directory = path_absolute(arena, source);
    if (directory_exists(*directory))
        return 0;
    static const char *const words[] = { "digits", "mnist", "fashion", "kmnist" };
    const char *close = text_nearest(source, words, ARRAY_SIZE(words), sizeof *words);
    if (close)
        return fail(ERR_NOT_FOUND, "no data in '%s': no such directory (did you mean '%s'?)",
                    *directory, close);
    return fail(ERR_NOT_FOUND,
                "no data in '%s': no such directory (data.source is 'digits', 'mnist', 'fashion', "
                "'kmnist' or a directory of IDX or PNG files)",
                *directory);
}

static int open_directory(struct dataset *set, const char *source, enum dataset_part part,
                          int count, bool looks_only)
{
    struct arena arena = { 0 };
    char *directory = NULL;
    int status = resolve(&arena, source, &directory);
    if (status == 0) {
        set->source = xstrdup(directory);
        status = load_directory(set, part, count, looks_only);
    }
    arena_release(&arena);
    return status;
}

/* Takes `set`. */
static int give(struct dataset **out, struct dataset *set, int status)
{
    *out = status < 0 ? NULL : set;
    if (status < 0)
        dataset_close(set);
    return status;
}

int dataset_open(struct dataset **out, const char *source, enum dataset_part part, int count,
                 uint64_t seed)
{
    struct dataset *set = xcalloc(1, sizeof *set);
    int status = 0;
    if (count < 0)
        status = fail(ERR_INVALID, "data count %d is negative", count);
    else if (strcmp(source, "digits") == 0)
        make_digits(set, part, count, seed);
    else
        status = open_directory(set, source, part, count, false);
    return give(out, set, status);
}

int dataset_look(struct dataset **out, const char *source, enum dataset_part part, int count)
{
    struct dataset *set = xcalloc(1, sizeof *set);
    int status = 0;
    if (strcmp(source, "digits") == 0)
        look_at_digits(set, part, count);
    else
        status = open_directory(set, source, part, count, true);
    return give(out, set, status);
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

struct dataset *dataset_of(const struct dataset *images, const char *source)
{
    size_t bytes = (size_t)images->count * (size_t)images->height * (size_t)images->width;
    struct dataset *set = xcalloc(1, sizeof *set);
    *set = (struct dataset){ .source = xstrdup(source),
                             .count = images->count,
                             .height = images->height,
                             .width = images->width,
                             .classes = images->classes,
                             .pixels = xmalloc(bytes) };
    memcpy(set->pixels, images->pixels, bytes);
    if (images->labels) {
        set->labels = xmalloc((size_t)images->count);
        memcpy(set->labels, images->labels, (size_t)images->count);
    }
    hash_images(set);
    return set;
}

struct dataset *dataset_choose(const struct dataset *set, const uint32_t *indices, int count,
                               const char *source)
{
    size_t area = (size_t)set->height * (size_t)set->width;
    struct dataset chosen = { .count = count,
                              .height = set->height,
                              .width = set->width,
                              .classes = set->classes,
                              .pixels = xcalloc((size_t)count, area),
                              .labels = set->labels ? xcalloc((size_t)count, 1) : NULL };
    for (int i = 0; i < count; i++) {
        memcpy(chosen.pixels + (size_t)i * area, set->pixels + indices[i] * area, area);
        if (set->labels)
            chosen.labels[i] = set->labels[indices[i]];
    }
    struct dataset *out = dataset_of(&chosen, source);
    free(chosen.pixels);
    free(chosen.labels);
    return out;
}

/* 0 … 255 to -1 … 1, both ends exact. One multiplication and no sum, so that no machine rounds it
 * otherwise. */
VECTOR_CLONES
void pixels_from_bytes(const uint8_t *bytes, float *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pixels[i] = (float)(2 * bytes[i] - 255) * (1.0f / 255);
}

void dataset_batch(const struct dataset *set, const uint32_t *indices, int n, float *pixels,
                   int *labels)
{
    size_t area = (size_t)set->height * (size_t)set->width;
    for (int i = 0; i < n; i++)
        pixels_from_bytes(set->pixels + indices[i] * area, pixels + (size_t)i * area, area);
    for (int i = 0; labels && i < n; i++)
        labels[i] = set->labels ? set->labels[indices[i]] : 0;
}
