/* Times along the x axis: durations, and the clock of a given offset from Greenwich. No locale, no
 * time zone of the machine. */
#include <math.h>
#include <stdio.h>

#include "chart_parts.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* Neither millennia nor less than a tenth of a millisecond. */
bool chart_is_time(const struct chart *chart, const struct axis *axis)
{
    static const double furthest = 1e11, shortest = 1e-4;
    return chart->x_kind != CHART_X_NUMBER && fabs(axis->low) < furthest &&
           fabs(axis->high) < furthest && axis->high - axis->low > shortest;
}

/* --- the calendar --- */

struct date {
    int64_t year;
    int month, day; /* from 1 */
};

/* Days since 1970-01-01 in the Gregorian calendar. A year is counted from March, so that the leap
 * day is its last one: then months before month m (0 March) have (153 m + 2) / 5 days. */
static int64_t days_of_date(struct date date)
{
    enum { DAYS_TO_1970 = 719468 }; /* from 0000-03-01 */
    int64_t year = date.year - (date.month <= 2);
    int month = (date.month + 9) % 12;
    int64_t leap_days =
        (int64_t)(floor((double)year / 4) - floor((double)year / 100) + floor((double)year / 400));
    return 365 * year + leap_days + (153 * month + 2) / 5 + date.day - 1 - DAYS_TO_1970;
}

static struct date date_of_days(int64_t days)
{
    struct date date = { 1970 + (int64_t)floor((double)days / 365.2425), 1, 1 };
    if (days_of_date(date) > days)
        date.year--;
    if (days_of_date((struct date){ date.year + 1, 1, 1 }) <= days)
        date.year++;
    while (date.month < 12 && days_of_date((struct date){ date.year, date.month + 1, 1 }) <= days)
        date.month++;
    date.day = 1 + (int)(days - days_of_date(date));
    return date;
}

