#define _GNU_SOURCE
#include "event_line.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

static const struct {
    const char *word;
    double number;
} not_finite[] = { { "NaN", NAN }, { "Infinity", INFINITY }, { "-Infinity", -INFINITY } };

/* --- quick --- */

/* A place in the line; `at` stands on its closing 0 at the end. */
struct cursor {
    char *at;
};

static void skip_blanks(struct cursor *cursor)
{
    while (*cursor->at == ' ' || *cursor->at == '\t')
        cursor->at++;
}

static bool take(struct cursor *cursor, char expected)
{
    skip_blanks(cursor);
    if (*cursor->at != expected)
        return false;
    cursor->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What the digits of a number come to. */
struct digits {
    uint64_t mantissa;
    int count;    /* digits in the mantissa, leading zeros left out */
    int exponent; /* of ten */
};

static void add_digits(struct cursor *cursor, struct digits *digits, bool is_fraction)
{
    for (; is_digit(*cursor->at); cursor->at++) {
        if (digits->count < 19)
            digits->mantissa = digits->mantissa * 10 + (uint64_t)(*cursor->at - '0');
        digits->count += digits->mantissa > 0;
        digits->exponent -= is_fraction;
    }
}

/* As JSON has them: no leading zero, no '+', digits on both sides of a point. */
static bool scan_digits(struct cursor *cursor, struct digits *digits)
{
    const char *start = cursor->at;
    if (!is_digit(*start) || (*start == '0' && is_digit(start[1])))
        return false;
    add_digits(cursor, digits, false);
    if (*cursor->at == '.') {
        cursor->at++;
        if (!is_digit(*cursor->at))
            return false;
        add_digits(cursor, digits, true);
    }
    return true;
}

static bool scan_exponent(struct cursor *cursor, int *exponent)
{
    int value = 0;
    if (*cursor->at != 'e' && *cursor->at != 'E')
        return true;
    cursor->at++;
    bool is_negative = *cursor->at == '-';
    if (is_negative || *cursor->at == '+')
        cursor->at++;
    if (!is_digit(*cursor->at))
        return false;
    for (; is_digit(*cursor->at); cursor->at++)
        value = MIN(value * 10 + (*cursor->at - '0'), 100000);
    *exponent += is_negative ? -value : value;
    return true;
}

#if LDBL_MANT_DIG == 64
/* With up to 19 digits and a power of ten up to 27, both are exact in the 64 bits of a long double,
 * and their product or quotient is off by half a unit there at most. So it rounds to the nearest
 * double, unless it lies that near to the middle between two. */
static bool compose_long(const struct digits *digits, double *out)
{
    static const long double powers[] = { 1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,
                                          1e7L,  1e8L,  1e9L,  1e10L, 1e11L, 1e12L, 1e13L,
                                          1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L,
                                          1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L };
    enum {
        EXACT_DIGITS = 19,
        EXACT_POWER = ARRAY_SIZE(powers) - 1,
        LOST = (1 << 11) - 1,
        MIDDLE = 1 << 10
    };
    if (digits->count > EXACT_DIGITS || abs(digits->exponent) > EXACT_POWER)
        return false;
    long double value = (long double)digits->mantissa;
    value =
        digits->exponent < 0 ? value / powers[-digits->exponent] : value * powers[digits->exponent];
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits); /* the significand comes first */
    int lost = (int)(bits & LOST);
    *out = (double)value;
    return abs(lost - MIDDLE) > 1 || digits->mantissa == 0;
}
#else
static bool compose_long(const struct digits *digits, double *out)
{
    (void)digits, (void)out;
    return false;
}
#endif

/* With at most 15 digits and a small power of ten both are exact as doubles, and so their product
 * or quotient is the nearest double (Clinger 1990). Else strtod knows. */
static bool scan_number(struct cursor *cursor, double *out)
{
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    enum { EXACT_DIGITS = 15, EXACT_POWER = ARRAY_SIZE(powers) - 1 };
    struct digits digits = { 0 };
    const char *start = cursor->at;
    bool is_negative = *cursor->at == '-';
    cursor->at += is_negative;
    if (!scan_digits(cursor, &digits) || !scan_exponent(cursor, &digits.exponent))
        return false;
    double value = (double)digits.mantissa;
    if (digits.count <= EXACT_DIGITS && abs(digits.exponent) <= EXACT_POWER) {
        value = digits.exponent < 0 ? value / powers[-digits.exponent]
                                    : value * powers[digits.exponent];
    } else if (!compose_long(&digits, &value)) {
        *out = strtod(start, NULL);
        return isfinite(*out); /* a JSON library refuses what overflows */
    }
    *out = is_negative ? -value : value;
    return true;
}

