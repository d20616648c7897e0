/* Ticks: round values along an axis, as close as their labels allow. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "chart_parts.h"

/* count * 10^exponent, correctly rounded where both are exact; 10^308 is the largest there is. */
static double scale(double count, int exponent)
{
    if (count == 0)
        return 0; /* even of a power that overflows */
    if (exponent >= 0)
        return count * pow(10, exponent);
    if (exponent < -300)
        return count / 1e300 / pow(10, -exponent - 300);
    return count / pow(10, -exponent);
}

double step_times(struct step step, double count)
{
    return scale(count * step.mantissa, step.exponent) + 0.0; /* not -0 */
}

struct step step_next(struct step step)
{
    if (step.mantissa == 5)
        return (struct step){ 1, step.exponent + 1 };
    return (struct step){ step.mantissa == 1 ? 2 : 5, step.exponent };
}

struct step step_at_least(double size)
{
    static const double near = 1e-9;
    struct step step = { 1, (int)floor(log10(size)) };
    while (step_times(step, 1) < size * (1 - near))
        step = step_next(step);
    return step;
}

int ticks_apart(int rows)
{
    return rows < 14 ? 2 : rows < 36 ? 3 : 4;
}

static bool add(struct ticks *ticks, double value)
{
    if (ticks->count == CHART_TICKS)
        return false;
    ticks->list[ticks->count++] = (struct tick){ .value = value };
    return true;
}

bool ticks_fill(struct ticks *ticks, const struct axis *axis, struct step step)
{
    static const double near = 1e-6;
    double size = step_times(step, 1);
    double first = ceil(axis->low / size - near), last = floor(axis->high / size + near);
    ticks->count = 0;
    if (!(last - first < CHART_TICKS))
        return false;
    for (; ticks->count <= last - first; ticks->count++)
        ticks->list[ticks->count] =
            (struct tick){ .value = step_times(step, first + ticks->count) };
    return true;
}

int ticks_columns(const struct ticks *ticks)
{
    int columns = 0;
    for (int i = 0; i < ticks->count; i++)
        columns = MAX(columns, (int)strlen(ticks->list[i].label));
    return columns;
}

static double peak_of(const struct ticks *ticks)
{
    double peak = 0;
    for (int i = 0; i < ticks->count; i++)
        peak = fmax(peak, fabs(ticks->list[i].value));
    return peak;
}

static void label_fixed(struct ticks *ticks, int exponent)
{
    for (int i = 0; i < ticks->count; i++)
        chart_write_fixed(ticks->list[i].label, ticks->list[i].value, MAX(-exponent, 0));
}

/* With the digits down to that of 10^exponent. */
static void label_scientific(struct ticks *ticks, int exponent)
{
    for (int i = 0; i < ticks->count; i++) {
        double value = ticks->list[i].value;
        int digits = value == 0 ? 0 : (int)floor(log10(fabs(value)) + 1e-9) - exponent;
        chart_write_scientific(ticks->list[i].label, value, MIN(MAX(digits, 0), 15));
    }
}

void ticks_label(struct ticks *ticks, int exponent, int most_columns)
{
    static const double most = 1e15, least = 1e-3;
    enum { MOST_DECIMALS = 12, DECIMALS_OF_SMALL = 4 };
    double peak = peak_of(ticks);
    bool is_plain = peak < most && exponent >= -(peak < least ? DECIMALS_OF_SMALL : MOST_DECIMALS);
    if (is_plain)
        label_fixed(ticks, exponent);
    int columns = ticks_columns(ticks);
    if (is_plain && columns <= most_columns)
        return;
    label_scientific(ticks, exponent);
    if (is_plain && ticks_columns(ticks) >= columns)
        label_fixed(ticks, exponent);
}

/* --- the y axis --- */

static void place_rows(struct ticks *ticks, const struct axis *axis, int rows, int down)
{
    for (int i = 0; i < ticks->count; i++) {
        double share = axis_share(axis, ticks->list[i].value);
        int dot = axis_dot(share, rows * down);
        ticks->list[i].at = rows - 1 - MIN(MAX(dot, 0), rows * down - 1) / down;
    }
}

static int smallest_gap(const struct ticks *ticks)
{
    int gap = CHART_SIDE;
    for (int i = 1; i < ticks->count; i++)
        gap = MIN(gap, ticks->list[i - 1].at - ticks->list[i].at);
    return gap;
}

enum { PLAIN_COLUMNS = 9 };

/* The finest steps whose ticks stand `apart` rows or more. */
static void find_linear(struct ticks *ticks, const struct axis *axis, int rows, int down, int apart)
{
    double half = axis->high / 2 - axis->low / 2;
    struct step step = step_at_least(half / (2.0 * rows) * 2);
    for (bool fits = false; !fits; step = step_next(step)) {
        fits = ticks_fill(ticks, axis, step);
        place_rows(ticks, axis, rows, down);
        fits = fits && smallest_gap(ticks) >= apart;
        ticks_label(ticks, step.exponent, PLAIN_COLUMNS);
    }
}

/* Each of `mantissas` times every `stride`-th power of ten. */
static bool fill_decades(struct ticks *ticks, const struct axis *axis, const char *mantissas,
                         int stride)
{
    static const double near = 1e-9;
    int first = (int)floor(axis->origin) - 1, last = (int)ceil(log10(axis->high)) + 1;
    ticks->count = 0;
    for (int exponent = first; exponent <= last; exponent++) {
        for (const char *digit = mantissas; exponent % stride == 0 && *digit; digit++) {
            double value = scale(*digit - '0', exponent), share = axis_share(axis, value);
            bool is_inside = share >= -near && share <= 1 + near && isfinite(value);
            if (is_inside && !add(ticks, value))
                return false;
        }
    }
    return true;
}

