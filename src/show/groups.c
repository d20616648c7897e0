#include "show/groups.h"

#include <math.h>
#include <string.h>

#include "show/fold.h"

int groups_find(const struct beside *beside, struct groups *out)
{
    struct arena *arena = &beside->index->arena;
    size_t room = (size_t)beside->count + 1;
    int *first_of = arena_alloc(arena, room, sizeof *first_of);
    *out = (struct groups){ .group_of = arena_alloc(arena, room, sizeof *out->group_of),
                            .sizes = arena_alloc(arena, room, sizeof *out->sizes),
                            .firsts = arena_alloc(arena, room, sizeof *out->firsts) };
    int error = fold_groups(beside->index, beside->runs, beside->count, first_of);
    for (int i = 0; i < beside->count && !error; i++) {
        if (first_of[i] == i)
            out->firsts[out->count++] = i;
        for (int group = 0; group < out->count; group++)
            if (out->firsts[group] == first_of[i]) {
                out->group_of[i] = group;
                out->sizes[group]++;
            }
    }
    for (int group = 1; group < out->count; group++)
        out->can_tell = out->can_tell || (out->sizes[0] > 1 && out->sizes[group] > 1);
    return error;
}

static int values_of(const struct beside *beside, const struct groups *groups,
                     const struct beside_metric *metric, int group, double *values)
{
    int count = 0;
    for (int i = 0; i < beside->count; i++)
        if (groups->group_of[i] == group && metric->values[i].points > 0)
            values[count++] = metric->direction == DIRECTION_NONE ? metric->values[i].last
                                                                  : beside_best(metric, i);
    return count;
}

struct difference groups_compare(const struct beside *beside, const struct groups *groups,
                                 const struct beside_metric *metric, int group)
{
    struct arena arena = { 0 };
    double *a = arena_alloc(&arena, 2 * (size_t)beside->count + 1, sizeof *a);
    double *b = a + beside->count;
    int a_count = values_of(beside, groups, metric, 0, a);
    int b_count = values_of(beside, groups, metric, group, b);
    struct difference difference = difference_of(a, a_count, b, b_count);
    arena_release(&arena);
    return difference;
}

enum verdict groups_verdict(const struct difference *difference, enum direction direction)
{
    if (isnan(difference->low))
        return VERDICT_UNKNOWN;
    if (!difference->is_clear)
        return VERDICT_SEEDS;
    if (direction == DIRECTION_NONE)
        return VERDICT_OTHER;
    return (difference->mean < 0) == (direction == DIRECTION_SMALLER) ? VERDICT_BETTER
                                                                      : VERDICT_WORSE;
}

const char *verdict_words(enum verdict verdict)
{
    static const char *const words[] = { "too few runs", "no more than seeds", "better", "worse",
                                         "another" };
    return words[verdict];
}

const char *difference_words(struct arena *arena, const char *metric,
                             const struct difference *difference)
{
    const char *sign = difference->mean > 0 ? "+" : "";
    const char *mean = metric_format(arena, metric, difference->mean);
    return isnan(difference->low) ? arena_printf(arena, "%s%s", sign, mean)
                                  : arena_printf(arena, "%s%s [%s, %s]", sign, mean,
                                                 metric_format(arena, metric, difference->low),
                                                 metric_format(arena, metric, difference->high));
}

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const char *group_words(const struct beside *beside, const struct groups *groups,
                        const struct beside_setting *settings, int setting_count, int group)
{
    struct arena *arena = &beside->index->arena;
    const char *text = "";
    for (int i = 0; i < setting_count; i++) {
        bool is_common = true, is_everywhere = true;
        const char *value = settings[i].values[groups->firsts[group]];
        for (int k = 0; k < beside->count; k++) {
            bool same = is_same(settings[i].values[k], value);
            is_common = is_common && (groups->group_of[k] != group || same);
            is_everywhere = is_everywhere && same;
        }
        if (value && is_common && !is_everywhere)
            text = arena_printf(arena, "%s%s%s=%s", text, *text ? " " : "", settings[i].key, value);
    }
    return text;
}
