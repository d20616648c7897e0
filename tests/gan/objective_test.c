#include "gan/objective.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { SIDES = 3, LOGITS = 7 };

static const double logits[LOGITS] = { -80, -3.5, -1, 0, 0.7, 2.5, 80 };

/* PyTorch 2, double precision: binary_cross_entropy_with_logits, mse_loss / 2, relu, and autograd.
 */
static const struct {
    enum objective objective;
    enum objective_side side;
    double smoothing;
    double values[LOGITS], slopes[LOGITS];
} reference[] = {
    { OBJECTIVE_MINIMAX,
      SIDE_D_REAL,
      0,
      { 80, 3.52975041827, 1.31326168752, 0.69314718056, 0.403186048885, 0.0788897342925,
        1.80485138785e-35 },
      { -1, -0.970687769249, -0.73105857863, -0.5, -0.331812227832, -0.0758581800212, 0 } },
    { OBJECTIVE_MINIMAX,
      SIDE_D_REAL,
      0.1,
      { 72, 3.17975041827, 1.21326168752, 0.69314718056, 0.473186048885, 0.328889734293, 8 },
      { -0.9, -0.870687769249, -0.63105857863, -0.4, -0.231812227832, 0.0241418199788, 0.1 } },
    { OBJECTIVE_MINIMAX,
      SIDE_D_FAKE,
      0,
      { 0, 0.0297504182726, 0.313261687518, 0.69314718056, 1.10318604889, 2.57888973429, 80 },
      { 1.80485138785e-35, 0.0293122307514, 0.26894142137, 0.5, 0.668187772168, 0.924141819979,
        1 } },
    { OBJECTIVE_MINIMAX,
      SIDE_G_FAKE,
      0,
      { 0, -0.0297504182726, -0.313261687518, -0.69314718056, -1.10318604889, -2.57888973429, -80 },
      { -1.80485138785e-35, -0.0293122307514, -0.26894142137, -0.5, -0.668187772168,
        -0.924141819979, -1 } },
    { OBJECTIVE_NON_SATURATING,
      SIDE_D_REAL,
      0,
      { 80, 3.52975041827, 1.31326168752, 0.69314718056, 0.403186048885, 0.0788897342925,
        1.80485138785e-35 },
      { -1, -0.970687769249, -0.73105857863, -0.5, -0.331812227832, -0.0758581800212, 0 } },
    { OBJECTIVE_NON_SATURATING,
      SIDE_D_REAL,
      0.1,
      { 72, 3.17975041827, 1.21326168752, 0.69314718056, 0.473186048885, 0.328889734293, 8 },
      { -0.9, -0.870687769249, -0.63105857863, -0.4, -0.231812227832, 0.0241418199788, 0.1 } },
    { OBJECTIVE_NON_SATURATING,
      SIDE_D_FAKE,
      0,
      { 0, 0.0297504182726, 0.313261687518, 0.69314718056, 1.10318604889, 2.57888973429, 80 },
      { 1.80485138785e-35, 0.0293122307514, 0.26894142137, 0.5, 0.668187772168, 0.924141819979,
        1 } },
    { OBJECTIVE_NON_SATURATING,
      SIDE_G_FAKE,
      0,
      { 80, 3.52975041827, 1.31326168752, 0.69314718056, 0.403186048885, 0.0788897342925,
        1.80485138785e-35 },
      { -1, -0.970687769249, -0.73105857863, -0.5, -0.331812227832, -0.0758581800212, 0 } },
    { OBJECTIVE_LEAST_SQUARES,
      SIDE_D_REAL,
      0,
      { 3280.5, 10.125, 2, 0.5, 0.045, 1.125, 3120.5 },
      { -81, -4.5, -2, -1, -0.3, 1.5, 79 } },
    { OBJECTIVE_LEAST_SQUARES,
      SIDE_D_REAL,
      0.1,
      { 3272.405, 9.68, 1.805, 0.405, 0.02, 1.28, 3128.405 },
      { -80.9, -4.4, -1.9, -0.9, -0.2, 1.6, 79.1 } },
    { OBJECTIVE_LEAST_SQUARES,
      SIDE_D_FAKE,
      0,
      { 3200, 6.125, 0.5, 0, 0.245, 3.125, 3200 },
      { -80, -3.5, -1, 0, 0.7, 2.5, 80 } },
    { OBJECTIVE_LEAST_SQUARES,
      SIDE_G_FAKE,
      0,
      { 3280.5, 10.125, 2, 0.5, 0.045, 1.125, 3120.5 },
      { -81, -4.5, -2, -1, -0.3, 1.5, 79 } },
    { OBJECTIVE_HINGE, SIDE_D_REAL, 0, { 81, 4.5, 2, 1, 0.3, 0, 0 }, { -1, -1, -1, -1, -1, 0, 0 } },
    { OBJECTIVE_HINGE, SIDE_D_FAKE, 0, { 0, 0, 0, 1, 1.7, 3.5, 81 }, { 0, 0, 0, 1, 1, 1, 1 } },
    { OBJECTIVE_HINGE,
      SIDE_G_FAKE,
      0,
      { 80, 3.5, 1, 0, -0.7, -2.5, -80 },
      { -1, -1, -1, -1, -1, -1, -1 } },
    { OBJECTIVE_WASSERSTEIN,
      SIDE_D_REAL,
      0,
      { 80, 3.5, 1, 0, -0.7, -2.5, -80 },
      { -1, -1, -1, -1, -1, -1, -1 } },
    { OBJECTIVE_WASSERSTEIN,
      SIDE_D_FAKE,
      0,
      { -80, -3.5, -1, 0, 0.7, 2.5, 80 },
      { 1, 1, 1, 1, 1, 1, 1 } },
    { OBJECTIVE_WASSERSTEIN,
      SIDE_G_FAKE,
      0,
      { 80, 3.5, 1, 0, -0.7, -2.5, -80 },
      { -1, -1, -1, -1, -1, -1, -1 } },
};

