/* Every measure beside a reference implementation on the same features. */
#include "gan/measures.h"

#include "testing.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "gan/classifier.h"
#include "nn/blas.h"
#include "nn/softmax.h"

enum { F = CLASSIFIER_FEATURES, C = 10, REAL = 230, SPREAD_LIMIT = 1000 };
static const double tolerance = 1e-4;

static const struct measured_case {
    const char *name;
    int count, first, latents, noise;
    double frechet;
    double neighbours[4]; /* precision, recall, density, coverage */
    double classes[4];    /* score, classes, entropy, confidence */
    int histogram[C];
    double spread[C];
} cases[] = {
#include "measures_numbers.inc"
};

/* --- the features, as measures_reference.py makes them: all numbers are exact in floats --- */

static int number(int stream, int i, int j)
{
    uint32_t x =
        (uint32_t)stream * 0x9E3779B1u + (uint32_t)i * 0x85EBCA77u + (uint32_t)j * 0xC2B2AE3Du + 1;
    for (int k = 0; k < 2; k++) {
        x ^= x >> 15;
        x *= 0x2C1B3C6Du;
        x ^= x >> 12;
        x *= 0x297A2D39u;
        x ^= x >> 15;
    }
    return (int)(x & 255) - 128;
}

static int floor_divide(int number_, int by)
{
    return number_ >= 0 ? number_ / by : -((-number_ + by - 1) / by);
}

static float feature(int row, int f, const struct measured_case *c)
{
    int total = c->noise * number(3, row, f) + (c->first > 0 ? 64 : 0);
    for (int l = 0; l < c->latents; l++)
        total += floor_divide(number(1, f, l), 16) * number(2, row, l);
    return (float)total / 256;
}

static struct reading make_reading(const struct measured_case *c)
{
    struct reading reading = { .count = c->count, .classes = C };
    reading.features = xcalloc((size_t)c->count * F, sizeof(float));
    reading.probabilities = xcalloc((size_t)c->count * C, sizeof(float));
    reading.verdicts = xcalloc((size_t)c->count, sizeof(int));
    for (int i = 0; i < c->count; i++) {
        int row = c->first >= 0 ? c->first + i : -c->first;
        float *probabilities = reading.probabilities + i * C;
        for (int f = 0; f < F; f++)
            reading.features[i * F + f] = feature(row, f, c);
        for (int k = 0; k < C; k++)
            probabilities[k] = (float)number(4, row, k) / 32;
        softmax(probabilities, 1, C, probabilities);
        reading.verdicts[i] = classifier_verdict(probabilities, C);
    }
    return reading;
}

static void release_reading(struct reading *reading)
{
    free(reading->verdicts);
    free(reading->probabilities);
    free(reading->features);
}

static struct reading make_real(void)
{
    return make_reading(
        &(struct measured_case){ .count = REAL, .first = 0, .latents = 12, .noise = 1 });
}

static void assert_close(const char *name, const char *what, double value, double expected)
{
    bool is_close =
        isnan(expected) ? isnan(value) : fabs(value - expected) <= tolerance * (1 + fabs(expected));
    if (!is_close)
        fail_msg("%s, %s: %.9g instead of %.9g", name, what, value, expected);
}

static struct pool *new_pool(int threads)
{
    struct pool *pool;
    assert_int_equal(pool_new(&pool, threads), 0);
    assert_int_equal(blas_load(), 0);
    return pool;
}

/* --- beside the reference --- */

static double frechet_of(const struct reading *samples, const struct reading *real)
{
    struct moments a, b;
    double distance = NAN;
    moments_of(&a, samples->features, samples->count);
    moments_of(&b, real->features, real->count);
    assert_int_equal(measure_frechet(&a, &b, &distance), 0);
    moments_release(&a);
    moments_release(&b);
    return distance;
}

static void frechet_equals_the_reference(void **state)
{
    struct reading real = make_real();
    (void)state;
    assert_int_equal(blas_load(), 0);
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct reading samples = make_reading(&cases[i]);
        assert_close(cases[i].name, "frechet", frechet_of(&samples, &real), cases[i].frechet);
        assert_close(cases[i].name, "the other way round", frechet_of(&real, &samples),
                     cases[i].frechet);
        release_reading(&samples);
    }
    release_reading(&real);
}

static void neighbours_equal_the_reference(void **state)
{
    struct reading real = make_real();
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        struct pool *pool = new_pool(threads);
        for (int i = 0; i < ARRAY_SIZE(cases); i++) {
            struct reading samples = make_reading(&cases[i]);
            struct neighbour_measures found = measure_neighbours(&real, &samples, pool);
            assert_close(cases[i].name, "precision", found.precision, cases[i].neighbours[0]);
            assert_close(cases[i].name, "recall", found.recall, cases[i].neighbours[1]);
            assert_close(cases[i].name, "density", found.density, cases[i].neighbours[2]);
            assert_close(cases[i].name, "coverage", found.coverage, cases[i].neighbours[3]);
            release_reading(&samples);
        }
        pool_free(pool);
    }
    release_reading(&real);
}

