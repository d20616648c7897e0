/* How good samples are, beside real images: measures on what a classifier makes of both.
 *
 *     frechet     |m - r|^2 + Tr(M + R - 2 (M R)^(1/2)) of means m, r and covariances M, R of the
 *                 features (Dowson & Landau 1982; Heusel et al. 2017 with another network's). Like
 *                 all with this name it is biased upwards for few samples: compare equal counts
 *     score       exp(mean over samples of KL(p(class | sample) || p(class))), Salimans 2016,
 *                 section 4, with this classifier: from 1 to the number of classes
 *     classes     read in at least a tenth of an even share of the samples
 *     entropy     of the histogram of classes read, in nats: log C when even
 *     confidence  mean of the largest probability
 *     precision   share of samples within the k-th neighbour distance of some real image
 *     recall      share of real images within that of some sample (Kynkäänniemi et al. 2019)
 *     density     real images whose k-th neighbour distance holds a sample, over k, on average
 *     coverage    share of real images whose k-th neighbour distance holds a sample (both Naeem
 *                 et al. 2020)
 *     memorised   share of samples whose nearest training image is nearer (L2 of pixels) than half
 *                 the median that unseen real images have
 *     agreement   of a conditional generator: share of samples that are read as what was asked for
 *     variety     mean distance between features of two samples of one class, over the same of real
 *                 images, averaged over the classes: 1 when as varied, 0 when one image a class
 *
 * Letters: N samples or images, F = CLASSIFIER_FEATURES, C classes. */
#ifndef GANDER_GAN_MEASURES_H
#define GANDER_GAN_MEASURES_H

#include "base/base.h"
#include "nn/pool.h"

enum measure {
    MEASURE_FRECHET,
    MEASURE_SCORE,
    MEASURE_CLASSES,
    MEASURE_ENTROPY,
    MEASURE_CONFIDENCE,
    MEASURE_PRECISION,
    MEASURE_RECALL,
    MEASURE_DENSITY,
    MEASURE_COVERAGE,
    MEASURE_MEMORISED,
    MEASURE_AGREEMENT,
    MEASURE_VARIETY
};
enum { MEASURE_COUNT = MEASURE_VARIETY + 1, MEASURE_NEIGHBOURS = 5 /* k */ };

/* The name that it is journalled by, a row of record/metric.h. */
const char *measure_name(enum measure measure);

/* What a classifier read in some images. */
struct reading {
    int count, classes;
    float *features;      /* (count, F) */
    float *probabilities; /* (count, C) */
    int *verdicts;        /* (count) the class of the largest probability */
};

/* Mean and covariance of features, the latter (F, F) over count - 1, in double precision. */
struct moments {
    double *mean, *covariance;
};
void moments_of(struct moments *out, const float *features, int count); /* to be released */
void moments_release(struct moments *moments);

/* ERR_INVALID where features are not finite. Singular covariances are fine: eigenvalues that
 * rounding makes negative count as 0. */
int measure_frechet(const struct moments *samples, const struct moments *real, double *out);

/* Of what was read alone. `histogram` (C) gets the samples read as each class. */
struct class_measures {
    double score, classes, entropy, confidence;
};
struct class_measures measure_classes(const struct reading *samples, int64_t *histogram);

/* precision, recall, density, coverage; both need more than k images, else all are NaN. */
struct neighbour_measures {
    double precision, recall, density, coverage;
};
struct neighbour_measures measure_neighbours(const struct reading *real,
                                             const struct reading *samples, struct pool *pool);

/* Distances (L2, pixels from 0 to 1) of images (count, area) to their nearest of set (set_count,
 * area), bytes both. */
void measure_nearest(const uint8_t *images, int count, const uint8_t *set, int set_count, int area,
                     struct pool *pool, double *distances);

/* Mean distance of features of two images of one class, for each class (C); NaN for a class with
 * fewer than two. At most `limit` images a class are looked at. */
void measure_spread(const struct reading *reading, int limit, double *spread);

#endif
