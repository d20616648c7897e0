/* What numbers of several runs say, against numbers that are known. */
#include <math.h>

#include "show/statistics.h"
#include "testing.h"

static void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        print_error("%.10g is not %.10g\n", value, expected);
    assert_true(fabs(value - expected) <= within);
}

static void spread_is_over_what_is_finite(void **state)
{
    (void)state;
    const double values[] = { 2, 4, NAN, 4, 4, 5, INFINITY, 5, 7, 9 };
    struct spread spread = spread_of(values, 10);
    assert_int_equal(spread.count, 8);
    assert_near(spread.mean, 5, 0);
    assert_near(spread.deviation, 2.138089935, 1e-9); /* sqrt(32 / 7) */
    assert_near(spread.low, 2, 0);
    assert_near(spread.high, 9, 0);
    assert_true(isnan(spread_of(values, 1).deviation));
    assert_true(isnan(spread_of(values, 0).mean));
}

/* As scipy.stats.spearmanr has them. */
static void rank_correlation_is_that_of_spearman(void **state)
{
    (void)state;
    const double x[] = { 1, 2, 3, 4, 5, 6, 7 }, y[] = { 3, 1, 4, 1.5, 9, 2.6, 5 };
    const double tied_x[] = { 1, 1, 2, 2, 3, 3 }, tied_y[] = { 1, 2, 2, 4, 3, 9 };
    const double falling[] = { 9, 4, 1, NAN }, constant[] = { 1, 1, 1 };
    assert_near(rank_correlation(x, y, 7), 0.42857142857142866, 1e-12);
    assert_near(rank_correlation(tied_x, tied_y, 6), 0.7882407813680822, 1e-12);
    assert_near(rank_correlation(x, falling, 4), -1, 1e-12);
    assert_true(isnan(rank_correlation(x, constant, 3)));
    assert_true(isnan(rank_correlation(x, y, 2)));
}

static void rank_ratio_is_what_is_between_groups(void **state)
{
    (void)state;
    const int apart[] = { 0, 0, 0, 1, 1, 1 }, mixed[] = { 0, 1, 0, 1, 0, 1 };
    const double y[] = { 1, 2, 3, 10, 20, 30 };
    /* ranks 1 … 6, means 2 and 5: 6 * 1.5^2 / 17.5 */
    assert_near(rank_ratio(apart, y, 6), sqrt(13.5 / 17.5), 1e-12);
    assert_near(rank_ratio(mixed, y, 6), sqrt(6 * 0.25 / 17.5), 1e-12);
    assert_near(rank_ratio((const int[]){ 0, 0, 0 }, y, 3), 0, 1e-12);
    assert_true(isnan(rank_ratio(apart, y, 2)));
}

static void seeds_that_overlap_make_no_difference(void **state)
{
    (void)state;
    const double a[] = { 10, 12, 14 }, b[] = { 11, 12, 15 }, far[] = { 20, 21, 23 };
    struct difference none = difference_of(a, 3, b, 3), clear = difference_of(a, 3, far, 3);
    assert_false(none.is_clear);
    assert_near(none.mean, 2.0 / 3, 1e-12);
    assert_true(none.low < 0 && none.high > 0);
    assert_true(clear.is_clear);
    assert_near(clear.mean, 64.0 / 3 - 12, 1e-12);
    /* of three, all that resampling can make of them */
    assert_near(clear.low, 20 - 14, 1e-9);
    assert_near(clear.high, 23 - 10, 1e-9);
    struct difference again = difference_of(a, 3, b, 3);
    assert_true(again.low == none.low && again.high == none.high);
}

/* Of many values the interval is that of the normal distribution: 1.96 sqrt(2 / n) of one deviation. */
static void of_many_the_interval_is_the_usual_one(void **state)
{
    (void)state;
    enum { COUNT = 400 };
    double a[COUNT], b[COUNT];
    for (int i = 0; i < COUNT; i++) {
        a[i] = i % 2 ? 1 : -1;
        b[i] = a[i] + 0.5;
    }
    struct difference out = difference_of(a, COUNT, b, COUNT);
    assert_near(out.mean, 0.5, 1e-12);
    assert_near(out.low, 0.5 - 1.96 * sqrt(2.0 / COUNT), 0.01);
    assert_near(out.high, 0.5 + 1.96 * sqrt(2.0 / COUNT), 0.01);
    assert_true(out.is_clear);
}

static void one_run_tells_nothing(void **state)
{
    (void)state;
    const double a[] = { 1, NAN }, b[] = { 100, 101, 102 };
    struct difference out = difference_of(a, 2, b, 3);
    assert_near(out.mean, 100, 1e-12);
    assert_true(isnan(out.low));
    assert_false(out.is_clear);
}

/* With a pooled deviation of 1, four degrees of freedom, and one value at b: scale sqrt(4/3), t 0 and
 * 10 / scale. */
static void a_value_leans_to_the_group_that_it_is_near(void **state)
{
    (void)state;
    const double a[] = { -1, 0, 1 }, b[] = { 9, 10, 11 };
    const double at_b[] = { 10 }, beyond[] = { 1000 }, middle[] = { 5 }, at_a[] = { -3, 3 };
    assert_near(leaning_of(a, 3, b, 3, at_b, 1), 2.5 * log1p(75.0 / 4), 1e-9);
    assert_near(leaning_of(a, 3, b, 3, beyond, 1), 2.5 * log1p(75.0 / 4), 1e-9);
    assert_near(leaning_of(a, 3, b, 3, middle, 1), 0, 1e-9);
    assert_near(leaning_of(a, 3, b, 3, at_a, 2), -2.5 * log1p(120.0 / 4), 1e-9);
    assert_true(isnan(leaning_of(a, 1, b, 3, at_b, 1)));
    assert_true(isnan(leaning_of(a, 3, b, 3, at_b, 0)));
}

static void groups_without_spread_or_that_diverged_tell_too(void **state)
{
    (void)state;
    const double a[] = { 1, 1 }, b[] = { 2, 2 }, lost[] = { INFINITY, INFINITY }, one[] = { 1 };
    assert_true(leaning_of(a, 2, b, 2, b, 1) > log(99));
    assert_true(leaning_of(a, 2, b, 2, a, 1) < -log(99));
    assert_true(leaning_of(a, 2, b, 2, lost, 1) >= 0);
    assert_true(leaning_of(a, 2, lost, 2, lost, 1) > log(99));
    assert_true(leaning_of(a, 2, lost, 2, one, 1) < -log(99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_is_over_what_is_finite),
        cmocka_unit_test(rank_correlation_is_that_of_spearman),
        cmocka_unit_test(rank_ratio_is_what_is_between_groups),
        cmocka_unit_test(seeds_that_overlap_make_no_difference),
        cmocka_unit_test(of_many_the_interval_is_the_usual_one),
        cmocka_unit_test(one_run_tells_nothing),
        cmocka_unit_test(a_value_leans_to_the_group_that_it_is_near),
        cmocka_unit_test(groups_without_spread_or_that_diverged_tell_too),
    };
    return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