/* A string of plain characters; *length without its quotes. */
static bool scan_string(struct cursor *cursor, char **text, size_t *length)
{
    if (!take(cursor, '"'))
        return false;
    *text = cursor->at;
    while (*cursor->at >= ' ' && *cursor->at < 0x7F && *cursor->at != '"' && *cursor->at != '\\')
        cursor->at++;
    *length = (size_t)(cursor->at - *text);
    if (*cursor->at != '"')
        return false;
    cursor->at++;
    return true;
}

static bool is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool scan_value(struct cursor *cursor, double *value, char **text, size_t *length)
{
    skip_blanks(cursor);
    if (*cursor->at != '"') {
        *text = cursor->at;
        bool is_number = scan_number(cursor, value);
        *length = (size_t)(cursor->at - *text);
        return is_number;
    }
    if (!scan_string(cursor, text, length))
        return false;
    for (int i = 0; i < ARRAY_SIZE(not_finite); i++)
        if (is_word(*text, *length, not_finite[i].word)) {
            *value = not_finite[i].number;
            return true;
        }
    return false;
}

/* Where names and values end, to be closed with a 0 once the whole line is understood. */
struct endings {
    char *ends[2 * QUICK_METRICS];
    int count;
};

static bool is_repeated(const struct event_line *out, int count, const char *name, size_t length)
{
    for (int i = 0; i < count; i++)
        if (memcmp(out->quick[i].name, name, length) == 0 && out->quick[i].name[length] == '"')
            return true;
    return false;
}

static bool scan_metrics(struct cursor *cursor, struct event_line *out, struct endings *endings)
{
    int count = 0;
    if (!take(cursor, '{'))
        return false;
    if (take(cursor, '}'))
        return true;
    do {
        char *name, *text;
        size_t name_length, text_length;
        double value;
        if (count == QUICK_METRICS || !scan_string(cursor, &name, &name_length) ||
            is_repeated(out, count, name, name_length) || !take(cursor, ':') ||
            !scan_value(cursor, &value, &text, &text_length))
            return false;
        endings->ends[endings->count++] = name + name_length;
        endings->ends[endings->count++] = text + text_length;
        out->quick[count++] = (struct event_metric){ name, value, text };
        out->event.metric_count = count;
    } while (take(cursor, ','));
    return take(cursor, '}');
}

static bool scan_step(struct cursor *cursor, int64_t *step)
{
    enum { LONGEST = 18 };
    int64_t value = 0;
    skip_blanks(cursor);
    const char *start = cursor->at;
    for (; is_digit(*cursor->at); cursor->at++)
        if (cursor->at - start < LONGEST)
            value = value * 10 + (*cursor->at - '0');
    *step = value;
    bool has_zeros = *start == '0' && cursor->at - start > 1;
    bool is_whole = *cursor->at != '.' && *cursor->at != 'e' && *cursor->at != 'E';
    return cursor->at > start && cursor->at - start <= LONGEST && !has_zeros && is_whole;
}

/* What no clock says is not said. */
static void check_time(struct event *event)
{
    static const double latest = 9e12;
    if (!(event->time >= 0 && event->time < latest))
        event->time = NAN;
}

enum { SEEN_TIME = 1, SEEN_STEP = 2, SEEN_METRICS = 4 };

static bool scan_member(struct cursor *cursor, struct event_line *out, struct endings *endings,
                        int *seen)
{
    char *key;
    size_t length;
    int what = 0;
    bool is_good = false;
    if (!scan_string(cursor, &key, &length) || !take(cursor, ':'))
        return false;
    if (is_word(key, length, "t")) {
        what = SEEN_TIME;
        skip_blanks(cursor);
        is_good = scan_number(cursor, &out->event.time);
    } else if (is_word(key, length, "step")) {
        what = SEEN_STEP;
        is_good = scan_step(cursor, &out->event.step);
    } else if (is_word(key, length, "metrics")) {
        what = SEEN_METRICS;
        is_good = scan_metrics(cursor, out, endings);
    }
    is_good = is_good && !(*seen & what);
    *seen |= what;
    return is_good;
}

