/* Runs that differ in their seed as a median and a band, and histories of experiments. */
#define _GNU_SOURCE
#include <math.h>

#include "run/made_store.h"
#include "show/fold.h"
#include "show/history.h"

/* --- folding --- */

static void the_median_stands_between_the_least_and_the_most(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct folded folded;
    const double x[] = { 0, 10, 20 };
    const double y[3][3] = { { 1, 5, 3 }, { 2, 4, 9 }, { 3, 6, 6 } };
    const struct fold_member members[] = { { x, y[0], 3 }, { x, y[1], 3 }, { x, y[2], 3 } };
    fold_curves(&arena, members, 3, 100, &folded);
    assert_int_equal(folded.count, 3);
    const double median[] = { 2, 5, 6 }, low[] = { 1, 4, 3 }, high[] = { 3, 6, 9 };
    for (int i = 0; i < 3; i++) {
        assert_true(folded.x[i] == x[i]);
        assert_true(folded.median[i] == median[i]);
        assert_true(folded.low[i] == low[i]);
        assert_true(folded.high[i] == high[i]);
    }
    arena_release(&arena);
}

static void of_more_than_four_the_band_is_the_middle_half(void **state)
{
    (void)state;
    enum { MEMBERS = 5 };
    struct arena arena = { 0 };
    struct folded folded;
    const double x = 7, y[MEMBERS] = { 100, 1, 3, 2, 4 };
    struct fold_member members[MEMBERS];
    for (int i = 0; i < MEMBERS; i++)
        members[i] = (struct fold_member){ &x, &y[i], 1 };
    fold_curves(&arena, members, MEMBERS, 100, &folded);
    assert_int_equal(folded.count, 1);
    assert_true(folded.median[0] == 3);
    assert_true(folded.low[0] == 2);
    assert_true(folded.high[0] == 4);
    arena_release(&arena);
}

static void members_of_other_steps_stand_on_lines_and_not_beyond_their_ends(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct folded folded;
    const double x[] = { 0, 10 }, y[] = { 0, 10 };
    const double late_x[] = { 5, 15 }, late_y[] = { 9, 9 };
    const struct fold_member members[] = { { x, y, 2 }, { late_x, late_y, 2 } };
    fold_curves(&arena, members, 2, 100, &folded);
    assert_int_equal(folded.count, 4);
    const double low[] = { 0, 5, 9, 9 }, high[] = { 0, 9, 10, 9 };
    for (int i = 0; i < 4; i++) {
        assert_true(folded.low[i] == low[i]);
        assert_true(folded.high[i] == high[i]);
    }
    assert_true(folded.median[1] == 7);
    arena_release(&arena);
}

static void what_is_no_number_counts_for_nothing(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct folded folded;
    const double x[] = { 0, 1, 2, NAN, 1, 3 };
    const double y[2][6] = { { 1, NAN, 1, 5, 70, NAN }, { 3, 3, INFINITY, 5, 70, NAN } };
    const struct fold_member members[] = { { x, y[0], 6 }, { x, y[1], 6 }, { NULL, NULL, 0 } };
    fold_curves(&arena, members, 3, 100, &folded);
    assert_int_equal(folded.count, 4); /* what goes back and what has no x are left out */
    assert_true(folded.median[0] == 2);
    assert_true(folded.median[1] == 3);
    assert_true(folded.median[2] == 1);
    assert_true(isnan(folded.median[3]) && isnan(folded.low[3]) && isnan(folded.high[3]));
    fold_curves(&arena, members, 0, 100, &folded);
    assert_int_equal(folded.count, 0);
    arena_release(&arena);
}

static void long_curves_are_thinned_and_keep_their_ends(void **state)
{
    (void)state;
    enum { POINTS = 1000, MOST = 10 };
    struct arena arena = { 0 };
    struct folded folded;
    double x[POINTS], y[POINTS];
    for (int i = 0; i < POINTS; i++)
        x[i] = y[i] = i;
    const struct fold_member members[] = { { x, y, POINTS } };
    fold_curves(&arena, members, 1, MOST, &folded);
    assert_int_equal(folded.count, MOST);
    assert_true(folded.x[0] == 0);
    assert_true(folded.x[MOST - 1] == POINTS - 1);
    for (int i = 0; i < MOST; i++)
        assert_true(folded.median[i] == folded.x[i]);
    arena_release(&arena);
}

static const char recipe[] =
    "[experiment]\nname = %s\n[data]\nsource = digits\n"
    "[generator]\nlatent = 8\nlayers = dense 784, tanh\n"
    "[discriminator]\nlayers = flatten, dense 1\n[training]\nseed = %d\nrate = %s\n";

