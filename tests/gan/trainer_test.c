#define _GNU_SOURCE
#include "small.h"

#include "gan/objective.h"

enum { STEPS = 5, PIXELS = SMALL_SIDE * SMALL_SIDE };

/* --- the same bits --- */

static const char *const games[] = {
    "",
    "training.penalty=r1;" CONV_G ";" CONV_D,
    "training.objective=wasserstein;training.penalty=gradient;training.d_steps=2",
    "training.noise=0.2;" LABEL_G ";" LABEL_D,
    "training.objective=hinge;" SPECTRAL_D ";" CONV_G,
    CONV_G ";" MLP_NORM_D,
    "data.corruption=part;training.reconstruction=5;training.penalty=r1;" PAIR_G ";" PAIR_D,
};

static void run(const char *settings, int threads, struct step_report *reports, double *checksum)
{
    struct small_game game;
    char *all =
        xasprintf("%s;training.threads=%d", *settings ? settings : "training.rate=0.01", threads);
    small_begin(&game, all);
    for (int i = 0; i < STEPS; i++)
        reports[i] = small_step(&game);
    const struct network *net = trainer_generator(game.trainer);
    *checksum = 0;
    for (size_t i = 0; i < net->parameter_count; i++)
        *checksum += (double)net->parameters[i] * (double)(i % 97 + 1);
    small_end(&game);
    free(all);
}

static void same_seed_and_threads_give_the_same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        for (int threads = 1; threads <= 3; threads++) {
            struct step_report one[STEPS], two[STEPS];
            double sums[2];
            run(games[i], threads, one, &sums[0]);
            run(games[i], threads, two, &sums[1]);
            assert_memory_equal(one, two, sizeof one);
            assert_memory_equal(&sums[0], &sums[1], sizeof sums[0]);
        }
    }
}

static void assert_close(double a, double b, double tolerance, const char *what)
{
    if (!(fabs(a - b) <= tolerance * (1 + fabs(b))))
        fail_msg("%s: %.9g instead of %.9g", what, a, b);
}

static void threads_change_rounding_only(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        struct step_report one[STEPS], three[STEPS];
        double sums[2];
        run(games[i], 1, one, &sums[0]);
        run(games[i], 3, three, &sums[1]);
        for (int k = 0; k < 3; k++) {
            assert_close(three[k].d_loss, one[k].d_loss, 1e-3, games[i]);
            assert_close(three[k].g_loss, one[k].g_loss, 1e-3, games[i]);
        }
    }
}

static void another_seed_gives_another_run(void **state)
{
    struct step_report one[STEPS], two[STEPS];
    double sums[2];
    (void)state;
    run("training.seed=1", 1, one, &sums[0]);
    run("training.seed=2", 1, two, &sums[1]);
    assert_true(one[0].d_loss != two[0].d_loss);
    assert_true(sums[0] != sums[1]);
}

/* --- reports --- */

static void a_report_tells_the_step(void **state)
{
    struct small_game game;
    (void)state;
    small_begin(&game, "training.d_steps=3;training.batch=5");
    for (int step = 1; step <= 4; step++) {
        struct step_report report = small_step(&game);
        assert_int_equal(report.step, step);
        assert_int_equal(trainer_step_number(game.trainer), step);
        assert_close(report.epoch, step * 3 * 5 / (double)SMALL_COUNT, 1e-12, "epoch");
        assert_true(report.d_real > 0 && report.d_real < 1);
        assert_true(report.d_fake > 0 && report.d_fake < 1);
        assert_true(report.d_gradient > 0 && report.g_gradient > 0);
        assert_true(report.penalty == 0);
    }
    struct step_report report;
    assert_return_code(trainer_step(game.trainer, &report, false), 0);
    assert_true(isnan(report.d_gradient) && isnan(report.g_gradient));
    small_end(&game);
}

