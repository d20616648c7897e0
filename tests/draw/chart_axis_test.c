/* Axes of charts: ranges, ticks, labels, and the way between cells and values. */
#define _GNU_SOURCE
#include "draw/chart.h"

#include <locale.h>

#include "../../src/draw/chart_parts.h"
#include "draw/charts.h"

static struct chart chart_of(const struct chart_series *series, enum chart_scale scale)
{
    return (struct chart){ .series = series, .series_count = 1, .y_scale = scale };
}

/* --- ticks --- */

static struct frame frame_of(const struct chart *chart, int columns, int rows)
{
    struct frame frame;
    chart_frame_init(&frame, chart, (struct rect){ 3, 2, columns, rows }, CHART_BRAILLE);
    return frame;
}

static void assert_labels(const struct ticks *ticks, const char *expected)
{
    char text[1024] = "";
    for (int i = 0; i < ticks->count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? " | " : "", ticks->list[i].label);
    }
    assert_string_equal(text, expected);
}

static void assert_y_labels(double low, double high, enum chart_scale scale, int rows,
                            const char *expected)
{
    const double values[] = { low, high };
    struct chart_series series = { .mean = values, .count = 2 };
    struct chart chart = chart_of(&series, scale);
    struct frame frame = frame_of(&chart, 80, rows);
    assert_labels(&frame.y_ticks, expected);
}

static void y_ticks_are_round_and_have_the_digits_they_need(void **state)
{
    (void)state;
    assert_y_labels(0, 1, CHART_LINEAR, 14, "0.0 | 0.2 | 0.4 | 0.6 | 0.8 | 1.0");
    assert_y_labels(0.93, 1.44, CHART_LINEAR, 14, "1.0 | 1.2 | 1.4");
    assert_y_labels(0.85, 0.8512, CHART_LINEAR, 14, "0.8500 | 0.8505 | 0.8510");
    assert_y_labels(-3, 4, CHART_LINEAR, 14, "-2 | 0 | 2 | 4");
    assert_y_labels(0, 34000, CHART_LINEAR, 14, "0 | 10,000 | 20,000 | 30,000");
    assert_y_labels(0, 1.2e-5, CHART_LINEAR, 14, "0 | 5e-6 | 1e-5");
    assert_y_labels(-5e8, 5e8, CHART_LINEAR, 14, "-5e8 | 0 | 5e8");
    assert_y_labels(0.5, 0.5, CHART_LINEAR, 14, "0.45 | 0.50 | 0.55");
    assert_y_labels(0, 0, CHART_LINEAR, 14, "-1.0 | -0.5 | 0.0 | 0.5 | 1.0");
}

static void y_ticks_of_a_logarithmic_axis_are_decades_or_finer(void **state)
{
    (void)state;
    assert_y_labels(3, 300, CHART_LOG, 14, "3 | 10 | 30 | 100 | 300");
    assert_y_labels(1, 100, CHART_LOG, 30, "1 | 2 | 5 | 10 | 20 | 50 | 100");
    assert_y_labels(1e-3, 1e4, CHART_LOG, 24, "0.001 | 0.01 | 0.1 | 1 | 10 | 100 | 1,000 | 10,000");
    assert_y_labels(1e-9, 1, CHART_LOG, 14, "1e-8 | 1e-6 | 1e-4 | 1e-2 | 1e0");
    assert_y_labels(1e-300, 1e300, CHART_LOG, 14,
                    "1e-300 | 1e-200 | 1e-100 | 1e0 | 1e100 | "
                    "1e200 | 1e300");
    assert_y_labels(2, 4, CHART_LOG, 14, "2.0 | 2.5 | 3.0 | 3.5 | 4.0");
}

static void assert_x_labels(double low, double high, enum chart_x_kind kind, int columns,
                            const char *expected)
{
    const double x[] = { low, high }, values[] = { 0, 1 };
    struct chart_series series = { .x = x, .mean = values, .count = 2 };
    struct chart chart = chart_of(&series, CHART_LINEAR);
    chart.x_kind = kind;
    struct frame frame = frame_of(&chart, columns, 10);
    assert_labels(&frame.x_ticks, expected);
}

