/* Parallel coordinates and scatters: what is drawn where, and that nothing is too small or too odd. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "draw/parallel.h"
#include "draw/scatter.h"
#include "testing.h"

static char text[1 << 16];

static const char *print(struct canvas *canvas, bool utf8)
{
    struct terminal terminal = { .utf8 = utf8 };
    text[0] = '\0';
    FILE *stream = fmemopen(text, sizeof text, "w");
    canvas_print(canvas, stream, &terminal);
    fclose(stream);
    canvas_release(canvas);
    return text;
}

static const char *lines(const struct parallel *parallel, int columns, int rows,
                         enum chart_glyphs glyphs)
{
    struct canvas canvas;
    canvas_init(&canvas, columns, rows);
    parallel_draw(&canvas, canvas_bounds(&canvas), parallel, glyphs);
    return print(&canvas, glyphs != CHART_ASCII);
}

static const char *points(const struct scatter *scatter, int columns, int rows,
                          enum chart_glyphs glyphs)
{
    struct canvas canvas;
    canvas_init(&canvas, columns, rows);
    scatter_draw(&canvas, canvas_bounds(&canvas), scatter, glyphs);
    return print(&canvas, glyphs != CHART_ASCII);
}

static const struct parallel_axis axes[] = { { "rate", "0.1", "0.9" },
                                             { "depth", "2", "8" },
                                             { "loss", "1", "5" } };
static const double falling[] = { 1, 0.5, 0 }, rising[] = { 0, 1, 1 }, broken[] = { 1, NAN, 1 };

static void a_line_goes_from_axis_to_axis(void **state)
{
    (void)state;
    const struct parallel_line one[] = { { falling, 1 } };
    const struct parallel parallel = { axes, 3, one, 1, -1 };
    assert_string_equal(lines(&parallel, 21, 8, CHART_ASCII), "rate      depth  loss\n"
                                                              "0.9       8         5\n"
                                                              "***       |         |\n"
                                                              "|  *****  |         |\n"
                                                              "|       *****       |\n"
                                                              "|         |  *****  |\n"
                                                              "|         |       ***\n"
                                                              "0.1       2         1\n");
}

static void the_chosen_line_is_marked_and_worse_ones_are_dotted(void **state)
{
    (void)state;
    const struct parallel_line two[] = { { falling, 1 }, { rising, 0 } };
    const struct parallel parallel = { axes, 3, two, 2, 0 };
    const char *drawn = lines(&parallel, 21, 8, CHART_ASCII);
    assert_non_null(strstr(drawn, "\nO**"));
    int dots = 0;
    for (const char *at = drawn; *at; at++)
        dots += *at == '*';
    const struct parallel both = { axes, 3, (const struct parallel_line[]){ two[0], { rising, 1 } },
                                   2, 0 };
    drawn = lines(&both, 21, 8, CHART_ASCII);
    int more = 0;
    for (const char *at = drawn; *at; at++)
        more += *at == '*';
    assert_true(dots < more);
}

static void a_value_that_is_missing_breaks_the_line(void **state)
{
    (void)state;
    const struct parallel_line one[] = { { broken, NAN } };
    const struct parallel parallel = { axes, 3, one, 1, -1 };
    assert_null(strchr(lines(&parallel, 21, 8, CHART_ASCII), '*'));
}

static void points_stand_where_they_are(void **state)
{
    (void)state;
    const double x[] = { 1, 10, 100, NAN }, y[] = { 0, 2, 4, 1 };
    const struct scatter scatter = {
        .title = "loss", .x = x, .y = y, .count = 4, .is_log = true, .chosen = 1
    };
    assert_string_equal(points(&scatter, 20, 8, CHART_ASCII), "loss\n"
                                                              "      4 |          *\n"
                                                              "        |\n"
                                                              "        |     O\n"
                                                              "        |\n"
                                                              "      0 |*\n"
                                                              "        +-----------\n"
                                                              "         1       100\n");
}

static void nothing_is_too_small_or_too_odd(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 7, 0);
    const double odd[] = { NAN, INFINITY, -INFINITY, 0, -1, 1e308, 5e-324 };
    for (int i = 0; i < 2000; i++) {
        double x[8], y[8], shares[8][3];
        struct parallel_line all[8];
        int count = (int)random_below(&random, 9);
        for (int k = 0; k < count; k++) {
            x[k] = odd[random_below(&random, 7)];
            y[k] = odd[random_below(&random, 7)];
            for (int axis = 0; axis < 3; axis++)
                shares[k][axis] = odd[random_below(&random, 7)];
            all[k] = (struct parallel_line){ shares[k], odd[random_below(&random, 7)] };
        }
        int columns = (int)random_below(&random, 40), rows = (int)random_below(&random, 12);
        enum chart_glyphs glyphs = (enum chart_glyphs)(1 + random_below(&random, 4));
        struct scatter scatter = { .x = x,
                                   .y = y,
                                   .count = count,
                                   .is_log = i % 2,
                                   .chosen = (int)random_below(&random, 9) - 1 };
        struct parallel parallel = { axes, (int)random_below(&random, 4), all, count,
                                     (int)random_below(&random, 9) - 1 };
        points(&scatter, columns, rows, glyphs);
        lines(&parallel, columns, rows, glyphs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_goes_from_axis_to_axis),
        cmocka_unit_test(the_chosen_line_is_marked_and_worse_ones_are_dotted),
        cmocka_unit_test(a_value_that_is_missing_breaks_the_line),
        cmocka_unit_test(points_stand_where_they_are),
        cmocka_unit_test(nothing_is_too_small_or_too_odd),
    };
    return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
