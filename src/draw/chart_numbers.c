/* Numbers as charts write them. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "chart_parts.h"

enum { RAW_SIZE = 64 };

static void copy(char out[CHART_LABEL_SIZE], const char *text)
{
    snprintf(out, CHART_LABEL_SIZE, "%s", text);
}

/* What printf wrote, with thousands separated and a point, whatever the locale's. */
static void separate_thousands(char out[CHART_LABEL_SIZE], const char *raw)
{
    bool is_zero = strpbrk(raw, "123456789") == NULL;
    char *end = out, *last = out + CHART_LABEL_SIZE - 1;
    if (*raw == '-' && !is_zero)
        *end++ = '-';
    raw += *raw == '-';
    int digits = (int)strspn(raw, "0123456789");
    for (; digits > 0 && end + 1 < last; digits--) {
        *end++ = *raw++;
        if (digits % 3 == 1 && digits > 1)
            *end++ = ',';
    }
    if (*raw && end < last) {
        *end++ = '.';
        while (!isdigit((unsigned char)*raw))
            raw++;
    }
    while (*raw && end < last)
        *end++ = *raw++;
    *end = '\0';
}

void chart_write_fixed(char out[CHART_LABEL_SIZE], double value, int decimals)
{
    char raw[RAW_SIZE];
    snprintf(raw, sizeof raw, "%.*f", decimals, value);
    separate_thousands(out, raw);
}

/* "1.5e-7": no zeros that say nothing. */
void chart_write_scientific(char out[CHART_LABEL_SIZE], double value, int decimals)
{
    char raw[RAW_SIZE], mantissa[CHART_LABEL_SIZE];
    if (value == 0) {
        copy(out, "0");
        return;
    }
    snprintf(raw, sizeof raw, "%.*e", decimals, value);
    char *e = strchr(raw, 'e');
    int exponent = 0;
    if (e) {
        sscanf(e + 1, "%d", &exponent);
        *e = '\0';
    }
    separate_thousands(mantissa, raw);
    char *end = mantissa + strlen(mantissa);
    while (strchr(mantissa, '.') && (end[-1] == '0' || end[-1] == '.')) {
        bool was_point = end[-1] == '.';
        *--end = '\0';
        if (was_point)
            break;
    }
    snprintf(out, CHART_LABEL_SIZE, "%.30se%d", mantissa, exponent);
}

/* Four digits; whole numbers whole. */
void chart_write_value(char out[CHART_LABEL_SIZE], double value)
{
    static const double least = 1e-4, most = 1e7;
    double size = fabs(value);
    if (isnan(value)) {
        copy(out, "NaN");
    } else if (isinf(value)) {
        copy(out, value > 0 ? "Inf" : "-Inf");
    } else if (size != 0 && (size < least || size >= most)) {
        chart_write_scientific(out, value, 2);
    } else if (value == floor(value)) {
        chart_write_fixed(out, value, 0);
    } else {
        int exponent = (int)floor(log10(size));
        chart_write_fixed(out, value, MIN(MAX(3 - exponent, 0), 7));
    }
}

void chart_write_x(char out[CHART_LABEL_SIZE], const struct chart *chart, double x)
{
    static const double most_whole = 1e12;
    bool is_time = isfinite(x) && fabs(x) < most_whole;
    if (is_time && chart->x_kind == CHART_X_DURATION)
        chart_write_duration(out, x, 1);
    else if (is_time && chart->x_kind == CHART_X_CLOCK)
        chart_write_clock(out, x + chart->utc_offset);
    else if (fabs(x) < most_whole && x == floor(x))
        chart_write_fixed(out, x, 0);
    else
        chart_write_value(out, x);
}
