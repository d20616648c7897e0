#include "show/history.h"

#include <math.h>
#include <string.h>

#include "show/beside.h"

static bool is_better(double value, double than, enum direction direction)
{
    return direction == DIRECTION_SMALLER  ? value < than
           : direction == DIRECTION_LARGER ? value > than
                                           : true; /* the latest counts */
}

static struct history_point *find_commit(struct history_point *points, int count,
                                         const char *commit)
{
    for (int i = 0; i < count; i++)
        if (strcmp(points[i].run->row.commit, commit) == 0)
            return &points[i];
    return NULL;
}

static void add_run(struct history_point *point, const struct listed_run *run, double value,
                    enum direction direction)
{
    if (is_better(value, point->value, direction)) {
        point->value = value;
        point->run = run;
    }
    point->low = fmin(point->low, value);
    point->high = fmax(point->high, value);
    point->run_count++;
}

static const char *label_of(struct arena *arena, const struct listed_run *run,
                            enum history_axis axis)
{
    enum { SHORT = 7 };
    return axis == HISTORY_COMMIT ? arena_printf(arena, "%.*s", SHORT, run->row.commit)
                                  : arena_printf(arena, "%lld", (long long)run->row.number);
}

int history_make(struct arena *arena, const struct listed_run *runs, const double *values,
                 int count, enum direction direction, enum history_axis axis,
                 struct history_point **points)
{
    int found = 0;
    *points = arena_alloc(arena, (size_t)count + 1, sizeof **points);
    for (int i = 0; i < count; i++) {
        const char *commit = runs[i].row.commit;
        struct history_point *same = NULL;
        if (isnan(values[i]) || (axis == HISTORY_COMMIT && !commit))
            continue;
        if (axis == HISTORY_COMMIT)
            same = find_commit(*points, found, commit);
        if (same)
            add_run(same, &runs[i], values[i], direction);
        else
            (*points)[found++] = (struct history_point){ .run = &runs[i],
                                                         .run_count = 1,
                                                         .value = values[i],
                                                         .low = values[i],
                                                         .high = values[i],
                                                         .label = label_of(arena, &runs[i], axis) };
    }
    return found;
}

int history_read(struct index *index, const struct listed_run *runs, int count, const char *metric,
                 enum history_axis axis, struct history_point **points, int *point_count)
{
    struct beside_metric best = { .name = metric,
                                  .direction = metric_direction(metric, &index->config) };
    int64_t *numbers = arena_alloc(&index->arena, (size_t)count + 1, sizeof *numbers);
    double *values = arena_alloc(&index->arena, (size_t)count + 1, sizeof *values);
    int found = 0;
    *point_count = 0;
    for (int i = 0; i < count; i++)
        numbers[i] = runs[i].row.number;
    int error = count > 0 ? catalogue_metrics(runs[0].place->catalogue, &index->arena, numbers,
                                              count, metric, &best.values, &found)
                          : 0;
    if (error)
        return error;
    for (int i = 0, at = 0; i < count; i++) { /* rows come in the order of the runs */
        bool is_there = at < found && best.values[at].run == numbers[i];
        values[i] = is_there ? beside_best(&best, at++) : NAN;
    }
    *point_count = history_make(&index->arena, runs, values, count, best.direction, axis, points);
    return 0;
}

int history_best(const struct history_point *points, int count, enum direction direction)
{
    int best = -1;
    for (int i = 0; i < count && direction != DIRECTION_NONE; i++)
        if (best < 0 || is_better(points[i].value, points[best].value, direction))
            best = i;
    return best;
}
