/* Finite differences of a function of many values, in double precision: along some of the values,
 * and along one random direction, which no wrong value escapes. */
#ifndef GANDER_TESTS_NN_SLOPES_H
#define GANDER_TESTS_NN_SLOPES_H

#include "nn/rig.h"

enum { SLOPES = 24 };

struct slopes {
    size_t count;      /* values */
    double *direction; /* random; 0 where the function has no value */
    double along;      /* the slope in that direction */
    int entries;
    struct {
        size_t at;
        double slope;
    } list[SLOPES];
};

typedef double slopes_function(void *context); /* of the values, which it knows where to find */

static const double slopes_step = 1e-4;

static inline double slopes_along(double *values, const double *direction, size_t count,
                                  slopes_function *function, void *context)
{
    double side[2];
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < count; i++)
            values[i] += (k == 0 ? 1 : -2) * slopes_step * direction[i];
        side[k] = function(context);
    }
    for (size_t i = 0; i < count; i++)
        values[i] += slopes_step * direction[i];
    return (side[0] - side[1]) / (2 * slopes_step);
}

/* `direction` becomes the slopes' own. */
static inline void slopes_find(struct slopes *slopes, double *values, size_t count,
                               double *direction, int entries, slopes_function *function,
                               void *context)
{
    struct random random;
    bool any = false;
    random_seed(&random, count, 10);
    *slopes = (struct slopes){ .count = count, .direction = direction };
    for (size_t i = 0; i < count; i++)
        any = any || direction[i] != 0;
    while (any && slopes->entries < MIN(entries, SLOPES)) {
        size_t at = random_below(&random, (uint32_t)count);
        double one = 1;
        if (direction[at] == 0)
            continue;
        slopes->list[slopes->entries].at = at;
        slopes->list[slopes->entries++].slope =
            slopes_along(values + at, &one, 1, function, context);
    }
    slopes->along = slopes_along(values, direction, count, function, context);
}

static inline void slopes_release(struct slopes *slopes)
{
    free(slopes->direction);
}

/* Single values are measured by the block's typical size; a sum along the random direction by the
 * block's length. */
static inline void slopes_check(const struct slopes *slopes, const double *got, double tolerance,
                                const char *what)
{
    double squares = 0, along = 0;
    for (size_t i = 0; i < slopes->count; i++) {
        squares += slopes->direction[i] != 0 ? got[i] * got[i] : 0;
        along += slopes->direction[i] != 0 ? got[i] * slopes->direction[i] : 0;
    }
    for (int i = 0; i < slopes->entries; i++)
        rig_near(got[slopes->list[i].at], slopes->list[i].slope,
                 sqrt(squares / (double)slopes->count), 10 * tolerance, what);
    rig_near(along, slopes->along, sqrt(squares), tolerance, what);
}

static inline double *slopes_doubles(const float *values, size_t count)
{
    double *result = xcalloc(count + 1, sizeof *result);
    for (size_t i = 0; i < count; i++)
        result[i] = (double)values[i];
    return result;
}

static inline double *slopes_noise(size_t count, uint64_t seed)
{
    float *noise = xcalloc(count + 1, sizeof *noise);
    rig_fill(noise, count, seed);
    double *result = slopes_doubles(noise, count);
    free(noise);
    return result;
}

/* Random where there is a parameter, 0 between the layers. The caller frees. */
static inline double *slopes_parameter_direction(const struct network *net)
{
    double *noise = slopes_noise(net->parameter_count, 9);
    double *direction = xcalloc(net->parameter_count + 1, sizeof *direction);
    for (int i = 0; i < net->layer_count; i++) {
        const struct layer *layer = &net->layers[i];
        memcpy(direction + layer->weights, noise + layer->weights,
               layer->weight_count * sizeof *noise);
        memcpy(direction + layer->biases, noise + layer->biases, layer->bias_count * sizeof *noise);
    }
    free(noise);
    return direction;
}

/* As many single values as so many million multiply-adds allow, if a value takes `passes`. */
static inline int slopes_affordable(const struct rig *rig, double passes, double millions)
{
    double effort = 1, budget = millions * (getenv("GANDER_TEST_SMALL") ? 1e5 : 1e6);
    for (int i = 0; i < rig->net->layer_count; i++) {
        struct layer_facts facts;
        network_layer_facts(rig->net, i, &facts);
        effort += rig->pass.images * (facts.multiply_adds + 8 * shape_size(facts.output));
    }
    double entries = budget / (effort * passes);
    return entries < 3 ? 3 : entries > SLOPES ? SLOPES : (int)entries;
}

#endif
