#define _GNU_SOURCE
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "base/error.h"

enum { WORD_LIMIT = 64 };

/* Damerau-Levenshtein (adjacent transpositions count one): the restricted "optimal string
 * alignment" form. */
static int edit_distance(const char *a, const char *b)
{
    int rows[3][WORD_LIMIT + 1];
    int *before = rows[0], *last = rows[1], *now = rows[2];
    int a_length = (int)strlen(a), b_length = (int)strlen(b);
    for (int j = 0; j <= b_length; j++)
        last[j] = before[j] = j;
    for (int i = 1; i <= a_length; i++) {
        now[0] = i;
        for (int j = 1; j <= b_length; j++) {
            int change = last[j - 1] +
                         (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
            now[j] = MIN(change, MIN(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = MIN(now[j], before[j - 2] + 1);
        }
        int *spare = before;
        before = last, last = now, now = spare;
    }
    return last[b_length];
}

const char *text_nearest(const char *word, const char *const *candidates, int count, size_t stride)
{
    const char *best = NULL;
    int length = (int)strlen(word), limit = length <= 3 ? 1 : length <= 7 ? 2 : 3;
    if (length >= WORD_LIMIT)
        return NULL;
    for (int i = 0; i < count; i++) {
        const char *candidate;
        memcpy(&candidate, (const char *)candidates + (size_t)i * stride, sizeof candidate);
        if (!candidate || strlen(candidate) >= WORD_LIMIT)
            continue;
        int distance = edit_distance(word, candidate);
        if (distance <= limit && distance < (int)strlen(candidate)) {
            best = candidate;
            limit = distance - 1;
        }
    }
    return best;
}

static int sequence_length(unsigned char lead)
{
    return lead < 0x80                   ? 1
           : lead >= 0xC2 && lead < 0xE0 ? 2
           : lead >= 0xE0 && lead < 0xF0 ? 3
           : lead >= 0xF0 && lead < 0xF5 ? 4
                                         : 0;
}

uint32_t text_next(const char **text)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *byte = (const unsigned char *)*text;
    if (!*byte)
        return 0;
    int length = sequence_length(*byte);
    *text += 1;
    if (length == 1)
        return *byte;
    if (length == 0)
        return 0xFFFD;
    uint32_t character = *byte & (0xFFu >> (length + 1));
    for (int i = 1; i < length; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return 0xFFFD;
        character = character << 6 | (byte[i] & 0x3F);
    }
    if (character < smallest[length] || character > 0x10FFFF ||
        (character >= 0xD800 && character < 0xE000))
        return 0xFFFD;
    *text += length - 1;
    return character;
}

int text_encode(uint32_t character, char out[5])
{
    int length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (int i = length - 1; i > 0; i--, character >>= 6)
        out[i] = (char)(0x80 | (character & 0x3F));
    out[0] = (char)(lead[length] | character);
    out[length] = '\0';
    return length;
}

bool text_is_control(uint32_t character)
{
    bool bidirectional = (character >= 0x202A && character <= 0x202E) ||
                         (character >= 0x2066 && character <= 0x2069);
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x2028 ||
           character == 0x2029 || bidirectional;
}

char *text_clean(struct arena *arena, const char *text, size_t limit)
{
    const char *input = arena_strndup(arena, text, limit);
    char *result = arena_alloc(arena, strlen(input) + 1, 1), *end = result;
    while (*input) {
        const char *start = input;
        uint32_t character = text_next(&input);
        if (text_is_control(character) || character == 0xFFFD) {
            *end++ = '?';
        } else {
            memcpy(end, start, (size_t)(input - start));
            end += input - start;
        }
    }
    return result;
}

/* The length of the escape sequence at `at`, which begins with ESC: CSI up to its final byte, OSC and
 * other strings up to BEL or ST, else two bytes. */
static size_t escape_length(const char *at)
{
    size_t length = 2;
    if (!at[1])
        return 1;
    if (at[1] == '[') {
        while (at[length] && !(at[length] >= '@' && at[length] <= '~'))
            length++;
        return length + (at[length] != '\0');
    }
    if (!strchr("]PX^_", at[1]))
        return length;
    while (at[length] && at[length] != '\a' && !(at[length] == '\033' && at[length + 1] == '\\'))
        length++;
    return length + (at[length] == '\a' ? 1 : at[length] ? 2 : 0);
}

/* Tabs as blanks up to the next multiple of 8 bytes. */
static char *expand_tabs(struct arena *arena, const char *text, size_t length)
{
    enum { TAB = 8 };
    size_t used = 0;
    char *out = arena_alloc(arena, TAB * length + 1, 1);
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\t') {
            out[used++] = text[i];
            continue;
        }
        do
            out[used++] = ' ';
        while (used % TAB != 0);
    }
    return out;
}

char *text_code_line(struct arena *arena, const char *line)
{
    char *expanded = expand_tabs(arena, line, strlen(line));
    return text_clean(arena, expanded, strlen(expanded));
}