static const char *month_name(int month)
{
    static const char names[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    return names[month - 1];
}

/* --- labels --- */

static int decimals_of(double step)
{
    return MIN(MAX((int)ceil(-log10(step) - 1e-9), 0), 9);
}

/* Down to the unit of `step`: "1:30", "15 min", "2 h", "1 h 30", "3 d". */
void chart_write_duration(char out[CHART_LABEL_SIZE], double seconds, double step)
{
    const char *sign = seconds < 0 ? "-" : "";
    double size = fabs(seconds), whole = floor(size + 0.5);
    int64_t all = (int64_t)whole;
    int days = (int)(all / DAY), hours = (int)(all / HOUR % 24), minutes = (int)(all / MINUTE % 60);
    if (step < 1 && size != 0) {
        char number[CHART_LABEL_SIZE];
        chart_write_fixed(number, seconds, decimals_of(step));
        snprintf(out, CHART_LABEL_SIZE, "%.40s s", number);
    } else if (all == 0) {
        snprintf(out, CHART_LABEL_SIZE, "0");
    } else if (step >= DAY) {
        snprintf(out, CHART_LABEL_SIZE, "%s%d d", sign, days);
    } else if (step >= HOUR && days == 0) {
        snprintf(out, CHART_LABEL_SIZE, "%s%d h", sign, hours);
    } else if (step >= HOUR) {
        snprintf(out, CHART_LABEL_SIZE, hours ? "%s%d d %d h" : "%s%d d", sign, days, hours);
    } else if (step >= MINUTE && all >= HOUR) {
        snprintf(out, CHART_LABEL_SIZE, minutes ? "%s%d h %02d" : "%s%d h", sign, (int)(all / HOUR),
                 minutes);
    } else if (step >= MINUTE) {
        snprintf(out, CHART_LABEL_SIZE, "%s%d min", sign, minutes);
    } else if (all >= HOUR) {
        snprintf(out, CHART_LABEL_SIZE, "%s%d:%02d:%02d", sign, (int)(all / HOUR), minutes,
                 (int)(all % MINUTE));
    } else {
        snprintf(out, CHART_LABEL_SIZE, "%s%d:%02d", sign, minutes, (int)(all % MINUTE));
    }
}

/* "14:30", down to the unit of `step`. */
static void write_time_of_day(char out[CHART_LABEL_SIZE], double seconds, double step)
{
    int whole = (int)seconds, decimals = decimals_of(step);
    double scale = pow(10, decimals);
    if (step >= MINUTE)
        snprintf(out, CHART_LABEL_SIZE, "%02d:%02d", whole / HOUR, whole / MINUTE % 60);
    else if (decimals == 0)
        snprintf(out, CHART_LABEL_SIZE, "%02d:%02d:%02d", whole / HOUR, whole / MINUTE % 60,
                 whole % 60);
    else
        snprintf(out, CHART_LABEL_SIZE, "%02d:%02d:%02d.%0*d", whole / HOUR, whole / MINUTE % 60,
                 whole % 60, decimals, (int)((seconds - whole) * scale));
}

static void write_clock_tick(char out[CHART_LABEL_SIZE], double local, double step)
{
    double unit = fmin(step, 1);
    double rounded = floor(local / unit + 0.5) * unit + 1e-6; /* not a hair too early */
    double midnight = floor(rounded / DAY) * DAY;
    struct date date = date_of_days((int64_t)(midnight / DAY));
    bool is_midnight = rounded - midnight < 1e-3 && step >= 1;
    if (is_midnight && date.day == 1 && date.month == 1 && step >= 28.0 * DAY)
        snprintf(out, CHART_LABEL_SIZE, "%d", (int)date.year);
    else if (is_midnight && date.day == 1 && step >= 28.0 * DAY)
        snprintf(out, CHART_LABEL_SIZE, "%s", month_name(date.month));
    else if (is_midnight)
        snprintf(out, CHART_LABEL_SIZE, "%d %s", date.day, month_name(date.month));
    else
        write_time_of_day(out, rounded - midnight, step);
}

void chart_write_clock(char out[CHART_LABEL_SIZE], double local_seconds)
{
    char time[CHART_LABEL_SIZE];
    double midnight = floor(local_seconds / DAY) * DAY;
    struct date date = date_of_days((int64_t)(midnight / DAY));
    write_time_of_day(time, local_seconds - midnight, 1);
    snprintf(out, CHART_LABEL_SIZE, "%d %s %.8s", date.day, month_name(date.month), time);
}

/* --- ticks --- */

/* Multiples of `size` seconds after `offset`. */
static bool fill_even(struct ticks *ticks, const struct axis *axis, double size, double offset)
{
    static const double near = 1e-6;
    double first = ceil((axis->low + offset) / size - near);
    double last = floor((axis->high + offset) / size + near);
    ticks->count = 0;
    if (!(last - first < CHART_TICKS))
        return false;
    for (; ticks->count <= last - first; ticks->count++)
        ticks->list[ticks->count] =
            (struct tick){ .value = (first + ticks->count) * size - offset };
    return true;
}

/* The first of every `months`-th month. */
static bool fill_months(struct ticks *ticks, const struct axis *axis, int months, double offset)
{
    struct date first = date_of_days((int64_t)floor((axis->low + offset) / DAY));
    int64_t at = (int64_t)floor((double)(first.year * 12 + first.month - 1) / months) * months;
    ticks->count = 0;
    for (;; at += months) {
        int64_t year = (int64_t)floor((double)at / 12);
        struct date date = { year, (int)(at - year * 12) + 1, 1 };
        double value = (double)days_of_date(date) * DAY - offset;
        if (value > axis->high)
            return true;
        if (value < axis->low)
            continue;
        if (ticks->count == CHART_TICKS)
            return false;
        ticks->list[ticks->count++] = (struct tick){ .value = value };
    }
}

/* Steps of the clock; above them months, the last of them doubled again and again, or days. */
static const int even_steps[] = {
    1,          2,          5,           10,          15,          30,      MINUTE,
    2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR,    2 * HOUR,
    3 * HOUR,   6 * HOUR,   12 * HOUR,   DAY,         2 * DAY,     7 * DAY,
};
static const int month_steps[] = { 1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000 };

/* The size of the step at `level` above the first that is at least `finest`; *months is 0, or their
 * number. */
static double step_of_level(double finest, int level, bool is_clock, int *months)
{
    enum { MOST_DOUBLED = 8 };
    int count = ARRAY_SIZE(even_steps), first = 0;
    *months = 0;
    struct step step = step_at_least(finest);
    for (; level > 0 && step_times(step, 1) < 1; level--)
        step = step_next(step);
    if (step_times(step, 1) < 1)
        return step_times(step, 1);
    while (first < count && even_steps[first] < finest)
        first++;
    level += first;
    if (level < count)
        return even_steps[level];
    level -= count;
    if (is_clock) {
        int last = ARRAY_SIZE(month_steps) - 1;
        *months = month_steps[MIN(level, last)] << MIN(MAX(level - last, 0), MOST_DOUBLED);
        return *months * 28.0 * DAY;
    }
    step = (struct step){ 1, 1 };
    while (level-- > 0 || step_times(step, DAY) < finest)
        step = step_next(step);
    return step_times(step, DAY);
}

bool ticks_fill_time(struct ticks *ticks, const struct axis *axis, const struct chart *chart,
                     double finest, int level)
{
    int months;
    bool is_clock = chart->x_kind == CHART_X_CLOCK, fits;
    double offset = is_clock ? chart->utc_offset : 0;
    double size = step_of_level(finest, level, is_clock, &months);
    if (months > 0)
        fits = fill_months(ticks, axis, months, offset);
    else
        fits = fill_even(ticks, axis, size,
                         is_clock && size == 7.0 * DAY ? offset + 3.0 * DAY : offset);
    for (int i = 0; i < ticks->count; i++) {
        struct tick *tick = &ticks->list[i];
        if (is_clock)
            write_clock_tick(tick->label, tick->value + offset, size);
        else
            chart_write_duration(tick->label, tick->value, size);
    }
    return fits;
}
