#define _GNU_SOURCE
#include "gan/ranking.h"

#include <math.h>

#include "base/base.h"
#include "testing.h"

static void share_below_counts_half_of_what_is_equal(void **state)
{
    (void)state;
    const float sorted[] = { -2, 0, 0, 1, 5 };
    assert_true(ranking_share_below(sorted, 5, -3) == 0);
    assert_true(fabs(ranking_share_below(sorted, 5, 0) - 0.4) < 1e-12);
    assert_true(fabs(ranking_share_below(sorted, 5, 0.5F) - 0.6) < 1e-12);
    assert_true(fabs(ranking_share_below(sorted, 5, 5) - 0.9) < 1e-12);
    assert_true(ranking_share_below(sorted, 5, 6) == 1);
}

/* By comparing every pair. */
static double auc_of_pairs(const float *real, int m, const float *others, int n)
{
    double wins = 0;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++)
            wins += real[i] > others[j] ? 1 : real[i] == others[j] ? 0.5 : 0;
    return wins / (m * n);
}

static void auc_is_how_often_a_real_image_wins(void **state)
{
    (void)state;
    const float real[] = { 0, 1, 1, 2, 4 }, others[] = { -1, 1, 3 };
    assert_true(fabs(ranking_auc(real, 5, others, 3) - auc_of_pairs(real, 5, others, 3)) < 1e-12);
    assert_true(ranking_auc(real, 5, real, 5) == 0.5);
    const float low[] = { -9, -8 };
    assert_true(ranking_auc(real, 5, low, 2) == 1);
    assert_true(ranking_auc(low, 2, real, 5) == 0);
}

static void roc_goes_from_nothing_to_all_and_encloses_the_auc(void **state)
{
    (void)state;
    enum { COUNT = 400, POINTS = 101 };
    float real[COUNT], others[COUNT];
    double false_alarms[POINTS], hits[POINTS], area = 0;
    for (int i = 0; i < COUNT; i++) {
        real[i] = (float)i;
        others[i] = (float)(i * i) / COUNT - 50;
    }
    ranking_roc(real, COUNT, others, COUNT, POINTS, false_alarms, hits);
    assert_true(hits[0] == 0 && false_alarms[0] == 0);
    assert_true(hits[POINTS - 1] == 1 && false_alarms[POINTS - 1] == 1);
    for (int i = 1; i < POINTS; i++) {
        assert_true(hits[i] >= hits[i - 1] && false_alarms[i] >= false_alarms[i - 1]);
        area += (false_alarms[i] - false_alarms[i - 1]) * (hits[i] + hits[i - 1]) / 2;
    }
    assert_true(fabs(area - ranking_auc(real, COUNT, others, COUNT)) < 0.01);
}

static void histogram_keeps_what_is_beyond(void **state)
{
    (void)state;
    const float sorted[] = { -10, 0.1F, 0.2F, 0.6F, 10 };
    double shares[2];
    ranking_histogram(sorted, 5, 0, 1, 2, shares);
    assert_true(fabs(shares[0] - 0.6) < 1e-12 && fabs(shares[1] - 0.4) < 1e-12);
}

static void spread_is_mean_and_deviation(void **state)
{
    (void)state;
    const float values[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
    struct ranking_spread spread = ranking_spread(values, 8);
    assert_true(fabs(spread.mean - 5) < 1e-12);
    assert_true(fabs(spread.deviation - sqrt(32.0 / 7)) < 1e-12);
    assert_true(ranking_spread(values, 1).deviation == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(share_below_counts_half_of_what_is_equal),
        cmocka_unit_test(auc_is_how_often_a_real_image_wins),
        cmocka_unit_test(roc_goes_from_nothing_to_all_and_encloses_the_auc),
        cmocka_unit_test(histogram_keeps_what_is_beyond),
        cmocka_unit_test(spread_is_mean_and_deviation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
