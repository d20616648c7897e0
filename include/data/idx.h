/* IDX files (http://yann.lecun.com/exdb/mnist, at its end), plain or gzipped (through zlib).
 *
 * A file is the bytes 0, 0, type (8: unsigned bytes), number of dimensions; each dimension as a
 * big-endian 32-bit number; then the values, the last dimension running fastest. Images have three
 * dimensions (count, height, width), labels one.
 *
 * In a directory the files have MNIST's names, with '-' or '.' before "idx", with or without ".gz":
 *
 *     train-images-idx3-ubyte   train-labels-idx1-ubyte     labels may be missing
 *     t10k-images-idx3-ubyte    t10k-labels-idx1-ubyte
 *
 * Nothing in a header is believed before it is checked: a file must hold what its header promises
 * and not a byte more, and no more memory is taken than that. */
#ifndef GANDER_DATA_IDX_H
#define GANDER_DATA_IDX_H

#include "base/base.h"
#include "data/dataset.h"

struct idx {
    int count, height, width; /* height and width are 1 for labels */
    uint8_t *bytes;           /* (count, height, width), owned by whoever parsed */
};

/* The images (`dimensions` 3) or labels (1) in `size` bytes of a file, plain or gzipped.
 * ERR_INVALID says what is wrong; `name` is for the sentence. */
int idx_parse(struct idx *out, const void *data, size_t size, int dimensions, const char *name);

/* Is there a file of this part's images? */
bool idx_holds(const char *directory, enum dataset_part part);

/* Like idx_load, but without reading images: leaves pixels and labels NULL. What the headers of the
 * images promise is believed. */
int idx_look(struct dataset *set, const char *directory, enum dataset_part part);

/* Writes images (`dimensions` 3) or labels (1), not gzipped: a new file, as file_create does. */
int idx_write(const struct idx *idx, int dimensions, const char *path);

/* Reads a part's images and labels into `set` (count, height, width, classes, pixels, labels). */
int idx_load(struct dataset *set, const char *directory, enum dataset_part part);

#endif
