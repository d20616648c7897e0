/* What 'gander sweep show', 'ls' and 'compare' say of a sweep that is always the same: that of
 * tests/screen/sweep. */
#define _GNU_SOURCE
#include "cli/small_store.h"
#include "shell.h"

static int enter(void **state)
{
    struct arena arena = { 0 };
    char *setup = xasprintf("%s/tests/screen/sweep/setup", getenv("GANDER_TEST_TOP"));
    if (small_enter(state) < 0)
        return -1;
    setenv("GANDER", getenv("GANDER_TEST_PROGRAM"), 1);
    shell(&arena, arena_printf(&arena, ". %s", setup));
    arena_release(&arena);
    free(setup);
    return 0;
}

#define IN_SWEPT_STORE(test) cmocka_unit_test_setup_teardown(test, enter, small_leave)

static void show_puts_the_best_first_and_says_what_mattered(void **state)
{
    (void)state;
    assert_screen("sweep rates: stopped\n"
                  "6 points, 2 seeds each: 10 runs done, 0 at work, 1 gave up, 0 broken off, 1 "
                  "missing\n"
                  "\n"
                  "     lr depth opt        min(loss) runs\n"
                  "1  0.01     2 adam 0.161 ± 0.07071 done              15 16\n"
                  "2  0.01     2 sgd  1.161 ± 0.07071 done              17 18\n"
                  "3   0.1     2 adam 4.979 ± 0.07071 1 done, 1 gave up 19 20\n"
                  "4   0.1     2 sgd            5.929 1 missing, 1 done 21\n"
                  "5 0.001     2 adam 5.947 ± 0.07071 done              11 12\n"
                  "6 0.001     2 sgd  6.947 ± 0.07071 done              13 14\n"
                  "\n"
                  "lr: rank correlation -0.48 with min(loss)\n"
                  "  6.947 |*\n"
                  "        |*                                                 *\n"
                  "        |\n"
                  "        |\n"
                  "        |                         *\n"
                  " 0.1610 |                         O\n"
                  "        +---------------------------------------------------\n"
                  "         0.001000                                     0.1000\n"
                  "\n"
                  "opt: rank ratio 0.29 with min(loss)\n"
                  "  adam                           3.696 ± 3.099\n"
                  "  sgd                            4.679 ± 3.089\n",
                  "sweep", "show", "rates");
    assert_screen("sweep state   age points     runs best\n"
                  "rates stopped  2h      6 11 of 12 min(loss) 0.161 ± 0.07071\n",
                  "sweep", "ls");
}

static void json_has_every_point(void **state)
{
    (void)state;
    struct json *root;
    char *printed = program_output("sweep", "show", "rates", "--json");
    double mean, effect;
    int64_t run;
    assert_int_equal(json_parse(&root, printed, strlen(printed)), 0);
    const struct json *points = json_member(root, "points"), *best = json_item(points, 0);
    assert_int_equal(json_length(points), 6);
    assert_true(json_get_number(json_member(best, "mean"), &mean) && mean > 0.16 && mean < 0.162);
    assert_true(json_get_integer(json_item(json_member(best, "runs"), 1), &run) && run == 16);
    assert_string_equal(json_get_string(json_member(json_member(best, "values"), "opt")), "adam");
    const struct json *lr = json_item(json_member(root, "parameters"), 0);
    assert_true(json_get_number(json_member(lr, "effect"), &effect) && effect < 0);
    assert_string_equal(json_get_string(json_member(root, "state")), "stopped");
    json_free(root);
    free(printed);
}

static void another_goal_gives_another_order(void **state)
{
    (void)state;
    char *printed = program_output("sweep", "show", "rates", "--goal", "max(loss)");
    assert_non_null(strstr(printed, "done              11 12\n"));
    assert_non_null(strstr(printed, "\n1"));
    free(printed);
    struct program program = program_start("sweep", "show", "rate");
    program_expect(&program, 3, "there is no sweep 'rate' (did you mean 'rates'?)");
    program = program_start("sweep", "show");
    program_expect(&program, 2, "SWEEP is missing");
}

static void groups_are_told_apart_beyond_their_seeds(void **state)
{
    (void)state;
    char *printed = program_output("compare", "11", "12", "13", "14", "--as", "ascii");
    assert_non_null(strstr(printed, "groups of runs that differ in their seed only\n"
                                    "  A  runs 11 12  opt=adam\n"
                                    "  B  runs 13 14  opt=sgd\n"));
    assert_non_null(strstr(printed, "+1 [0.9, 1.1]     worse\n"));
    free(printed);
    printed = program_output("compare", "11", "13", "15", "--as", "ascii");
    assert_null(strstr(printed, "groups of runs"));
    free(printed);
    printed = program_output("compare", "11", "12", "13", "14", "--json");
    assert_non_null(strstr(printed, "\"verdict\": \"worse\""));
    free(printed);
}

int main(void)
{
    char top[PATH_MAX];
    if (!getcwd(top, sizeof top))
        return 1;
    setenv("GANDER_TEST_TOP", top, 1);
    const struct CMUnitTest tests[] = {
        IN_SWEPT_STORE(show_puts_the_best_first_and_says_what_mattered),
        IN_SWEPT_STORE(json_has_every_point),
        IN_SWEPT_STORE(another_goal_gives_another_order),
        IN_SWEPT_STORE(groups_are_told_apart_beyond_their_seeds),
    };
    return cmocka_run_group_tests_name("sweep looks", tests, NULL, NULL);
}
