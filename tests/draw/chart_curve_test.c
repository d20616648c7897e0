/* Curves of charts: what holds for all of them, and what their cells say beside characters. */
#define _GNU_SOURCE
#include "draw/chart.h"

#include <locale.h>

#include "../../src/draw/chart_parts.h"
#include "draw/charts.h"

static void assert_only_inside(const struct canvas *canvas, struct rect rect, uint32_t blank)
{
    for (int i = 0; i < canvas->width * canvas->height; i++) {
        int x = i % canvas->width - rect.x, y = i / canvas->width - rect.y;
        bool is_inside = x >= 0 && y >= 0 && x < rect.width && y < rect.height;
        if (!is_inside)
            assert_int_equal(canvas->cells[i].character, blank);
    }
}

static void draw_inside(struct random *stream, struct rect rect, int columns, int rows)
{
    static struct random_chart random;
    struct canvas canvas;
    random_chart(stream, &random);
    canvas_init(&canvas, columns, rows);
    canvas_fill(&canvas, canvas_bounds(&canvas), '@', (struct style){ 0 });
    enum chart_glyphs glyphs = all_glyphs[random_below(stream, ARRAY_SIZE(all_glyphs))];
    struct chart_layout layout = chart_draw(&canvas, rect, &random.chart, glyphs);
    assert_only_inside(&canvas, rect, '@');
    struct rect inside = rect_intersect(layout.plot, rect);
    assert_int_equal(inside.width * inside.height,
                     MAX(layout.plot.width, 0) * MAX(layout.plot.height, 0));
    canvas_release(&canvas);
}

static void chart_keeps_to_its_rectangle_at_every_size(void **state)
{
    (void)state;
    struct random stream;
    random_seed(&stream, 1, 1);
    for (int width = 0; width <= 40; width++)
        for (int height = 0; height <= 20; height++)
            for (int round = 0; round < 5; round++)
                draw_inside(&stream, (struct rect){ 2, 1, width, height }, 44, 22);
}

static void chart_keeps_to_its_rectangle_wherever_it_is(void **state)
{
    (void)state;
    struct random stream;
    random_seed(&stream, 2, 1);
    for (int round = 0; round < 5000; round++) {
        struct rect rect = { (int)random_below(&stream, 60) - 20,
                             (int)random_below(&stream, 40) - 10,
                             (int)random_below(&stream, 100) - 5,
                             (int)random_below(&stream, 50) - 5 };
        draw_inside(&stream, rect, 50, 30);
    }
    draw_inside(&stream, (struct rect){ 0, 0, 500, 150 }, 500, 150);
    draw_inside(&stream, (struct rect){ -5, -5, INT_MAX, 3 }, 20, 10);
    draw_inside(&stream, (struct rect){ 0, 0, 3, INT_MAX }, 20, 10);
}

static void chart_in_ascii_is_ascii(void **state)
{
    (void)state;
    static struct random_chart random;
    struct random stream;
    random_seed(&stream, 3, 1);
    for (int round = 0; round < 2000; round++) {
        struct canvas canvas;
        random_chart(&stream, &random);
        for (int i = 0; i < RANDOM_SERIES; i++)
            random.series[i].name = NULL; /* they may have anything */
        canvas_init(&canvas, (int)random_below(&stream, 70), (int)random_below(&stream, 30));
        chart_draw(&canvas, canvas_bounds(&canvas), &random.chart, CHART_ASCII);
        for (int i = 0; i < canvas.width * canvas.height; i++)
            assert_true(canvas.cells[i].character < 0x7F ||
                        canvas.cells[i].character == 0x2026); /* of a title that is cut */
        canvas_release(&canvas);
    }
}