static void make_run(int number, const char *name, int seed, const char *rate, const char *git)
{
    char *text = xasprintf("{\"experiment\":\"a\",\"git\":{\"commit\":\"%s\"}}", git);
    made_run(number, text);
    free(text);
    text = xasprintf(recipe, name, seed, rate);
    made_write(made_path(number, "recipe.ini"), text);
    free(text);
    made_ended(number, "finished");
}

static void runs_fold_that_differ_in_seed_and_name_only(void **state)
{
    (void)state;
    enum { RUNS = 5 };
    struct index index = { 0 };
    struct index_run *found;
    struct listed_run *runs;
    int count, groups[RUNS];
    const char *const words[] = { "1..5" };
    made_store();
    make_run(1, "a", 1, "1e-3", "1111111111111111111111111111111111111111");
    make_run(2, "a", 1, "2e-3", "1111111111111111111111111111111111111111");
    make_run(3, "b", 7, "1e-3", "1111111111111111111111111111111111111111");
    make_run(4, "a", 8, "1e-3", "2222222222222222222222222222222222222222");
    make_run(5, "a", 9, "2e-3", "1111111111111111111111111111111111111111");
    assert_int_equal(index_open_stores(&index, NULL, 0, INDEX_NOW, MADE_NOW), 0);
    assert_int_equal(index_resolve_words(&index, words, 1, &found, &count), 0);
    assert_int_equal(count, RUNS);
    assert_int_equal(index_list(&index, found, count, &runs), 0);
    assert_int_equal(fold_groups(&index, runs, count, groups), 0);
    const int expected[RUNS] = { 0, 1, 0, 3, 1 }; /* 4 is of another commit */
    assert_memory_equal(groups, expected, sizeof expected);
    index_close(&index);
}

/* --- histories --- */

static const struct listed_run history_runs[] = {
    { .row = { .number = 1, .commit = "aaaaaaaaaaaa" } },
    { .row = { .number = 2, .commit = "bbbbbbbbbbbb" } },
    { .row = { .number = 3, .commit = "aaaaaaaaaaaa" } },
    { .row = { .number = 5 } },
    { .row = { .number = 6, .commit = "bbbbbbbbbbbb" } },
};
static const double history_values[] = { 5, 4, 2, 1, NAN };

static void a_history_by_run_leaves_out_who_has_no_value(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct history_point *points;
    int count = history_make(&arena, history_runs, history_values, 5, DIRECTION_SMALLER,
                             HISTORY_RUN, &points);
    assert_int_equal(count, 4);
    assert_string_equal(points[3].label, "5");
    assert_true(points[3].value == 1);
    assert_int_equal(history_best(points, count, DIRECTION_SMALLER), 3);
    assert_int_equal(history_best(points, count, DIRECTION_LARGER), 0);
    assert_int_equal(history_best(points, count, DIRECTION_NONE), -1);
    arena_release(&arena);
}

static void a_commit_has_the_best_of_its_runs(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct history_point *points;
    int count = history_make(&arena, history_runs, history_values, 5, DIRECTION_SMALLER,
                             HISTORY_COMMIT, &points);
    assert_int_equal(count, 2);
    assert_string_equal(points[0].label, "aaaaaaa");
    assert_int_equal(points[0].run->row.number, 3);
    assert_int_equal(points[0].run_count, 2);
    assert_true(points[0].value == 2 && points[0].low == 2 && points[0].high == 5);
    assert_true(points[1].value == 4);
    count = history_make(&arena, history_runs, history_values, 5, DIRECTION_LARGER, HISTORY_COMMIT,
                         &points);
    assert_true(points[0].value == 5);
    count = history_make(&arena, history_runs, history_values, 5, DIRECTION_NONE, HISTORY_COMMIT,
                         &points);
    assert_int_equal(count, 2);
    assert_true(points[0].value == 2); /* the latest */
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_median_stands_between_the_least_and_the_most),
        cmocka_unit_test(of_more_than_four_the_band_is_the_middle_half),
        cmocka_unit_test(members_of_other_steps_stand_on_lines_and_not_beyond_their_ends),
        cmocka_unit_test(what_is_no_number_counts_for_nothing),
        cmocka_unit_test(long_curves_are_thinned_and_keep_their_ends),
        cmocka_unit_test_setup_teardown(runs_fold_that_differ_in_seed_and_name_only, scratch_enter,
                                        scratch_leave),
        cmocka_unit_test(a_history_by_run_leaves_out_who_has_no_value),
        cmocka_unit_test(a_commit_has_the_best_of_its_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
