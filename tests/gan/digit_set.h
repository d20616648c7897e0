/* A data set of built-in digits as a value, for tests of what measures. */
#ifndef GANDER_TESTS_GAN_DIGIT_SET_H
#define GANDER_TESTS_GAN_DIGIT_SET_H

#include "testing.h"

#include <string.h>

#include "base/memory.h"
#include "data/dataset.h"
#include "data/digits.h"
#include "gan/classifier.h"

static inline struct dataset digit_set(enum dataset_part part, int count)
{
    enum { SEED = 1 };
    size_t area = (size_t)DIGITS_SIDE * DIGITS_SIDE;
    struct dataset set = { .source = xstrdup("digits"),
                           .count = count,
                           .height = DIGITS_SIDE,
                           .width = DIGITS_SIDE,
                           .classes = DIGITS_CLASSES,
                           .pixels = xcalloc((size_t)count, area),
                           .labels = xcalloc((size_t)count, 1) };
    digits_draw(SEED, (int)part, count, set.pixels, set.labels);
    hash_of(set.pixels, (size_t)count * area, set.hash);
    return set;
}

static inline void digit_set_release(struct dataset *set)
{
    free(set->labels);
    free(set->pixels);
    free(set->source);
}

/* A classifier that has seen the set so many times a hundred images. */
static inline int digit_classifier(struct classifier **out, const struct dataset *set,
                                   uint64_t seed, int updates, struct pool *pool)
{
    struct classifier_lesson lesson = { .sets = { set, NULL }, .updates = updates, .shift = 2 };
    return classifier_train_on(out, &lesson, seed, pool, NULL, NULL);
}

#endif