bool event_line_read_quick(struct event_line *out, char *text, size_t length)
{
    struct cursor cursor = { text };
    struct endings endings = { .count = 0 };
    int seen = 0;
    out->event = (struct event){ .time = NAN, .metrics = out->quick };
    if (!take(&cursor, '{'))
        return false;
    do
        if (!scan_member(&cursor, out, &endings, &seen))
            return false;
    while (take(&cursor, ','));
    if (!take(&cursor, '}'))
        return false;
    while (*cursor.at == '\r' || *cursor.at == ' ' || *cursor.at == '\t')
        cursor.at++;
    if (cursor.at != text + length || !(seen & SEEN_METRICS))
        return false;
    for (int i = 0; i < endings.count; i++)
        *endings.ends[i] = '\0';
    out->has_step = seen & SEEN_STEP;
    check_time(&out->event);
    return true;
}

/* --- slow --- */

/* Gathers the numbers of an object, those of objects in it under "outer.inner". */
struct gathering {
    struct arena *arena;
    struct event_metric *metrics;
    int count, room;
    const char *prefix; /* "outer." */
    int depth;
};

static void gather(void *context, const char *key, const struct json *value)
{
    enum { DEEPEST = 8 };
    struct gathering *all = context;
    double number;
    const char *name = *all->prefix ? arena_printf(all->arena, "%s%s", all->prefix, key)
                                    : arena_strdup(all->arena, key);
    if (json_is_object(value) && all->depth < DEEPEST) {
        const char *outer = all->prefix;
        all->prefix = arena_printf(all->arena, "%s.", name);
        all->depth++;
        json_each(value, gather, all);
        all->depth--;
        all->prefix = outer;
        return;
    }
    if (!json_get_number(value, &number))
        return;
    if (all->count == all->room) {
        all->room = all->room ? 2 * all->room : 16;
        struct event_metric *more = arena_alloc(all->arena, (size_t)all->room, sizeof *more);
        if (all->count > 0)
            memcpy(more, all->metrics, (size_t)all->count * sizeof *more);
        all->metrics = more;
    }
    const char *text = isnan(number)   ? "NaN"
                       : isinf(number) ? (number > 0 ? "Infinity" : "-Infinity")
                                       : format_real(all->arena, number);
    all->metrics[all->count++] = (struct event_metric){ name, number, text };
}

/* Of what has a sense: false for a step that is no whole number from 0, and for a member that is not
 * what its name says. */
static bool understand(struct event_line *out)
{
    const struct json *root = out->root, *step = json_member(root, "step");
    const struct json *metrics = json_member(root, "metrics");
    struct event *event = &out->event;
    *event = (struct event){ .time = NAN,
                             .line = root,
                             .sample = json_get_string(json_member(root, "sample")),
                             .checkpoint = json_get_string(json_member(root, "checkpoint")),
                             .health = json_get_string(json_member(root, "health")) };
    json_get_number(json_member(root, "t"), &event->time);
    check_time(event);
    out->has_step = step;
    if (step && (!json_get_integer(step, &event->step) || event->step < 0))
        return false;
    if (!metrics)
        return true;
    struct gathering all = { .arena = &out->arena, .prefix = "" };
    json_each(metrics, gather, &all);
    event->metrics = all.metrics;
    event->metric_count = all.count;
    return json_is_object(metrics);
}

void event_line_release(struct event_line *line)
{
    json_free(line->root);
    line->root = NULL;
    arena_release(&line->arena);
}

static bool read_whole(struct event_line *out, struct line *line)
{
    return event_line_read_quick(out, line->text, line->length) ||
           (json_parse(&out->root, line->text, line->length) == 0 && json_is_object(out->root) &&
            understand(out));
}

bool event_line_read(struct event_line *out, struct line *line, int64_t *bad)
{
    event_line_release(out);
    if (line->length == 0 && !line->is_too_long)
        return false;
    if (line->is_too_long || !read_whole(out, line)) {
        event_line_release(out);
        ++*bad;
        return false;
    }
    return true;
}
