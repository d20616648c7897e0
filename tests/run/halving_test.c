/* Which point goes on: asynchronous successive halving. */
#include <math.h>

#include "run/halving.h"
#include "testing.h"

enum { RUNGS = 3, REDUCTION = 3 };

/* Begun for rung 0. */
static void begin(struct halving_point *point, double value)
{
    *point = (struct halving_point){ .rung = 0, .is_done = !isnan(value), .values = { value } };
}

static int promote(const struct halving_point *points, int count)
{
    return halving_promote(points, count, RUNGS, REDUCTION);
}

static void nobody_goes_on_before_three_have_done_it(void **state)
{
    (void)state;
    struct halving_point points[3];
    begin(&points[0], 3);
    begin(&points[1], 1);
    begin(&points[2], NAN);
    assert_int_equal(promote(points, 3), -1);
    begin(&points[2], 2);
    assert_int_equal(promote(points, 3), 1);
    points[1].rung = 1;
    points[1].is_done = false;
    assert_int_equal(promote(points, 3), -1); /* a third of three has gone on */
}

static void a_later_one_that_is_better_goes_on_beside_the_first(void **state)
{
    (void)state;
    struct halving_point points[4];
    for (int i = 0; i < 3; i++)
        begin(&points[i], i + 1);
    points[0].rung = 1;
    points[0].is_done = false;
    begin(&points[3], 0.5);
    assert_int_equal(promote(points, 4), 3); /* the best of four now */
}

static void the_highest_rung_comes_first(void **state)
{
    (void)state;
    struct halving_point points[12];
    for (int i = 0; i < 12; i++)
        begin(&points[i], i);
    for (int i = 0; i < 3; i++) {
        points[i].rung = 1;
        points[i].values[1] = 10 - i;
    }
    assert_int_equal(promote(points, 12), 2); /* of rung 1, and not point 3 of rung 0 */
    points[2].rung = 2;
    assert_int_equal(promote(points, 12), 3);
}

/* Nine, three, one. */
static void the_whole_ends_with_one(void **state)
{
    (void)state;
    struct halving_point points[9];
    int steps[RUNGS] = { 9, 0, 0 };
    for (int i = 0; i < 9; i++)
        begin(&points[i], (i * 5) % 9);
    for (int point; (point = promote(points, 9)) >= 0;) {
        steps[++points[point].rung]++;
        points[point].values[points[point].rung] = points[point].values[0];
        points[point].is_done = true;
    }
    assert_int_equal(steps[1], 3);
    assert_int_equal(steps[2], 1);
    assert_int_equal(points[0].rung, 2);
}

static void who_is_out_counts_and_does_not_go_on(void **state)
{
    (void)state;
    struct halving_point points[6];
    for (int i = 0; i < 6; i++)
        begin(&points[i], i);
    for (int i = 0; i < 5; i++)
        points[i].values[0] = NAN;
    assert_int_equal(promote(points, 6), 5);
    points[5].values[0] = NAN;
    assert_int_equal(promote(points, 6), -1);
}

static void equals_do_not_all_go_on(void **state)
{
    (void)state;
    struct halving_point points[6];
    for (int i = 0; i < 6; i++)
        begin(&points[i], 1);
    assert_int_equal(promote(points, 6), 0);
    points[0].rung = 1;
    points[0].is_done = false;
    assert_int_equal(promote(points, 6), 1);
    points[1].rung = 1;
    points[1].is_done = false;
    assert_int_equal(promote(points, 6), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_goes_on_before_three_have_done_it),
        cmocka_unit_test(a_later_one_that_is_better_goes_on_beside_the_first),
        cmocka_unit_test(the_highest_rung_comes_first),
        cmocka_unit_test(the_whole_ends_with_one),
        cmocka_unit_test(who_is_out_counts_and_does_not_go_on),
        cmocka_unit_test(equals_do_not_all_go_on),
    };
    return cmocka_run_group_tests_name("halving", tests, NULL, NULL);
}
