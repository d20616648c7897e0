#include "testing.h"

#include <string.h>

#include "record/health.h"
#include "record/recipe.h"

static void every_state_has_a_name_that_is_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < HEALTH_STATES; i++) {
        enum health_state found;
        assert_true(health_parse(health_name((enum health_state)i), &found));
        assert_int_equal(found, i);
    }
    enum health_state found;
    assert_false(health_parse("mode-collapse", &found));
    assert_false(health_is_bad(HEALTH_WARMING_UP) || health_is_bad(HEALTH_BALANCED));
    assert_true(health_is_bad(HEALTH_MEMORISING));
}

static void stops_are_bad_states_with_hyphens_or_blanks(void **state)
{
    (void)state;
    unsigned stops;
    assert_int_equal(health_parse_stops("", &stops), 0);
    assert_int_equal(stops, 0);
    assert_int_equal(health_parse_stops(" no-progress ,vanishing gradient,, ", &stops), 0);
    assert_int_equal(stops, 1U << HEALTH_NO_PROGRESS | 1U << HEALTH_VANISHING_GRADIENT);
    assert_int_equal(health_parse_stops("warming-up", &stops), ERR_INVALID);
}

static void a_recipe_with_another_word_is_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "mode-colapse", "there is no state 'mode-colapse' to stop at (did you mean "
                          "'mode-collapse'?)" },
        { "no-progress, balanced",
          "there is no state 'balanced' to stop at (there are discriminator-winning, "
          "generator-winning, discriminator-blind, mode-collapse, oscillating, "
          "vanishing-gradient, memorising, no-progress)" },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct recipe recipe;
        char text[512], expected[512];
        snprintf(text, sizeof text,
                 "[experiment]\nname = tiny\n[generator]\nlayers = dense 784\n"
                 "[discriminator]\nlayers = dense 1\n[training]\nstop_when = %s\n",
                 cases[i][0]);
        snprintf(expected, sizeof expected, "recipe 'a.ini' line 8: 'training.stop_when': %s",
                 cases[i][1]);
        assert_int_equal(recipe_parse(&recipe, text, strlen(text), "a.ini", NULL, 0), ERR_INVALID);
        assert_string_equal(error_text(), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_has_a_name_that_is_read_back),
        cmocka_unit_test(stops_are_bad_states_with_hyphens_or_blanks),
        cmocka_unit_test(a_recipe_with_another_word_is_refused),
    };
    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