static void a_game_of_zero_weights_is_in_balance(void **state)
{
    static const char *const settings[] = { "training.objective=minimax",
                                            "training.objective=non-saturating",
                                            "training.objective=hinge",
                                            "training.objective=wasserstein" };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(settings); i++) {
        struct small_game game;
        small_begin(&game, settings[i]);
        const struct network *net = trainer_discriminator(game.trainer);
        memset(net->parameters, 0, net->parameter_count * sizeof *net->parameters);
        struct step_report report = small_step(&game);
        struct balance balance =
            objective_balance((enum objective)game.recipe.training.objective, 0);
        assert_close(report.d_loss, balance.d_loss, 1e-12, settings[i]);
        assert_close(report.d_real, 0.5, 1e-12, settings[i]);
        assert_close(report.d_fake, 0.5, 1e-12, settings[i]);
        small_end(&game);
    }
}

static void a_lazy_penalty_is_remembered_between(void **state)
{
    struct small_game game;
    struct step_report reports[4];
    (void)state;
    small_begin(&game, "training.penalty=r1;training.penalty_every=3");
    for (int i = 0; i < 4; i++)
        reports[i] = small_step(&game);
    small_end(&game);
    assert_true(reports[0].penalty > 0);
    assert_true(reports[1].penalty == reports[0].penalty);
    assert_true(reports[2].penalty == reports[0].penalty);
    assert_true(reports[3].penalty != reports[0].penalty);
}

/* --- what fields do --- */

static double block_norm_of(const float *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

static void clipping_bounds_the_gradient_and_leaves_small_ones(void **state)
{
    static const double bounds[] = { 1e-3, 1e6 };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(bounds); i++) {
        struct small_game game;
        char settings[160];
        snprintf(settings, sizeof settings,
                 "training.optimiser=sgd;training.beta1=0;training.rate=1;training.clip=%g",
                 bounds[i]);
        small_begin(&game, settings);
        const struct network *net = trainer_discriminator(game.trainer);
        float *before = float_block_new(net->parameter_count);
        memcpy(before, net->parameters, net->parameter_count * sizeof *before);
        struct step_report report = small_step(&game);
        for (size_t k = 0; k < net->parameter_count; k++)
            before[k] -= net->parameters[k];
        assert_close(block_norm_of(before, net->parameter_count),
                     fmin(report.d_gradient, bounds[i]), 1e-4, "length of the step");
        assert_close(report.d_gradient, block_norm_of(net->gradients, net->parameter_count), 1e-6,
                     "reported norm");
        float_block_free(before);
        small_end(&game);
    }
}

static void weight_clipping_bounds_the_critic_alone(void **state)
{
    struct small_game game;
    float largest = 0, generator = 0;
    (void)state;
    small_begin(&game, "training.objective=wasserstein;training.penalty=clip;"
                       "training.penalty_weight=0.02;training.optimiser=rmsprop");
    for (int i = 0; i < STEPS; i++)
        small_step(&game);
    const struct network *d = trainer_discriminator(game.trainer);
    const struct network *g = trainer_generator(game.trainer);
    for (size_t i = 0; i < d->parameter_count; i++)
        largest = fmaxf(largest, fabsf(d->parameters[i]));
    for (size_t i = 0; i < g->parameter_count; i++)
        generator = fmaxf(generator, fabsf(g->parameters[i]));
    assert_true(largest == 0.02F);
    assert_true(generator > 0.5F);
    small_end(&game);
}

static void a_rate_that_has_run_out_moves_nothing(void **state)
{
    struct small_game game;
    (void)state;
    small_begin(&game, "training.schedule=linear;training.steps=2");
    small_step(&game);
    small_step(&game);
    const struct network *net = trainer_generator(game.trainer);
    double before = block_norm_of(net->parameters, net->parameter_count);
    small_step(&game);
    assert_true(block_norm_of(net->parameters, net->parameter_count) == before);
    small_end(&game);
}

