#define _GNU_SOURCE
#include "curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"

/* --- options --- */

static int read_axis(const struct arguments *arguments, enum curve_axis *by)
{
    static const char *const names[] = { "step", "time", "clock" };
    const char *text = option_text(arguments, "by");
    for (int i = 0; text && i < ARRAY_SIZE(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *by = (enum curve_axis)i;
            return 0;
        }
    return text ? fail(ERR_INVALID, "--by: '%.40s' is none of step, time and clock", text) : 0;
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
                       struct curve_wish *wish)
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

int option_curves(const struct arguments *arguments, struct curve_wish *wish)
{
    enum { LEAST = 8, MOST = 24, BESIDE = 2, PLAIN = 20 };
    struct terminal terminal;
    time_t now = time(NULL);
    struct tm local;
    terminal_probe(&terminal, stdout);
    *wish = (struct curve_wish){ .first = NAN, .last = NAN };
    localtime_r(&now, &local);
    wish->utc_offset = (int)local.tm_gmtoff;
    wish->columns = terminal.columns;
    wish->rows = terminal.is_terminal ? MAX(LEAST, MIN(terminal.rows - BESIDE, MOST)) : PLAIN;
    wish->is_log = option_given(arguments, "log");
    wish->hides_outliers = !option_given(arguments, "outliers");
    int error = read_axis(arguments, &wish->by);
    if (!error)
        error = read_smooth(arguments, &wish->smooth);
    if (!error)
        error = read_bound(arguments, "from", &wish->first);
    if (!error)
        error = read_bound(arguments, "to", &wish->last);
    return error ? error : read_glyphs(arguments, &terminal, wish);
}

/* --- reading --- */

double run_worked_at(const struct attempt_row *attempts, int count, double time)
{
    int last = count - 1;
    while (last > 0 && attempts[last].time > time)
        last--;
    return last < 0 ? NAN : attempts[last].worked + time - attempts[last].time;
}

static int place_on_axis(struct index *index, struct curve *curve, const struct curve_wish *wish)
{
    struct attempt_row *attempts = NULL;
    const struct series *series = &curve->series;
    int attempt_count = 0;
    if (wish->by == CURVE_STEP) {
        curve->x = series->step;
        return 0;
    }
    if (wish->by == CURVE_CLOCK) {
        curve->x = series->time;
        return 0;
    }
    int error = catalogue_attempts(curve->run->place->catalogue, &index->arena,
                                   curve->run->row.number, &attempts, &attempt_count);
    curve->x = arena_alloc(&index->arena, (size_t)series->count, sizeof *curve->x);
    for (int i = 0; i < series->count; i++)
        curve->x[i] = run_worked_at(attempts, attempt_count, series->time[i]);
    return error;
}

int curve_read(struct index *index, struct curve *curve, const struct curve_wish *wish)
{
    enum { POINTS_A_COLUMN = 4 };
    int error = catalogue_series(curve->run->place->catalogue, &index->arena,
                                 curve->run->row.number, curve->metric, wish->first, wish->last,
                                 POINTS_A_COLUMN * wish->columns, &curve->series);
    return error ? error : place_on_axis(index, curve, wish);
}

/* --- drawing --- */

/* One of two series where it is smoothed: the raw one is faint behind it. */
static int add_series(struct index *index, struct chart_series *out, const struct curve *curve,
                      const struct curve_wish *wish)
{
    const struct series *from = &curve->series;
    struct chart_series series = { .name = curve->name,
                                   .x = curve->x,
                                   .mean = from->mean,
                                   .low = from->low,
                                   .high = from->high,
                                   .count = from->count,
                                   .look = curve->look };
    out[0] = series;
    if (wish->smooth <= 0)
        return 1;
    double *smooth = arena_alloc(&index->arena, (size_t)from->count, sizeof *smooth);
    chart_smooth(from->mean, from->count, wish->smooth, smooth);
    out[0].is_faint = true;
    out[0].name = NULL;
    out[0].low = out[0].high = NULL;
    out[1] = series;
    out[1].mean = smooth;
    out[1].low = out[1].high = NULL;
    return 2;
}

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
                  const struct curve_wish *wish)
{
    static const char *const axes[] = { "step", "time", NULL };
    static const enum chart_x_kind kinds[] = { CHART_X_NUMBER, CHART_X_DURATION, CHART_X_CLOCK };
    struct terminal terminal;
    struct canvas canvas;
    int series_count = 0;
    struct chart_series *series = arena_alloc(&index->arena, 2 * (size_t)count + 1, sizeof *series);
    for (int i = 0; i < count; i++) {
        if (curves[i].series.count == 0)
            continue;
        series_count += add_series(index, &series[series_count], &curves[i], wish);
    }
    if (series_count == 0)
        return;
    struct chart chart = { .title = title,
                           .x_title = axes[wish->by],
                           .series = series,
                           .series_count = series_count,
                           .x_kind = kinds[wish->by],
                           .utc_offset = wish->utc_offset,
                           .y_scale = wish->is_log ? CHART_LOG : CHART_LINEAR,
                           .ignores_outliers = wish->hides_outliers };
    terminal_probe(&terminal, stdout);
    canvas_init(&canvas, wish->columns, wish->rows);
    chart_draw(&canvas, canvas_bounds(&canvas), &chart, wish->glyphs);
    canvas_print(&canvas, stdout, &terminal);
    canvas_release(&canvas);
    print_missing(index, curves, count);
}

/* --- runs --- */

const char **curve_usual_metrics(struct index *index, const struct listed_run *runs, int run_count,
                                 int most, int *count)
{
    enum { CHIEFS = 32 };
    int chief_count;
    const char **chiefs = run_chief_metrics(index, runs, run_count, CHIEFS, &chief_count);
    const char **usual = arena_alloc(&index->arena, (size_t)most + 1, sizeof *usual);
    *count = 0;
    for (int i = 0; i < chief_count && *count < most; i++)
        if (strcasestr(chiefs[i], "loss"))
            usual[(*count)++] = chiefs[i];
    if (*count == 0 && chief_count > 0)
        usual[(*count)++] = chiefs[0];
    return usual;
}

const char *run_title(struct index *index, const struct listed_run *run)
{
    long long number = (long long)run->row.number;
    if (index->count == 1)
        return arena_printf(&index->arena, "%lld", number);
    return arena_printf(&index->arena, "%d:%lld", (int)(run->place - index->places) + 1, number);
}

const char *run_long_title(struct index *index, const struct listed_run *run)
{
    const char *title = run_title(index, run), *name = run->row.name;
    return name ? arena_printf(&index->arena, "%s %s", title, name) : title;
}

int index_list(struct index *index, const struct index_run *runs, int count,
               struct listed_run **out)
{
    int error = 0;
    *out = arena_alloc(&index->arena, (size_t)count, sizeof **out);
    for (int i = 0; i < count && !error; i++) {
        struct catalogue *catalogue;
        (*out)[i].place = runs[i].place;
        error = index_catalogue(index, runs[i].place, &catalogue);
        if (!error)
            error =
                catalogue_run(catalogue, &index->arena, runs[i].number, index->now, &(*out)[i].row);
    }
    return error;
}
