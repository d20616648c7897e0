/* Data sets: grey images of one size, with or without labels, held in memory as bytes.
 *
 *     struct dataset *set;
 *     if (dataset_open(&set, "digits", DATASET_TRAIN, 0, 7) < 0) return -1;
 *     dataset_batch(set, indices, 64, pixels, labels);
 *     dataset_close(set);
 *
 * Sources: "digits" (built in), the name of a fetched set ("mnist", "fashion", "kmnist"), or a
 * directory of IDX files (gzipped or not, named as MNIST's) or of PNG files (a folder of images, or
 * one folder a class). */
#ifndef GANDER_DATA_DATASET_H
#define GANDER_DATA_DATASET_H

#include "base/base.h"
#include "base/hash.h"

enum dataset_part { DATASET_TRAIN, DATASET_TEST };
enum { DATASET_SIDE_LIMIT = 64 }; /* pixels */

struct dataset {
    char *source;              /* resolved: "digits" or an absolute directory */
    int count, height, width;  /* images, pixels */
    int classes;               /* labels are 0 … classes-1; 0 without labels */
    uint8_t *pixels;           /* (count, height, width), 0 background … 255 ink */
    uint8_t *labels;           /* (count) or NULL */
    char hash[HASH_TEXT_SIZE]; /* of shape, pixels and labels */
};

/* `count`: only the first so many images, 0 for all. `seed` fixes the built-in digits and matters
 * to nothing else. ERR_NOT_FOUND names what was looked for where, and how to get it; ERR_INVALID
 * names the file and the lie in it. */
int dataset_open(struct dataset **out, const char *source, enum dataset_part part, int count,
                 uint64_t seed);
void dataset_close(struct dataset *set);

/* Images `indices[0..n)` as floats in [-1, 1], (n, height, width); labels too unless NULL. */
void dataset_batch(const struct dataset *set, const uint32_t *indices, int n, float *pixels,
                   int *labels);

#endif
