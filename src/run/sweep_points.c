/* Points and rungs of a plan. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "gan/measures.h"
#include "run/catalogue.h"
#include "sweep_parts.h"

static int fail_points(double count)
{
    return fail(ERR_INVALID, "%.15g points are more than the %d that a sweep may have", count,
                SWEEP_POINTS);
}

/* --- grids --- */

/* The last parameter changes from point to point. */
static int make_grid(struct sweep *sweep)
{
    const char *const *values[SWEEP_PARAMETERS];
    int counts[SWEEP_PARAMETERS];
    double total = 1;
    for (int i = 0; i < sweep->parameter_count; i++) {
        int error = sweep_grid_values(&sweep->arena, &sweep->parameters[i], &values[i], &counts[i]);
        if (error)
            return error;
        total *= counts[i];
    }
    if (total > SWEEP_POINTS)
        return fail_points(total);
    struct sweep_point *points = arena_alloc(&sweep->arena, (size_t)total + 1, sizeof *points);
    for (int i = 0; i < (int)total; i++) {
        const char **chosen =
            arena_alloc(&sweep->arena, (size_t)sweep->parameter_count + 1, sizeof *chosen);
        for (int p = sweep->parameter_count - 1, rest = i; p >= 0; rest /= counts[p--])
            chosen[p] = values[p][rest % counts[p]];
        points[i].values = chosen;
    }
    sweep->points = points;
    sweep->point_count = (int)total;
    return 0;
}

/* --- draws --- */

static void draw_shares(const struct sweep *sweep, uint32_t index, double *shares)
{
    struct random random;
    if (sweep->search == SWEEP_QUASI) {
        sobol_point(shares, sweep->parameter_count, index, sweep->draw);
        return;
    }
    random_seed(&random, sweep->draw, index);
    for (int i = 0; i < sweep->parameter_count; i++)
        shares[i] = random_uniform(&random);
}

static const char *const *draw_point(struct sweep *sweep, uint32_t index)
{
    double shares[SWEEP_PARAMETERS] = { 0 };
    const char **values =
        arena_alloc(&sweep->arena, (size_t)sweep->parameter_count + 1, sizeof *values);
    draw_shares(sweep, index, shares);
    for (int i = 0; i < sweep->parameter_count; i++)
        values[i] = sweep_value_at(&sweep->arena, &sweep->parameters[i], shares[i]);
    return values;
}

static bool is_there(const struct sweep_point *points, int count, const char *const *values,
                     int parameter_count)
{
    for (int i = 0; i < count; i++) {
        bool is_same = true;
        for (int p = 0; p < parameter_count && is_same; p++)
            is_same = strcmp(points[i].values[p], values[p]) == 0;
        if (is_same)
            return true;
    }
    return false;
}

/* What was drawn before is passed over: of whole numbers and lists there may be fewer points than are
 * wanted. */
static int make_draws(struct sweep *sweep)
{
    enum { PATIENCE = 1000 /* draws in a row that were there already */ };
    if (sweep->wanted < 1 || sweep->wanted > SWEEP_POINTS)
        return fail_points(sweep->wanted);
    struct sweep_point *points =
        arena_alloc(&sweep->arena, (size_t)sweep->wanted + 1, sizeof *points);
    int vain = 0;
    sweep->point_count = 0;
    for (uint32_t i = 0; sweep->point_count < sweep->wanted && vain < PATIENCE; i++) {
        const char *const *values = draw_point(sweep, i);
        if (is_there(points, sweep->point_count, values, sweep->parameter_count)) {
            vain++;
            continue;
        }
        vain = 0;
        points[sweep->point_count++].values = values;
    }
    sweep->points = points;
    return 0;
}

int sweep_make_points(struct sweep *sweep)
{
    int error = sweep->search == SWEEP_GRID ? make_grid(sweep) : make_draws(sweep);
    if (error)
        return error;
    double runs = (double)sweep->point_count * sweep->seed_count;
    return runs <= SWEEP_RUNS ? 0
                              : fail(ERR_INVALID,
                                     "%d points of %d seeds are more than the %d runs that a sweep "
                                     "may have",
                                     sweep->point_count, sweep->seed_count, SWEEP_RUNS);
}

/* --- rungs --- */

static bool is_evaluated(struct sweep *sweep)
{
    const char *metric = NULL;
    if (sweep->goal)
        catalogue_split_key(&sweep->arena, sweep->goal, &metric);
    for (int i = 0; metric && i < MEASURE_COUNT; i++)
        if (strcmp(metric, measure_name((enum measure)i)) == 0)
            return true;
    return false;
}

/* Rungs end where the goal is measured. */
static int64_t measured_every(struct sweep *sweep)
{
    const struct recipe *recipe = &sweep->recipe;
    if (!sweep->has_recipe)
        return 1;
    return is_evaluated(sweep) && recipe->training.evaluate_every > 0
               ? recipe->training.evaluate_every
               : recipe->training.report_every;
}

/* From above: total, total / halving … while there are points for another rung, and steps. */
void sweep_make_rungs(struct sweep *sweep)
{
    int64_t total = sweep->has_recipe ? sweep->recipe.training.steps : sweep->steps;
    int64_t every = measured_every(sweep), least = MAX(sweep->least, every);
    int64_t rungs[SWEEP_RUNGS] = { total }, reduction = 1;
    int count = 1;
    while (sweep->halving > 1 && total > 0 && count < SWEEP_RUNGS) {
        reduction *= sweep->halving;
        int64_t steps = (total / reduction + every - 1) / every * every;
        if (reduction > sweep->point_count || steps < least || steps <= 0 ||
            steps >= rungs[count - 1])
            break;
        rungs[count++] = steps;
    }
    sweep->rung_count = count;
    for (int i = 0; i < count; i++)
        sweep->rungs[i] = rungs[count - 1 - i];
}