/* Plain if all are easily read so, else all as powers of ten. */
static void label_decades(struct ticks *ticks)
{
    static const double least = 0.9e-4, most = 1.1e6;
    bool is_plain = true;
    for (int i = 0; i < ticks->count; i++)
        is_plain = is_plain && ticks->list[i].value > least && ticks->list[i].value < most;
    for (int i = 0; i < ticks->count; i++) {
        struct tick *tick = &ticks->list[i];
        int exponent = (int)floor(log10(tick->value) + 1e-9);
        if (is_plain)
            chart_write_fixed(tick->label, tick->value, MAX(-exponent, 0));
        else
            chart_write_scientific(tick->label, tick->value, 0);
    }
}

static void find_log(struct ticks *ticks, const struct axis *axis, int rows, int down, int apart)
{
    static const struct {
        const char *mantissas;
        int stride;
    } levels[] = {
        { "125", 1 }, { "13", 1 }, { "1", 1 },  { "1", 2 },  { "1", 3 },
        { "1", 5 },   { "1", 10 }, { "1", 20 }, { "1", 50 }, { "1", 100 },
    };
    static const double linear_ratio = 20; /* up to there evenly spaced values do as well */
    enum { ENOUGH = 3 };
    if (axis->high / axis->low < linear_ratio) {
        find_linear(ticks, axis, rows, down, apart);
        if (ticks->count >= ENOUGH)
            return;
    }
    bool fits = false;
    for (int i = 0; i < ARRAY_SIZE(levels) && !fits; i++) {
        fits = fill_decades(ticks, axis, levels[i].mantissas, levels[i].stride);
        place_rows(ticks, axis, rows, down);
        fits = fits && smallest_gap(ticks) >= apart;
    }
    ticks->count = fits ? ticks->count : 0;
    label_decades(ticks);
}

/* The ends themselves, where no round values fit between them. */
static void take_ends(struct ticks *ticks, const struct axis *axis, int rows)
{
    *ticks = (struct ticks){ 0 };
    add(ticks, axis->low);
    if (rows > 1)
        add(ticks, axis->high);
    for (int i = 0; i < ticks->count; i++)
        chart_write_value(ticks->list[i].label, ticks->list[i].value);
}

void ticks_find_y(struct ticks *ticks, const struct axis *axis, int rows, int down)
{
    *ticks = (struct ticks){ 0 };
    if (rows <= 0)
        return;
    for (int apart = ticks_apart(rows); apart > 0 && ticks->count < 2; apart--) {
        if (axis->is_log)
            find_log(ticks, axis, rows, down, apart);
        else
            find_linear(ticks, axis, rows, down, apart);
    }
    if (ticks->count < 2)
        take_ends(ticks, axis, rows);
    place_rows(ticks, axis, rows, down);
}

/* --- the x axis --- */

enum { LABEL_GAP = 2 };

/* Puts labels below their ticks, within the columns that they may take. False if two come too
 * close. */
static bool place_columns(struct ticks *ticks, const struct axis *axis, int columns, int across,
                          int before)
{
    int end = -before - LABEL_GAP;
    for (int i = 0; i < ticks->count; i++) {
        struct tick *tick = &ticks->list[i];
        int length = (int)strlen(tick->label);
        int dot = axis_dot(axis_share(axis, tick->value), columns * across);
        tick->at = MIN(MAX(dot / across, 0), columns - 1);
        tick->start = MAX(MIN(tick->at - length / 2, columns - length), -before);
        if (tick->start < end + LABEL_GAP)
            return false;
        end = tick->start + length;
    }
    return true;
}

/* No zeros that say nothing: labels beside each other need not have as many digits. */
static void strip_zeros(struct ticks *ticks)
{
    for (int i = 0; i < ticks->count; i++) {
        char *label = ticks->list[i].label, *end = label + strlen(label);
        if (!strchr(label, '.') || strchr(label, 'e'))
            continue;
        while (end[-1] == '0')
            *--end = '\0';
        if (end[-1] == '.')
            *--end = '\0';
    }
}

/* Whether all x are whole numbers, as steps are, as far as a few of them tell. */
static bool is_whole(const struct chart *chart)
{
    enum { ENOUGH = 64 };
    for (int i = 0; i < chart->series_count; i++) {
        const struct chart_series *series = &chart->series[i];
        for (int j = 0; series->x && j < series->count; j += series->count / ENOUGH + 1)
            if (isfinite(series->x[j]) && series->x[j] != floor(series->x[j]))
                return false;
    }
    return true;
}

void ticks_find_x(struct ticks *ticks, const struct axis *axis, const struct chart *chart,
                  int columns, int across, int before)
{
    enum { FINEST = 6, PLAIN = 11 }; /* columns from tick to tick, columns of a plain number */
    *ticks = (struct ticks){ 0 };
    if (columns <= 0)
        return;
    bool is_time = chart_is_time(chart, axis), fits = false;
    double half = axis->high / 2 - axis->low / 2;
    double finest = fmin(half / columns * FINEST, 1e307) * 2;
    if (!is_time && half >= 1 && is_whole(chart))
        finest = fmax(finest, 1);
    struct step step = step_at_least(finest);
    for (int level = 0; !fits; level++) {
        if (is_time) {
            fits = ticks_fill_time(ticks, axis, chart, finest, level);
        } else {
            fits = ticks_fill(ticks, axis, step);
            ticks_label(ticks, step.exponent, PLAIN);
            strip_zeros(ticks);
            step = step_next(step);
        }
        fits = fits && place_columns(ticks, axis, columns, across, before);
    }
    if (ticks_columns(ticks) > columns + before)
        ticks->count = 0;
}
