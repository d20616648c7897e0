#define _GNU_SOURCE
#include "../../src/cli/history.h"

#include <math.h>

#include "testing.h"

static struct history history;

static void add_ramp(int from, int to)
{
    for (int i = from; i < to; i++)
        history_add(&history, i);
}

static void history_keeps_every_value_while_there_is_room(void **state)
{
    (void)state;
    history_init(&history);
    add_ramp(0, HISTORY_LIMIT);
    assert_int_equal(history.count, HISTORY_LIMIT);
    for (int i = 0; i < HISTORY_LIMIT; i++)
        assert_true(history.values[i] == i);
}

static void history_keeps_its_shape_when_it_is_full(void **state)
{
    (void)state;
    enum { VALUES = 10 * HISTORY_LIMIT };
    history_init(&history);
    add_ramp(0, VALUES);
    assert_int_equal(history.each, 16);
    assert_int_equal(history.count, VALUES / 16);
    for (int i = 0; i < history.count; i++) /* the mean of 16 values in a row */
        assert_true(history.values[i] == 16 * i + 7.5);
}

static void recent_is_the_mean_since_it_was_asked(void **state)
{
    (void)state;
    history_init(&history);
    assert_true(isnan(history_recent(&history)));
    add_ramp(1, 4);
    assert_true(history_recent(&history) == 2);
    assert_true(history_recent(&history) == 2);
    history_add(&history, 8);
    assert_true(history_recent(&history) == 8);
}

static void values_that_are_not_finite_are_left_out(void **state)
{
    (void)state;
    history_init(&history);
    history_add(&history, NAN);
    history_add(&history, INFINITY);
    history_add(&history, 3);
    assert_int_equal(history.count, 1);
    assert_true(history_recent(&history) == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history_keeps_every_value_while_there_is_room),
        cmocka_unit_test(history_keeps_its_shape_when_it_is_full),
        cmocka_unit_test(recent_is_the_mean_since_it_was_asked),
        cmocka_unit_test(values_that_are_not_finite_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