static const double smoothings[] = { 0, 0.1, 0.3 };

static void check_close(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance * fmax(1, fabs(want))))
        fail_msg("%.15g instead of %.15g", got, want);
}

static void every_side_of_every_objective_has_a_reference(void **state)
{
    bool is_there[OBJECTIVE_COUNT][SIDES] = { 0 };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(reference); i++)
        is_there[reference[i].objective][reference[i].side] = true;
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++)
        for (int side = 0; side < SIDES; side++)
            if (!is_there[objective][side])
                fail_msg("no numbers for side %d of '%s'", side,
                         objective_name((enum objective)objective));
}

static void losses_and_slopes_are_those_of_pytorch(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(reference); i++) {
        for (int k = 0; k < LOGITS; k++) {
            struct loss loss = objective_loss(reference[i].objective, reference[i].side,
                                              reference[i].smoothing, logits[k]);
            check_close(loss.value, reference[i].values[k], 1e-11);
            check_close(loss.slope, reference[i].slopes[k], 1e-11);
        }
    }
}

/* Calls `check` for every objective, side, smoothing and logit in [-8, 8] off the hinges' kinks. */
static void for_every_case(void (*check)(enum objective, enum objective_side, double smoothing,
                                         double logit))
{
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++)
        for (int side = 0; side < SIDES; side++)
            for (int s = 0; s < ARRAY_SIZE(smoothings); s++)
                for (double logit = -8.03; logit < 8; logit += 0.31)
                    check((enum objective)objective, (enum objective_side)side, smoothings[s],
                          logit);
}

static void check_slope(enum objective objective, enum objective_side side, double smoothing,
                        double z)
{
    const double step = 1e-5;
    double above = objective_loss(objective, side, smoothing, z + step).value;
    double below = objective_loss(objective, side, smoothing, z - step).value;
    check_close(objective_loss(objective, side, smoothing, z).slope, (above - below) / (2 * step),
                1e-8);
}

static void slopes_are_finite_differences_of_values(void **state)
{
    (void)state;
    for_every_case(check_slope);
}

