#define _GNU_SOURCE
#include "show/beside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- recipe values --- */

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct setting_row *)a)->key, ((const struct setting_row *)b)->key);
}

/* The settings of one run, sorted by key. */
static int settings_of(const struct beside *beside, int run, struct setting_row **rows, int *count)
{
    int error = catalogue_settings(beside->runs[run].place->catalogue, &beside->index->arena,
                                   &beside->runs[run].row.number, 1, NULL, rows, count);
    if (!error && *count > 0)
        qsort(*rows, (size_t)*count, sizeof **rows, by_key);
    return error;
}

static const char *value_of(const struct setting_row *rows, int count, const char *key)
{
    struct setting_row wanted = { .key = key };
    const struct setting_row *found =
        count > 0 ? bsearch(&wanted, rows, (size_t)count, sizeof *rows, by_key) : NULL;
    return found ? found->value : NULL;
}

static bool is_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

struct setting_list {
    struct setting_row *rows;
    int count;
};

static struct beside_setting compare_setting(const struct beside *beside,
                                             const struct setting_list *lists, const char *key)
{
    struct beside_setting setting = { .key = key };
    setting.values =
        arena_alloc(&beside->index->arena, (size_t)beside->count, sizeof *setting.values);
    for (int i = 0; i < beside->count; i++) {
        setting.values[i] = value_of(lists[i].rows, lists[i].count, key);
        setting.differs |= i > 0 && !is_same(setting.values[i], setting.values[0]);
    }
    return setting;
}

int beside_settings(const struct beside *beside, struct beside_setting **settings, int *count)
{
    struct arena *arena = &beside->index->arena;
    struct setting_list *lists = arena_alloc(arena, (size_t)beside->count, sizeof *lists);
    int total = 0;
    for (int i = 0; i < beside->count; i++) {
        int error = settings_of(beside, i, &lists[i].rows, &lists[i].count);
        if (error)
            return error;
        total += lists[i].count;
    }
    *settings = arena_alloc(arena, (size_t)total, sizeof **settings);
    *count = 0;
    for (int i = 0; i < beside->count; i++)
        for (int j = 0; j < lists[i].count; j++) {
            const char *key = lists[i].rows[j].key;
            bool is_known = false;
            for (int k = 0; k < i && !is_known; k++)
                is_known = value_of(lists[k].rows, lists[k].count, key);
            if (!is_known)
                (*settings)[(*count)++] = compare_setting(beside, lists, key);
        }
    return 0;
}

/* --- metrics --- */

double beside_best(const struct beside_metric *metric, int run)
{
    const struct run_metric *values = &metric->values[run];
    if (values->points == 0)
        return NAN;
    return metric->direction == DIRECTION_SMALLER  ? values->low
           : metric->direction == DIRECTION_LARGER ? values->high
                                                   : values->last;
}

/* -1 where there is nothing to choose from. */
static void find_best(struct beside_metric *metric, int count)
{
    int known = 0;
    metric->best = -1;
    if (metric->direction == DIRECTION_NONE)
        return;
    for (int i = 0; i < count; i++) {
        double value = beside_best(metric, i);
        known += !isnan(value);
        double best = metric->best < 0 ? NAN : beside_best(metric, metric->best);
        bool is_better = metric->direction == DIRECTION_SMALLER ? value < best : value > best;
        if (!isnan(value) && (metric->best < 0 || is_better))
            metric->best = i;
    }
    if (known < 2)
        metric->best = -1;
}

static struct beside_metric *find_metric(struct beside_metric *metrics, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    return NULL;
}

int beside_metrics(const struct beside *beside, struct beside_metric **metrics, int *count)
{
    enum { LIMIT = 1000 };
    struct arena *arena = &beside->index->arena;
    *metrics = arena_alloc(arena, LIMIT, sizeof **metrics);
    *count = 0;
    for (int i = 0; i < beside->count; i++) {
        struct run_metric *rows;
        int found;
        int error = catalogue_metrics(beside->runs[i].place->catalogue, arena,
                                      &beside->runs[i].row.number, 1, NULL, &rows, &found);
        if (error)
            return error;
        for (int j = 0; j < found; j++) {
            struct beside_metric *metric = find_metric(*metrics, *count, rows[j].name);
            if (!metric && *count == LIMIT)
                continue;
            if (!metric) {
                metric = &(*metrics)[(*count)++];
                *metric = (struct beside_metric){
                    .name = rows[j].name,
                    .direction = metric_direction(rows[j].name, &beside->index->config),
                    .values = arena_alloc(arena, (size_t)beside->count, sizeof *metric->values)
                };
            }
            metric->values[i] = rows[j];
        }
    }
    for (int i = 0; i < *count; i++)
        find_best(&(*metrics)[i], beside->count);
    return 0;
}
