#include "nn/softmax.h"

#include <math.h>

/* log(sum of exp(z)), with the largest z taken out so that nothing overflows. */
static double log_sum(const float *logits, int classes)
{
    float largest = logits[0];
    for (int c = 1; c < classes; c++)
        largest = fmaxf(largest, logits[c]);
    double sum = 0;
    for (int c = 0; c < classes; c++)
        sum += exp((double)logits[c] - (double)largest);
    return (double)largest + log(sum);
}

void softmax(const float *logits, int n, int classes, float *probabilities)
{
    for (int i = 0; i < n; i++) {
        const float *from = logits + (size_t)i * (size_t)classes;
        float *to = probabilities + (size_t)i * (size_t)classes;
        double whole = log_sum(from, classes);
        for (int c = 0; c < classes; c++)
            to[c] = (float)exp((double)from[c] - whole);
    }
}

double softmax_cross_entropy(const float *logits, const int *labels, int n, int classes,
                             float *slopes)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        const float *from = logits + (size_t)i * (size_t)classes;
        float *to = slopes + (size_t)i * (size_t)classes;
        double whole = log_sum(from, classes);
        for (int c = 0; c < classes; c++)
            to[c] = (float)((exp((double)from[c] - whole) - (c == labels[i])) / n);
        sum += whole - (double)from[labels[i]];
    }
    return sum / n;
}