static void x_ticks_are_round_and_keep_apart(void **state)
{
    (void)state;
    assert_x_labels(1, 10000, CHART_X_NUMBER, 80, "0 | 2,000 | 4,000 | 6,000 | 8,000 | 10,000");
    assert_x_labels(0, 3, CHART_X_NUMBER, 80, "0 | 1 | 2 | 3"); /* there is no half step */
    assert_x_labels(0.5, 3, CHART_X_NUMBER, 50, "0.5 | 1 | 1.5 | 2 | 2.5 | 3");
    assert_x_labels(0, 3e6, CHART_X_NUMBER, 60, "0 | 1,000,000 | 2,000,000 | 3,000,000");
}

static void x_ticks_know_durations(void **state)
{
    (void)state;
    static const double minute = 60, hour = 3600, day = 86400;
    assert_x_labels(0, 2, CHART_X_DURATION, 50, "0 | 0.5 s | 1.0 s | 1.5 s | 2.0 s");
    assert_x_labels(0, 2 * minute, CHART_X_DURATION, 50, "0 | 0:30 | 1:00 | 1:30 | 2:00");
    assert_x_labels(0, 50 * minute, CHART_X_DURATION, 70,
                    "0 | 10 min | 20 min | 30 min | 40 min | 50 min");
    assert_x_labels(0, 2 * hour, CHART_X_DURATION, 60, "0 | 30 min | 1 h | 1 h 30 | 2 h");
    assert_x_labels(0, 30 * hour, CHART_X_DURATION, 60, "0 | 6 h | 12 h | 18 h | 1 d | 1 d 6 h");
    assert_x_labels(0, 5 * day, CHART_X_DURATION, 60, "0 | 1 d | 2 d | 3 d | 4 d | 5 d");
}

static void x_ticks_know_the_clock(void **state)
{
    (void)state;
    static const double start = 1732370000, hour = 3600, day = 86400; /* 2024-11-23 13:53:20 */
    assert_x_labels(start, start + 90, CHART_X_CLOCK, 60, "13:53:30 | 13:54:00 | 13:54:30");
    assert_x_labels(start, start + hour, CHART_X_CLOCK, 50,
                    "14:00 | 14:10 | 14:20 | 14:30 | 14:40 | 14:50");
    assert_x_labels(start, start + 24 * hour, CHART_X_CLOCK, 60, "18:00 | 24 Nov | 06:00 | 12:00");
    assert_x_labels(start, start + 4 * day, CHART_X_CLOCK, 60, "24 Nov | 25 Nov | 26 Nov | 27 Nov");
    assert_x_labels(start, start + 200 * day, CHART_X_CLOCK, 50,
                    "Dec | 2025 | Feb | Mar | Apr | May | Jun");
    assert_x_labels(start, start + 9 * 365 * day, CHART_X_CLOCK, 50, "2026 | 2028 | 2030 | 2032");
}

static void x_ticks_of_the_clock_keep_to_its_offset(void **state)
{
    (void)state;
    static const double x[] = { 0, 86400 }, values[] = { 0, 1 };
    struct chart_series series = { .x = x, .mean = values, .count = 2 };
    struct chart chart = chart_of(&series, CHART_LINEAR);
    chart.x_kind = CHART_X_CLOCK;
    chart.utc_offset = -5 * 3600 - 1800;
    struct frame frame = frame_of(&chart, 60, 10);
    assert_labels(&frame.x_ticks, "1 Jan | 06:00 | 12:00 | 18:00");
    struct arena arena = { 0 };
    assert_string_equal(chart_x_text(&arena, &chart, 0), "31 Dec 18:30:00");
    arena_release(&arena);
}

