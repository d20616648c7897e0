#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "picture_parts.h"

/* The inputs that one output is the weighted sum of. */
struct taps {
    int first, count;
    float *weights; /* borrowed from the block of all taps */
};

/* Catmull & Rom 1974: the interpolating cubic with tension 1/2. */
static float cubic(float distance)
{
    float d = fabsf(distance);
    if (d < 1)
        return 1 + d * d * (1.5F * d - 2.5F);
    return d < 2 ? 2 + d * (-4 + d * (2.5F - 0.5F * d)) : 0;
}

/* The share of each input in the interval that output `at` covers. */
static void area_taps(struct taps *taps, int at, double scale, int inputs)
{
    double low = at * scale, high = low + scale;
    taps->first = MIN((int)low, inputs - 1);
    taps->count = MIN((int)ceil(high - 1e-9), inputs) - taps->first;
    for (int i = 0; i < taps->count; i++) {
        double left = fmax(low, taps->first + i), right = fmin(high, taps->first + i + 1);
        taps->weights[i] = (float)(fmax(right - left, 0) / scale);
    }
}

/* Four inputs around the output's centre; beyond the border the last one counts on. */
static void cubic_taps(struct taps *taps, int at, double scale, int inputs)
{
    double centre = (at + 0.5) * scale - 0.5;
    int start = (int)floor(centre) - 1;
    taps->first = MAX(start, 0);
    taps->count = MIN(start + 3, inputs - 1) - taps->first + 1;
    for (int i = 0; i < taps->count; i++)
        taps->weights[i] = 0;
    for (int i = start; i < start + 4; i++) {
        int inside = MIN(MAX(i, 0), inputs - 1);
        taps->weights[inside - taps->first] += cubic((float)(i - centre));
    }
}

/* The taps of `outputs` outputs in one block; free(taps[0].weights) and free(taps). */
static struct taps *taps_new(int inputs, int outputs, enum picture_kernel kernel)
{
    double scale = (double)inputs / outputs;
    int most = MAX((int)ceil(scale) + 1, 4);
    struct taps *taps = xcalloc((size_t)outputs, sizeof *taps);
    float *weights = xcalloc((size_t)outputs * (size_t)most, sizeof *weights);
    for (int i = 0; i < outputs; i++) {
        taps[i].weights = weights + (size_t)i * (size_t)most;
        if (scale >= 1 || kernel == KERNEL_BOX)
            area_taps(&taps[i], i, scale, inputs);
        else
            cubic_taps(&taps[i], i, scale, inputs);
    }
    return taps;
}

static void taps_free(struct taps *taps)
{
    free(taps[0].weights);
    free(taps);
}

static void resample_row(const uint8_t *pixels, const float *values, float *out,
                         const struct taps *taps, int outputs)
{
    for (int x = 0; x < outputs; x++) {
        float sum = 0;
        for (int i = 0; i < taps[x].count; i++)
            sum += taps[x].weights[i] * values[pixels[taps[x].first + i]];
        out[x] = sum;
    }
}

/* `rows` are (…, width); the cubic overshoots, so the sum is cut to 0 … 1. */
static void mix_rows(const float *rows, float *out, const struct taps *taps, int width)
{
    for (int x = 0; x < width; x++)
        out[x] = 0;
    for (int i = 0; i < taps->count; i++) {
        const float *row = rows + (size_t)(taps->first + i) * (size_t)width;
        for (int x = 0; x < width; x++)
            out[x] += taps->weights[i] * row[x];
    }
    for (int x = 0; x < width; x++)
        out[x] = out[x] < 0 ? 0 : out[x] > 1 ? 1 : out[x];
}

/* Bytes to what is averaged, and back. */
static float expand(float brightness, bool keeps_contrast)
{
    return keeps_contrast ? brightness * sqrtf(brightness) : brightness;
}

/* The inverse, scaled so that the brightest point is as bright as the image's brightest byte. */
static void restore_contrast(float *out, int height, int width, int stride, float peak)
{
    float found = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            found = MAX(found, out[(size_t)y * (size_t)stride + (size_t)x]);
    float factor = found > 0 ? expand(peak, true) / found : 0;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            float *point = &out[(size_t)y * (size_t)stride + (size_t)x];
            *point = fminf(cbrtf(*point * factor * *point * factor), 1);
        }
    }
}

void picture_resample(const uint8_t *pixels, int height, int width, enum picture_kernel kernel,
                      float *out, int out_height, int out_width, int stride)
{
    float values[256];
    int peak = 0;
    bool keeps_contrast = kernel == KERNEL_CONTRAST && out_width < width;
    for (int i = 0; i < ARRAY_SIZE(values); i++)
        values[i] = expand((float)i / 255, keeps_contrast);
    for (size_t i = 0; i < (size_t)height * (size_t)width; i++)
        peak = MAX(peak, pixels[i]);

    struct taps *across = taps_new(width, out_width, kernel);
    struct taps *down = taps_new(height, out_height, kernel);
    float *rows = xcalloc((size_t)height * (size_t)out_width, sizeof *rows);
    for (int y = 0; y < height; y++)
        resample_row(pixels + (size_t)y * (size_t)width, values,
                     rows + (size_t)y * (size_t)out_width, across, out_width);
    for (int y = 0; y < out_height; y++)
        mix_rows(rows, out + (size_t)y * (size_t)stride, &down[y], out_width);
    if (keeps_contrast)
        restore_contrast(out, out_height, out_width, stride, (float)peak / 255);
    free(rows);
    taps_free(across);
    taps_free(down);
}
