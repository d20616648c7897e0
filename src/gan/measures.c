#include "gan/measures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "gan/classifier.h"
#include "nn/blas.h"

enum { F = CLASSIFIER_FEATURES };

static const char *const names[MEASURE_COUNT] = {
    [MEASURE_FRECHET] = "frechet",       [MEASURE_SCORE] = "score",
    [MEASURE_CLASSES] = "classes",       [MEASURE_ENTROPY] = "entropy",
    [MEASURE_CONFIDENCE] = "confidence", [MEASURE_PRECISION] = "precision",
    [MEASURE_RECALL] = "recall",         [MEASURE_DENSITY] = "density",
    [MEASURE_COVERAGE] = "coverage",     [MEASURE_MEMORISED] = "memorised",
    [MEASURE_AGREEMENT] = "agreement",   [MEASURE_VARIETY] = "variety",
};

const char *measure_name(enum measure measure)
{
    return names[measure];
}

void moments_of(struct moments *out, const float *features, int count)
{
    double *mean = xcalloc(F, sizeof *mean), *covariance = xcalloc((size_t)F * F, sizeof *mean);
    double centred[F];
    for (int i = 0; i < count; i++)
        for (int f = 0; f < F; f++)
            mean[f] += (double)features[(size_t)i * F + (size_t)f] / count;
    for (int i = 0; i < count; i++) {
        for (int f = 0; f < F; f++)
            centred[f] = (double)features[(size_t)i * F + (size_t)f] - mean[f];
        for (int f = 0; f < F; f++)
            for (int g = 0; g < F; g++)
                covariance[f * F + g] += centred[f] * centred[g];
    }
    for (int i = 0; i < F * F; i++)
        covariance[i] /= MAX(1, count - 1);
    *out = (struct moments){ mean, covariance };
}

void moments_release(struct moments *moments)
{
    free(moments->mean);
    free(moments->covariance);
    *moments = (struct moments){ NULL, NULL };
}

/* out = a b, both (F, F). */
static void multiply(const double *a, const double *b, double *out)
{
    memset(out, 0, (size_t)F * F * sizeof *out);
    for (int i = 0; i < F; i++)
        for (int k = 0; k < F; k++)
            for (int j = 0; j < F; j++)
                out[i * F + j] += a[i * F + k] * b[k * F + j];
}

/* The symmetric root of a covariance, in place. */
static int take_root(double *matrix)
{
    double values[F], vectors[F * F], scaled[F * F];
    memcpy(vectors, matrix, sizeof vectors);
    int code = blas_eigen(F, vectors, values);
    if (code < 0)
        return code;
    for (int v = 0; v < F; v++)
        for (int f = 0; f < F; f++)
            scaled[f * F + v] = vectors[v * F + f] * sqrt(fmax(0, values[v]));
    multiply(scaled, vectors, matrix);
    return 0;
}

/* Tr((M R)^(1/2)) = Tr((S R S)^(1/2)) with S = M^(1/2), which is symmetric, hence has real
 * eigenvalues: its root's trace is the sum of theirs. */
static int trace_of_root(const double *m, const double *r, double *out)
{
    double root[F * F], half[F * F], product[F * F], values[F];
    memcpy(root, m, sizeof root);
    int code = take_root(root);
    if (code < 0)
        return code;
    multiply(root, r, half);
    multiply(half, root, product);
    for (int i = 0; i < F; i++)
        for (int j = 0; j < i; j++)
            product[i * F + j] = product[j * F + i] = (product[i * F + j] + product[j * F + i]) / 2;
    if ((code = blas_eigen(F, product, values)) < 0)
        return code;
    *out = 0;
    for (int v = 0; v < F; v++)
        *out += sqrt(fmax(0, values[v]));
    return 0;
}

int measure_frechet(const struct moments *samples, const struct moments *real, double *out)
{
    double distance = 0, cross;
    for (int f = 0; f < F; f++) {
        double gap = samples->mean[f] - real->mean[f];
        distance += gap * gap + samples->covariance[f * F + f] + real->covariance[f * F + f];
    }
    if (!isfinite(distance))
        return fail(ERR_INVALID, "the classifier's features are not finite");
    int code = trace_of_root(samples->covariance, real->covariance, &cross);
    if (code == 0)
        *out = fmax(0, distance - 2 * cross);
    return code;
}

static double entropy_of(const int64_t *histogram, int classes, int count)
{
    double entropy = 0;
    for (int c = 0; c < classes; c++) {
        double share = (double)histogram[c] / count;
        entropy -= share > 0 ? share * log(share) : 0;
    }
    return entropy;
}

/* Mean over the samples of KL(p(class | sample) || p(class)). */
static double mean_divergence(const struct reading *samples)
{
    int classes = samples->classes;
    double *all = xcalloc((size_t)classes, sizeof *all), sum = 0;
    size_t values = (size_t)samples->count * (size_t)classes;
    for (size_t i = 0; i < values; i++)
        all[i % (size_t)classes] += (double)samples->probabilities[i] / samples->count;
    for (size_t i = 0; i < values; i++) {
        double p = (double)samples->probabilities[i];
        sum += p > 0 ? p * log(p / all[i % (size_t)classes]) : 0;
    }
    free(all);
    return sum / samples->count;
}

struct class_measures measure_classes(const struct reading *samples, int64_t *histogram)
{
    enum { SHARE = 10 }; /* a class counts from this part of an even share */
    int classes = samples->classes, count = samples->count, found = 0;
    double confidence = 0;
    memset(histogram, 0, (size_t)classes * sizeof *histogram);
    for (int i = 0; i < count; i++) {
        int verdict = samples->verdicts[i];
        histogram[verdict]++;
        confidence += (double)samples->probabilities[(size_t)i * (size_t)classes + (size_t)verdict];
    }
    for (int c = 0; c < classes; c++)
        found += histogram[c] > 0 && histogram[c] * classes * SHARE >= count;
    return (struct class_measures){ .score = exp(mean_divergence(samples)),
                                    .classes = found,
                                    .entropy = entropy_of(histogram, classes, count),
                                    .confidence = confidence / count };
}

static double distance(const float *a, const float *b)
{
    double sum = 0;
    for (int f = 0; f < F; f++) {
        double gap = (double)a[f] - (double)b[f];
        sum += gap * gap;
    }
    return sqrt(sum);
}

void measure_spread(const struct reading *reading, int limit, double *spread)
{
    int *members = xcalloc((size_t)limit, sizeof *members);
    for (int c = 0; c < reading->classes; c++) {
        int count = 0;
        double sum = 0;
        for (int i = 0; i < reading->count && count < limit; i++)
            if (reading->verdicts[i] == c)
                members[count++] = i;
        for (int i = 0; i < count; i++)
            for (int j = 0; j < i; j++)
                sum += distance(reading->features + (size_t)members[i] * F,
                                reading->features + (size_t)members[j] * F);
        spread[c] = count > 1 ? 2 * sum / ((double)count * (count - 1)) : NAN;
    }
    free(members);
}
