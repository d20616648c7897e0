#include "spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Sums of images, one row a class, and how many images each has. */
static void clear(struct spread *spread)
{
    memset(spread->sums, 0, (size_t)spread->classes * (size_t)spread->pixels * sizeof(double));
    memset(spread->image, 0, (size_t)spread->classes * sizeof(double));
}

/* Adds images to the sums; returns the sum of their squares. */
static double add(struct spread *spread, const float *images, const int *labels, int n)
{
    double squares = 0;
    for (int i = 0; i < n; i++) {
        int row = spread->classes > 1 ? labels[i] : 0;
        double *sums = spread->sums + (size_t)row * (size_t)spread->pixels;
        const float *image = images + (size_t)i * (size_t)spread->pixels;
        spread->image[row]++;
        for (int p = 0; p < spread->pixels; p++) {
            double value = (double)image[p];
            sums[p] += value;
            squares += value * value;
        }
    }
    return squares;
}

/* The sum over pixels of the variance within classes, without bias; NaN if no class has two images.
 */
static double variance_within(const struct spread *spread, double squares)
{
    double freedom = 0;
    for (int row = 0; row < spread->classes; row++) {
        const double *sums = spread->sums + (size_t)row * (size_t)spread->pixels;
        double count = spread->image[row], of_mean = 0;
        if (count < 1)
            continue;
        for (int p = 0; p < spread->pixels; p++)
            of_mean += sums[p] * sums[p];
        squares -= of_mean / count;
        freedom += count - 1;
    }
    return freedom > 0 ? fmax(squares, 0) / freedom : NAN;
}

static double total(const struct spread *spread, int pixel)
{
    double sum = 0;
    for (int row = 0; row < spread->classes; row++)
        sum += spread->sums[(size_t)row * (size_t)spread->pixels + (size_t)pixel];
    return sum;
}

void spread_init(struct spread *spread, const struct dataset *set, int classes)
{
    enum { BATCH = 64 };
    int pixels = set->height * set->width, count = MIN(set->count, SPREAD_IMAGES);
    float *images = xcalloc((size_t)BATCH * (size_t)pixels, sizeof *images);
    uint32_t indices[BATCH];
    int labels[BATCH];
    double squares = 0, of_mean = 0;
    *spread = (struct spread){ .pixels = pixels, .classes = MAX(classes, 1) };
    spread->mean = xcalloc((size_t)pixels, sizeof *spread->mean);
    spread->sums = xcalloc((size_t)spread->classes * (size_t)pixels, sizeof *spread->sums);
    spread->image = xcalloc((size_t)spread->classes, sizeof *spread->image);
    for (int first = 0; first < count; first += BATCH) {
        int n = MIN(BATCH, count - first);
        for (int i = 0; i < n; i++)
            indices[i] = (uint32_t)((int64_t)(first + i) * set->count / count);
        dataset_batch(set, indices, n, images, labels);
        squares += add(spread, images, labels, n);
    }
    for (int p = 0; p < pixels; p++) {
        spread->mean[p] = total(spread, p) / count;
        of_mean += spread->mean[p] * spread->mean[p];
    }
    spread->variance = count > 1 ? (squares - count * of_mean) / (count - 1) : NAN;
    spread->within = variance_within(spread, squares);
    free(images);
}

void spread_release(struct spread *spread)
{
    free(spread->mean);
    free(spread->sums);
    free(spread->image);
    *spread = (struct spread){ .pixels = 0 };
}

struct spread_of spread_measure(struct spread *spread, const float *images, const int *labels,
                                int n)
{
    double away = 0, of_mean = 0;
    clear(spread);
    double squares = add(spread, images, labels, n);
    for (int p = 0; p < spread->pixels; p++) {
        double mean = total(spread, p) / n, step = mean - spread->mean[p];
        away += step * step;
        of_mean += mean * mean;
    }
    double variance = (squares - n * of_mean) / (n - 1);
    double by_chance = variance / n;
    struct spread_of out = { .diversity = NAN, .shift = NAN };
    if (spread->within > 0)
        out.diversity = sqrt(variance_within(spread, squares) / spread->within);
    if (spread->variance > 0)
        out.shift = sqrt(fmax(away - by_chance, 0) / (2 * spread->variance));
    return out;
}

double spread_of_logits(const float *real, const float *fake, int n)
{
    int64_t twice = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            twice += (real[i] > fake[j]) + (real[i] >= fake[j]);
    return (double)twice / (2.0 * n * n);
}
