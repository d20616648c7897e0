#define _GNU_SOURCE
#include "filter_parts.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/error.h"
#include "base/text.h"

static const struct filter_field_row fields[] = {
#define X(id, name, type, help) [id] = { name, type, help },
    FILTER_FIELDS(X)
#undef X
};
_Static_assert(ARRAY_SIZE(fields) == FILTER_KEY, "a field has no row");

static const char *const states[] = {
    "queued",   "running", "paused", "finished", "stopped", "failed", "killed",
    "diverged", "lost",    "orphan", "stalled",  "live",    "ended",  NULL,
};

static const char *const operators[FILTER_OPERATOR_COUNT] = {
    [FILTER_MATCH] = ":",    [FILTER_EQUAL] = "=",   [FILTER_UNEQUAL] = "!=",  [FILTER_LESS] = "<",
    [FILTER_AT_MOST] = "<=", [FILTER_GREATER] = ">", [FILTER_AT_LEAST] = ">=",
};

enum { /* sets of operators, a bit each */
       EQUALITY = 1 << FILTER_MATCH | 1 << FILTER_EQUAL | 1 << FILTER_UNEQUAL,
       ORDER = 1 << FILTER_LESS | 1 << FILTER_AT_MOST | 1 << FILTER_GREATER | 1 << FILTER_AT_LEAST,
};
static const int taken_operators[] = {
    [FILTER_TEXT] = EQUALITY,           [FILTER_WORD] = EQUALITY,
    [FILTER_NUMBER] = EQUALITY | ORDER, [FILTER_BOOL] = EQUALITY,
    [FILTER_COMMIT] = EQUALITY,         [FILTER_BOUND] = 1 << FILTER_MATCH,
    [FILTER_TIME] = EQUALITY | ORDER,   [FILTER_DURATION] = ORDER,
};
_Static_assert(ARRAY_SIZE(taken_operators) == FILTER_DURATION + 1, "a type takes no operator");

const struct filter_field_row *filter_fields(int *count)
{
    *count = ARRAY_SIZE(fields);
    return fields;
}

const char *const *filter_words(enum filter_field field)
{
    static const char *const *const words[FILTER_WORDS + 1] = { [FILTER_STATE] = states };
    return words[field];
}

const char *filter_operator_text(enum filter_operator operator_)
{
    return operators[operator_];
}

int filter_find_field(const char *name)
{
    for (int i = 0; i < ARRAY_SIZE(fields); i++)
        if (strcmp(fields[i].name, name) == 0)
            return i;
    return -1;
}

/* Two words that differ by a letter that is another one, missing, or one too many, by two letters
 * that changed places, or only by upper and lower case. text_nearest would take "batch" for
 * "branch", and here most words are not fields. */
static bool is_slip(const char *a, const char *b)
{
    while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b))
        a++, b++;
    const char *behind_a = a + (*a != '\0'), *behind_b = b + (*b != '\0');
    if (strcmp(a, b) == 0 || strcmp(behind_a, b) == 0 || strcmp(a, behind_b) == 0 ||
        strcmp(behind_a, behind_b) == 0)
        return true;
    return *a && *b && *behind_a == *b && *behind_b == *a && strcmp(a + 2, b + 2) == 0;
}

const char *filter_nearest_field(const char *name)
{
    for (int i = 0; i < ARRAY_SIZE(fields) && !strchr(name, '.'); i++)
        if (is_slip(name, fields[i].name))
            return fields[i].name;
    return NULL;
}

/* --- operators --- */

/* "':', '=' and '!='" */
static const char *operator_list(struct arena *arena, int set)
{
    const char *list = "";
    for (int i = 0; i < FILTER_OPERATOR_COUNT; i++) {
        if (!(set >> i & 1))
            continue;
        bool is_last = set >> i == 1;
        const char *joint = !*list ? "" : is_last ? " and " : ", ";
        list = arena_printf(arena, "%s%s'%s'", list, joint, operators[i]);
    }
    return list;
}

int filter_check_operator(struct arena *arena, const struct filter *test, const char *subject)
{
    int all = EQUALITY | ORDER;
    int set = test->field != FILTER_KEY        ? taken_operators[fields[test->field].type]
              : test->function != FILTER_PLAIN ? all & ~(1 << FILTER_MATCH)
                                               : all;
    if (set >> test->operator_ & 1)
        return 0;
    return fail(ERR_INVALID, "'%s' takes %s, not '%s'", subject, operator_list(arena, set),
                operators[test->operator_]);
}

/* --- durations --- */

static int refuse_duration(const char *text)
{
    struct arena arena = { 0 };
    int result =
        fail(ERR_INVALID, "'%s' is not a duration: write 90 (seconds), 15m, 2h, 3d, 1w or 1h30m",
             text_clean(&arena, text, FILTER_QUOTE_LIMIT));
    arena_release(&arena);
    return result;
}

