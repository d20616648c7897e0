#define _GNU_SOURCE
#include "draw/bars.h"

#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "testing.h"

/* In a buffer that the next call overwrites. */
static const char *drawn(const struct bars *bars, int columns, int rows, bool utf8)
{
    static char text[1 << 16];
    struct terminal terminal = { .utf8 = utf8 };
    struct canvas canvas;
    canvas_init(&canvas, columns, rows);
    bars_draw(&canvas, canvas_bounds(&canvas), bars);
    text[0] = '\0';
    FILE *stream = fmemopen(text, sizeof text, "w");
    canvas_print(&canvas, stream, &terminal);
    fclose(stream);
    canvas_release(&canvas);
    return text;
}

static const char *const labels[] = { "zero", "one", NULL, "three" };
static const double values[] = { 10, 5, 0, 7.5 };

static void bars_have_names_and_values(void **state)
{
    (void)state;
    struct bars bars = { .labels = labels, .values = values, .count = 4 };
    assert_string_equal(drawn(&bars, 22, 4, true), "zero  ██████████    10\n"
                                                   "one   █████          5\n"
                                                   "                     0\n"
                                                   "three ███████▌   7.500\n");
    assert_string_equal(drawn(&bars, 22, 4, false), "zero  ##########    10\n"
                                                    "one   #####          5\n"
                                                    "                     0\n"
                                                    "three #######-   7.500\n");
    bars.labels = NULL;
    assert_string_equal(drawn(&bars, 10, 4, true), "████    10\n"
                                                   "██       5\n"
                                                   "         0\n"
                                                   "███  7.500\n");
    assert_string_equal(drawn(&bars, 8, 4, true), "████████\n████\n\n██████\n");
}

static void bars_are_compared_with_marks(void **state)
{
    (void)state;
    static const double marks[] = { 5, 5, 20, NAN };
    struct bars bars = { .labels = NULL, .values = values, .marks = marks, .count = 4 };
    assert_string_equal(drawn(&bars, 26, 4, true), "████│█████              10\n"
                                                   "████│                    5\n"
                                                   "                   │     0\n"
                                                   "███████▌             7.500\n");
}

static void bars_stand_side_by_side_in_fewer_rows(void **state)
{
    (void)state;
    struct bars bars = { .labels = labels, .values = values, .count = 4 };
    assert_string_equal(drawn(&bars, 40, 2, true), "zero  ███████    10                    0\n"
                                                   "one   ███▌        5  three █████▎  7.500\n");
    assert_string_equal(drawn(&bars, 20, 2, true), "█▄ ▆\nzo t\n");
    assert_string_equal(drawn(&bars, 20, 1, false), "#= *\n");
    assert_string_equal(drawn(&bars, 2, 1, true), "█▄\n");
}

static void bars_of_what_is_no_amount_are_empty(void **state)
{
    (void)state;
    static const double bad[] = { NAN, INFINITY, -INFINITY, -3 }, none[] = { 0, 0, 1e-300, 0 };
    struct bars bars = { .values = bad, .count = 4 };
    assert_string_equal(drawn(&bars, 10, 4, true), "       NaN\n"
                                                   "█████  Inf\n"
                                                   "      -Inf\n"
                                                   "        -3\n");
    bars.values = none;
    assert_string_equal(drawn(&bars, 14, 4, true), "             0\n"
                                                   "             0\n"
                                                   "███████ 1e-300\n"
                                                   "             0\n");
    bars.count = 0;
    assert_string_equal(drawn(&bars, 10, 2, true), "\n\n");
}

/* A small share is not nothing. */
static void bars_show_the_smallest_amount(void **state)
{
    (void)state;
    static const double far_apart[] = { 1e6, 1 };
    struct bars bars = { .values = far_apart, .count = 2 };
    assert_string_equal(drawn(&bars, 20, 2, true), "██████████ 1,000,000\n"
                                                   "▏                  1\n");
}

static void bars_keep_to_their_rectangle(void **state)
{
    (void)state;
    struct random random;
    double random_values[30], random_marks[30];
    const char *random_labels[30];
    random_seed(&random, 4, 1);
    for (int round = 0; round < 3000; round++) {
        struct canvas canvas;
        struct rect rect = { (int)random_below(&random, 40) - 10,
                             (int)random_below(&random, 20) - 5, (int)random_below(&random, 50) - 2,
                             (int)random_below(&random, 16) - 2 };
        for (int i = 0; i < 30; i++) {
            random_values[i] = random_below(&random, 9) ? random_normal(&random) * 1e5 : NAN;
            random_marks[i] = random_below(&random, 9) ? random_normal(&random) * 1e6 : INFINITY;
            random_labels[i] = random_below(&random, 2) ? "損失 long\033" : "x";
        }
        struct bars bars = { .labels = random_below(&random, 2) ? random_labels : NULL,
                             .values = random_values,
                             .marks = random_below(&random, 2) ? random_marks : NULL,
                             .count = (int)random_below(&random, 31) };
        canvas_init(&canvas, 40, 20);
        bars_draw(&canvas, rect, &bars);
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
        cmocka_unit_test(bars_have_names_and_values),
        cmocka_unit_test(bars_are_compared_with_marks),
        cmocka_unit_test(bars_stand_side_by_side_in_fewer_rows),
        cmocka_unit_test(bars_of_what_is_no_amount_are_empty),
        cmocka_unit_test(bars_show_the_smallest_amount),
        cmocka_unit_test(bars_keep_to_their_rectangle),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
