/* Axes: what part of the values they show, and where a value is on them. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "chart_parts.h"

/* Values are halved where they are subtracted, since the whole difference may overflow. */
void axis_init(struct axis *axis, double low, double high, bool is_log)
{
    double origin = is_log ? log10(low) : low / 2, end = is_log ? log10(high) : high / 2;
    *axis = (struct axis){ low, high, is_log, origin, 1 / (end - origin) };
}

double axis_share(const struct axis *axis, double value)
{
    enum { FAR = 1 << 16 }; /* sizes of the plot: far enough for a line, and dots fit an int */
    if (isnan(value) || (axis->is_log && value <= 0))
        return NAN;
    double share = ((axis->is_log ? log10(value) : value / 2) - axis->origin) * axis->factor;
    return share < -FAR ? -FAR : share > FAR ? FAR : share;
}

double axis_value(const struct axis *axis, double share)
{
    double place = axis->origin + share / axis->factor;
    return axis->is_log ? pow(10, place) : 2 * place;
}

int axis_dot(double share, int dots)
{
    return (int)floor(share * (dots - 1) + 0.5);
}

int axis_cell(const struct axis *axis, double value, int cells, int dots)
{
    double share = axis_share(axis, value);
    return share >= 0 && share <= 1 && cells > 0 ? axis_dot(share, cells * dots) / dots : -1;
}

struct extent { /* low > high: nothing yet */
    double low, high;
};

static void extent_add(struct extent *extent, double value)
{
    if (value < extent->low)
        extent->low = value;
    if (value > extent->high)
        extent->high = value;
}

/* Both ends are automatic if both are 0. */
static bool is_given(const struct chart_range *range, double end)
{
    return isfinite(end) && !(range->low == 0 && range->high == 0);
}

/* Puts in what the caller demands. */
static void extent_apply(struct extent *extent, const struct chart_range *range)
{
    bool has_low = is_given(range, range->low), has_high = is_given(range, range->high);
    if (has_low)
        *extent = (struct extent){ range->low, fmax(range->low, extent->high) };
    if (has_high)
        *extent = (struct extent){ fmin(range->high, extent->low), range->high };
    if (has_low && has_high)
        extent_add(extent, range->low); /* they may be the wrong way round */
}

/* Makes the ends far enough apart for doubles between them to be told apart; `least` is the
 * smallest distance of each from the middle. */
static void extent_widen(struct extent *extent, double least)
{
    double size = fmax(fabs(extent->low), fabs(extent->high));
    if (extent->high / 2 - extent->low / 2 > fmax(size * 1e-12, 1e-300))
        return;
    double middle = extent->low / 2 + extent->high / 2, by = fmax(fmax(size * 1e-6, least), 1e-299);
    extent->low = fmax(middle - by, -DBL_MAX);
    extent->high = fmin(middle + by, DBL_MAX);
}

static struct extent extent_of_x(const struct chart *chart)
{
    struct extent extent = { INFINITY, -INFINITY };
    for (int i = 0; i < chart->series_count; i++) {
        const struct chart_series *series = &chart->series[i];
        if (!series->x && series->count > 0) {
            extent_add(&extent, 0);
            extent_add(&extent, series->count - 1);
            continue;
        }
        for (int j = 0; j < series->count; j++)
            if (isfinite(series->x[j]))
                extent_add(&extent, series->x[j]);
    }
    return extent;
}

void axis_init_x(struct axis *axis, const struct chart *chart)
{
    static const double share_of_start = 0.05; /* so near to 0 an axis begins there */
    struct extent extent = extent_of_x(chart);
    bool is_empty = extent.low > extent.high;
    if (is_empty)
        extent = (struct extent){ 0, 1 };
    if (chart->x_kind != CHART_X_CLOCK && extent.low > 0 &&
        extent.low <= share_of_start * extent.high)
        extent.low = 0;
    extent_apply(&extent, &chart->x);
    extent_widen(&extent, chart->x_kind == CHART_X_CLOCK ? 30 : 0.5);
    axis_init(axis, extent.low, extent.high, false);
}

/* Whether a value has a place on a y axis. */
static bool has_place(const struct chart *chart, double value)
{
    return isfinite(value) && (chart->y_scale != CHART_LOG || value > 0);
}

static void add_value(struct extent *extent, const struct chart *chart, double value)
{
    if (has_place(chart, value))
        extent_add(extent, value);
}

static void add_point(struct extent *extent, const struct chart *chart,
                      const struct chart_series *series, int i)
{
    if (isnan(series->mean[i]))
        return;
    add_value(extent, chart, series->mean[i]);
    if (series->low && !chart->hides_bands)
        add_value(extent, chart, series->low[i]);
    if (series->high && !chart->hides_bands)
        add_value(extent, chart, series->high[i]);
}

