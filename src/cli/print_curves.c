#define _GNU_SOURCE
#include "print_curves.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"

/* --- options --- */

static int read_axis(const struct arguments *arguments, enum curve_axis *by)
{
    static const char *const names[] = { "step", "epoch", "time", "clock" };
    const char *text = option_text(arguments, "by");
    for (int i = 0; text && i < ARRAY_SIZE(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *by = (enum curve_axis)i;
            return 0;
        }
    return text ? fail(ERR_INVALID, "--by: '%.40s' is none of step, epoch, time and clock", text)
                : 0;
}

static int read_smooth(const struct arguments *arguments, double *smooth)
{
    const char *text = option_text(arguments, "smooth");
    if (text && (parse_real(text, smooth) < 0 || *smooth < 0 || *smooth > 0.999))
        return fail(ERR_INVALID, "--smooth: '%s' is not between 0 and 0.999", text);
    return 0;
}

static int read_bound(const struct arguments *arguments, const char *name, double *bound)
{
    int64_t step = -1;
    int error = option_integer(arguments, name, 0, INT64_MAX, &step);
    if (step >= 0)
        *bound = (double)step;
    return error;
}

static int read_glyphs(const struct arguments *arguments, const struct terminal *terminal,
                       struct chart_wish *wish)
{
    static const enum picture_mode pictures[] = { [CHART_AUTO] = PICTURE_AUTO,
                                                  [CHART_ASCII] = PICTURE_ASCII,
                                                  [CHART_HALF] = PICTURE_HALF,
                                                  [CHART_QUADRANT] = PICTURE_HALF,
                                                  [CHART_BRAILLE] = PICTURE_BRAILLE };
    const char *text = option_text(arguments, "as");
    wish->glyphs = CHART_AUTO;
    if (text && chart_glyphs_parse(&wish->glyphs, text) < 0)
        return fail_prefix("--as");
    wish->pictures = pictures[wish->glyphs];
    if (wish->glyphs == CHART_AUTO)
        wish->glyphs = chart_glyphs_for(terminal);
    return 0;
}

int option_curves(const struct arguments *arguments, struct chart_wish *wish)
{
    enum { LEAST = 8, MOST = 24, BESIDE = 2, PLAIN = 20 };
    struct terminal terminal;
    time_t now = time(NULL);
    struct tm local;
    terminal_probe(&terminal, stdout);
    localtime_r(&now, &local);
    *wish = (struct chart_wish){ .rows = PLAIN };
    if (terminal.is_terminal)
        wish->rows = MAX(LEAST, MIN(terminal.rows - BESIDE, MOST));
    struct curve_wish *curves = &wish->curves;
    *curves = (struct curve_wish){ .first = NAN,
                                   .last = NAN,
                                   .columns = terminal.columns,
                                   .utc_offset = (int)local.tm_gmtoff,
                                   .is_log = option_given(arguments, "log"),
                                   .hides_outliers = !option_given(arguments, "outliers") };
    int error = read_axis(arguments, &curves->by);
    if (!error)
        error = read_smooth(arguments, &curves->smooth);
    if (!error)
        error = read_bound(arguments, "from", &curves->first);
    if (!error)
        error = read_bound(arguments, "to", &curves->last);
    return error ? error : read_glyphs(arguments, &terminal, wish);
}

/* --- drawing --- */

/* "no points: 3, 7 slow": those that the legend leaves out. */
static void print_missing(struct index *index, const struct curve *curves, int count)
{
    const char *names = NULL;
    for (int i = 0; i < count; i++)
        if (curves[i].series.count == 0)
            names = arena_printf(&index->arena, "%s%s%s", names ? names : "", names ? ", " : "",
                                 text_clean(&index->arena, curves[i].name, 80));
    if (names)
        printf("no points: %s\n", names);
}

void curves_print(struct index *index, const char *title, const struct curve *curves, int count,
                  const struct chart_wish *wish)
{
    struct terminal terminal;
    struct canvas canvas;
    struct chart chart;
    curves_chart(&index->arena, title, curves, count, &wish->curves, &chart);
    if (chart.series_count == 0)
        return;
    terminal_probe(&terminal, stdout);
    canvas_init(&canvas, wish->curves.columns, wish->rows);
    chart_draw(&canvas, canvas_bounds(&canvas), &chart, wish->glyphs);
    canvas_print(&canvas, stdout, &terminal);
    canvas_release(&canvas);
    print_missing(index, curves, count);
}
