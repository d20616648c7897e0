#define _GNU_SOURCE
#include "draw/bar.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "testing.h"

static void assert_bar(double fraction, int columns, bool utf8, const char *expected)
{
    struct arena arena = { 0 };
    assert_string_equal(bar_text(&arena, fraction, columns, utf8), expected);
    arena_release(&arena);
}

static void bar_counts_eighths(void **state)
{
    (void)state;
    assert_bar(0, 6, true, "▕    ▏");
    assert_bar(0.5, 6, true, "▕██  ▏");
    assert_bar(1 / 32.0, 6, true, "▕▏   ▏");
    assert_bar(13 / 32.0, 6, true, "▕█▋  ▏");
    assert_bar(1, 6, true, "▕████▏");
    assert_bar(0.5, 6, false, "|##  |");
}

static void bar_is_full_only_when_done(void **state)
{
    (void)state;
    assert_bar(0.999999, 6, true, "▕███▉▏");
    assert_bar(nextafter(1, 0), 2, true, "█▉");
    assert_bar(nextafter(0, 1), 6, true, "▕    ▏");
}

static void bar_takes_any_fraction(void **state)
{
    (void)state;
    assert_bar(NAN, 5, true, "▕   ▏");
    assert_bar(-4, 5, true, "▕   ▏");
    assert_bar(INFINITY, 5, true, "▕███▏");
    assert_bar(0.5, 0, true, "");
    assert_bar(0.5, -1, true, "");
    assert_bar(1, 3, true, "███"); /* too narrow for ends */
}

static void bar_never_shrinks_and_keeps_its_width(void **state)
{
    (void)state;
    for (int columns = 1; columns < 60; columns++) {
        int before = -1;
        for (int i = 0; i <= 100; i++) {
            struct arena arena = { 0 };
            const char *text = bar_text(&arena, i / 100.0, columns, true);
            int ink = 0;
            assert_int_equal(text_columns(text), columns);
            while (*text) {
                uint32_t character = text_next(&text);
                ink += character >= 0x2588 && character < 0x2590 ? 0x2590 - (int)character : 0;
            }
            assert_true(ink >= before);
            before = ink;
            arena_release(&arena);
        }
    }
}

static void bar_draws_its_track_in_the_background(void **state)
{
    (void)state;
    struct canvas canvas;
    struct style style = { colour_ansi(4), colour_grey(50), 0 };
    canvas_init(&canvas, 8, 1);
    bar_draw(&canvas, (struct rect){ 1, 0, 6, 1 }, 0.5, style);
    assert_int_equal(canvas_at(&canvas, 0, 0)->character, ' ');
    assert_int_equal(canvas_at(&canvas, 1, 0)->character, 0x2595);
    assert_int_equal(canvas_at(&canvas, 1, 0)->style.background, COLOUR_DEFAULT);
    assert_int_equal(canvas_at(&canvas, 2, 0)->character, 0x2588);
    assert_int_equal(canvas_at(&canvas, 5, 0)->character, ' ');
    assert_int_equal(canvas_at(&canvas, 5, 0)->style.background, colour_grey(50));
    assert_int_equal(canvas_at(&canvas, 6, 0)->character, 0x258F);
    canvas_release(&canvas);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bar_counts_eighths),
        cmocka_unit_test(bar_is_full_only_when_done),
        cmocka_unit_test(bar_takes_any_fraction),
        cmocka_unit_test(bar_never_shrinks_and_keeps_its_width),
        cmocka_unit_test(bar_draws_its_track_in_the_background),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