static void the_discriminator_may_have_a_rate_of_its_own(void **state)
{
    struct small_game games_[2];
    double norms[2][2];
    (void)state;
    small_begin(&games_[0], "training.rate=0.001");
    small_begin(&games_[1], "training.rate=0.001;training.d_rate=0.1");
    for (int i = 0; i < 2; i++) {
        small_step(&games_[i]);
        const struct network *nets[2] = { trainer_discriminator(games_[i].trainer),
                                          trainer_generator(games_[i].trainer) };
        for (int k = 0; k < 2; k++)
            norms[i][k] = block_norm_of(nets[k]->parameters, nets[k]->parameter_count);
        small_end(&games_[i]);
    }
    assert_true(fabs(norms[1][0] - norms[0][0]) > 0.01);
    assert_true(fabs(norms[1][1] - norms[0][1]) < 0.01);
}

/* Without weights a norm in D sees no variance, and each batch takes a tenth of the running one:
 * the real images and the fakes of D's update do, those of G's do not. */
static void a_norm_in_the_discriminator_learns_from_its_own_updates_only(void **state)
{
    struct small_game game;
    (void)state;
    small_begin(&game, MLP_NORM_D);
    const struct network *net = trainer_discriminator(game.trainer);
    memset(net->parameters, 0, net->parameter_count * sizeof *net->parameters);
    small_step(&game);
    assert_close((double)net->buffers[10], 0.9 * 0.9, 1e-6, "running variance");
    small_end(&game);
}

/* --- divergence --- */

static void diverge(const char *settings, bool generator, const char *const words[2])
{
    struct small_game game;
    struct step_report report;
    small_begin(&game, settings);
    small_step(&game);
    small_step(&game);
    const struct network *net =
        generator ? trainer_generator(game.trainer) : trainer_discriminator(game.trainer);
    net->parameters[0] = NAN;
    double others[2];
    others[0] = block_norm_of(net->parameters + 1, net->parameter_count - 1);
    assert_int_equal(trainer_step(game.trainer, &report, false), ERR_INVALID);
    others[1] = block_norm_of(net->parameters + 1, net->parameter_count - 1);
    assert_true(others[0] == others[1]);
    assert_int_equal(report.step, 3);
    assert_true(isnan(report.d_loss) && isnan(report.g_loss));
    for (int i = 0; i < 2; i++)
        if (!strstr(error_text(), words[i]))
            fail_msg("'%s' does not say '%s'", error_text(), words[i]);
    small_end(&game);
}

static void a_loss_that_is_not_finite_ends_the_run_before_the_update(void **state)
{
    static const char *const discriminator[2] = { "step 3", "the discriminator is not finite" };
    static const char *const generator[2] = { "step 3", "the generator is not finite" };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(games); i++) {
        diverge(games[i], false, discriminator);
        diverge(games[i], true, generator);
    }
}

static void weights_that_explode_diverge(void **state)
{
    struct small_game game;
    struct step_report report;
    int code = 0, step = 0;
    (void)state;
    small_begin(&game, "training.optimiser=sgd;training.rate=10;training.objective=least-squares");
    for (; step < 200 && code == 0; step++)
        code = trainer_step(game.trainer, &report, step % 2);
    assert_int_equal(code, ERR_INVALID);
    assert_non_null(strstr(error_text(), "training has diverged"));
    assert_int_equal(report.step, step);
    small_end(&game);
}

/* D's loss is finite, its update is not: G's is the loss that tells. */
static void a_generator_loss_that_is_not_finite_ends_the_run(void **state)
{
    struct small_game game;
    struct step_report report;
    (void)state;
    small_begin(&game,
                "training.optimiser=sgd;training.d_rate=10;training.objective=least-squares");
    const struct network *d = trainer_discriminator(game.trainer);
    const struct network *g = trainer_generator(game.trainer);
    for (size_t i = 0; i < d->parameter_count; i++)
        d->parameters[i] *= 1e9F;
    double before = block_norm_of(g->parameters, g->parameter_count);
    assert_int_equal(trainer_step(game.trainer, &report, false), ERR_INVALID);
    assert_non_null(strstr(error_text(), "step 1: the loss of the generator"));
    assert_true(isfinite(report.d_loss) && !isfinite(report.g_loss));
    assert_true(block_norm_of(g->parameters, g->parameter_count) == before);
    small_end(&game);
}

