/* Data sets: grey images of one size, with or without labels, held in memory as bytes.
 *
 *     struct dataset *set;
 *     if (dataset_open(&set, "digits", DATASET_TRAIN, 0, 7) < 0) return -1;
 *     dataset_batch(set, indices, 64, pixels, labels);
 *     dataset_close(set);
 *
 * Sources:
 *   "digits"                     built in (data/digits.h)
 *   "mnist", "fashion", "kmnist" fetched sets, in dataset_directory(); ./mnist is a directory
 *   a directory of IDX files     gzipped or not, named as MNIST's (data/idx.h)
 *   a directory of PNG files     a folder of images, or one folder a class (data/png_folder.h)
 *
 * A directory without a test part lends one: every sixth image is then DATASET_TEST and the others
 * are DATASET_TRAIN, so that nothing is measured on images that were trained on. (Every sixth and
 * not the last sixth, since folders are sorted by class.) */
#ifndef GANDER_DATA_DATASET_H
#define GANDER_DATA_DATASET_H

#include "base/base.h"
#include "base/hash.h"
#include "base/memory.h"

enum dataset_part { DATASET_TRAIN, DATASET_TEST };
enum {
    DATASET_SIDE_LIMIT = 64,  /* pixels */
    DATASET_CLASS_LIMIT = 256 /* labels are bytes */
};

struct dataset {
    char *source;              /* resolved: "digits" or an absolute directory */
    int count, height, width;  /* images, pixels */
    int classes;               /* labels are 0 … classes-1; 0 without labels */
    uint8_t *pixels;           /* (count, height, width), 0 background … 255 ink */
    uint8_t *labels;           /* (count) or NULL */
    char hash[HASH_TEXT_SIZE]; /* of shape, pixels and labels, or of what the digits depend on */
};

/* `count`: only the first so many images, 0 (or more than there are) for all. `seed` fixes the
 * built-in digits and matters to nothing else. ERR_NOT_FOUND names what was looked for where, and
 * how to get it; ERR_INVALID names the file and the lie in it. */
int dataset_open(struct dataset **out, const char *source, enum dataset_part part, int count,
                 uint64_t seed);
/* What dataset_open would give, told from headers in milliseconds: source, count, height, width and
 * classes; hash empty, pixels and labels NULL. Images are not looked at, so opening may still fail.
 */
int dataset_look(struct dataset **out, const char *source, enum dataset_part part, int count);
void dataset_close(struct dataset *set); /* NULL is fine */

/* A set of chosen images of another, or, from pixels (count, height, width) and labels (count) that
 * are copied, of images that stand in no file. `source` is for sentences. Its hash is theirs. */
struct dataset *dataset_choose(const struct dataset *set, const uint32_t *indices, int count,
                               const char *source);
struct dataset *dataset_of(const struct dataset *images, const char *source);

/* Images `indices[0..n)` as floats in [-1, 1], (n, height, width); labels too unless NULL (all 0
 * where the set has none). */
void dataset_batch(const struct dataset *set, const uint32_t *indices, int n, float *pixels,
                   int *labels);

/* Pixels as floats in [-1, 1]. */
void pixels_from_bytes(const uint8_t *bytes, float *pixels, size_t count);

/* The names of the sets that can be fetched. */
enum { DATASET_NAMES = 3 };
extern const char *const dataset_names[DATASET_NAMES];

/* Where the fetched set `name` is kept, be it there or not: $XDG_DATA_HOME/gander/NAME, by default
 * ~/.local/share/gander/NAME. ERR_NOT_FOUND when neither variable is set. */
int dataset_directory(struct arena *arena, const char *name, char **out);

#endif