/* Digits with at most one '.' among them: how many bytes, 0 if there are none. */
static size_t number_length(const char *text)
{
    static const char digits[] = "0123456789";
    size_t whole = strspn(text, digits);
    size_t part = text[whole] == '.' ? strspn(text + whole + 1, digits) : 0;
    return whole == 0 ? 0 : part == 0 ? whole : whole + 1 + part;
}

int filter_duration(const char *text, double *seconds)
{
    static const char units[] = "wdhms";
    static const double sizes[] = { 7 * 86400, 86400, 3600, 60, 1 };
    enum { DIGITS_LIMIT = 32 };
    static const double limit = 1e10;
    double total = 0;
    const char *at = text, *next_unit = units; /* the largest that may still come */
    do {
        char digits[DIGITS_LIMIT] = "";
        size_t length = number_length(at);
        if (length == 0 || length >= sizeof digits)
            return refuse_duration(text);
        memcpy(digits, at, length);
        bool is_plain = at == text && !at[length];
        const char *unit = is_plain ? strchr(units, 's') : strchr(next_unit, at[length]);
        if (!unit || !*unit)
            return refuse_duration(text);
        total += strtod(digits, NULL) * sizes[unit - units];
        next_unit = unit + 1;
        at += length + !is_plain;
    } while (*at);
    if (total > limit)
        return fail(ERR_INVALID, "'%s' is longer than three hundred years", text);
    *seconds = total;
    return 0;
}

/* --- times --- */