/* --- samples --- */

static double mean_change(const uint8_t *a, const uint8_t *b, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += abs(a[i] - b[i]);
    return sum / count;
}

static void samples_keep_their_latents_over_the_steps(void **state)
{
    uint8_t before[8 * PIXELS], after[8 * PIXELS], fewer[3 * PIXELS];
    struct small_game game;
    (void)state;
    small_begin(&game, "training.rate=1e-6;training.batch=8");
    for (int i = 0; i < 40; i++) /* until the average is near the weights */
        small_step(&game);
    trainer_sample(game.trainer, 8, before);
    trainer_sample(game.trainer, 3, fewer);
    assert_memory_equal(before, fewer, sizeof fewer);
    small_step(&game);
    trainer_sample(game.trainer, 8, after);
    assert_true(mean_change(before, after, 8 * PIXELS) < 1);
    assert_true(mean_change(before, before + PIXELS, PIXELS) > 1);
    small_end(&game);
}

static void samples_are_drawn_with_the_average(void **state)
{
    uint8_t with[4 * PIXELS], moved[4 * PIXELS], without[4 * PIXELS];
    struct small_game game;
    const char *settings[2] = { "training.average=0.99", "training.average=0" };
    uint8_t *images[2] = { with, without };
    (void)state;
    for (int i = 0; i < 2; i++) {
        small_begin(&game, settings[i]);
        small_step(&game);
        trainer_sample(game.trainer, 4, images[i]);
        const struct network *net = trainer_generator(game.trainer);
        for (size_t k = 0; k < net->parameter_count; k++)
            net->parameters[k] *= 3;
        trainer_sample(game.trainer, 4, moved);
        assert_int_equal(memcmp(moved, images[i], sizeof moved) == 0, i == 0);
        small_end(&game);
    }
}

static void a_conditional_sheet_takes_the_labels_in_turn(void **state)
{
    uint8_t images[7 * PIXELS], again[7 * PIXELS];
    struct small_game game;
    (void)state;
    small_begin(&game, LABEL_D
                ";generator.layers=join | dense 64 | tanh;generator.latent=1;training.average=0");
    small_step(&game);
    trainer_sample(game.trainer, 7, images);
    const struct network *net = trainer_generator(game.trainer);
    net->parameters[(1 + 2) * PIXELS] += 5; /* of the first pixel, for label 2 */
    trainer_sample(game.trainer, 7, again);
    for (int i = 0; i < 7; i++)
        assert_int_equal(images[i * PIXELS] != again[i * PIXELS], i % SMALL_CLASSES == 2);
    small_end(&game);
}

/* --- learning --- */

/* A generator with one value an image learns the mean of data that are all of one grey. */
static void a_game_learns_the_one_image_there_is(void **state)
{
    struct small_game game;
    uint8_t image[PIXELS];
    double sum = 0;
    (void)state;
    small_recipe(&game.recipe,
                 "training.penalty=r1;training.penalty_weight=1;training.steps=400;"
                 "generator.layers=dense 64 | tanh;training.rate=0.01;training.beta1=0;"
                 "training.beta2=0.99;" CONV_D);
    game.set = small_set(1);
    for (int i = 0; i < SMALL_COUNT * PIXELS; i++)
        game.set.pixels[i] = (i % PIXELS) % SMALL_SIDE < SMALL_SIDE / 2 ? 200 : 40;
    assert_return_code(trainer_new(&game.trainer, &game.recipe, &game.set), 0);
    for (int i = 0; i < 400; i++)
        small_step(&game);
    trainer_sample(game.trainer, 1, image);
    for (int i = 0; i < PIXELS; i++)
        sum += abs(image[i] - game.set.pixels[i]);
    if (!(sum / PIXELS < 25))
        fail_msg("%g grey levels off in the mean", sum / PIXELS);
    small_end(&game);
}

