#define _GNU_SOURCE
#include "base/random.h"

#include <math.h>
#include <string.h>

#include "testing.h"

enum { DRAWS = 600000 };

/* Within four deviations of what chance gives. The seeds are fixed, so no test fails by chance. */
static bool is_likely(double chi_square, double degrees)
{
    return fabs(chi_square - degrees) < 4 * sqrt(2 * degrees) + 4;
}

static double chi_square_of(const int *counts, int bins, double total)
{
    double expected = total / bins, sum = 0;
    for (int i = 0; i < bins; i++)
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    return sum;
}

/* The first outputs that the authors' xoshiro256plusplus.c gives from the state 1, 2, 3, 4. */
static void the_generator_is_xoshiro256_plus_plus(void **state)
{
    static const uint64_t expected[] = {
        41943041u,
        58720359u,
        3588806011781223u,
        3591011842654386u,
        9228616714210784205u,
        9973669472204895162u,
        14011001112246962877u,
        12406186145184390807u,
        15849039046786891736u,
        10450023813501588000u,
    };
    struct random random = { { 1, 2, 3, 4 } };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(expected); i++)
        assert_true(random_next(&random) == expected[i]);
}

/* Runs are repeated by their seed, in years to come, too: these numbers may never change. */
static void a_seed_gives_the_same_numbers_for_ever(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 42, 3);
    assert_true(random_next(&random) == 3103985308965775909u);
    assert_true(random_below(&random, 1000) == 151);
    assert_true(random_uniform(&random) == 0x1.8fe29d3490175p-1);
}

static void streams_and_seeds_differ(void **state)
{
    enum { SEEDS = 20, STREAMS = 20 };
    static uint64_t first[SEEDS * STREAMS];
    (void)state;
    for (int i = 0; i < SEEDS * STREAMS; i++) {
        struct random random;
        random_seed(&random, (uint64_t)(i / STREAMS), (uint64_t)(i % STREAMS));
        first[i] = random_next(&random);
        for (int j = 0; j < i; j++)
            assert_true(first[i] != first[j]);
    }
}

static void a_copied_stream_goes_on_alike(void **state)
{
    struct random random, copy;
    (void)state;
    random_seed(&random, 1, 0);
    random_normal(&random);
    copy = random;
    for (int i = 0; i < 100; i++)
        assert_true(random_next(&random) == random_next(&copy));
}

static void uniform_numbers_fill_their_interval_evenly(void **state)
{
    enum { BINS = 100 };
    int counts[BINS] = { 0 };
    struct random random;
    (void)state;
    random_seed(&random, 2, 0);
    for (int i = 0; i < DRAWS; i++) {
        double number = random_uniform(&random);
        assert_true(number >= 0 && number < 1);
        counts[(int)(number * BINS)]++;
    }
    assert_true(is_likely(chi_square_of(counts, BINS, DRAWS), BINS - 1));
}

static void filled_uniforms_keep_their_bounds(void **state)
{
    static float numbers[DRAWS];
    double sum = 0;
    struct random random;
    (void)state;
    random_seed(&random, 3, 0);
    random_fill_uniform(&random, numbers, DRAWS, -3, 5);
    for (int i = 0; i < DRAWS; i++) {
        assert_true(numbers[i] >= -3 && numbers[i] < 5);
        sum += (double)numbers[i];
    }
    assert_true(fabs(sum / DRAWS - 1) < 4 * 8 / sqrt(12.0 * DRAWS));
}

/* Of 3 * 2^30 values a third would be twice as likely if no draw were rejected. */
static void bounded_numbers_are_unbiased(void **state)
{
    static const uint32_t bounds[] = { 1, 2, 6, 1000, 3u << 30, UINT32_MAX };
    (void)state;
    for (int b = 0; b < ARRAY_SIZE(bounds); b++) {
        int counts[6] = { 0 }, bins = (int)MIN(bounds[b], 6u);
        struct random random;
        random_seed(&random, 4, (uint64_t)b);
        for (int i = 0; i < DRAWS; i++) {
            uint32_t number = random_below(&random, bounds[b]);
            assert_true(number < bounds[b]);
            counts[number % (uint32_t)bins]++;
        }
        if (bounds[b] % (uint32_t)bins == 0)
            assert_true(is_likely(chi_square_of(counts, bins, DRAWS), bins - 1));
    }
}

static void normals_have_the_moments_of_the_normal_distribution(void **state)
{
    double sum = 0, squares = 0, fourths = 0;
    struct random random;
    (void)state;
    random_seed(&random, 5, 0);
    for (int i = 0; i < DRAWS; i++) {
        double x = random_normal(&random);
        sum += x;
        squares += x * x;
        fourths += x * x * x * x;
    }
    assert_true(fabs(sum / DRAWS) < 4 / sqrt(DRAWS));
    assert_true(fabs(squares / DRAWS - 1) < 4 * sqrt(2.0 / DRAWS));
    assert_true(fabs(fourths / DRAWS - 3) < 4 * sqrt(96.0 / DRAWS));
}

static int number_of_permutation(const uint32_t items[4])
{
    int number = 0;
    for (int i = 0; i < 4; i++) {
        int smaller = 0;
        for (int j = i + 1; j < 4; j++)
            smaller += items[j] < items[i];
        number = number * (4 - i) + smaller;
    }
    return number;
}

static void shuffling_makes_every_order_equally_likely(void **state)
{
    enum { ORDERS = 24 };
    int counts[ORDERS] = { 0 };
    struct random random;
    (void)state;
    random_seed(&random, 6, 0);
    for (int i = 0; i < DRAWS; i++) {
        uint32_t items[4] = { 0, 1, 2, 3 };
        random_shuffle(&random, items, 4);
        counts[number_of_permutation(items)]++;
    }
    assert_true(is_likely(chi_square_of(counts, ORDERS, DRAWS), ORDERS - 1));
}

static void shuffling_nothing_draws_nothing(void **state)
{
    struct random random, before;
    uint32_t item = 7;
    (void)state;
    random_seed(&random, 7, 0);
    before = random;
    random_shuffle(&random, NULL, 0);
    random_shuffle(&random, &item, 1);
    assert_int_equal(item, 7);
    assert_memory_equal(&random, &before, sizeof random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro256_plus_plus),
        cmocka_unit_test(a_seed_gives_the_same_numbers_for_ever),
        cmocka_unit_test(streams_and_seeds_differ),
        cmocka_unit_test(a_copied_stream_goes_on_alike),
        cmocka_unit_test(uniform_numbers_fill_their_interval_evenly),
        cmocka_unit_test(filled_uniforms_keep_their_bounds),
        cmocka_unit_test(bounded_numbers_are_unbiased),
        cmocka_unit_test(normals_have_the_moments_of_the_normal_distribution),
        cmocka_unit_test(shuffling_makes_every_order_equally_likely),
        cmocka_unit_test(shuffling_nothing_draws_nothing),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
