/* Gradients of whole updates against finite differences of what the update reports: objective,
 * penalty, label, norm and noise, through both networks. */
#define _GNU_SOURCE
#include "small.h"

enum { PARTS = 6 };

static float *parameters_of(const struct small_game *game, bool generator)
{
    return (generator ? trainer_generator(game->trainer) : trainer_discriminator(game->trainer))
        ->parameters;
}

/* What the gradient is of: the loss of G; or that of D with its penalty, weighted as it is. */
static double target(const struct small_game *game, const struct step_report *report,
                     bool generator)
{
    const struct recipe *recipe = &game->recipe;
    double weight = recipe->training.reconstruction;
    return generator ? report->g_loss + (weight > 0 ? weight * report->reconstruction : 0)
                     : report->d_loss + report->penalty * recipe->training.penalty_every;
}

/* The target of a first step begun from parameters moved by `step` along a direction. Every trainer
 * of a recipe begins with the same weights and draws. */
static double target_at(const char *settings, bool generator, const float *direction, float step)
{
    struct small_game game;
    small_begin(&game, settings);
    size_t count = trainer_generator(game.trainer)->parameter_count;
    if (!generator)
        count = trainer_discriminator(game.trainer)->parameter_count;
    for (size_t i = 0; i < count; i++)
        parameters_of(&game, generator)[i] += step * direction[i];
    struct step_report report = small_step(&game);
    double value = target(&game, &report, generator);
    small_end(&game);
    return value;
}

/* Half of the parameters in one of PARTS of the block, each moved the way that its gradient points,
 * so that the slope is the sum of what the gradients say and no two errors cancel. */
static double fill_direction(float *direction, const float *gradients, size_t count, int part,
                             struct random *random)
{
    double slope = 0;
    for (size_t i = 0; i < count; i++) {
        bool mine = i * PARTS / count == (size_t)part && random_next(random) & 1;
        direction[i] = !mine || gradients[i] == 0 ? 0 : gradients[i] > 0 ? 1 : -1;
        slope += (double)gradients[i] * (double)direction[i];
    }
    return slope;
}

static double slope_by_differences(const char *settings, bool generator, const float *direction,
                                   float step)
{
    return (target_at(settings, generator, direction, step) -
            target_at(settings, generator, direction, -step)) /
           (2 * (double)step);
}

/* A unit that switches between the two points spoils their difference, and a penalty jumps there:
 * of some directions and steps, one pair that meets none is enough. */
static bool slopes_agree(const char *settings, const struct network *net, bool generator, int part,
                         struct random *random, float *direction)
{
    static const float steps[] = { 2e-4F, 1e-4F, 5e-5F };
    double slope = fill_direction(direction, net->gradients, net->parameter_count, part, random);
    for (int i = 0; i < ARRAY_SIZE(steps); i++) {
        double numeric = slope_by_differences(settings, generator, direction, steps[i]);
        if (fabs(numeric - slope) <= 2e-3 * slope + 2e-3)
            return true;
    }
    return false;
}

static void check_gradient(const char *settings, bool generator)
{
    struct small_game game;
    struct random random;
    small_begin(&game, settings);
    small_step(&game);
    const struct network *net =
        generator ? trainer_generator(game.trainer) : trainer_discriminator(game.trainer);
    float *direction = float_block_new(net->parameter_count);
    random_seed(&random, 17, 1);
    for (int part = 0; part < PARTS; part++) {
        bool agreed = false;
        for (int attempt = 0; attempt < 10 && !agreed; attempt++)
            agreed = slopes_agree(settings, net, generator, part, &random, direction);
        if (!agreed)
            fail_msg("%s: part %d of the %s's gradients", settings, part, net->name);
    }
    float_block_free(direction);
    small_end(&game);
}

/* Weights that hardly move in the step itself. */
#define STILL ";training.optimiser=sgd;training.beta1=0;training.rate=1e-8"

static const char *const games[] = {
    "training.objective=minimax" STILL,
    "training.objective=non-saturating;training.smoothing=0.1" STILL,
    "training.objective=least-squares;training.smoothing=0.2" STILL,
    "training.objective=hinge" STILL,
    "training.objective=wasserstein" STILL,
    "training.penalty=r1;training.penalty_weight=2" STILL,
    "training.penalty=r1;training.penalty_weight=0.5;training.penalty_every=4" STILL,
    "training.objective=hinge;training.penalty=r1;training.penalty_weight=3;" CONV_D STILL,
    "training.objective=wasserstein;training.penalty=gradient;training.penalty_weight=10" STILL,
    "training.objective=wasserstein;training.penalty=gradient;training.penalty_every=3;" CONV_D
        STILL,
    "training.penalty=gradient;training.penalty_weight=4;" LABEL_G ";" LABEL_D STILL,
    "training.penalty=r1;training.penalty_weight=4;" LABEL_G ";" LABEL_D STILL,
    "training.noise=0.3;training.noise_until=1;" CONV_G ";" CONV_D STILL,
    "training.d_steps=3;training.penalty=r1;" CONV_G ";" CONV_D STILL,
    CONV_G ";" MLP_NORM_D STILL,
    "data.corruption=part;training.reconstruction=3;training.penalty=r1;" PAIR_G ";" PAIR_D STILL,
    "data.corruption=shrink;training.reconstruction=7;training.noise=0.2;training.noise_until="
    "1;" PAIR_G ";" PAIR_D STILL,
    "data.corruption=box;training.penalty=gradient;" PAIR_G ";" PAIR_D STILL,
};

static void every_objective_has_a_game(void **state)
{
    (void)state;
    for (int objective = 0; objective < OBJECTIVE_COUNT; objective++) {
        char setting[64];
        bool is_there = false;
        snprintf(setting, sizeof setting, "training.objective=%s;",
                 objective_name((enum objective)objective));
        for (int i = 0; i < ARRAY_SIZE(games); i++)
            is_there = is_there || strstr(games[i], setting);
        if (!is_there)
            fail_msg("no game with %s", setting);
    }
}

static void discriminator_gradients_are_finite_differences(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++)
        check_gradient(games[i], false);
}

static void generator_gradients_are_finite_differences(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++)
        check_gradient(games[i], true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_objective_has_a_game),
        cmocka_unit_test(discriminator_gradients_are_finite_differences),
        cmocka_unit_test(generator_gradients_are_finite_differences),
    };
    return cmocka_run_group_tests_name("gradients", tests, NULL, NULL);
}
