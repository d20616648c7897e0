#define _GNU_SOURCE
#include "small.h"

#include "gan/game.h"

static const struct game_images plain = { "plain", SMALL_SIDE, SMALL_SIDE, 0 };
static const struct game_images labelled = { "labelled", SMALL_SIDE, SMALL_SIDE, 3 };

static const struct game_images oblong = { "oblong", SMALL_SIDE, SMALL_SIDE + 2, 0 };

static int try_game(const char *settings, const struct game_images *images)
{
    struct recipe recipe;
    struct game game;
    small_recipe(&recipe, settings);
    int code = game_new(&game, &recipe, images, NULL);
    if (code == 0)
        game_release(&game);
    recipe_release(&recipe);
    return code;
}

static void games_that_fit_are_accepted(void **state)
{
    static const char *const fitting[] = {
        "",
        CONV_G ";" CONV_D,
        LABEL_G ";" LABEL_D,
        SPECTRAL_D,
        MLP_NORM_D,
        "training.penalty=r1;" CONV_D,
        "training.penalty=gradient;" LABEL_G ";" LABEL_D,
        "generator.layers=dense 64 | tanh",
        "training.penalty=clip;" MLP_NORM_D,
        "data.corruption=part;training.penalty=r1;" PAIR_G ";" PAIR_D,
        "data.corruption=shrink;" PAIR_G ";" CONV_D,
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(fitting); i++)
        if (try_game(fitting[i], &labelled) < 0)
            fail_msg("%s: %s", fitting[i], error_text());
}

static void games_that_do_not_fit_are_refused_with_a_remedy(void **state)
{
    static const struct {
        const char *settings, *words;
        const struct game_images *images;
    } cases[] = {
        { "generator.layers=dense 65 | tanh",
          "generator: it makes 65x1x1, and the images of 'plain' are 1x8x8", &plain },
        { "generator.layers=dense 64 | reshape 4x4x4",
          "generator: it makes 4x4x4, and the images of 'plain' are 1x8x8", &plain },
        { "generator.layers=dense 16 | reshape 1x4x4 | upsamle 2", "did you mean 'upsample'",
          &plain },
        { "discriminator.layers=flatten | dense 2", "must end in one logit", &plain },
        { "discriminator.layers=flatten | dense 1 | sigmoid", "remove the last 'sigmoid'", &plain },
        { "discriminator.layers=flatten | dense 1 | tanh", "remove the last 'tanh'", &plain },
        { LABEL_G ";" LABEL_D, "needs labels, and the data has none", &plain },
        { LABEL_G, "discriminator.layers: it takes no labels", &labelled },
        { LABEL_D, "generator.layers: it takes no labels", &labelled },
        { "training.penalty=r1;" MLP_NORM_D, "discriminator layer 3 'norm'", &plain },
        { "training.penalty=gradient;discriminator.layers=flatten | dense 4 | tanh | dense 1",
          "'tanh' cannot take part", &plain },
        { PAIR_G ";" PAIR_D, "needs an image as condition, and there is none", &plain },
        { "data.corruption=half", "add 'condition' to generator.layers", &plain },
        { "data.corruption=shrink-4;" PAIR_G ";" PAIR_D,
          "setting 'data.corruption=shrink-4': 'shrink-4' needs images whose sides 4 divides, not "
          "10x8",
          &oblong },
        { "data.corruption=left;" PAIR_G ";" PAIR_D,
          "needs an image of 8x10, one smaller by a whole factor, or a flat vector", &oblong },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(try_game(cases[i].settings, cases[i].images), ERR_INVALID);
        if (!strstr(error_text(), cases[i].words))
            fail_msg("'%s' does not say '%s'", error_text(), cases[i].words);
    }
}

static void what_said_a_network_is_named(void **state)
{
    static const char text[] = "[experiment]\nname = a\n[generator]\nlayers = dense 64\n"
                               "    | tnh\n[discriminator]\nlayers = flatten | dense 1\n";
    static const char *const settings[] = { "generator.layers=dense 64",
                                            "discriminator.layers=dense 1" };
    (void)state;
    struct recipe recipe;
    struct game game;
    assert_int_equal(recipe_parse(&recipe, text, strlen(text), "a.ini", NULL, 0), 0);
    assert_int_equal(game_new(&game, &recipe, &plain, NULL), ERR_INVALID);
    assert_string_equal(error_text(), "recipe 'a.ini' line 4: generator layer 2 'tnh', which gets "
                                      "64: unknown layer 'tnh' (did you mean 'tanh'?)");
    recipe_release(&recipe);
    assert_int_equal(recipe_parse(&recipe, text, strlen(text), "a.ini", settings, 2), 0);
    assert_int_equal(game_new(&game, &recipe, &plain, NULL), ERR_INVALID);
    assert_non_null(
        strstr(error_text(), "setting 'discriminator.layers=dense 1': discriminator layer 1 "));
    recipe_release(&recipe);
}

static void a_trainer_refuses_what_its_game_does(void **state)
{
    struct recipe recipe;
    struct dataset set = small_set(1);
    struct trainer *trainer;
    (void)state;
    small_recipe(&recipe, "discriminator.layers=flatten | dense 2");
    assert_int_equal(trainer_new(&trainer, &recipe, &set), ERR_INVALID);
    recipe_release(&recipe);
    free(set.labels);
    set.labels = NULL;
    small_recipe(&recipe, LABEL_G ";" LABEL_D);
    assert_int_equal(trainer_new(&trainer, &recipe, &set), ERR_INVALID);
    assert_non_null(strstr(error_text(), "needs labels"));
    recipe_release(&recipe);
    small_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(games_that_fit_are_accepted),
        cmocka_unit_test(games_that_do_not_fit_are_refused_with_a_remedy),
        cmocka_unit_test(what_said_a_network_is_named),
        cmocka_unit_test(a_trainer_refuses_what_its_game_does),
    };
    return cmocka_run_group_tests_name("game", tests, NULL, NULL);
}
