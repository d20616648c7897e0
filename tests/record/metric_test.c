#define _GNU_SOURCE
#include "testing.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "record/config.h"
#include "record/metric.h"

static struct arena arena;

static int release(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* --- the table --- */

static void every_row_is_complete(void **state)
{
    (void)state;
    int count;
    const struct metric_row *rows = metric_rows(&count);
    for (int i = 0; i < count; i++) {
        assert_true(text_columns(rows[i].label) <= METRIC_LABEL_COLUMNS);
        assert_true(rows[i].digits > 0 || rows[i].unit == METRIC_BYTES);
        assert_true(strlen(rows[i].help) > 10 && rows[i].help[strlen(rows[i].help) - 1] != '.');
        assert_ptr_equal(metric_find(rows[i].name), &rows[i]);
        assert_ptr_equal(metric_label(rows[i].name), rows[i].label);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(rows[j].label, rows[i].label);
    }
}

static void other_names_have_no_row_and_are_their_own_label(void **state)
{
    (void)state;
    assert_null(metric_find("val/loss"));
    assert_null(metric_find(""));
    assert_string_equal(metric_label("val/loss"), "val/loss");
}

/* --- direction --- */

static void assert_directions(const char *const *names, int count, enum direction direction)
{
    for (int i = 0; i < count; i++)
        if (metric_direction(names[i], NULL) != direction)
            fail_msg("'%s' has direction %d", names[i], metric_direction(names[i], NULL));
}

static void gander_s_own_metrics_have_the_table_s_direction(void **state)
{
    (void)state;
    static const char *const none[] = {
        "d_loss",         "g_loss",     "penalty",           "d_real",  "d_fake",     "d_grad",
        "g_grad",         "epoch",      "images_per_second", "use.cpu", "use.memory", "use.gpu",
        "use.gpu_memory", "logit_real", "logit_fake",        "d_auc",   "diversity",  "shift",
    };
    static const char *const smaller[] = { "frechet", "memorised", "reconstruction" };
    static const char *const larger[] = { "score",     "classes", "entropy", "confidence",
                                          "precision", "recall",  "density", "coverage" };
    assert_directions(none, ARRAY_SIZE(none), DIRECTION_NONE);
    assert_directions(smaller, ARRAY_SIZE(smaller), DIRECTION_SMALLER);
    assert_directions(larger, ARRAY_SIZE(larger), DIRECTION_LARGER);
}

static void other_names_are_guessed_from_their_words(void **state)
{
    (void)state;
    static const char *const smaller[] = {
        "loss",        "val_loss",      "val/loss", "val-loss",
        "train.loss",  "valLoss",       "ValLoss",  "LOSS",
        "err",         "test error",    "FID",      "fid50k",
        "fid50k_full", "FIDScore2Err",  "kid",      "nll",
        "perplexity",  "val.ppl",       "RMSE",     "mae",
        "mse_error",   "KLDivergence",  "distance", "gen_fid",
        "loss2",       "accuracy_loss", "lpips",    "wasserstein_distance",
    };
    static const char *const larger[] = {
        "acc",   "val_acc",        "valAcc", "accuracy",      "top1/accuracy", "score",
        "AUC",   "roc_auc",        "f1",     "val_F1",        "PSNR",          "g_psnr",
        "ssim",  "reward",         "IoU",    "mIoU",          "mAP",           "mAP@50",
        "map50", "test.precision", "Recall", "loss_accuracy", "FIDScore",      "InceptionScore",
    };
    static const char *const none[] = {
        "",      "lr",      "learning_rate", "step",      "glossy",
        "lossy", "d",       "mapping",       "scores_of", "terror",
        "f10x",  "blossom", "accent",        "beta1",     "temperature",
    };
    assert_directions(smaller, ARRAY_SIZE(smaller), DIRECTION_SMALLER);
    assert_directions(larger, ARRAY_SIZE(larger), DIRECTION_LARGER);
    assert_directions(none, ARRAY_SIZE(none), DIRECTION_NONE);
}

static void losses_of_the_game_are_no_scores(void **state)
{
    (void)state;
    static const char *const none[] = {
        "loss_D",      "loss_g",         "D_loss",
        "G/loss",      "lossD",          "DLoss",
        "errD",        "errG",           "gen_loss",
        "disc/loss",   "disc-loss",      "adversarial_loss",
        "loss.adv",    "critic_loss",    "GANLoss",
        "loss_gan",    "loss/real",      "fake_loss",
        "d_real_loss", "generator.loss", "train/discriminator/loss",
        "disc_acc",    "real_score",     "D1_loss",
        "loss_gp",     "fake_accuracy",
    };
    assert_directions(none, ARRAY_SIZE(none), DIRECTION_NONE);
}

static void settings_come_before_all_else(void **state)
{
    (void)state;
    const char *small_names[] = { "lr", "score", "val_acc" }, *large_names[] = { "d_loss", "fid" };
    struct config config = { 0 };
    config.metrics.smaller = (struct config_list){ small_names, ARRAY_SIZE(small_names) };
    config.metrics.larger = (struct config_list){ large_names, ARRAY_SIZE(large_names) };
    for (int i = 0; i < ARRAY_SIZE(small_names); i++)
        assert_int_equal(metric_direction(small_names[i], &config), DIRECTION_SMALLER);
    for (int i = 0; i < ARRAY_SIZE(large_names); i++)
        assert_int_equal(metric_direction(large_names[i], &config), DIRECTION_LARGER);
    assert_int_equal(metric_direction("kid", &config), DIRECTION_SMALLER);
    assert_int_equal(metric_direction("g_loss", &config), DIRECTION_NONE);
}

/* --- text --- */

static void assert_text(const char *name, double value, const char *text)
{
    assert_string_equal(metric_format(&arena, name, value), text);
}

static void numbers_have_four_digits(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 0, "0" },
        { -0.0, "0" },
        { 1, "1" },
        { 1.2, "1.2" },
        { 1.2041, "1.204" },
        { -1.2041, "-1.204" },
        { 0.0123, "0.0123" },
        { 0.000012, "1.2e-05" },
        { 120.45, "120.5" },
        { 999.94, "999.9" },
        { 999.96, "1,000" },
        { 12345, "12,345" },
        { 12345.678, "12,346" },
        { -12345, "-12,345" },
        { 1234567, "1,234,567" },
        { -1234567, "-1.23e+06" },
        { 12345678, "1.235e+07" },
        { -0.00012345, "-0.000123" },
        { 0.00012345, "0.0001234" },
        { 1.2345e-100, "1.23e-100" },
        { -1.2345e-300, "-1.2e-300" },
        { 5e-324, "4.94e-324" },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        assert_text("lr", cases[i].value, cases[i].text);
}

