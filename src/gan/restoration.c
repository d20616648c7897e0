#include "gan/restoration.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static size_t area_of(const struct dataset *set)
{
    return (size_t)set->height * (size_t)set->width;
}

void fill_mean(const struct dataset *set, const float *made, int count, float *images)
{
    size_t area = area_of(set);
    float *mean = xcalloc(area, sizeof *mean);
    for (size_t i = 0; i < area; i++) {
        int64_t sum = 0;
        for (int n = 0; n < set->count; n++)
            sum += set->pixels[(size_t)n * area + i];
        mean[i] = (float)((double)sum / set->count / 127.5 - 1);
    }
    for (size_t i = 0; i < (size_t)count * area; i++)
        images[i] = made[i] > 0 ? mean[i % area] : images[i];
    free(mean);
}

/* Sum of squares over what is seen: hidden pixels of both have been made 0 in `image`, and are
 * masked in the other. Integers, so that no order of the sum matters. */
VECTOR_CLONES
static int64_t distance(const int16_t *restrict image, const int16_t *restrict seen,
                        const uint8_t *restrict other, size_t area)
{
    int32_t sum = 0;
    for (size_t i = 0; i < area; i++) {
        int32_t off = image[i] - (int32_t)other[i] * seen[i];
        sum += off * off;
    }
    return sum;
}

static const uint8_t *find_nearest(const struct dataset *set, const float *image, const float *made,
                                   int16_t *bytes, int16_t *seen)
{
    size_t area = area_of(set);
    const uint8_t *nearest = set->pixels;
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < area; i++) {
        seen[i] = made[i] > 0 ? 0 : 1;
        bytes[i] = (int16_t)(seen[i] * lrint(((double)image[i] + 1) * 127.5));
    }
    for (int n = 0; n < set->count; n++) {
        const uint8_t *other = set->pixels + (size_t)n * area;
        int64_t off = distance(bytes, seen, other, area);
        if (off < least) {
            least = off;
            nearest = other;
        }
    }
    return nearest;
}

void fill_nearest(const struct dataset *set, const float *made, int count, float *images)
{
    size_t area = area_of(set);
    int16_t *bytes = xcalloc(area, sizeof *bytes), *seen = xcalloc(area, sizeof *seen);
    float *nearest = xcalloc(area, sizeof *nearest);
    for (int n = 0; n < count; n++) {
        float *image = images + (size_t)n * area;
        const float *hidden = made + (size_t)n * area;
        pixels_from_bytes(find_nearest(set, image, hidden, bytes, seen), nearest, area);
        for (size_t i = 0; i < area; i++)
            image[i] = hidden[i] > 0 ? nearest[i] : image[i];
    }
    free(bytes);
    free(seen);
    free(nearest);
}

/* --- measures --- */

double restoration_psnr(const uint8_t *images, const uint8_t *originals, const float *made,
                        size_t count)
{
    double squares = 0, pixels = 0;
    for (size_t i = 0; i < count; i++) {
        double off = images[i] - originals[i];
        if (made && made[i] == 0)
            continue;
        squares += off * off;
        pixels++;
    }
    return 10 * log10(255.0 * 255.0 * pixels / squares);
}

static double agreement_of(const float *probabilities, int classes, const int *labels, int count)
{
    int agreed = 0;
    for (int i = 0; i < count; i++)
        agreed += classifier_verdict(probabilities + (ptrdiff_t)i * classes, classes) == labels[i];
    return (double)agreed / count;
}

int restoration_measure(struct restored *out, struct classifier *classifier,
                        const struct moments *real, const uint8_t *images, const uint8_t *originals,
                        const float *made, const int *labels, int count)
{
    struct classifier_facts facts = classifier_facts(classifier);
    size_t n = (size_t)count, area = (size_t)facts.height * (size_t)facts.width;
    float *features = xcalloc(n * CLASSIFIER_FEATURES, sizeof *features);
    float *probabilities = xcalloc(n * (size_t)facts.classes, sizeof *probabilities);
    struct moments moments;
    int code = 0;
    classifier_read(classifier, images, count, features, probabilities);
    *out =
        (struct restored){ .agreement = agreement_of(probabilities, facts.classes, labels, count),
                           .psnr = restoration_psnr(images, originals, made, n * area),
                           .frechet = NAN };
    if (count > 1) {
        moments_of(&moments, features, count);
        code = measure_frechet(&moments, real, &out->frechet);
        moments_release(&moments);
    }
    free(features);
    free(probabilities);
    return code;
}

void restoration_reference(struct moments *out, struct classifier *classifier,
                           const struct dataset *learned)
{
    int count;
    size_t area = area_of(learned);
    uint32_t *held = classifier_held_out(learned, &count);
    uint8_t *images = xcalloc((size_t)count, area);
    float *features = xcalloc((size_t)count * CLASSIFIER_FEATURES, sizeof *features);
    for (int i = 0; i < count; i++)
        memcpy(images + (size_t)i * area, learned->pixels + held[i] * area, area);
    classifier_read(classifier, images, count, features, NULL);
    moments_of(out, features, count);
    free(held);
    free(images);
    free(features);
}