/* 400 years of calendar days against a count of days by hand. */
static void clock_counts_days_as_the_calendar_does(void **state)
{
    (void)state;
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    static const char names[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int64_t day = 0;
    for (int year = 1970; year < 2370; year++) {
        bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int month = 0; month < 12; month++) {
            for (int date = 1; date <= lengths[month] + (month == 1 && is_leap); date++, day++) {
                char expected[CHART_LABEL_SIZE], found[CHART_LABEL_SIZE];
                snprintf(expected, sizeof expected, "%d %s 00:00:01", date, names[month]);
                chart_write_clock(found, (double)day * 86400 + 1);
                assert_string_equal(found, expected);
            }
        }
    }
}

static void assert_ticks_are_sound(const struct ticks *ticks, const struct axis *axis, int cells,
                                   bool is_time)
{
    static const double near = 1e-5;
    for (int i = 0; i < ticks->count; i++) {
        const struct tick *tick = &ticks->list[i];
        double share = axis_share(axis, tick->value);
        assert_true(share > -near && share < 1 + near);
        assert_true(tick->at >= 0 && tick->at < cells);
        assert_true(tick->label[0] != '\0');
        if (i == 0)
            continue;
        assert_true(tick->value > tick[-1].value);
        assert_true(tick->at != tick[-1].at);
        assert_true(is_time || strcmp(tick->label, tick[-1].label) != 0);
    }
}

static void ticks_are_unique_and_within_their_range(void **state)
{
    (void)state;
    static struct random_chart random;
    struct random stream;
    random_seed(&stream, 11, 1);
    for (int round = 0; round < 5000; round++) {
        random_chart(&stream, &random);
        struct frame frame = frame_of(&random.chart, (int)random_below(&stream, 200),
                                      (int)random_below(&stream, 60));
        bool is_time = random.chart.x_kind != CHART_X_NUMBER;
        assert_ticks_are_sound(&frame.y_ticks, &frame.y, frame.plot.height, false);
        assert_ticks_are_sound(&frame.x_ticks, &frame.x, frame.plot.width, is_time);
        const struct ticks *x = &frame.x_ticks;
        for (int i = 1; i < x->count; i++)
            assert_true(x->list[i].start >
                        x->list[i - 1].start + (int)strlen(x->list[i - 1].label));
    }
}

static void x_ticks_are_found_for_every_span_at_every_width(void **state)
{
    (void)state;
    for (int kind = CHART_X_NUMBER; kind <= CHART_X_CLOCK; kind++) {
        for (int exponent = -15; exponent < 60; exponent++) {
            const double x[] = { exponent % 2 ? -7 : 3, pow(10, exponent / 4.0) }, y[] = { 0, 1 };
            struct chart_series series = { .x = x, .mean = y, .count = 2 };
            struct chart chart = chart_of(&series, CHART_LINEAR);
            chart.x_kind = (enum chart_x_kind)kind;
            for (int columns = 1; columns < 120; columns += columns / 10 + 1) {
                struct frame frame = frame_of(&chart, columns, 8);
                assert_ticks_are_sound(&frame.x_ticks, &frame.x, frame.plot.width, kind > 0);
            }
        }
    }
}

static void ticks_appear_at_every_size(void **state)
{
    (void)state;
    static const double values[] = { 0.1, 7 };
    struct chart_series series = { .mean = values, .count = 2 };
    for (int scale = CHART_LINEAR; scale <= CHART_LOG; scale++) {
        struct chart chart = chart_of(&series, (enum chart_scale)scale);
        for (int rows = 4; rows < 100; rows++) {
            struct frame frame = frame_of(&chart, 80, rows);
            assert_true(frame.y_ticks.count >= 2);
            assert_true(frame.y_ticks.count <= (frame.plot.height + 1) / 2 + 1);
        }
        for (int columns = 20; columns < 300; columns++)
            assert_true(frame_of(&chart, columns, 10).x_ticks.count >= 2);
    }
}

/* --- ranges --- */