static bool take_digits(const char **at, int count, int *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool take_letter(const char **at, const char *letters)
{
    if (!**at || !strchr(letters, **at))
        return false;
    (*at)++;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month < 1 || month > ARRAY_SIZE(days) ? 0 : days[month - 1] + (month == 2 && leaps);
}

/* The local day that is `offset` days after that of `date`. */
static void set_day(struct filter_value *value, struct tm date, int offset)
{
    struct tm begin = { .tm_year = date.tm_year,
                        .tm_mon = date.tm_mon,
                        .tm_mday = date.tm_mday + offset,
                        .tm_isdst = -1 };
    struct tm end = begin;
    end.tm_mday++;
    value->number = (double)mktime(&begin);
    value->end = (double)mktime(&end);
}

/* "12:30", "12:30:05", "12:30Z" behind a day. False if it is none. */
static bool set_minute(struct filter_value *value, struct tm date, const char *text)
{
    if (!take_digits(&text, 2, &date.tm_hour) || !take_letter(&text, ":") ||
        !take_digits(&text, 2, &date.tm_min))
        return false;
    bool has_seconds = take_letter(&text, ":");
    if (has_seconds && !take_digits(&text, 2, &date.tm_sec))
        return false;
    bool is_utc = take_letter(&text, "Z");
    if (*text || date.tm_hour > 23 || date.tm_min > 59 || date.tm_sec > 59)
        return false;
    date.tm_isdst = is_utc ? 0 : -1;
    value->number = (double)(is_utc ? timegm(&date) : mktime(&date));
    value->end = value->number + (has_seconds ? 1 : 60);
    return true;
}

static int read_date(struct arena *arena, struct filter_value *value)
{
    const char *at = value->text, *quoted = text_clean(arena, at, FILTER_QUOTE_LIMIT);
    int year, month, day;
    if (!take_digits(&at, 4, &year) || !take_letter(&at, "-") || !take_digits(&at, 2, &month) ||
        !take_letter(&at, "-") || !take_digits(&at, 2, &day) || (*at && !strchr("T ", *at)))
        return fail(ERR_INVALID, "'%s' is not a date: write it like 2026-11-01", quoted);
    if (year < 1970 || day < 1 || day > days_in_month(year, month))
        return fail(ERR_INVALID, "there is no day '%.10s'%s", quoted,
                    year < 1970 ? " here: they begin with 1970" : "");
    struct tm date = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
    if (!*at)
        set_day(value, date, 0);
    else if (!set_minute(value, date, at + 1))
        return fail(ERR_INVALID,
                    "'%s' is not a time of day: write 12:30 or 12:30:05 behind the 'T', and a 'Z' "
                    "for UTC",
                    text_clean(arena, at + 1, FILTER_QUOTE_LIMIT));
    return 0;
}

static int refuse_time(struct arena *arena, const char *text)
{
    static const char *const words[] = { "today", "yesterday" };
    const char *nearest = text_nearest(text, words, ARRAY_SIZE(words), sizeof words[0]);
    const char *quoted = text_clean(arena, text, FILTER_QUOTE_LIMIT);
    if (nearest)
        return fail(ERR_INVALID, "'%s' is not a time (did you mean '%s'?)", quoted, nearest);
    return fail(ERR_INVALID,
                "'%s' is not a time: write 2026-11-01, 2026-11-01T12:30, today, yesterday, or 2d "
                "for two days ago",
                quoted);
}

static int read_time(struct arena *arena, double now, struct filter_value *value)
{
    const char *text = value->text;
    size_t digits = strspn(text, "0123456789");
    bool is_today = strcmp(text, "today") == 0;
    if (is_today || strcmp(text, "yesterday") == 0) {
        time_t seconds = (time_t)now;
        struct tm date;
        localtime_r(&seconds, &date);
        set_day(value, date, is_today ? 0 : -1);
        return 0;
    }
    if (digits > 0 && text[digits] == '-')
        return read_date(arena, value);
    double ago;
    if (!text[digits] || filter_duration(text, &ago) < 0) /* a bare number could be a year */
        return refuse_time(arena, text);
    value->number = value->end = now - ago;
    return 0;
}

/* --- all kinds of values --- */

static int read_word(struct arena *arena, const char *subject, const char *const *words,
                     const char *text)
{
    int count = 0;
    const char *list = "", *quoted = text_clean(arena, text, FILTER_QUOTE_LIMIT);
    for (; words[count]; count++) {
        if (strcmp(words[count], text) == 0)
            return 0;
        list = arena_printf(arena, "%s%s%s", list, count > 0 ? ", " : "", words[count]);
    }
    const char *nearest = text_nearest(text, words, count, sizeof words[0]);
    if (nearest)
        return fail(ERR_INVALID, "unknown %s '%s' (did you mean '%s'?)", subject, quoted, nearest);
    return fail(ERR_INVALID, "unknown %s '%s' (there are %s)", subject, quoted, list);
}

static int read_bool(struct arena *arena, const char *subject, struct filter_value *value)
{
    static const struct {
        const char *word;
        int truth;
    } words[] = { { "yes", 1 }, { "no", 0 }, { "true", 1 }, { "false", 0 } };
    for (int i = 0; i < ARRAY_SIZE(words); i++) {
        if (strcmp(words[i].word, value->text) == 0) {
            value->number = words[i].truth;
            return 0;
        }
    }
    return fail(ERR_INVALID, "'%s' must be yes or no, not '%s'", subject,
                text_clean(arena, value->text, FILTER_QUOTE_LIMIT));
}

static int read_commit(struct arena *arena, struct filter_value *value)
{
    enum { ID_LIMIT = 64 };
    size_t digits = strspn(value->text, "0123456789abcdefABCDEF");
    if (digits > 0 && digits <= ID_LIMIT && !value->text[digits])
        return 0;
    return fail(ERR_INVALID, "'%s' is not the beginning of a commit's id, hexadecimal digits",
                text_clean(arena, value->text, FILTER_QUOTE_LIMIT));
}

static int refuse_number(struct arena *arena, const char *subject, const char *text)
{
    return fail(ERR_INVALID, "'%s' must be compared with a number, not '%s'", subject,
                text_clean(arena, text, FILTER_QUOTE_LIMIT));
}

static int read_number(struct arena *arena, const char *subject, struct filter_value *value)
{
    return parse_real(value->text, &value->number) < 0 ? refuse_number(arena, subject, value->text)
                                                       : 0;
}

static int read_text(const struct filter *test, const char *subject, struct filter_value *value)
{
    value->is_pattern = value->is_pattern && test->operator_ == FILTER_MATCH;
    if (!*value->text && test->operator_ == FILTER_MATCH)
        return fail(ERR_INVALID, "'%s:' needs a text that is not empty (did you mean '%s=\"\"'?)",
                    subject, subject);
    return 0;
}

/* A recipe value or metric may be a number or a text. */
static int read_key(struct arena *arena, const struct filter *test, const char *subject,
                    struct filter_value *value)
{
    bool may_be_text = test->function == FILTER_PLAIN || strcasecmp(value->text, "nan") == 0;
    if (parse_real(value->text, &value->number) < 0 &&
        (!may_be_text || ORDER >> test->operator_ & 1))
        return refuse_number(arena, subject, value->text);
    return read_text(test, subject, value);
}

/* A moment is equal to nothing that was measured. */
static int check_span(const struct filter *test, const char *subject, struct filter_value *value)
{
    if (value->number < value->end || ORDER >> test->operator_ & 1)
        return 0;
    return fail(ERR_INVALID,
                "'%s%s' needs a day or a minute, and '%s' is a moment (did you mean 'since:%s'?)",
                subject, operators[test->operator_], value->text, value->text);
}

int filter_read_value(struct arena *arena, const struct filter *test, const char *subject,
                      double now, struct filter_value *value)
{
    if (test->field == FILTER_KEY)
        return read_key(arena, test, subject, value);
    int result;
    switch (fields[test->field].type) {
    case FILTER_WORD:
        return read_word(arena, subject, filter_words(test->field), value->text);
    case FILTER_NUMBER:
        return read_number(arena, subject, value);
    case FILTER_BOOL:
        return read_bool(arena, subject, value);
    case FILTER_COMMIT:
        return read_commit(arena, value);
    case FILTER_DURATION:
        return filter_duration(value->text, &value->number);
    case FILTER_BOUND:
        return read_time(arena, now, value);
    case FILTER_TIME:
        result = read_time(arena, now, value);
        return result < 0 ? result : check_span(test, subject, value);
    case FILTER_TEXT:
        break;
    }
    return read_text(test, subject, value);
}
