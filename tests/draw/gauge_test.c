#define _GNU_SOURCE
#include "draw/gauge.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "testing.h"

/* In a buffer that the next call overwrites. */
static const char *drawn(const struct gauge *gauge, int columns, int rows, bool utf8)
{
    static char text[1 << 16];
    struct terminal terminal = { .utf8 = utf8 };
    struct canvas canvas;
    canvas_init(&canvas, columns, rows);
    gauge_draw(&canvas, canvas_bounds(&canvas), gauge);
    text[0] = '\0';
    FILE *stream = fmemopen(text, sizeof text, "w");
    canvas_print(&canvas, stream, &terminal);
    fclose(stream);
    canvas_release(&canvas);
    return text;
}

static void gauge_shows_both_on_an_axis(void **state)
{
    (void)state;
    struct gauge gauge = { 0.7, 0.1, NULL, NULL, 0 };
    assert_string_equal(drawn(&gauge, 30, 3, true), "         real 0.70 ●\n"
                                                    "0 ├──────────0.5──────────┤ 1\n"
                                                    "    ○ fake 0.10\n");
    assert_string_equal(drawn(&gauge, 30, 3, false), "         real 0.70 *\n"
                                                     "0 +----------0.5----------+ 1\n"
                                                     "    o fake 0.10\n");
}

static void gauge_shows_where_they_have_been(void **state)
{
    (void)state;
    double real[40], fake[40];
    for (int i = 0; i < 40; i++) {
        real[i] = i < 20 ? 0 : 0.6 + 0.1 * (i % 2); /* what is long past does not count */
        fake[i] = NAN;
    }
    fake[30] = 0.2;
    struct gauge gauge = { 0.6, 0.3, real, fake, 40 };
    assert_string_equal(drawn(&gauge, 34, 3, true), "                   ●··· real 0.60\n"
                                                    "0 ├────────────0.5────────────┤ 1\n"
                                                    "        ··○ fake 0.30\n");
}

static void gauge_trails_its_history_the_newest_first(void **state)
{
    (void)state;
    static const double real[] = { 1, 1, 0.75, 0.75, 0.5, 0.5 };
    static const double fake[] = { 0, 0, 0.25, NAN, 0.5, 0.5 };
    struct gauge gauge = { 0.5, 0.5, real, fake, 6 };
    assert_string_equal(drawn(&gauge, 29, 6, true), "    real 0.50 ●············\n"
                                                    "0 ├──────────0.5──────────┤ 1\n"
                                                    "  ············○ fake 0.50\n"
                                                    "              ◉\n"
                                                    "        ○     ┊     ●\n"
                                                    "  ○           ┊           ●\n");
    gauge.count = 1; /* of which there is one row */
    assert_string_equal(drawn(&gauge, 29, 6, true), "    real 0.50 ●············\n"
                                                    "0 ├──────────0.5──────────┤ 1\n"
                                                    "  ············○ fake 0.50\n"
                                                    "  ○           ┊           ●\n"
                                                    "\n"
                                                    "\n");
    assert_null(strstr(drawn(&gauge, 29, 5, true), "┊")); /* too low for it */
}

static void gauge_is_a_line_where_there_is_no_room(void **state)
{
    (void)state;
    struct gauge gauge = { 0.7, 0.1, NULL, NULL, 0 };
    assert_string_equal(drawn(&gauge, 11, 1, true), "─F───┼─R───\n");
    assert_string_equal(drawn(&gauge, 11, 3, true), "─F───┼─R───\n\n\n");
    assert_string_equal(drawn(&gauge, 30, 2, false), "---F-----------+----R---------\n\n");
}

static void gauge_text_has_its_width(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct gauge gauge = { 0.9, 0.9, NULL, NULL, 0 };
    assert_string_equal(gauge_text(&arena, &gauge, 9, true), "────┼──X─");
    assert_string_equal(gauge_text(&arena, &gauge, 9, false), "----+--X-");
    assert_string_equal(gauge_text(&arena, &gauge, 0, true), "");
    assert_string_equal(gauge_text(&arena, &gauge, -3, true), "");
    gauge = (struct gauge){ NAN, INFINITY, NULL, NULL, 0 };
    assert_string_equal(gauge_text(&arena, &gauge, 5, false), "--+-F");
    gauge = (struct gauge){ NAN, NAN, NULL, NULL, 0 };
    assert_string_equal(gauge_text(&arena, &gauge, 5, false), "--+--");
    arena_release(&arena);
}

static void gauge_takes_what_is_no_number(void **state)
{
    (void)state;
    static const double bad[] = { NAN, INFINITY, -INFINITY, NAN };
    struct gauge gauge = { NAN, -INFINITY, bad, bad, 4 };
    assert_string_equal(drawn(&gauge, 29, 3, true), "  ···················real NaN\n"
                                                    "0 ├──────────0.5──────────┤ 1\n"
                                                    "  ○·················fake -Inf\n");
}

static void gauge_keeps_to_its_rectangle(void **state)
{
    (void)state;
    struct random random;
    double history[50];
    random_seed(&random, 4, 1);
    for (int round = 0; round < 3000; round++) {
        struct canvas canvas;
        struct rect rect = { (int)random_below(&random, 40) - 10,
                             (int)random_below(&random, 20) - 5, (int)random_below(&random, 50) - 2,
                             (int)random_below(&random, 16) - 2 };
        for (int i = 0; i < 50; i++)
            history[i] = random_below(&random, 20) ? random_normal(&random) : NAN;
        struct gauge gauge = { history[0], history[1], random_below(&random, 4) ? history : NULL,
                               random_below(&random, 4) ? history + 10 : NULL,
                               (int)random_below(&random, 41) };
        canvas_init(&canvas, 40, 20);
        gauge_draw(&canvas, rect, &gauge);
        for (int i = 0; i < 40 * 20; i++) {
            int x = i % 40 - rect.x, y = i / 40 - rect.y;
            bool is_inside = x >= 0 && y >= 0 && x < rect.width && y < rect.height;
            assert_true(is_inside || canvas.cells[i].character == ' ');
        }
        canvas_release(&canvas);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gauge_shows_both_on_an_axis),
        cmocka_unit_test(gauge_shows_where_they_have_been),
        cmocka_unit_test(gauge_trails_its_history_the_newest_first),
        cmocka_unit_test(gauge_is_a_line_where_there_is_no_room),
        cmocka_unit_test(gauge_text_has_its_width),
        cmocka_unit_test(gauge_takes_what_is_no_number),
        cmocka_unit_test(gauge_keeps_to_its_rectangle),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