/* The curve's value at an x between points `i` - 1 and `i`, if it has one. */
static void add_crossing(struct extent *extent, const struct chart *chart,
                         const struct chart_series *series, int i, double x)
{
    double from_x = series_x(series, i - 1), to_x = series_x(series, i);
    double from = series->mean[i - 1], to = series->mean[i];
    if (!(from_x < x && x < to_x) || !has_place(chart, from) || !has_place(chart, to))
        return;
    double share = (x - from_x) / (to_x - from_x);
    if (chart->y_scale == CHART_LOG)
        add_value(extent, chart, pow(10, log10(from) * (1 - share) + log10(to) * share));
    else
        add_value(extent, chart, from * (1 - share) + to * share);
}

/* Where the curve enters and leaves what is between two x. */
static void add_crossings(struct extent *extent, const struct chart *chart,
                          const struct chart_series *series, double x_low, double x_high)
{
    bool was_inside = true;
    for (int i = 0; i < series->count; i++) {
        double x = series_x(series, i);
        bool is_inside = x >= x_low && x <= x_high;
        if (i > 0 && !(is_inside && was_inside)) {
            add_crossing(extent, chart, series, i, x_low);
            add_crossing(extent, chart, series, i, x_high);
        }
        was_inside = is_inside;
    }
}

/* The extents of values side by side, so that a million are looked at a vector at a time. */
enum { LANES = 512 };
struct lanes {
    double low[LANES], high[LANES];
    double x_low, x_high, least; /* of values that have a place */
    uint8_t is_outside;
};

/* Of LANES points, as add_point. */
VECTOR_CLONES
static void add_lanes(struct lanes *lanes, const double *x, const double *mean,
                      const double *values)
{
    uint8_t outside = 0;
    for (int i = 0; i < LANES; i++) {
        bool is_inside = (x[i] >= lanes->x_low) & (x[i] <= lanes->x_high);
        bool counts =
            is_inside & (mean[i] == mean[i]) & (values[i] >= lanes->least) & (values[i] <= DBL_MAX);
        double low = counts ? values[i] : INFINITY, high = counts ? values[i] : -INFINITY;
        lanes->low[i] = low < lanes->low[i] ? low : lanes->low[i];
        lanes->high[i] = high > lanes->high[i] ? high : lanes->high[i];
        outside |= !is_inside;
    }
    lanes->is_outside |= outside;
}

/* Of as many points as fill lanes; returns how many. */
static int add_in_lanes(struct lanes *lanes, const struct chart *chart,
                        const struct chart_series *series)
{
    int at = 0;
    for (; series->x && at + LANES <= series->count; at += LANES) {
        const double *x = series->x + at, *mean = series->mean + at;
        add_lanes(lanes, x, mean, mean);
        if (series->low && !chart->hides_bands)
            add_lanes(lanes, x, mean, series->low + at);
        if (series->high && !chart->hides_bands)
            add_lanes(lanes, x, mean, series->high + at);
    }
    return at;
}

static void add_series(struct lanes *lanes, const struct chart *chart,
                       const struct chart_series *series)
{
    struct extent extent = { INFINITY, -INFINITY };
    lanes->is_outside = false;
    for (int i = add_in_lanes(lanes, chart, series); i < series->count; i++) {
        double x = series_x(series, i);
        if (x >= lanes->x_low && x <= lanes->x_high)
            add_point(&extent, chart, series, i);
        else
            lanes->is_outside = true;
    }
    if (lanes->is_outside)
        add_crossings(&extent, chart, series, lanes->x_low, lanes->x_high);
    lanes->low[0] = fmin(lanes->low[0], extent.low);
    lanes->high[0] = fmax(lanes->high[0], extent.high);
}

/* Of the curves between two x; of all if there is nothing. */
static struct extent extent_of_y(const struct chart *chart, double x_low, double x_high)
{
    struct extent extent = { INFINITY, -INFINITY };
    struct lanes lanes = { .x_low = x_low, .x_high = x_high };
    lanes.least = chart->y_scale == CHART_LOG ? DBL_TRUE_MIN : -DBL_MAX;
    for (int i = 0; i < LANES; i++)
        lanes.low[i] = INFINITY, lanes.high[i] = -INFINITY;
    for (int i = 0; i < chart->series_count; i++)
        add_series(&lanes, chart, &chart->series[i]);
    for (int i = 0; i < LANES; i++) {
        extent.low = fmin(extent.low, lanes.low[i]);
        extent.high = fmax(extent.high, lanes.high[i]);
    }
    if (extent.low > extent.high && x_low > -INFINITY)
        return extent_of_y(chart, -INFINITY, INFINITY);
    return extent;
}

/* Puts the value that has `rank` others before it when sorted where it belongs, smaller ones before
 * and larger ones behind it. (Hoare 1961.) */
static double select_value(double *values, int count, int rank)
{
    int first = 0, last = count - 1;
    while (first < last) {
        double pivot = values[first + (last - first) / 2];
        int left = first, right = last;
        while (left <= right) {
            while (values[left] < pivot)
                left++;
            while (values[right] > pivot)
                right--;
            if (left > right)
                break;
            double value = values[left];
            values[left++] = values[right];
            values[right--] = value;
        }
        if (rank <= right)
            last = right;
        else if (rank >= left)
            first = left;
        else
            break;
    }
    return values[rank];
}

