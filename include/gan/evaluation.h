/* Evaluating samples: all measures of gan/measures.h at once, each beside what real images get.
 *
 *     evaluator_new(&evaluator, &sets, REFERENCE_HELD_OUT, 2000, 250);
 *     evaluator_measure(evaluator, images, 2000, NULL, &evaluation);
 *
 * Samples are set beside reference images that the classifier has not learned from. While a GAN
 * trains those are the held-out sixth of the training set, so that a checkpoint may be chosen by the
 * outcome; a finished one is measured against the test images. Real images of the other kind stand
 * in for samples to give the value of real against real: what a perfect generator would get. */
#ifndef GANDER_GAN_EVALUATION_H
#define GANDER_GAN_EVALUATION_H

#include "base/base.h"
#include "data/dataset.h"
#include "gan/classifier.h"
#include "gan/measures.h"

enum evaluation_reference { REFERENCE_HELD_OUT, REFERENCE_TEST };

struct evaluation_sets {
    struct classifier *classifier;
    const struct dataset *learned; /* the training set that the classifier is of */
    const struct dataset *test;    /* its test part */
    const struct dataset *trained; /* what the generator learned from, for memorised */
};

/* NaN where a measure has no meaning: of real images agreement, of others variety 1. */
struct evaluation {
    int samples, classes;
    int64_t histogram[DATASET_CLASS_LIMIT]; /* samples read as each class */
    double values[MEASURE_COUNT], real[MEASURE_COUNT];
};

struct evaluator;

/* `samples`: how many will be measured at a time, and real images beside them; `nearest`: for how
 * many of them the nearest training image is looked for, which costs most. Sets must outlive it; all
 * work is done on the threads of `pool`. ERR_INVALID for images of different sizes. */
int evaluator_new(struct evaluator **out, const struct evaluation_sets *sets,
                  enum evaluation_reference reference, int samples, int nearest, struct pool *pool);
void evaluator_free(struct evaluator *evaluator);

/* images (count, height, width); asked (count) the classes that were asked for, or NULL. */
int evaluator_measure(struct evaluator *evaluator, const uint8_t *images, int count,
                      const int *asked, struct evaluation *out);

#endif
