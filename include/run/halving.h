/* Asynchronous successive halving: which point of a sweep goes on (Li et al. 2018, "A System for
 * Massively Parallel Hyperparameter Tuning", algorithm 2). Rungs count from 0, the shortest. */
#ifndef GANDER_RUN_HALVING_H
#define GANDER_RUN_HALVING_H

#include "base/base.h"

enum { HALVING_RUNGS = 12 };

struct halving_point {
    int rung;                     /* the one that it has begun last; -1: none */
    bool is_done;                 /* with that, one way or another */
    double values[HALVING_RUNGS]; /* at the end of each, the smaller the better; NaN: out of it */
};

/* The point that is to go on: of the highest rung where one is among the best 1/reduction of all that
 * have done it, and has not gone on yet. -1: none for now. */
int halving_promote(const struct halving_point *points, int count, int rungs, int reduction);

#endif