/* What is drawn in each column of a rising curve is no lower than in the column before. */
static void monotone_curve_draws_monotone_cells(void **state)
{
    (void)state;
    enum { POINTS = 500 };
    static double values[POINTS];
    struct chart_series series = { .mean = values };
    struct chart chart = { .series = &series, .series_count = 1, .hides_bands = true };
    for (int i = 0; i < POINTS; i++)
        values[i] = exp(i / 60.0);
    for (int round = 0; round < 40; round++) {
        struct canvas canvas;
        enum chart_glyphs glyphs = all_glyphs[round % 4];
        series.count = 2 + round * 12;
        chart.y_scale = round % 3 ? CHART_LINEAR : CHART_LOG;
        canvas_init(&canvas, 70, 20);
        struct rect plot = chart_draw(&canvas, canvas_bounds(&canvas), &chart, glyphs).plot;
        int last_top = INT_MAX, last_bottom = INT_MAX;
        for (int x = plot.x; x < plot.x + plot.width; x++) {
            int top = INT_MAX, bottom = -1;
            for (int y = plot.y; y < plot.y + plot.height; y++) {
                if (canvas_at(&canvas, x, y)->character == ' ')
                    continue;
                top = MIN(top, y);
                bottom = y;
            }
            assert_true(bottom >= 0); /* no column is left out */
            assert_true(top <= last_top && bottom <= last_bottom);
            last_top = top, last_bottom = bottom;
        }
        canvas_release(&canvas);
    }
}

/* Cells of the plot that are drawn in, of a chart of one series without a band. */
static int count_drawn(const struct chart *chart, int *columns)
{
    struct canvas canvas;
    int count = 0;
    canvas_init(&canvas, 70, 20);
    struct rect plot = chart_draw(&canvas, canvas_bounds(&canvas), chart, CHART_BRAILLE).plot;
    *columns = 0;
    for (int x = plot.x; x < plot.x + plot.width; x++) {
        int before = count;
        for (int y = plot.y; y < plot.y + plot.height; y++)
            count += canvas_at(&canvas, x, y)->character != ' ';
        *columns += count > before;
    }
    canvas_release(&canvas);
    return count;
}

static void curve_comes_from_and_leads_to_points_that_are_not_shown(void **state)
{
    (void)state;
    static const double values[] = { 0, 1, 2, 3 };
    struct chart_series series = { .mean = values, .count = 4 };
    struct chart chart = { .series = &series, .series_count = 1, .x = { 1.2, 1.8 } };
    int columns,
        whole = chart_layout(&chart, (struct rect){ 0, 0, 70, 20 }, CHART_BRAILLE).plot.width;
    count_drawn(&chart, &columns); /* no point is inside */
    assert_int_equal(columns, whole);
    chart.x = (struct chart_range){ 1.5, 2.5 };
    count_drawn(&chart, &columns);
    assert_int_equal(columns, whole);
}

static void points_in_no_order_are_not_joined(void **state)
{
    (void)state;
    enum { POINTS = 2000 };
    static double x[POINTS], y[POINTS];
    struct random stream;
    random_seed(&stream, 4, 1);
    for (int i = 0; i < POINTS; i++) {
        x[i] = random_uniform(&stream);
        y[i] = x[i] * x[i];
    }
    struct chart_series series = { .x = x, .mean = y, .count = POINTS };
    struct chart chart = { .series = &series, .series_count = 1, .hides_bands = true };
    int columns, count = count_drawn(&chart, &columns);
    assert_true(count >= columns && count < 2 * columns);
}

static int count_cells(const struct canvas *canvas, uint32_t colour)
{
    int count = 0;
    for (int i = 0; i < canvas->width * canvas->height; i++)
        count += canvas->cells[i].character != ' ' && canvas->cells[i].style.foreground == colour;
    return count;
}

static void draw_two(struct canvas *canvas, bool emphasise_first)
{
    static const double values[] = { 1, 2 };
    const struct chart_series series[] = {
        { .mean = values, .count = 2, .is_emphasised = emphasise_first },
        { .mean = values, .count = 2 },
    };
    struct chart chart = { .series = series, .series_count = 2 };
    canvas_init(canvas, 10, 4);
    chart_draw(canvas, canvas_bounds(canvas), &chart, CHART_BRAILLE);
}

