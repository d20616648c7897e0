#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { COUNT = 1 << 20, BINS = 64 };

static float values[COUNT];

static void fill(uint64_t seed, size_t count)
{
    struct random random;
    random_seed(&random, seed, 1);
    random_fill_normal(&random, values, count);
}

static void normals_have_the_moments_of_the_normal_distribution(void **state)
{
    static const double want[] = { 0, 1, 0, 3, 0, 15 };
    static const double variances[] = { 1, 2, 15, 96, 945, 10170 }; /* of x, x^2 … x^6 */
    double moments[6] = { 0 };
    (void)state;
    fill(11, COUNT);
    for (int i = 0; i < COUNT; i++) {
        double power = 1;
        for (int k = 0; k < 6; k++)
            moments[k] += power *= (double)values[i];
    }
    for (int k = 0; k < 6; k++)
        assert_true(fabs(moments[k] / COUNT - want[k]) < 4 * sqrt(variances[k] / COUNT));
}

static void normals_fill_equally_likely_bins_equally(void **state)
{
    int bins[BINS] = { 0 };
    double chi_square = 0, expected = (double)COUNT / BINS;
    (void)state;
    fill(12, COUNT);
    for (int i = 0; i < COUNT; i++)
        bins[(int)(0.5 * erfc(-(double)values[i] * sqrt(0.5)) * BINS)]++;
    for (int i = 0; i < BINS; i++)
        chi_square += (bins[i] - expected) * (bins[i] - expected) / expected;
    assert_true(chi_square < 63 + 4 * sqrt(2 * 63.0));
    assert_true(chi_square > 63 - 4 * sqrt(2 * 63.0));
}

static void both_halves_of_a_draw_are_independent(void **state)
{
    double product = 0, squares = 0;
    (void)state;
    fill(13, COUNT);
    for (int i = 0; i < COUNT; i += 2) {
        double p = (double)values[i] * (double)values[i + 1];
        product += p;
        squares += p * p;
    }
    assert_true(fabs(product / (COUNT / 2)) < 4 / sqrt(COUNT / 2.0));
    assert_true(fabs(squares / (COUNT / 2) - 1) < 4 * sqrt(8 / (COUNT / 2.0)));
}

static void a_shorter_fill_is_the_beginning_of_a_longer_one(void **state)
{
    static float shorter[700];
    struct random random;
    (void)state;
    fill(14, 1000);
    for (size_t count = 0; count < 700; count++) {
        random_seed(&random, 14, 1);
        shorter[count] = 77;
        random_fill_normal(&random, shorter, count);
        assert_memory_equal(shorter, values, count * sizeof *values);
        assert_true(shorter[count] == 77);
    }
}

/* Radius and angle by the C library, from the draws as the header's stream gives them. */
static void normals_are_box_and_mullers(void **state)
{
    struct random random;
    (void)state;
    fill(15, 4096);
    random_seed(&random, 15, 1);
    for (int i = 0; i < 4096; i += 2) {
        uint64_t draw = random_next(&random);
        double uniform = ((double)(draw >> 33) + 0.5) * 0x1p-31;
        double radius = sqrt(-2 * log(uniform));
        double angle = 1.5707963267948966 *
                       ((double)(draw & 0x3FFFFFFF) * 0x1p-30 - 0.5 + (double)(draw >> 30 & 3));
        double x = (double)values[i], y = (double)values[i + 1];
        assert_true(fabs(hypot(x, y) - radius) < 1e-5 * (1 + radius));
        /* a quarter may be swapped and mirrored: it stays on the same circle, an octant each */
        assert_true(fabs(fabs(sin(2 * atan2(y, x))) - fabs(sin(2 * angle))) < 1e-5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normals_have_the_moments_of_the_normal_distribution),
        cmocka_unit_test(normals_fill_equally_likely_bins_equally),
        cmocka_unit_test(both_halves_of_a_draw_are_independent),
        cmocka_unit_test(a_shorter_fill_is_the_beginning_of_a_longer_one),
        cmocka_unit_test(normals_are_box_and_mullers),
    };
    return cmocka_run_group_tests_name("random normals", tests, NULL, NULL);
}
