/* What logits say when only their order counts, since a discriminator's scale means nothing beyond
 * its own game. All lists are (count), ascending, finite. */
#ifndef GANDER_GAN_RANKING_H
#define GANDER_GAN_RANKING_H

#include "base/base.h"

/* Sorts in place. */
void ranking_sort(float *values, int count);

/* The share of the list that is less than `value`, and half of what equals it: from 0 to 1. */
double ranking_share_below(const float *sorted, int count, float value);

/* The area under the curve of ranking_roc (Fawcett 2006, section 7): how often a real image has the
 * larger logit than another, ties counting half. 0.5 when they cannot be told apart, 1 when always.
 */
double ranking_auc(const float *real, int real_count, const float *others, int other_count);

/* The receiver operating characteristic: at `points` thresholds, from the strictest to the laxest,
 * the share of the others that is taken for real, and that of the real images. Both begin with 0 and
 * end with 1. `points` >= 2. */
void ranking_roc(const float *real, int real_count, const float *others, int other_count,
                 int points, double *false_alarms, double *hits);

/* The share of the list in each of `bins` equal intervals from low to high; what is beyond counts
 * for the outermost. */
void ranking_histogram(const float *sorted, int count, double low, double high, int bins,
                       double *shares);

/* Mean and standard deviation (over count - 1). */
struct ranking_spread {
    double mean, deviation;
};
struct ranking_spread ranking_spread(const float *values, int count);

#endif