static struct chart_layout lay_out(const struct chart *chart)
{
    return chart_layout(chart, (struct rect){ 0, 0, 80, 24 }, CHART_BRAILLE);
}

static void range_is_that_of_what_is_shown(void **state)
{
    (void)state;
    static const double values[] = { 100, 1, 2, 3, 4, 100 };
    struct chart_series series = { .mean = values, .count = 6 };
    struct chart chart = chart_of(&series, CHART_LINEAR);
    struct chart_layout layout = lay_out(&chart);
    assert_true(layout.x.low == 0 && layout.x.high == 5);
    assert_true(layout.y.low == 0 && layout.y.high == 100);

    chart.x = (struct chart_range){ 1, 4 };
    layout = lay_out(&chart);
    assert_true(layout.x.low == 1 && layout.x.high == 4);
    assert_true(layout.y.low == 1 && layout.y.high == 4);

    chart.x = (struct chart_range){ NAN, 2.5 };
    chart.y = (struct chart_range){ -1, NAN };
    layout = lay_out(&chart);
    assert_true(layout.x.low == 0 && layout.x.high == 2.5);
    assert_true(layout.y.low == -1 && layout.y.high == 100);
}

static void range_takes_ends_that_are_the_wrong_way_round(void **state)
{
    (void)state;
    static const double values[] = { 1, 2 };
    struct chart_series series = { .mean = values, .count = 2 };
    struct chart chart = chart_of(&series, CHART_LINEAR);
    chart.x = (struct chart_range){ 7, 3 };
    chart.y = (struct chart_range){ 5, NAN }; /* above all values */
    struct chart_layout layout = lay_out(&chart);
    assert_true(layout.x.low == 3 && layout.x.high == 7);
    assert_true(layout.y.low < layout.y.high && layout.y.low <= 5 && layout.y.high >= 5);
}

static void range_begins_at_zero_where_the_first_step_is_near_it(void **state)
{
    (void)state;
    static const double x[] = { 10, 1000 }, far[] = { 500, 1000 }, values[] = { 1, 2 };
    struct chart_series series = { .x = x, .mean = values, .count = 2 };
    struct chart chart = chart_of(&series, CHART_LINEAR);
    assert_true(lay_out(&chart).x.low == 0);
    series.x = far;
    assert_true(lay_out(&chart).x.low == 500);
}

static void range_includes_buckets_and_references(void **state)
{
    (void)state;
    static const double values[] = { 1, 2 }, low[] = { 0, 1 }, high[] = { 3, 6 };
    struct chart_series series = { .mean = values, .low = low, .high = high, .count = 2 };
    struct chart chart = chart_of(&series, CHART_LINEAR);
    struct chart_layout layout = lay_out(&chart);
    assert_true(layout.y.low == 0 && layout.y.high == 6);
    chart.hides_bands = true;
    layout = lay_out(&chart);
    assert_true(layout.y.low == 1 && layout.y.high == 2);
    chart.references = &(struct chart_reference){ 10, NULL };
    chart.reference_count = 1;
    assert_true(lay_out(&chart).y.high == 10);
}

static void range_ignores_outliers_if_asked(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    static double values[COUNT];
    for (int i = 0; i < COUNT; i++)
        values[i] = 1 + 0.1 * sin(i);
    values[300] = 1e6, values[700] = -1e6;
    struct chart_series series = { .mean = values, .count = COUNT };
    struct chart chart = chart_of(&series, CHART_LINEAR);
    assert_true(lay_out(&chart).y.high >= 1e6);
    chart.ignores_outliers = true;
    struct chart_layout layout = lay_out(&chart);
    assert_true(layout.y.low > 0.7 && layout.y.low <= 0.9);
    assert_true(layout.y.high < 1.3 && layout.y.high >= 1.1);
    values[300] = 1.12, values[700] = 0.88; /* not worth cutting */
    layout = lay_out(&chart);
    assert_true(layout.y.low <= 0.88 && layout.y.high >= 1.12);
}

