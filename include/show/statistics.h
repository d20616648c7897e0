/* What numbers of several runs say: pure, and with draws that are always the same. */
#ifndef GANDER_SHOW_STATISTICS_H
#define GANDER_SHOW_STATISTICS_H

#include "base/base.h"

/* Of those that are finite: how many, their mean and their deviation (over n - 1; NaN of fewer than
 * two). */
struct spread {
    int count;
    double mean, deviation, low, high; /* NaN of none */
};
struct spread spread_of(const double *values, int count);

/* Ranks from 1, equals sharing the mean of theirs. NaN stays NaN. */
void ranks_of(const double *values, int count, double *ranks);

/* Spearman's rank correlation of the pairs that are finite, -1 … 1. NaN of fewer than three, or where one
 * side is constant. */
double rank_correlation(const double *x, const double *y, int count);

/* How much of the spread of the ranks of y is between groups (0, 1 …) and not within them: the square
 * root of the correlation ratio, 0 … 1. NaN of fewer than three, or of one group. */
double rank_ratio(const int *groups, const double *y, int count);

/* Is the mean of b another than that of a, beyond what the seeds explain? By a bootstrap of the
 * difference of the means: the 95 % interval is that of its percentiles, expanded for few runs
 * (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", section 5.4): of two or three it is
 * nearly the whole range of the resampled differences. */
struct difference {
    struct spread a, b;
    double mean, low, high; /* of b - a; NaN where either has fewer than two */
    bool is_clear;          /* 0 is outside */
};
struct difference difference_of(const double *a, int a_count, const double *b, int b_count);

/* To which of two groups do values of a third belong? The logarithm of how much more likely their mean
 * is in b than in a: predictive t distributions with the deviation of a and b pooled (Gelman et al.
 * 2013, "Bayesian Data Analysis", section 3.2). Positive: b. What lies beyond a or b counts as lying
 * there. Infinite values are worse than any: where there are some, their shares tell. NaN where there
 * are none of x, or fewer than two of a or of b. */
double leaning_of(const double *a, int a_count, const double *b, int b_count, const double *x,
                  int x_count);

#endif
