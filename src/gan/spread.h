/* How varied images are, and where their middle lies, from their pixels alone: no classifier, and
 * cheap beside a step of training.
 *
 * The mean squared distance of two images drawn at random is twice the sum of the variances of all
 * pixels (the trace of their covariance), so that no pair need be looked at. */
#ifndef GANDER_GAN_SPREAD_H
#define GANDER_GAN_SPREAD_H

#include "data/dataset.h"

/* Of real images; made once. */
struct spread {
    int pixels, classes;  /* classes 1: labels are not looked at */
    double *mean;         /* (pixels) */
    double variance;      /* summed over pixels */
    double within;        /* the same among images of one class */
    double *sums, *image; /* (classes, pixels), (classes): room */
};

/* From up to SPREAD_IMAGES images, spread evenly over the set; `classes` 0 or 1 for an
 * unconditional generator. */
enum { SPREAD_IMAGES = 2048 };
void spread_init(struct spread *spread, const struct dataset *set, int classes);
void spread_release(struct spread *spread);

struct spread_of {
    double diversity; /* mean distance (root mean square) of two images of one class, over that of
                         two real ones: 1 is as varied, 0 is one image again and again */
    double shift;     /* distance of the mean image from the mean real image, over the mean distance
                         of two real images; what few images make of it by chance taken off */
};

/* Of images (n, pixels), n > 1. NaN where it is not known: no class has two images, or real images
 * do not differ. Allocates nothing. */
struct spread_of spread_measure(struct spread *spread, const float *images, const int *labels,
                                int n);

/* The probability that a real image gets a higher logit than a fake (ties count half): the area
 * under D's ROC curve. It depends on no scale and no drift of logits. */
double spread_of_logits(const float *real, const float *fake, int n);

#endif