/* --- golden numbers --- */

/* Ten steps on built-in digits. They are not right or wrong in themselves (trainer_reference_test
 * is for that): when they move, what a seed means has moved, and a resumed or repeated run of an
 * older build is another one. Kernels and threads alter the last digits; the tolerance is a
 * hundred times what four kernels and one to three threads differed by. */
static const struct golden {
    const char *settings;
    double d_loss, g_loss;
} golden[] = {
    { "discriminator.layers=flatten | dense 64 | lrelu 0.2 | dense 1;generator.layers=dense 48 | "
      "norm | relu | dense 784 | tanh",
      1.7110320, 0.2886245 },
    { "training.penalty=r1;training.penalty_weight=1;"
      "discriminator.layers=conv 8 4/2 | lrelu 0.2 | conv 12 4/2 | lrelu 0.2 | flatten | dense 1;"
      "generator.layers=dense 392 | reshape 8x7x7 | norm | relu | upconv 8 4/2 | norm | relu | "
      "upconv 1 4/2 | tanh",
      1.0174003, 0.564230679 },
};

static void ten_steps_on_digits_give_the_golden_losses(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(golden); i++) {
        struct recipe recipe;
        struct dataset *set;
        struct trainer *trainer;
        struct step_report report = { 0 };
        char *settings = xasprintf("%s;training.batch=16;training.rate=0.001;training.threads=1",
                                   golden[i].settings);
        small_recipe(&recipe, settings);
        assert_return_code(dataset_open(&set, "digits", DATASET_TRAIN, 200, 7), 0);
        assert_return_code(trainer_new(&trainer, &recipe, set), 0);
        for (int step = 0; step < 10; step++)
            assert_return_code(trainer_step(trainer, &report, false), 0);
        assert_close(report.d_loss, golden[i].d_loss, 1e-5, "d_loss");
        assert_close(report.g_loss, golden[i].g_loss, 1e-5, "g_loss");
        trainer_free(trainer);
        dataset_close(set);
        recipe_release(&recipe);
        free(settings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_and_threads_give_the_same_bits),
        cmocka_unit_test(threads_change_rounding_only),
        cmocka_unit_test(another_seed_gives_another_run),
        cmocka_unit_test(a_report_tells_the_step),
        cmocka_unit_test(a_game_of_zero_weights_is_in_balance),
        cmocka_unit_test(a_lazy_penalty_is_remembered_between),
        cmocka_unit_test(clipping_bounds_the_gradient_and_leaves_small_ones),
        cmocka_unit_test(weight_clipping_bounds_the_critic_alone),
        cmocka_unit_test(a_rate_that_has_run_out_moves_nothing),
        cmocka_unit_test(the_discriminator_may_have_a_rate_of_its_own),
        cmocka_unit_test(a_norm_in_the_discriminator_learns_from_its_own_updates_only),
        cmocka_unit_test(a_loss_that_is_not_finite_ends_the_run_before_the_update),
        cmocka_unit_test(weights_that_explode_diverge),
        cmocka_unit_test(a_generator_loss_that_is_not_finite_ends_the_run),
        cmocka_unit_test(samples_keep_their_latents_over_the_steps),
        cmocka_unit_test(samples_are_drawn_with_the_average),
        cmocka_unit_test(a_conditional_sheet_takes_the_labels_in_turn),
        cmocka_unit_test(a_game_learns_the_one_image_there_is),
        cmocka_unit_test(ten_steps_on_digits_give_the_golden_losses),
    };
    return cmocka_run_group_tests_name("trainer", tests, NULL, NULL);
}