static void what_is_not_finite_has_its_word(void **state)
{
    (void)state;
    assert_text("d_loss", NAN, "NaN");
    assert_text("d_loss", -NAN, "NaN");
    assert_text("d_loss", INFINITY, "inf");
    assert_text("use.memory", -INFINITY, "-inf");
}

static void rows_say_how_many_digits(void **state)
{
    (void)state;
    assert_text("d_real", 0.52814, "0.528");
    assert_text("d_loss", 0.52814, "0.5281");
    assert_text("use.cpu", 187.56, "188");
    assert_text("images_per_second", 8449.3, "8,449");
    assert_text("epoch", 1234.5, "1,234");
}

static void memory_is_in_bytes(void **state)
{
    (void)state;
    assert_text("use.memory", 812, "812 B");
    assert_text("use.gpu_memory", 1.44e9, "1.4 GB");
    assert_text("node3.memory", 1.44e6, "1.4 MB");
    assert_text("memory", 1.44e6, "1,440,000");
    assert_text("use.memory", -5, "-5");
    assert_text("use.memory", 1e18, "1e+18");
}

static void no_text_is_wider_than_a_column(void **state)
{
    (void)state;
    static const char *const names[] = { "d_loss", "d_real", "use.memory", "images_per_second" };
    struct random random;
    random_seed(&random, 7, 0);
    for (int i = 0; i < 20000; i++) {
        double exponent = random_uniform(&random) * 640 - 325, sign = i % 2 ? 1 : -1;
        double value = sign * random_uniform(&random) * pow(10, i % 3 ? exponent : exponent / 40);
        const char *text = metric_format(&arena, names[i % ARRAY_SIZE(names)], value);
        if (text_columns(text) > METRIC_COLUMNS)
            fail_msg("%.17g is '%s'", value, text);
        release(NULL);
    }
    assert_true(strlen(metric_format(&arena, "x", -DBL_MAX)) <= METRIC_COLUMNS);
}

#define RELEASED(test) cmocka_unit_test_teardown(test, release)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RELEASED(every_row_is_complete),
        RELEASED(other_names_have_no_row_and_are_their_own_label),
        RELEASED(gander_s_own_metrics_have_the_table_s_direction),
        RELEASED(other_names_are_guessed_from_their_words),
        RELEASED(losses_of_the_game_are_no_scores),
        RELEASED(settings_come_before_all_else),
        RELEASED(numbers_have_four_digits),
        RELEASED(what_is_not_finite_has_its_word),
        RELEASED(rows_say_how_many_digits),
        RELEASED(memory_is_in_bytes),
        RELEASED(no_text_is_wider_than_a_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