static void emphasised_curve_is_above_the_others(void **state)
{
    (void)state;
    struct canvas canvas;
    draw_two(&canvas, false);
    assert_int_equal(count_cells(&canvas, chart_style(1).foreground), 0);
    assert_true(count_cells(&canvas, chart_style(2).foreground) >= 10);
    canvas_release(&canvas);
    draw_two(&canvas, true);
    assert_true(count_cells(&canvas, chart_style(1).foreground) >= 9); /* but for an end */
    canvas_release(&canvas);
}

static void look_is_the_same_wherever_a_series_is_drawn(void **state)
{
    (void)state;
    static const double values[] = { 1, 2, 3 };
    struct canvas canvas;
    struct chart_series series = { .mean = values, .count = 3, .look = 5 };
    struct chart chart = { .series = &series, .series_count = 1 };
    canvas_init(&canvas, 20, 4);
    chart_draw(&canvas, canvas_bounds(&canvas), &chart, CHART_BRAILLE);
    assert_true(count_cells(&canvas, chart_style(5).foreground) > 10);
    assert_int_equal(count_cells(&canvas, chart_style(1).foreground), 0);
    canvas_release(&canvas);
}

static void band_and_faint_curve_are_fainter_than_the_curve(void **state)
{
    (void)state;
    static const double values[] = { 5, 5, 5 }, low[] = { 0, 0, 0 }, high[] = { 10, 10, 10 };
    struct canvas canvas;
    struct chart_series series = { .mean = values, .low = low, .high = high, .count = 3 };
    struct chart chart = { .series = &series, .series_count = 1 };
    canvas_init(&canvas, 20, 4);
    chart_draw(&canvas, canvas_bounds(&canvas), &chart, CHART_BRAILLE);
    int of_curve = count_cells(&canvas, chart_style(1).foreground);
    struct style faint = chart_faint_style(1);
    assert_true(of_curve > 10 && of_curve <= 20);
    assert_true(count_cells(&canvas, faint.foreground) >= 40);
    assert_int_not_equal(faint.foreground, chart_style(1).foreground);
    canvas_release(&canvas);
}

/* --- what colours and markers promise --- */

enum { LOOKS = 8 };

