/* The loss of a network that names one of C classes. */
#ifndef GANDER_NN_SOFTMAX_H
#define GANDER_NN_SOFTMAX_H

#include "base/base.h"

/* probabilities (n, classes) = exp(z_c) / sum over k of exp(z_k), of logits z (n, classes); both may
 * be the same memory. Finite for every finite logit. */
void softmax(const float *logits, int n, int classes, float *probabilities);

/* Cross-entropy -log softmax(z)[label], as its mean over n images; in slopes (n, classes) its
 * derivative by each logit, (softmax(z)[c] - [c = label]) / n. Sums in order, in double precision. */
double softmax_cross_entropy(const float *logits, const int *labels, int n, int classes,
                             float *slopes);

#endif
