#include "data/resize.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static double triangle(double x)
{
    return x < 1 ? 1 - x : 0;
}

static double cubic(double x)
{
    const double a = -0.5;
    if (x < 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static const struct {
    double (*kernel)(double x); /* of x >= 0 */
    double support;
} kinds[] = { [RESIZE_BILINEAR] = { triangle, 1 }, [RESIZE_BICUBIC] = { cubic, 2 } };

/* weights (to, from), each row of sum 1. */
static double *weights_of(enum resize_kind kind, int from, int to)
{
    double *weights = xcalloc((size_t)to * (size_t)from, sizeof *weights);
    double scale = (double)from / to, wide = fmax(scale, 1), reach = kinds[kind].support * wide;
    for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale - 0.5, sum = 0, *row = weights + (ptrdiff_t)i * from;
        int begin = MAX((int)ceil(centre - reach), 0),
            end = MIN((int)floor(centre + reach), from - 1);
        for (int k = begin; k <= end; k++)
            sum += row[k] = kinds[kind].kernel(fabs(k - centre) / wide);
        for (int k = begin; k <= end; k++)
            row[k] /= sum;
    }
    return weights;
}

void resize_image(enum resize_kind kind, const float *from, int from_height, int from_width,
                  float *to, int height, int width)
{
    double *rows = weights_of(kind, from_height, height),
           *columns = weights_of(kind, from_width, width);
    double *between = xcalloc((size_t)from_height * (size_t)width, sizeof *between);
    for (int y = 0; y < from_height; y++)
        for (int x = 0; x < width; x++)
            for (int k = 0; k < from_width; k++)
                between[y * width + x] +=
                    columns[x * from_width + k] * (double)from[y * from_width + k];
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double sum = 0;
            for (int k = 0; k < from_height; k++)
                sum += rows[y * from_height + k] * between[k * width + x];
            to[y * width + x] = (float)sum;
        }
    free(rows);
    free(columns);
    free(between);
}