char *text_log_line(struct arena *arena, const char *line)
{
    size_t length = strlen(line), used = 0;
    while (length > 0 && line[length - 1] == '\r')
        length--;
    const char *end = line + length, *start = memrchr(line, '\r', length);
    char *out = arena_alloc(arena, length + 1, 1);
    for (const char *at = start ? start + 1 : line; at < end;)
        if (*at == '\033')
            at += escape_length(at);
        else
            out[used++] = *at++;
    return text_code_line(arena, out);
}

int text_columns(const char *text)
{
    int columns = 0;
    while (*text) {
        uint32_t character = text_next(&text);
        int width = character < 0x7F ? 1 : wcwidth((wchar_t)character);
        columns += width >= 0 ? width : 1; /* the "C" locale knows no width: one column each */
    }
    return columns;
}

size_t text_fitting(const char *text, int columns, const char **next)
{
    const char *at = text, *end = NULL;
    int used = 0;
    while (*at) {
        const char *behind = at;
        char one[5];
        uint32_t character = text_next(&behind);
        text_encode(character, one);
        used += text_columns(one);
        if (character == ' ' && at > text)
            end = at;
        if (used > columns)
            break;
        at = behind;
    }
    if (!*at || !end)
        end = at;
    if (end == text)
        text_next(&end);
    *next = end + strspn(end, " ");
    return (size_t)(end - text);
}

char *format_duration(struct arena *arena, double seconds)
{
    if (!isfinite(seconds) || seconds < 0 || seconds > 1e10)
        return arena_strdup(arena, "?");
    if (seconds < 9.95)
        return arena_printf(arena, "%.1f s", seconds);
    int64_t whole = (int64_t)(seconds + 0.5), minutes = whole / 60, hours = minutes / 60,
            days = hours / 24;
    if (whole < 60)
        return arena_printf(arena, "%d s", (int)whole);
    if (hours == 0)
        return arena_printf(arena, "%d:%02d", (int)minutes, (int)(whole % 60));
    if (days == 0)
        return arena_printf(arena, "%d:%02d:%02d", (int)hours, (int)(minutes % 60),
                            (int)(whole % 60));
    return arena_printf(arena, "%d d %d h", (int)days, (int)(hours % 24));
}

char *format_age(struct arena *arena, double seconds)
{
    static const struct {
        double seconds;
        char unit;
    } units[] = { { 31557600, 'y' }, { 604800, 'w' }, { 86400, 'd' },
                  { 3600, 'h' },     { 60, 'm' },     { 1, 's' } };
    int unit = 0;
    if (!isfinite(seconds) || seconds > 1e12)
        return arena_strdup(arena, "?");
    seconds = fmax(seconds, 0); /* another machine's clock may be ahead */
    while (unit < ARRAY_SIZE(units) - 1 && seconds < units[unit].seconds * (unit == 1 ? 2 : 1))
        unit++;
    return arena_printf(arena, "%.0f%c", floor(seconds / units[unit].seconds), units[unit].unit);
}

char *format_moment(struct arena *arena, double time)
{
    struct tm parts;
    char text[32];
    time_t seconds = (time_t)time;
    if (!isfinite(time) || fabs(time) > 1e12 || !localtime_r(&seconds, &parts) ||
        strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts) == 0)
        return arena_strdup(arena, "?");
    return arena_strdup(arena, text);
}

char *format_bytes(struct arena *arena, double bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
    int unit = 0;
    for (; bytes >= 999.5 && unit < ARRAY_SIZE(units) - 1; unit++)
        bytes /= 1000;
    return arena_printf(arena, unit == 0 || bytes >= 99.5 ? "%.0f %s" : "%.1f %s", bytes,
                        units[unit]);
}

char *format_count(struct arena *arena, double count)
{
    char digits[512]; /* the largest double has 309 */
    snprintf(digits, sizeof digits, "%.0f", count);
    int length = (int)strlen(digits), sign = digits[0] == '-';
    char *result = arena_alloc(arena, (size_t)length + (size_t)length / 3 + 1, 1), *end = result;
    for (int i = 0; i < length; i++) {
        if (i > sign && (length - i) % 3 == 0)
            *end++ = ',';
        *end++ = digits[i];
    }
    return result;
}

char *format_real(struct arena *arena, double value)
{
    enum { DIGITS_LIMIT = 17 };            /* enough for every double */
    static const double plain_limit = 1e7; /* whole numbers below it have no exponent */
    char text[64];
    if (value == floor(value) && fabs(value) < plain_limit)
        return arena_printf(arena, "%.0f", value);
    for (int digits = 1; digits <= DIGITS_LIMIT; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    return arena_strdup(arena, text);
}

int parse_real(const char *text, double *out)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || isspace((unsigned char)*text) || !isfinite(value))
        return fail(ERR_INVALID, "'%.60s' is not a number", text);
    *out = value;
    return 0;
}

int parse_integer(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end || isspace((unsigned char)*text) || errno == ERANGE)
        return fail(ERR_INVALID, "'%.60s' is not a whole number", text);
    *out = value;
    return 0;
}