static double linear(uint32_t level)
{
    double v = (level & 255) / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

/* WCAG 2.1, relative luminance. */
static double luminance(uint32_t colour)
{
    return 0.2126 * linear(colour >> 16) + 0.7152 * linear(colour >> 8) + 0.0722 * linear(colour);
}

static void looks_can_be_read_on_black_and_on_white(void **state)
{
    (void)state;
    for (int look = 1; look <= LOOKS; look++) {
        double light = luminance(chart_style(look).foreground);
        double faint = luminance(chart_faint_style(look).foreground);
        assert_true((light + 0.05) / 0.05 > 3 && 1.05 / (light + 0.05) > 2.6);
        assert_true((faint + 0.05) / 0.05 > 3 && 1.05 / (faint + 0.05) > 2.6);
    }
}

static void looks_differ_at_every_depth_of_colour(void **state)
{
    (void)state;
    for (int a = 1; a <= LOOKS; a++) {
        for (int b = 1; b < a; b++) {
            for (int depth = COLOUR_16; depth <= COLOUR_TRUE; depth++)
                assert_int_not_equal(
                    colour_reduce(chart_style(a).foreground, (enum colour_depth)depth),
                    colour_reduce(chart_style(b).foreground, (enum colour_depth)depth));
            for (int i = 0; i < ARRAY_SIZE(all_glyphs); i++)
                assert_int_not_equal(chart_marker(a, all_glyphs[i]),
                                     chart_marker(b, all_glyphs[i]));
        }
    }
}

static void looks_beyond_the_palette_differ_by_their_markers(void **state)
{
    (void)state;
    for (int a = 1; a <= LOOKS * LOOKS; a++)
        for (int b = 1; b < a; b++)
            assert_true(chart_style(a).foreground != chart_style(b).foreground ||
                        chart_marker(a, CHART_ASCII) != chart_marker(b, CHART_ASCII));
    assert_int_equal(chart_style(-3).foreground, chart_style(1).foreground);
}

static void glyphs_have_names(void **state)
{
    (void)state;
    enum chart_glyphs glyphs;
    for (int i = 0; chart_glyphs_names()[i]; i++) {
        assert_int_equal(chart_glyphs_parse(&glyphs, chart_glyphs_names()[i]), 0);
        assert_int_equal(glyphs, i);
    }
    assert_int_equal(chart_glyphs_parse(&glyphs, "brail"), ERR_INVALID);
    assert_non_null(strstr(error_text(), "did you mean 'braille'"));
    assert_int_equal(chart_glyphs_parse(&glyphs, "oil"), ERR_INVALID);
    assert_non_null(strstr(error_text(), "quadrant"));
}

static void glyphs_are_the_best_that_the_terminal_shows(void **state)
{
    (void)state;
    static const struct {
        struct terminal terminal;
        enum chart_glyphs glyphs;
    } cases[] = {
        { { .is_terminal = true, .utf8 = true, .braille = true }, CHART_BRAILLE },
        { { .is_terminal = true, .utf8 = true }, CHART_HALF },
        { { .is_terminal = true, .colours = COLOUR_256 }, CHART_ASCII },
        { { .utf8 = true, .braille = true }, CHART_ASCII }, /* a file */
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(chart_glyphs_for(&cases[i].terminal), cases[i].glyphs);
}

/* --- legends --- */

static const char *legend_of(struct chart chart, int columns, int rows, int line)
{
    static char text[1024];
    const char *drawn = chart_drawn(&chart, columns, rows, CHART_ASCII);
    for (; line > 0 && *drawn; line--)
        drawn = strchr(drawn, '\n') + 1;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(drawn, "\n"), drawn);
    return text;
}

static const double two_values[] = { 1, 2.5 };
static const struct chart_series four[] = {
    { .name = "first of all", .mean = two_values, .count = 2 },
    { .name = "second", .mean = two_values, .count = 2 },
    { .name = "third", .mean = two_values, .count = 1 },
    { .name = "\033[31mfourth", .mean = two_values, .count = 0 },
};

static void legend_names_the_last_values_or_those_at_the_cursor(void **state)
{
    (void)state;
    struct chart chart = { .series = four, .series_count = 2 };
    assert_string_equal(legend_of(chart, 60, 10, 0), "* first of all 2.500   o second 2.500");
    chart.has_cursor = true;
    chart.cursor = 0.2;
    assert_string_equal(legend_of(chart, 60, 10, 0), "* first of all 1   o second 1");
}

static void legend_shares_a_line_with_the_title_if_both_fit(void **state)
{
    (void)state;
    struct chart chart = { .title = "title", .series = four, .series_count = 2 };
    assert_string_equal(legend_of(chart, 50, 10, 0),
                        "title        * first of all 2.500   o second 2.500");
    assert_string_equal(legend_of(chart, 44, 12, 0), "title");
    assert_string_equal(legend_of(chart, 44, 12, 1), "* first of all 2.500   o second 2.500");
    chart.legend = CHART_LEGEND_BELOW;
    assert_string_equal(legend_of(chart, 44, 12, 0), "title");
    assert_string_equal(legend_of(chart, 44, 12, 11), "* first of all 2.500   o second 2.500");
    chart.legend = CHART_LEGEND_NONE;
    assert_null(strstr(chart_drawn(&chart, 44, 12, CHART_ASCII), "second"));
}

static void legend_takes_more_lines_then_leaves_out_values_then_cuts_names(void **state)
{
    (void)state;
    struct chart chart = { .series = four, .series_count = 4 };
    assert_string_equal(legend_of(chart, 60, 16, 0), "* first of all 2.500   o second 2.500");
    assert_string_equal(legend_of(chart, 60, 16, 1), "+ third 1              % ?[31mfourth");
    assert_string_equal(legend_of(chart, 60, 9, 0),
                        "* first o… 2.500   o second 2.500   + third 1   % ?[31mfo…");
    assert_string_equal(legend_of(chart, 20, 9, 0), "* first…   o second");
    struct chart_series tail = { .name = "only one", .mean = two_values, .count = 2 };
    chart = (struct chart){ .series = &tail, .series_count = 1 };
    assert_string_equal(legend_of(chart, 30, 10, 0), "only one 2.500");
    assert_string_equal(legend_of(chart, 12, 10, 0), "only one");
}

/* --- functions of values --- */

static void nearest_is_the_latest_of_the_nearest_points(void **state)
{
    (void)state;
    static const double x[] = { 5, 1, NAN, 3, 3, 9 };
    struct chart_series series = { .x = x, .mean = x, .count = 6 };
    assert_int_equal(chart_nearest(&series, 3.4), 4);
    assert_int_equal(chart_nearest(&series, -100), 1);
    assert_int_equal(chart_nearest(&series, 8), 5);
    assert_int_equal(chart_nearest(&series, NAN), -1);
    series.x = NULL;
    assert_int_equal(chart_nearest(&series, 2.2), 2);
    series.count = 0;
    assert_int_equal(chart_nearest(&series, 1), -1);
}

static void smoothing_follows_its_formula(void **state)
{
    (void)state;
    static const double values[] = { 4, 8, NAN, 2, INFINITY, 6 };
    double out[6];
    chart_smooth(values, 6, 0.5, out);
    assert_float_equal(out[0], 4, 1e-12); /* no bias towards 0 */
    assert_float_equal(out[1], (4 * 0.25 + 8 * 0.5) / 0.75, 1e-12);
    assert_true(isnan(out[2]) && isinf(out[4]));
    assert_float_equal(out[3], (4 * 0.125 + 8 * 0.25 + 2 * 0.5) / 0.875, 1e-12);
    assert_float_equal(out[5], (4 * 0.0625 + 8 * 0.125 + 2 * 0.25 + 6 * 0.5) / 0.9375, 1e-12);
}

static void smoothing_knows_its_limits(void **state)
{
    (void)state;
    double values[] = { 4, 8, NAN, 6 }, out[4];
    chart_smooth(values, 4, 0, out);
    assert_true(out[0] == 4 && out[1] == 8 && isnan(out[2]) && out[3] == 6);
    chart_smooth(values, 4, 1, out);
    assert_true(out[0] == 4 && out[1] == 6 && isnan(out[2]) && out[3] == 6);
    chart_smooth(values, 4, 7, out); /* more than 1 is 1 */
    assert_true(out[1] == 6);
    chart_smooth(values, 4, 1, values); /* in place */
    assert_true(values[0] == 4 && values[1] == 6 && isnan(values[2]) && values[3] == 6);
    double constant[] = { 7, 7, 7 };
    chart_smooth(constant, 3, 0.99, constant);
    assert_float_equal(constant[2], 7, 1e-12);
    chart_smooth(values, 0, 0.5, out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(chart_keeps_to_its_rectangle_at_every_size),
        cmocka_unit_test(chart_keeps_to_its_rectangle_wherever_it_is),
        cmocka_unit_test(chart_in_ascii_is_ascii),
        cmocka_unit_test(monotone_curve_draws_monotone_cells),
        cmocka_unit_test(curve_comes_from_and_leads_to_points_that_are_not_shown),
        cmocka_unit_test(points_in_no_order_are_not_joined),
        cmocka_unit_test(emphasised_curve_is_above_the_others),
        cmocka_unit_test(look_is_the_same_wherever_a_series_is_drawn),
        cmocka_unit_test(band_and_faint_curve_are_fainter_than_the_curve),
        cmocka_unit_test(looks_can_be_read_on_black_and_on_white),
        cmocka_unit_test(looks_differ_at_every_depth_of_colour),
        cmocka_unit_test(looks_beyond_the_palette_differ_by_their_markers),
        cmocka_unit_test(glyphs_have_names),
        cmocka_unit_test(glyphs_are_the_best_that_the_terminal_shows),
        cmocka_unit_test(legend_names_the_last_values_or_those_at_the_cursor),
        cmocka_unit_test(legend_shares_a_line_with_the_title_if_both_fit),
        cmocka_unit_test(legend_takes_more_lines_then_leaves_out_values_then_cuts_names),
        cmocka_unit_test(nearest_is_the_latest_of_the_nearest_points),
        cmocka_unit_test(smoothing_follows_its_formula),
        cmocka_unit_test(smoothing_knows_its_limits),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
