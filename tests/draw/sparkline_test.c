#define _GNU_SOURCE
#include "draw/sparkline.h"

#include <float.h>
#include <locale.h>
#include <math.h>

#include "base/random.h"
#include "base/text.h"
#include "testing.h"

static void assert_sparkline(const double *values, int count, int columns, const char *expected)
{
    struct arena arena = { 0 };
    assert_string_equal(sparkline_text(&arena, values, count, columns, true), expected);
    arena_release(&arena);
}

static void sparkline_scales_from_the_smallest_to_the_largest(void **state)
{
    (void)state;
    static const double rising[] = { 0, 1, 2, 3, 4, 5, 6, 7 }, falling[] = { 3, -1 };
    assert_sparkline(rising, 8, 8, "▁▂▃▄▅▆▇█");
    assert_sparkline(falling, 2, 2, "█▁");
}

static void sparkline_averages_what_shares_a_column(void **state)
{
    (void)state;
    static const double values[] = { 0, 2, 4, 4, 9, 7 }; /* 1 4 8 */
    assert_sparkline(values, 6, 3, "▁▄█");
    assert_sparkline(values, 6, 1, "▄");
}

static void sparkline_repeats_values_that_are_fewer_than_columns(void **state)
{
    (void)state;
    static const double values[] = { 0, 7 };
    assert_sparkline(values, 2, 6, "▁▁▁███");
    assert_sparkline(values, 1, 3, "▄▄▄");
}

static void sparkline_draws_a_constant_at_half_height(void **state)
{
    (void)state;
    static const double constant[] = { -3, -3, -3 }, huge[] = { DBL_MAX, DBL_MAX, DBL_MAX };
    assert_sparkline(constant, 3, 3, "▄▄▄");
    assert_sparkline(huge, 3, 3, "▄▄▄");
}

static void sparkline_marks_gaps(void **state)
{
    (void)state;
    static const double values[] = { NAN, 0, NAN, 7, INFINITY, -INFINITY };
    static const double none[] = { NAN, NAN };
    assert_sparkline(values, 6, 6, "·▁·█··");
    assert_sparkline(values, 6, 3, "▁█·"); /* a gap beside a value does not hide it */
    assert_sparkline(none, 2, 3, "···");
}

static void sparkline_does_not_overflow(void **state)
{
    (void)state;
    static const double values[] = { -DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX };
    assert_sparkline(values, 4, 4, "▁███");
    assert_sparkline(values, 4, 2, "▁█");
}

static void sparkline_of_nothing_is_blank(void **state)
{
    (void)state;
    static const double values[] = { 1 };
    assert_sparkline(values, 0, 3, "   ");
    assert_sparkline(values, 1, 0, "");
    assert_sparkline(values, 1, -2, "");
}

static void sparkline_knows_ascii(void **state)
{
    (void)state;
    static const double values[] = { 0, 1, 2, 3, 4, 5, 6, 7, NAN };
    struct arena arena = { 0 };
    assert_string_equal(sparkline_text(&arena, values, 9, 9, false), "_.-=+*%#.");
    arena_release(&arena);
}

static void sparkline_is_as_wide_as_asked(void **state)
{
    (void)state;
    struct random random;
    double values[300];
    random_seed(&random, 1, 1);
    for (int i = 0; i < ARRAY_SIZE(values); i++)
        values[i] = i % 7 ? random_normal(&random) : NAN;
    for (int count = 1; count <= ARRAY_SIZE(values); count += 13) {
        for (int columns = 1; columns < 200; columns += 7) {
            struct arena arena = { 0 };
            assert_int_equal(
                text_columns(sparkline_text(&arena, values, count, columns, count % 2)), columns);
            arena_release(&arena);
        }
    }
}

static void sparkline_draws_what_its_text_says(void **state)
{
    (void)state;
    static const double values[] = { 5, 1, NAN, 3 };
    struct arena arena = { 0 };
    struct canvas canvas;
    canvas_init(&canvas, 6, 3);
    sparkline_draw(&canvas, (struct rect){ 1, 1, 4, 2 }, values, 4, (struct style){ 0 });
    const char *text = sparkline_text(&arena, values, 4, 4, true);
    for (int x = 0; x < 4; x++)
        assert_int_equal(canvas_at(&canvas, 1 + x, 1)->character, text_next(&text));
    assert_int_equal(canvas_at(&canvas, 5, 1)->character, ' ');
    sparkline_draw(&canvas, (struct rect){ 0, 0, 6, 0 }, values, 4, (struct style){ 0 });
    assert_int_equal(canvas_at(&canvas, 0, 0)->character, ' ');
    canvas_release(&canvas);
    arena_release(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sparkline_scales_from_the_smallest_to_the_largest),
        cmocka_unit_test(sparkline_averages_what_shares_a_column),
        cmocka_unit_test(sparkline_repeats_values_that_are_fewer_than_columns),
        cmocka_unit_test(sparkline_draws_a_constant_at_half_height),
        cmocka_unit_test(sparkline_marks_gaps),
        cmocka_unit_test(sparkline_does_not_overflow),
        cmocka_unit_test(sparkline_of_nothing_is_blank),
        cmocka_unit_test(sparkline_knows_ascii),
        cmocka_unit_test(sparkline_is_as_wide_as_asked),
        cmocka_unit_test(sparkline_draws_what_its_text_says),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