static void of_a_handful_of_values_none_is_an_outlier(void **state)
{
    (void)state;
    double values[20] = { 1, 1.1, 9, 1 };
    struct chart_series series = { .mean = values, .count = 4 };
    struct chart chart = chart_of(&series, CHART_LINEAR);
    chart.ignores_outliers = true;
    assert_true(lay_out(&chart).y.high >= 9);
    for (int i = 4; i < ARRAY_SIZE(values); i++)
        values[i] = 1 + 0.1 * sin(i);
    series.count = ARRAY_SIZE(values);
    assert_true(lay_out(&chart).y.high < 2);
}

static void range_is_sound_whatever_the_values(void **state)
{
    (void)state;
    static struct random_chart random;
    struct random stream;
    random_seed(&stream, 12, 1);
    for (int round = 0; round < 5000; round++) {
        random_chart(&stream, &random);
        struct chart_layout layout = lay_out(&random.chart);
        assert_true(isfinite(layout.x.low) && isfinite(layout.x.high));
        assert_true(isfinite(layout.y.low) && isfinite(layout.y.high));
        assert_true(layout.x.low < layout.x.high && layout.y.low < layout.y.high);
        assert_true(layout.y_scale != CHART_LOG || layout.y.low > 0);
    }
}

/* --- between cells and values --- */

static void cells_and_values_are_inverse(void **state)
{
    (void)state;
    static const double values[] = { 0.3, 7000 }, x[] = { -3, 1e5 };
    struct chart_series series = { .x = x, .mean = values, .count = 2 };
    for (int i = 0; i < ARRAY_SIZE(all_glyphs) * 2; i++) {
        struct chart chart = chart_of(&series, (enum chart_scale)(i % 2));
        struct chart_layout layout =
            chart_layout(&chart, (struct rect){ 5, 7, 60, 20 }, all_glyphs[i / 2]);
        const struct rect *plot = &layout.plot;
        for (int column = plot->x; column < plot->x + plot->width; column++)
            assert_int_equal(chart_column_of_x(&layout, chart_x_at_column(&layout, column)),
                             column);
        for (int row = plot->y; row < plot->y + plot->height; row++)
            assert_int_equal(chart_row_of_y(&layout, chart_y_at_row(&layout, row)), row);
        assert_int_equal(chart_column_of_x(&layout, layout.x.low), plot->x);
        assert_int_equal(chart_column_of_x(&layout, layout.x.high), plot->x + plot->width - 1);
        assert_int_equal(chart_row_of_y(&layout, layout.y.high), plot->y);
        assert_int_equal(chart_row_of_y(&layout, layout.y.low), plot->y + plot->height - 1);
    }
}

static void cells_of_what_is_outside_are_none(void **state)
{
    (void)state;
    static const double values[] = { 1, 2 };
    struct chart_series series = { .mean = values, .count = 2 };
    struct chart chart = chart_of(&series, CHART_LOG);
    struct chart_layout layout = lay_out(&chart);
    static const double outside[] = { -1, 2.5, NAN, INFINITY, -INFINITY };
    for (int i = 0; i < ARRAY_SIZE(outside); i++) {
        assert_int_equal(chart_column_of_x(&layout, outside[i]), -1);
        assert_int_equal(chart_row_of_y(&layout, outside[i]), -1);
    }
    assert_true(chart_x_at_column(&layout, -10) < 0);
    assert_true(chart_y_at_row(&layout, 100) < 1);
    layout = chart_layout(&chart, (struct rect){ 0, 0, 0, 0 }, CHART_BRAILLE);
    assert_int_equal(chart_column_of_x(&layout, 0.5), -1);
}

/* --- numbers --- */

static void assert_y_text(double value, const char *expected)
{
    struct arena arena = { 0 };
    assert_string_equal(chart_y_text(&arena, value), expected);
    arena_release(&arena);
}

