#include "nn/softmax.h"

#include <math.h>

/* What a row's exponentials are measured against. The largest logit is taken out, so that nothing
 * overflows, and kept apart, so that the logarithm is not lost beside one that is huge. */
struct scale {
    double largest, log_sum; /* log(sum of exp(z - largest)) */
};

static struct scale scale_of(const float *logits, int classes)
{
    float largest = logits[0];
    for (int c = 1; c < classes; c++)
        largest = fmaxf(largest, logits[c]);
    double sum = 0; /* at least 1: the largest's own part */
    for (int c = 0; c < classes; c++)
        sum += exp((double)logits[c] - (double)largest);
    return (struct scale){ (double)largest, log(fmax(sum, 1)) };
}

static double log_share(const struct scale *scale, float logit)
{
    return (double)logit - scale->largest - scale->log_sum;
}

void softmax(const float *logits, int n, int classes, float *probabilities)
{
    for (int i = 0; i < n; i++) {
        const float *from = logits + (size_t)i * (size_t)classes;
        float *to = probabilities + (size_t)i * (size_t)classes;
        struct scale scale = scale_of(from, classes);
        for (int c = 0; c < classes; c++)
            to[c] = (float)exp(log_share(&scale, from[c]));
    }
}

double softmax_cross_entropy(const float *logits, const int *labels, int n, int classes,
                             float *slopes)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        const float *from = logits + (size_t)i * (size_t)classes;
        float *to = slopes + (size_t)i * (size_t)classes;
        struct scale scale = scale_of(from, classes);
        for (int c = 0; c < classes; c++)
            to[c] = (float)((exp(log_share(&scale, from[c])) - (c == labels[i])) / n);
        sum -= log_share(&scale, from[labels[i]]);
    }
    return sum / n;
}
