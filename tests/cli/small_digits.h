/* Few digits, so that what reads all test images is quick: the directory "small" of IDX files. */
#ifndef GANDER_TESTS_SMALL_DIGITS_H
#define GANDER_TESTS_SMALL_DIGITS_H

#include "base/file.h"
#include "data/dataset.h"
#include "data/idx.h"
#include "testing.h"

enum { SMALL_TRAIN = 300, SMALL_TEST = 200 };
#define SMALL_DATA "data.source=small"

static inline void small_digits_write(enum dataset_part part, int count, const char *images,
                                      const char *labels)
{
    struct dataset *set;
    assert_int_equal(dataset_open(&set, "digits", part, count, 1), 0);
    const struct idx of_images = { count, set->height, set->width, set->pixels };
    const struct idx of_labels = { count, 1, 1, set->labels };
    assert_int_equal(idx_write(&of_images, 3, images), 0);
    assert_int_equal(idx_write(&of_labels, 1, labels), 0);
    dataset_close(set);
}

static inline void small_digits(void)
{
    assert_int_equal(make_directories("small"), 0);
    small_digits_write(DATASET_TRAIN, SMALL_TRAIN, "small/train-images-idx3-ubyte",
                       "small/train-labels-idx1-ubyte");
    small_digits_write(DATASET_TEST, SMALL_TEST, "small/t10k-images-idx3-ubyte",
                       "small/t10k-labels-idx1-ubyte");
}

#endif