static void every_finite_logit_gives_finite_losses(void **state)
{
    static const double extremes[] = { 80, 88.8, 104, 710, 750, 1000, 1e30 };
    (void)state;
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++) {
        for (int i = 0; i < ARRAY_SIZE(extremes) * 2 * SIDES; i++) {
            double z = extremes[i / 2 % ARRAY_SIZE(extremes)] * (i % 2 ? -1 : 1);
            struct loss loss =
                objective_loss((enum objective)objective,
                               (enum objective_side)(i / 2 / ARRAY_SIZE(extremes)), 0.1, z);
            assert_true(isfinite(loss.value) && isfinite(loss.slope));
            float logit = (float)z, slope;
            objective_batch((enum objective)objective, SIDE_D_FAKE, 0, &logit, 1, &slope);
            assert_true(isfinite(slope));
        }
    }
}

static void a_logit_that_is_not_a_number_shows_in_every_loss(void **state)
{
    (void)state;
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++)
        for (int side = 0; side < SIDES; side++)
            assert_true(
                isnan(objective_loss((enum objective)objective, (enum objective_side)side, 0, NAN)
                          .value));
}

static void saturated_losses_keep_their_tails(void **state)
{
    (void)state;
    double tail = exp(-80);
    struct loss sure = objective_loss(OBJECTIVE_NON_SATURATING, SIDE_D_REAL, 0, 80);
    check_close(sure.value / tail, 1, 1e-12);
    struct loss starved = objective_loss(OBJECTIVE_MINIMAX, SIDE_G_FAKE, 0, -80);
    check_close(starved.slope / tail, -1, 1e-12);
    struct loss fed = objective_loss(OBJECTIVE_NON_SATURATING, SIDE_G_FAKE, 0, -80);
    check_close(fed.slope, -1, 1e-12);
}

static void real_and_fake_mirror_each_other(void **state)
{
    static const enum objective mirrored[] = { OBJECTIVE_MINIMAX, OBJECTIVE_NON_SATURATING,
                                               OBJECTIVE_HINGE, OBJECTIVE_WASSERSTEIN };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(mirrored); i++) {
        for (double z = -1000; z <= 1000; z += 12.5) {
            struct loss real = objective_loss(mirrored[i], SIDE_D_REAL, 0, z);
            struct loss fake = objective_loss(mirrored[i], SIDE_D_FAKE, 0, -z);
            assert_true(real.value == fake.value && real.slope == -fake.slope);
        }
    }
    for (double z = -9; z < 9; z += 0.25) /* least squares: mirrored at a half */
        check_close(objective_loss(OBJECTIVE_LEAST_SQUARES, SIDE_D_REAL, 0, z).value,
                    objective_loss(OBJECTIVE_LEAST_SQUARES, SIDE_D_FAKE, 0, 1 - z).value, 1e-12);
}

static void minimax_is_a_zero_sum_game_on_fakes(void **state)
{
    (void)state;
    for (double z = -1000; z <= 1000; z += 12.5)
        assert_true(objective_loss(OBJECTIVE_MINIMAX, SIDE_D_FAKE, 0, z).value ==
                    -objective_loss(OBJECTIVE_MINIMAX, SIDE_G_FAKE, 0, z).value);
}

static void smoothing_leaves_alone_what_has_no_labels(void **state)
{
    (void)state;
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++) {
        struct loss plain = objective_loss((enum objective)objective, SIDE_D_REAL, 0, 0.6);
        struct loss smooth = objective_loss((enum objective)objective, SIDE_D_REAL, 0.1, 0.6);
        assert_int_equal(plain.slope != smooth.slope,
                         objective_has_labels((enum objective)objective));
    }
}

static void recipes_smooth_only_what_has_labels(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++) {
        struct recipe recipe;
        const char *text = arena_printf(&arena,
                                        "[experiment]\nname = a\n[generator]\nlayers = tanh\n"
                                        "[discriminator]\nlayers = dense 1\n[training]\n"
                                        "smoothing = 0.1\nobjective = %s\n",
                                        objective_name((enum objective)objective));
        bool is_taken = recipe_parse(&recipe, text, strlen(text), "a.ini", NULL, 0) == 0;
        assert_int_equal(is_taken, objective_has_labels((enum objective)objective));
        recipe_release(&recipe);
    }
    arena_release(&arena);
}

