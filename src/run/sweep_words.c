/* Parameters and goals as people write them. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "run/catalogue.h"
#include "sweep_parts.h"

/* --- lists --- */

/* Splits at commas; "\," is one. */
static int parse_list(struct arena *arena, const char *text, struct sweep_parameter *out)
{
    const char **values = arena_alloc(arena, SWEEP_VALUES + 1, sizeof *values);
    char *value = arena_alloc(arena, strlen(text) + 1, 1);
    size_t length = 0;
    out->value_count = 0;
    for (const char *at = text;; at++) {
        if (*at == '\\' && at[1] == ',') {
            value[length++] = *++at;
        } else if (*at && *at != ',') {
            value[length++] = *at;
        } else {
            if (out->value_count == SWEEP_VALUES)
                return fail(ERR_INVALID, "parameter '%.60s' has more than %d values", out->key,
                            SWEEP_VALUES);
            values[out->value_count++] = arena_strndup(arena, value, length);
            length = 0;
            if (!*at)
                break;
        }
    }
    out->values = values;
    return 0;
}

/* --- ranges --- */

/* What stands behind "LO..HI": ":log", ":5", in any order. */
static int parse_options(struct arena *arena, const char *text, struct sweep_parameter *out)
{
    while (*text == ':') {
        size_t length = strcspn(++text, ":");
        const char *word = arena_strndup(arena, text, length);
        int64_t count;
        if (strcmp(word, "log") == 0)
            out->is_log = true;
        else if (parse_integer(word, &count) == 0 && count >= 2 && count <= SWEEP_VALUES)
            out->count = (int)count;
        else
            return fail(ERR_INVALID,
                        "parameter '%.60s': '%.40s' is neither 'log' nor a number of values from 2 "
                        "to %d",
                        out->key, word, SWEEP_VALUES);
        text += length;
    }
    return 0;
}

/* False for what is no range: *error is not touched then. */
static bool parse_range(struct arena *arena, const char *text, struct sweep_parameter *out,
                        int *error)
{
    const char *dots = strstr(text, "..");
    if (!dots)
        return false;
    size_t length = strcspn(dots + 2, ":");
    const char *low = arena_strndup(arena, text, (size_t)(dots - text));
    const char *high = arena_strndup(arena, dots + 2, length);
    int64_t whole;
    if (parse_real(low, &out->low) < 0 || parse_real(high, &out->high) < 0)
        return false;
    out->is_whole = parse_integer(low, &whole) == 0 && parse_integer(high, &whole) == 0;
    *error = parse_options(arena, dots + 2 + length, out);
    return true;
}

int sweep_parse(struct arena *arena, const char *word, struct sweep_parameter *out)
{
    size_t length = strcspn(word, "=");
    int error = 0;
    *out = (struct sweep_parameter){ .key = arena_strndup(arena, word, length) };
    if (word[length] != '=' || length == 0)
        return fail(ERR_INVALID, "'%.60s' is not KEY=VALUES", word);
    if (!word[length + 1])
        return fail(ERR_INVALID, "parameter '%.60s' has no values", out->key);
    if (parse_range(arena, word + length + 1, out, &error))
        return error;
    return parse_list(arena, word + length + 1, out);
}

/* --- the values of a range --- */

static const char *write_value(struct arena *arena, const struct sweep_parameter *parameter,
                               double value)
{
    value = MAX(parameter->low, MIN(value, parameter->high));
    if (parameter->is_whole)
        return arena_printf(arena, "%.0f", rint(value));
    if (value == parameter->low || value == parameter->high)
        return format_real(arena, value);
    char text[40]; /* as many digits as anybody reads */
    double rounded;
    snprintf(text, sizeof text, "%.6g", value);
    return parse_real(text, &rounded) == 0 ? format_real(arena, rounded)
                                           : format_real(arena, value);
}

const char *sweep_value_at(struct arena *arena, const struct sweep_parameter *parameter,
                           double share)
{
    double low = parameter->low, high = parameter->high;
    if (parameter->values) {
        int at = (int)(share * parameter->value_count);
        return parameter->values[MAX(0, MIN(at, parameter->value_count - 1))];
    }
    if (parameter->is_whole) { /* each as likely as another, the ends included */
        low -= 0.5;
        high += 0.5;
    }
    double value = parameter->is_log ? exp(log(low) + share * (log(high) - log(low)))
                                     : low + share * (high - low);
    return write_value(arena, parameter, value);
}

static double grid_value(const struct sweep_parameter *parameter, double share)
{
    return parameter->is_log
               ? exp(log(parameter->low) + share * (log(parameter->high) - log(parameter->low)))
               : parameter->low + share * (parameter->high - parameter->low);
}

/* Whole numbers on a log scale without a count: LO, 2 LO, 4 LO …, HI. */
static bool doubles(const struct sweep_parameter *parameter)
{
    return parameter->is_whole && parameter->is_log && parameter->count == 0;
}

static int range_count(const struct sweep_parameter *parameter)
{
    enum { USUAL = 5, FEW = 10 };
    double whole = parameter->is_whole ? parameter->high - parameter->low + 1 : INFINITY;
    if (doubles(parameter))
        return (int)ceil(log2(parameter->high / parameter->low) - 1e-9) + 1;
    int count = parameter->count > 0 ? parameter->count : whole <= FEW ? FEW : USUAL;
    return whole < count ? (int)whole : count;
}

int sweep_grid_values(struct arena *arena, const struct sweep_parameter *parameter,
                      const char *const **values, int *count)
{
    *values = parameter->values;
    *count = parameter->value_count;
    if (parameter->values)
        return 0;
    int most = range_count(parameter);
    const char **made = arena_alloc(arena, (size_t)most + 1, sizeof *made);
    *count = 0;
    for (int i = 0; i < most; i++) {
        double value = i == 0               ? parameter->low
                       : i == most - 1      ? parameter->high
                       : doubles(parameter) ? parameter->low * exp2(i)
                                            : grid_value(parameter, (double)i / (most - 1));
        const char *text = write_value(arena, parameter, value);
        if (*count == 0 || strcmp(made[*count - 1], text) != 0)
            made[(*count)++] = text;
    }
    *values = made;
    return 0;
}

/* --- goals --- */

int sweep_goal_parse(struct arena *arena, const char *text, const struct config *config,
                     struct sweep_goal *out)
{
    *out = (struct sweep_goal){ .metric = NULL };
    if (!text)
        return 0;
    if (!*text)
        return fail(ERR_INVALID, "goal '' names no metric");
    out->function = catalogue_split_key(arena, text, &out->metric);
    enum direction direction = metric_direction(out->metric, config);
    if (out->function == FILTER_MINIMUM || out->function == FILTER_MAXIMUM)
        direction = out->function == FILTER_MINIMUM ? DIRECTION_SMALLER : DIRECTION_LARGER;
    if (direction == DIRECTION_NONE)
        return fail(ERR_INVALID,
                    "goal '%.80s' is better neither when smaller nor when larger: say min(%.80s) "
                    "or max(%.80s)",
                    text, out->metric, out->metric);
    out->is_smaller_better = direction == DIRECTION_SMALLER;
    return 0;
}

double sweep_goal_value(const struct sweep_goal *goal, double last, double low, double high)
{
    return goal->function == FILTER_MINIMUM ? low : goal->function == FILTER_MAXIMUM ? high : last;
}
