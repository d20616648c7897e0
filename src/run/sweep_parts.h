/* What the files of a sweep's plan share. */
#ifndef GANDER_RUN_SWEEP_PARTS_H
#define GANDER_RUN_SWEEP_PARTS_H

#include "run/sweep.h"

/* The field that a parameter varies; NULL for a command. */
const struct recipe_field *sweep_field(const struct sweep *sweep, const char *key);

/* Fills in points and rungs. ERR_INVALID when there are too many. */
int sweep_make_points(struct sweep *sweep);
void sweep_make_rungs(struct sweep *sweep);

/* All values of a parameter on a grid; of a range at a share of it, 0 … 1. In the arena. */
int sweep_grid_values(struct arena *arena, const struct sweep_parameter *parameter,
                      const char *const **values, int *count);
const char *sweep_value_at(struct arena *arena, const struct sweep_parameter *parameter,
                           double share);

/* Point `index` of a Sobol sequence (Sobol' 1967; direction numbers of Joe & Kuo 2008) in
 * `dimensions` <= SWEEP_PARAMETERS, each coordinate shifted bit by bit by a number that `draw` gives:
 * the first 2^k points have one in each 2^k-th of every axis. */
void sobol_point(double *out, int dimensions, uint32_t index, uint64_t draw);

#endif