static void values_have_four_digits(void **state)
{
    (void)state;
    assert_y_text(0.851234, "0.8512");
    assert_y_text(1.38629, "1.386");
    assert_y_text(-12.3456, "-12.35");
    assert_y_text(312.46, "312.5");
    assert_y_text(12345.6, "12,346");
    assert_y_text(7, "7");
    assert_y_text(0, "0");
    assert_y_text(-0.0, "0");
    assert_y_text(0.00012344, "0.0001234");
    assert_y_text(0.0000123, "1.23e-5");
    assert_y_text(1.5e9, "1.5e9");
    assert_y_text(1e-300, "1e-300");
    assert_y_text(NAN, "NaN");
    assert_y_text(-INFINITY, "-Inf");
}

static void assert_x_text(enum chart_x_kind kind, double x, const char *expected)
{
    struct arena arena = { 0 };
    struct chart chart = { .x_kind = kind };
    assert_string_equal(chart_x_text(&arena, &chart, x), expected);
    arena_release(&arena);
}

static void x_is_written_as_its_kind_demands(void **state)
{
    (void)state;
    assert_x_text(CHART_X_NUMBER, 12000, "12,000");
    assert_x_text(CHART_X_NUMBER, 0.25, "0.2500");
    assert_x_text(CHART_X_DURATION, 5405, "1:30:05");
    assert_x_text(CHART_X_DURATION, 65, "1:05");
    assert_x_text(CHART_X_DURATION, -65, "-1:05");
    assert_x_text(CHART_X_CLOCK, 1732370000, "23 Nov 13:53:20");
    assert_x_text(CHART_X_CLOCK, NAN, "NaN");
    assert_x_text(CHART_X_CLOCK, 1e300, "1e300");
}

/* Long series are looked at in blocks. Here is one, and the same in short pieces that share a point
 * with the next, so that no line between two is lost. */
static void axis_of_a_long_series_is_that_of_its_pieces(void **state)
{
    (void)state;
    enum { POINTS = 2000, PIECE = 100, PIECES = POINTS / PIECE };
    static double values[4][POINTS];
    struct random random;
    random_seed(&random, 21, 1);
    for (int round = 0; round < 200; round++) {
        struct chart_series whole = { .x = values[0], .mean = values[1], .count = POINTS };
        struct chart_series pieces[PIECES];
        for (int i = 0; i < POINTS; i++) {
            double mean = random_normal(&random), size = random_below(&random, 3) ? 1 : 9;
            values[0][i] = i % 97 == 5 ? NAN : i;
            values[1][i] = random_below(&random, 5) ? mean : NAN; /* whose range does not count */
            values[2][i] = random_below(&random, 99) ? mean - size : -INFINITY;
            values[3][i] = random_below(&random, 99) ? mean + size : NAN;
            values[1 + random_below(&random, 3)][i] *= random_below(&random, 99) ? 1 : 1e3;
        }
        whole.low = random_below(&random, 2) ? values[2] : NULL;
        whole.high = random_below(&random, 2) ? values[3] : NULL;
        for (int i = 0; i < PIECES; i++) {
            int first = i * PIECE;
            pieces[i] = (struct chart_series){
                .x = values[0] + first,
                .mean = values[1] + first,
                .low = whole.low ? whole.low + first : NULL,
                .high = whole.high ? whole.high + first : NULL,
                .count = MIN(PIECE + 1, POINTS - first),
            };
        }
        struct chart chart = { .series = &whole, .series_count = 1 };
        chart.y_scale = (enum chart_scale)random_below(&random, 2);
        chart.hides_bands = random_below(&random, 4) == 0;
        if (random_below(&random, 2))
            chart.x = (struct chart_range){ random_below(&random, POINTS), POINTS };
        struct rect rect = { 0, 0, 80, 24 };
        struct chart_layout one = chart_layout(&chart, rect, CHART_BRAILLE);
        chart.series = pieces, chart.series_count = PIECES;
        struct chart_layout many = chart_layout(&chart, rect, CHART_BRAILLE);
        assert_true(one.y.low == many.y.low && one.y.high == many.y.high);
        assert_true(one.x.low == many.x.low && one.x.high == many.x.high);
    }
}

