#include "run/halving.h"

#include <math.h>

static bool has_done(const struct halving_point *point, int rung)
{
    return point->rung > rung || (point->rung == rung && point->is_done);
}

/* How many that have done the rung are better; of equals the first is. */
static int place_of(const struct halving_point *points, int count, int rung, int point)
{
    double value = points[point].values[rung];
    int better = 0;
    for (int i = 0; i < count; i++) {
        double other = points[i].values[rung];
        if (has_done(&points[i], rung) && !isnan(other))
            better += other < value || (other == value && i < point);
    }
    return better;
}

static int promote_from(const struct halving_point *points, int count, int rung, int reduction)
{
    int done = 0, best = -1;
    for (int i = 0; i < count; i++)
        done += has_done(&points[i], rung);
    for (int i = 0; i < count; i++) {
        const struct halving_point *point = &points[i];
        bool is_candidate = point->rung == rung && point->is_done && !isnan(point->values[rung]);
        if (is_candidate && place_of(points, count, rung, i) < done / reduction &&
            (best < 0 || point->values[rung] < points[best].values[rung]))
            best = i;
    }
    return best;
}

int halving_promote(const struct halving_point *points, int count, int rungs, int reduction)
{
    for (int rung = rungs - 2; rung >= 0; rung--) {
        int point = promote_from(points, count, rung, reduction);
        if (point >= 0)
            return point;
    }
    return -1;
}