static void balance_is_that_of_the_literature(void **state)
{
    static const struct balance want[OBJECTIVE_COUNT] = {
        [OBJECTIVE_MINIMAX] = { 1.3862943611, -0.6931471806 },
        [OBJECTIVE_NON_SATURATING] = { 1.3862943611, 0.6931471806 },
        [OBJECTIVE_LEAST_SQUARES] = { 0.25, 0.125 },
        [OBJECTIVE_HINGE] = { 2, 0 },
        [OBJECTIVE_WASSERSTEIN] = { 0, 0 },
    };
    (void)state;
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++) {
        struct balance balance = objective_balance((enum objective)objective, 0);
        check_close(balance.d_loss, want[objective].d_loss, 1e-9);
        check_close(balance.g_loss, want[objective].g_loss, 1e-9);
    }
}

/* D's loss on equal shares of real and fake images has no slope at the balance. */
static void balance_is_where_d_has_nothing_to_gain(void **state)
{
    (void)state;
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++) {
        for (int s = 0; s < ARRAY_SIZE(smoothings); s++) {
            double best = INFINITY;
            for (double z = -3; z <= 3; z += 1e-3)
                best = fmin(
                    best,
                    objective_loss((enum objective)objective, SIDE_D_REAL, smoothings[s], z).value +
                        objective_loss((enum objective)objective, SIDE_D_FAKE, smoothings[s], z)
                            .value);
            check_close(objective_balance((enum objective)objective, smoothings[s]).d_loss, best,
                        1e-6);
        }
    }
}

static void a_batch_gives_the_mean_and_its_slopes(void **state)
{
    static const float batch[] = { -2, 0.5F, 3, 80 };
    float slopes[4];
    (void)state;
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++) {
        for (int side = 0; side < SIDES; side++) {
            double mean = objective_batch((enum objective)objective, (enum objective_side)side, 0.1,
                                          batch, 4, slopes);
            double sum = 0;
            for (int i = 0; i < 4; i++) {
                struct loss loss = objective_loss((enum objective)objective,
                                                  (enum objective_side)side, 0.1, (double)batch[i]);
                sum += loss.value;
                assert_true(slopes[i] == (float)(loss.slope / 4));
            }
            assert_true(mean == sum / 4);
        }
    }
}

static void sigmoid_never_overflows(void **state)
{
    (void)state;
    assert_true(sigmoid(0) == 0.5 && sigmoid(1000) == 1 && sigmoid(-1000) == 0);
    check_close(sigmoid(-80) / exp(-80), 1, 1e-12);
    check_close(sigmoid(2) + sigmoid(-2), 1, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_side_of_every_objective_has_a_reference),
        cmocka_unit_test(losses_and_slopes_are_those_of_pytorch),
        cmocka_unit_test(slopes_are_finite_differences_of_values),
        cmocka_unit_test(every_finite_logit_gives_finite_losses),
        cmocka_unit_test(a_logit_that_is_not_a_number_shows_in_every_loss),
        cmocka_unit_test(saturated_losses_keep_their_tails),
        cmocka_unit_test(real_and_fake_mirror_each_other),
        cmocka_unit_test(minimax_is_a_zero_sum_game_on_fakes),
        cmocka_unit_test(smoothing_leaves_alone_what_has_no_labels),
        cmocka_unit_test(recipes_smooth_only_what_has_labels),
        cmocka_unit_test(balance_is_that_of_the_literature),
        cmocka_unit_test(balance_is_where_d_has_nothing_to_gain),
        cmocka_unit_test(a_batch_gives_the_mean_and_its_slopes),
        cmocka_unit_test(sigmoid_never_overflows),
    };
    return cmocka_run_group_tests_name("objective", tests, NULL, NULL);
}