/* A line through the part of x that is shown has no point in it. */
static void axis_shows_a_line_between_two_points(void **state)
{
    (void)state;
    enum { POINTS = 2048 };
    double x[POINTS], y[POINTS];
    for (int i = 0; i < POINTS; i++)
        x[i] = 10 * i, y[i] = i;
    struct chart_series series = { .x = x, .mean = y, .count = POINTS };
    struct chart chart = { .series = &series, .series_count = 1, .x = { 5003, 5007 } };
    struct chart_layout layout = chart_layout(&chart, (struct rect){ 0, 0, 80, 24 }, CHART_BRAILLE);
    assert_true(layout.y.low > 500 && layout.y.low <= 500.3);
    assert_true(layout.y.high >= 500.7 && layout.y.high < 501);
}

/* The middle 99 % of values in any order. */
static void axis_without_outliers_needs_no_order(void **state)
{
    (void)state;
    enum { POINTS = 1000 };
    double values[POINTS];
    struct random random;
    struct chart_series series = { .mean = values, .count = POINTS };
    struct chart chart = { .series = &series, .series_count = 1, .ignores_outliers = true };
    struct chart_layout first;
    random_seed(&random, 5, 1);
    for (int i = 0; i < POINTS; i++)
        values[i] = i < 3 ? 1e6 * (i + 1) : i % 10;
    for (int round = 0; round < 50; round++) {
        struct chart_layout layout =
            chart_layout(&chart, (struct rect){ 0, 0, 80, 24 }, CHART_BRAILLE);
        if (round == 0)
            first = layout;
        assert_true(layout.y.low == first.y.low && layout.y.high == first.y.high);
        assert_true(layout.y.low <= 0 && layout.y.high >= 9 && layout.y.high < 20);
        for (int i = POINTS - 1; i > 0; i--) {
            int other = (int)random_below(&random, (uint32_t)i + 1);
            double value = values[i];
            values[i] = values[other];
            values[other] = value;
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(y_ticks_are_round_and_have_the_digits_they_need),
        cmocka_unit_test(y_ticks_of_a_logarithmic_axis_are_decades_or_finer),
        cmocka_unit_test(x_ticks_are_round_and_keep_apart),
        cmocka_unit_test(x_ticks_know_durations),
        cmocka_unit_test(x_ticks_know_the_clock),
        cmocka_unit_test(x_ticks_of_the_clock_keep_to_its_offset),
        cmocka_unit_test(clock_counts_days_as_the_calendar_does),
        cmocka_unit_test(ticks_are_unique_and_within_their_range),
        cmocka_unit_test(x_ticks_are_found_for_every_span_at_every_width),
        cmocka_unit_test(ticks_appear_at_every_size),
        cmocka_unit_test(range_is_that_of_what_is_shown),
        cmocka_unit_test(range_takes_ends_that_are_the_wrong_way_round),
        cmocka_unit_test(range_begins_at_zero_where_the_first_step_is_near_it),
        cmocka_unit_test(range_includes_buckets_and_references),
        cmocka_unit_test(range_ignores_outliers_if_asked),
        cmocka_unit_test(of_a_handful_of_values_none_is_an_outlier),
        cmocka_unit_test(range_is_sound_whatever_the_values),
        cmocka_unit_test(cells_and_values_are_inverse),
        cmocka_unit_test(cells_of_what_is_outside_are_none),
        cmocka_unit_test(values_have_four_digits),
        cmocka_unit_test(x_is_written_as_its_kind_demands),
        cmocka_unit_test(axis_of_a_long_series_is_that_of_its_pieces),
        cmocka_unit_test(axis_shows_a_line_between_two_points),
        cmocka_unit_test(axis_without_outliers_needs_no_order),
    };
    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
