#include "show/swept.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "record/metric.h"

/* --- reading --- */

static int look_at_trials(struct swept *swept, const struct store *store, double now)
{
    int error = trials_find(&swept->trials, store, &swept->sweep);
    for (int i = 0; i < swept->trials.count && !error; i++) {
        struct trial *trial = &swept->trials.list[i];
        error = trial_look(&swept->arena, trial, store, &swept->sweep, now);
        swept->counts[trial->standing]++;
    }
    return error;
}

/* The mean at the first rung, and the spread at the last. */
static int measure(struct swept *swept, const struct store *store, struct swept_point *point)
{
    struct arena arena = { 0 };
    int seeds = swept->sweep.seed_count, error = 0;
    double *last = arena_alloc(&arena, (size_t)seeds, sizeof *last);
    double *first = arena_alloc(&arena, (size_t)seeds, sizeof *first);
    for (int i = 0; i < seeds && !error; i++) {
        double values[SWEEP_RUNGS];
        const struct trial *trial = &point->trials[i];
        error = trial_values(values, trial, store, &swept->sweep, &swept->goal);
        last[i] = trial->rung >= 0 && trial->rung == point->rung ? values[trial->rung] : NAN;
        first[i] = values[0];
    }
    point->spread = spread_of(last, seeds);
    point->first = spread_of(first, seeds).mean;
    arena_release(&arena);
    return error;
}

static int gather(struct swept *swept, const struct store *store)
{
    const struct sweep *sweep = &swept->sweep;
    int error = 0;
    for (int i = 0; i < sweep->point_count && !error; i++) {
        struct swept_point *point = &swept->points[i];
        *point = (struct swept_point){ .point = i,
                                       .values = sweep->points[i].values,
                                       .trials = &swept->trials.list[i * sweep->seed_count],
                                       .rung = -1 };
        for (int k = 0; k < sweep->seed_count; k++) {
            point->counts[point->trials[k].standing]++;
            point->rung = MAX(point->rung, point->trials[k].rung);
        }
        error = measure(swept, store, point);
    }
    return error;
}

/* --- order --- */

static int compare_means(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

static int compare_up(const void *a, const void *b)
{
    const struct swept_point *x = a, *y = b;
    if (x->rung != y->rung)
        return y->rung - x->rung;
    int order = compare_means(x->spread.mean, y->spread.mean);
    return order ? order : x->point - y->point;
}

static int compare_down(const void *a, const void *b)
{
    const struct swept_point *x = a, *y = b;
    if (x->rung != y->rung)
        return y->rung - x->rung;
    int order = compare_means(-x->spread.mean, -y->spread.mean);
    return order ? order : x->point - y->point;
}

/* --- what mattered --- */

static int group_of(const struct swept *swept, int parameter, int point)
{
    for (int i = 0; i < point; i++)
        if (strcmp(swept->points[i].values[parameter], swept->points[point].values[parameter]) == 0)
            return i;
    return point;
}

static void find_effect(struct swept *swept, int at)
{
    const struct sweep_parameter *from = &swept->sweep.parameters[at];
    struct swept_parameter *parameter = &swept->parameters[at];
    int count = swept->sweep.point_count;
    size_t room = (size_t)count + 1;
    double *goals = arena_alloc(&swept->arena, room, sizeof *goals);
    int *groups = arena_alloc(&swept->arena, room, sizeof *groups);
    *parameter = (struct swept_parameter){ .key = from->key, .is_number = true };
    parameter->numbers = arena_alloc(&swept->arena, room, sizeof *parameter->numbers);
    double low = INFINITY, high = 0;
    for (int i = 0; i < count; i++) {
        double *number = &parameter->numbers[i];
        goals[i] = swept->points[i].first;
        groups[i] = group_of(swept, at, i);
        if (parse_real(swept->points[i].values[at], number) < 0) {
            *number = NAN;
            parameter->is_number = false;
        }
        low = fmin(low, *number);
        high = fmax(high, *number);
    }
    parameter->is_log = parameter->is_number && low > 0 && (from->is_log || high / low >= 10);
    parameter->effect = parameter->is_number ? rank_correlation(parameter->numbers, goals, count)
                                             : rank_ratio(groups, goals, count);
}

int swept_read(struct swept *out, const struct store *store, const char *name, const char *goal,
               const struct config *config, double now)
{
    *out = (struct swept){ .counts = { 0 } };
    int error = sweep_read(&out->sweep, store, name);
    const char *words = goal ? goal : out->sweep.goal;
    out->goal_words = words ? arena_strdup(&out->arena, words) : NULL;
    if (!error)
        error = sweep_goal_parse(&out->arena, out->goal_words, config, &out->goal);
    if (!error)
        error = conductor_look(&out->arena, &out->conductor, store, name);
    if (error)
        return error;
    const struct sweep *sweep = &out->sweep;
    trials_init(&out->trials, sweep);
    out->points = arena_alloc(&out->arena, (size_t)sweep->point_count + 1, sizeof *out->points);
    out->parameters =
        arena_alloc(&out->arena, (size_t)sweep->parameter_count + 1, sizeof *out->parameters);
    error = look_at_trials(out, store, now);
    if (!error)
        error = gather(out, store);
    if (error)
        return error;
    if (out->goal.metric)
        qsort(out->points, (size_t)sweep->point_count, sizeof *out->points,
              out->goal.is_smaller_better ? compare_up : compare_down);
    for (int i = 0; i < sweep->parameter_count; i++)
        find_effect(out, i);
    return 0;
}

void swept_release(struct swept *swept)
{
    trials_release(&swept->trials);
    sweep_release(&swept->sweep);
    arena_release(&swept->arena);
    *swept = (struct swept){ .points = NULL };
}

/* --- words --- */

const char *swept_state(const struct swept *swept)
{
    const struct conductor_story *story = &swept->conductor;
    bool is_whole = swept->counts[TRIAL_MISSING] + swept->counts[TRIAL_BROKEN] == 0;
    if (story->is_working)
        return "working";
    if (!story->end)
        return "interrupted";
    /* the plan may have grown since, or a run been removed */
    bool is_done = strcmp(story->end, "done") == 0;
    return is_done && !is_whole && swept->sweep.rung_count < 2 ? "incomplete" : story->end;
}

static const char *const standing_words[] = {
    [TRIAL_MISSING] = "missing", [TRIAL_LIVE] = "at work",      [TRIAL_REACHED] = "done",
    [TRIAL_OUT] = "gave up",     [TRIAL_BROKEN] = "broken off",
};

const char *swept_standing(struct arena *arena, const struct swept *swept,
                           const struct swept_point *point)
{
    const char *text = "";
    int seeds = swept->sweep.seed_count;
    for (int i = 0; i <= TRIAL_BROKEN; i++) {
        if (point->counts[i] == seeds)
            return standing_words[i];
        if (point->counts[i] > 0)
            text = arena_printf(arena, "%s%s%d %s", text, *text ? ", " : "", point->counts[i],
                                standing_words[i]);
    }
    return text;
}

const char *swept_value(struct arena *arena, const struct swept *swept, const struct spread *spread)
{
    const char *metric = swept->goal.metric;
    if (!metric || spread->count == 0)
        return "";
    const char *mean = metric_format(arena, metric, spread->mean);
    return spread->count == 1 ? mean
                              : arena_printf(arena, "%s ± %s", mean,
                                             metric_format(arena, metric, spread->deviation));
}

int swept_best(const struct swept *swept)
{
    for (int i = 0; i < swept->sweep.point_count; i++)
        if (swept->points[i].spread.count > 0)
            return i;
    return -1;
}