/* An even choice of the values between two x; free it. */
static double *choose_values(const struct chart *chart, double x_low, double x_high, int *count)
{
    enum { MOST = 8192 };
    int64_t total = 0;
    for (int i = 0; i < chart->series_count; i++)
        total += MAX(chart->series[i].count, 0);
    int stride = (int)(total / MOST) + 1;
    double *values = xcalloc((size_t)(total / stride + chart->series_count + 1), sizeof *values);
    *count = 0;
    for (int i = 0; i < chart->series_count; i++) {
        const struct chart_series *series = &chart->series[i];
        for (int j = 0; j < series->count; j += stride) {
            double x = series_x(series, j);
            if (x >= x_low && x <= x_high && has_place(chart, series->mean[j]))
                values[(*count)++] = series->mean[j];
        }
    }
    return values;
}

/* Cuts what a few values alone take up: beyond the middle 99 % and a tenth of that. Of a handful of
 * values none is an outlier. */
static void cut_outliers(struct extent *extent, const struct chart *chart, const struct axis *x)
{
    enum { HANDFUL = 16 };
    static const double tail = 0.005, margin = 0.1, share_worth_cutting = 0.7;
    int count;
    double *values = choose_values(chart, x->low, x->high, &count);
    struct axis all, middle;
    if (count > HANDFUL) {
        bool is_log = chart->y_scale == CHART_LOG;
        int skipped = (int)ceil(tail * count);
        double low = select_value(values, count, MIN(skipped, count / 2));
        double high = select_value(values, count, MAX(count - 1 - skipped, 0));
        axis_init(&all, extent->low, extent->high, is_log);
        double share = axis_share(&all, high) - axis_share(&all, low);
        if (low < high && share < share_worth_cutting) {
            axis_init(&middle, low, high, is_log);
            extent->low = fmax(extent->low, axis_value(&middle, -margin));
            extent->high = fmin(extent->high, axis_value(&middle, 1 + margin));
        }
    }
    free(values);
}

/* Takes a rounded end if it is further out, and costs little. */
static void round_end(double *end, double rounded, double added)
{
    static const double most_added = 0.13, near = 1e-6;
    if (isfinite(rounded) && added >= -near && added <= most_added)
        *end = rounded + 0.0; /* not -0 */
}

/* The next 1, 2, 3 or 5 times a power of ten, downwards or upwards. */
static double round_log(double value, bool up)
{
    static const int mantissas[] = { 1, 2, 3, 5, 10 };
    static const double near = 1e-9;
    int exponent = (int)floor(log10(value));
    double best = NAN;
    for (int i = 0; i < ARRAY_SIZE(mantissas); i++) {
        double candidate = step_times((struct step){ mantissas[i], exponent }, 1);
        if (up && candidate >= value * (1 - near))
            return candidate;
        if (!up && candidate <= value * (1 + near))
            best = candidate;
    }
    return best;
}

static void round_ends(struct extent *extent, const struct chart *chart, int rows)
{
    struct axis axis;
    struct extent to;
    axis_init(&axis, extent->low, extent->high, chart->y_scale == CHART_LOG);
    if (chart->y_scale == CHART_LOG) {
        to = (struct extent){ round_log(extent->low, false), round_log(extent->high, true) };
    } else {
        double half = extent->high / 2 - extent->low / 2, parts = (double)rows / ticks_apart(rows);
        struct step step = step_at_least(half / fmax(parts, 2) * 2);
        double size = step_times(step, 1);
        to.low = step_times(step, floor(extent->low / size + 1e-9));
        to.high = step_times(step, ceil(extent->high / size - 1e-9));
    }
    if (!is_given(&chart->y, chart->y.low))
        round_end(&extent->low, to.low, -axis_share(&axis, to.low));
    if (!is_given(&chart->y, chart->y.high))
        round_end(&extent->high, to.high, axis_share(&axis, to.high) - 1);
}

void axis_init_y(struct axis *axis, const struct chart *chart, const struct axis *x, int rows)
{
    bool is_log = chart->y_scale == CHART_LOG;
    struct extent extent = extent_of_y(chart, x->low, x->high);
    if (chart->ignores_outliers && extent.low < extent.high)
        cut_outliers(&extent, chart, x);
    for (int i = 0; i < chart->reference_count; i++)
        if (has_place(chart, chart->references[i].y))
            extent_add(&extent, chart->references[i].y);
    if (extent.low > extent.high)
        extent = is_log ? (struct extent){ 1, 10 } : (struct extent){ 0, 1 };
    extent_apply(&extent, &chart->y);
    double size = fmax(fabs(extent.low), fabs(extent.high));
    extent_widen(&extent, size > 0 ? size / 10 : 1);
    if (is_log && !(extent.high > 0))
        extent = (struct extent){ 1, 10 };
    if (is_log && !(extent.low > 0))
        extent.low = extent.high / 1000;
    round_ends(&extent, chart, rows);
    axis_init(axis, extent.low, extent.high, is_log);
}
