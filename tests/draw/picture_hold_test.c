/* Pictures in few greys that hold what is nearly right. */
#define _GNU_SOURCE
#include <string.h>

#include "draw/picture.h"
#include "testing.h"

enum { SIDE = 16, COLUMNS = 16, ROWS = 8, LEVELS = 8, HELD = 2 * ROWS * COLUMNS };

static void hold(uint8_t *held, bool is_held, const uint8_t *pixels)
{
    assert_true(picture_hold(held, is_held, COLUMNS, ROWS, pixels, SIDE, SIDE, LEVELS));
}

static void a_first_picture_is_in_the_nearest_levels(void **state)
{
    uint8_t pixels[SIDE * SIDE], held[HELD];
    (void)state;
    for (int i = 0; i < SIDE * SIDE; i++)
        pixels[i] = (uint8_t)i;
    hold(held, false, pixels);
    bool is_used[256] = { false };
    int used = 0;
    for (int i = 0; i < HELD; i++) {
        assert_true(abs(held[i] - pixels[i]) <= 255 / (LEVELS - 1) / 2 + 1);
        used += !is_used[held[i]];
        is_used[held[i]] = true;
    }
    assert_int_equal(used, LEVELS);
    assert_int_equal(held[0], 0);
    assert_int_equal(held[HELD - 1], 255);
}

static void small_changes_leave_it_as_it_is(void **state)
{
    uint8_t pixels[SIDE * SIDE], held[HELD], before[HELD];
    (void)state;
    memset(pixels, 110, sizeof pixels);
    hold(held, false, pixels);
    memcpy(before, held, sizeof held);
    memset(pixels, 110 + 30, sizeof pixels); /* the next level would be nearer */
    hold(held, true, pixels);
    assert_memory_equal(held, before, sizeof held);
    hold(held, false, pixels);
    assert_memory_not_equal(held, before, sizeof held);
}

static void large_changes_show_where_they_are(void **state)
{
    uint8_t pixels[SIDE * SIDE] = { 0 }, held[HELD];
    (void)state;
    hold(held, false, pixels);
    pixels[3 * SIDE + 5] = 255;
    hold(held, true, pixels);
    for (int i = 0; i < HELD; i++)
        assert_int_equal(held[i], i == 3 * COLUMNS + 5 ? 255 : 0);
}

/* However slowly it comes about. */
static void nothing_stays_wrong_by_a_level(void **state)
{
    uint8_t pixels[SIDE * SIDE], held[HELD];
    (void)state;
    for (int grey = 0; grey < 256; grey++) {
        memset(pixels, grey, sizeof pixels);
        hold(held, grey > 0, pixels);
        assert_true(abs(held[HELD / 2] - grey) <= 255 / (LEVELS - 1));
    }
}

static void another_size_is_refused(void **state)
{
    uint8_t pixels[SIDE * SIDE] = { 0 }, held[HELD] = { 7 };
    (void)state;
    assert_false(picture_hold(held, false, COLUMNS, ROWS - 1, pixels, SIDE, SIDE, LEVELS));
    assert_false(picture_hold(held, false, COLUMNS, ROWS, pixels, SIDE, SIDE, 1));
    assert_false(picture_hold(held, false, 0, 0, pixels, SIDE, SIDE, LEVELS));
    assert_int_equal(held[0], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_picture_is_in_the_nearest_levels),
        cmocka_unit_test(small_changes_leave_it_as_it_is),
        cmocka_unit_test(large_changes_show_where_they_are),
        cmocka_unit_test(nothing_stays_wrong_by_a_level),
        cmocka_unit_test(another_size_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