static void classes_equal_the_reference(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct measured_case *c = &cases[i];
        struct reading samples = make_reading(c);
        int64_t histogram[C];
        double spread[C];
        struct class_measures found = measure_classes(&samples, histogram);
        assert_close(c->name, "score", found.score, c->classes[0]);
        assert_close(c->name, "classes", found.classes, c->classes[1]);
        assert_close(c->name, "entropy", found.entropy, c->classes[2]);
        assert_close(c->name, "confidence", found.confidence, c->classes[3]);
        measure_spread(&samples, SPREAD_LIMIT, spread);
        for (int k = 0; k < C; k++) {
            assert_int_equal(histogram[k], c->histogram[k]);
            assert_close(c->name, "spread", spread[k], c->spread[k]);
        }
        release_reading(&samples);
    }
}

/* --- at the edges --- */

static void too_few_for_neighbours_have_no_measure(void **state)
{
    struct measured_case few = { .count = MEASURE_NEIGHBOURS, .latents = 12, .noise = 1 };
    struct reading real = make_real(), samples = make_reading(&few);
    struct pool *pool = new_pool(2);
    (void)state;
    struct neighbour_measures found = measure_neighbours(&real, &samples, pool);
    assert_true(isnan(found.precision) && isnan(found.recall));
    found = measure_neighbours(&samples, &real, pool);
    assert_true(isnan(found.density) && isnan(found.coverage));
    pool_free(pool);
    release_reading(&samples);
    release_reading(&real);
}

static void one_sample_has_moments(void **state)
{
    struct measured_case one = { .count = 1, .latents = 12, .noise = 1 };
    struct reading real = make_real(), sample = make_reading(&one);
    (void)state;
    assert_int_equal(blas_load(), 0);
    assert_true(frechet_of(&sample, &real) > 0);
    release_reading(&sample);
    release_reading(&real);
}

static void features_that_are_not_finite_are_refused(void **state)
{
    static const float bad[] = { NAN, INFINITY, -INFINITY };
    struct reading real = make_real();
    struct moments moments, good;
    double distance;
    (void)state;
    assert_int_equal(blas_load(), 0);
    moments_of(&good, real.features, real.count);
    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        float kept = real.features[F + 3];
        real.features[F + 3] = bad[i];
        moments_of(&moments, real.features, real.count);
        assert_int_equal(measure_frechet(&moments, &good, &distance), ERR_INVALID);
        assert_int_equal(measure_frechet(&good, &moments, &distance), ERR_INVALID);
        moments_release(&moments);
        real.features[F + 3] = kept;
    }
    moments_release(&good);
    release_reading(&real);
}

static void eigenvalues_of_what_is_not_finite_are_refused(void **state)
{
    double matrix[] = { 1, 0, 0, NAN }, values[2];
    (void)state;
    assert_int_equal(blas_load(), 0);
    assert_int_equal(blas_eigen(2, matrix, values), ERR_INVALID);
    double sound[] = { 2, 1, 1, 2 };
    assert_int_equal(blas_eigen(2, sound, values), 0);
    assert_close("[2 1; 1 2]", "smaller", values[0], 1);
    assert_close("[2 1; 1 2]", "larger", values[1], 3);
    assert_close("[2 1; 1 2]", "its vector", sound[2] / sound[3], 1);
}

/* --- nearest images --- */

enum { AREA = 49, IMAGES = 40, SET = 150 };

static double nearest_by_hand(const uint8_t *image, const uint8_t *set)
{
    double least = INFINITY;
    for (int s = 0; s < SET; s++) {
        double sum = 0;
        for (int p = 0; p < AREA; p++) {
            double gap = ((double)image[p] - set[s * AREA + p]) / 255;
            sum += gap * gap;
        }
        least = fmin(least, sqrt(sum));
    }
    return least;
}

static void nearest_images_are_found(void **state)
{
    uint8_t images[IMAGES * AREA], set[SET * AREA];
    double distances[IMAGES];
    (void)state;
    for (int i = 0; i < IMAGES * AREA; i++)
        images[i] = (uint8_t)(number(6, i, 0) + 128);
    for (int i = 0; i < SET * AREA; i++)
        set[i] = (uint8_t)(number(7, i, 0) + 128);
    memcpy(images + 5 * AREA, set + (SET - 1) * AREA, AREA); /* a copy of the last */
    for (int threads = 1; threads <= 4; threads++) {
        struct pool *pool = new_pool(threads);
        measure_nearest(images, IMAGES, set, SET, AREA, pool, distances);
        for (int i = 0; i < IMAGES; i++)
            if (i == 5) /* what rounding leaves of nothing */
                assert_true(distances[i] >= 0 && distances[i] < 0.01);
            else
                assert_close("image", "nearest", distances[i],
                             nearest_by_hand(images + i * AREA, set));
        pool_free(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frechet_equals_the_reference),
        cmocka_unit_test(neighbours_equal_the_reference),
        cmocka_unit_test(classes_equal_the_reference),
        cmocka_unit_test(too_few_for_neighbours_have_no_measure),
        cmocka_unit_test(one_sample_has_moments),
        cmocka_unit_test(features_that_are_not_finite_are_refused),
        cmocka_unit_test(eigenvalues_of_what_is_not_finite_are_refused),
        cmocka_unit_test(nearest_images_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
