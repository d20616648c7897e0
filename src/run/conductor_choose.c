/* What comes next. */
#include <math.h>

#include "conductor_state.h"

static int times_begun(const struct conductor *conductor, int64_t run)
{
    for (int i = 0; i < conductor->effort_count; i++)
        if (conductor->efforts[i].run == run)
            return conductor->efforts[i].times;
    return 0;
}

bool conductor_may_try(const struct conductor *conductor, const struct trial *trial)
{
    enum { TIMES_LOST = 3 };
    int times = times_begun(conductor, trial->run);
    return times == 0 || (trial->status.state == RUN_LOST && times < TIMES_LOST);
}

/* Has the trial done all that it will do at this rung? */
static bool is_done(const struct conductor *conductor, int at, int rung)
{
    const struct trial *trial = &conductor->trials.list[at];
    switch (trial->standing) {
    case TRIAL_MISSING:
        return conductor->hands[at].is_refused;
    case TRIAL_LIVE:
        return false;
    case TRIAL_REACHED:
        return trial->rung >= rung;
    case TRIAL_OUT:
        return true;
    case TRIAL_BROKEN:
        break;
    }
    return conductor->hands[at].is_refused || !conductor_may_try(conductor, trial);
}

static int rung_of_point(const struct conductor *conductor, int point)
{
    int seeds = conductor->sweep.seed_count, rung = -1;
    for (int i = 0; i < seeds; i++) {
        const struct trial *trial = &conductor->trials.list[point * seeds + i];
        if (trial->run > 0 || conductor->hands[point * seeds + i].is_refused)
            rung = MAX(rung, MAX(trial->rung, 0));
    }
    return rung;
}

/* The mean over the seeds, the smaller the better; NaN where one of them is out of it. */
static double value_of_point(const struct conductor *conductor, int point, int rung)
{
    int seeds = conductor->sweep.seed_count;
    double sum = 0;
    for (int i = 0; i < seeds; i++) {
        const struct trial *trial = &conductor->trials.list[point * seeds + i];
        bool is_out = trial->standing == TRIAL_OUT || trial->standing == TRIAL_BROKEN;
        sum +=
            is_out && trial->rung <= rung ? NAN : conductor->hands[point * seeds + i].values[rung];
    }
    return conductor->goal.is_smaller_better ? sum / seeds : -sum / seeds;
}

static int promote(const struct conductor *conductor)
{
    const struct sweep *sweep = &conductor->sweep;
    struct arena arena = { 0 };
    struct halving_point *points =
        arena_alloc(&arena, (size_t)sweep->point_count + 1, sizeof *points);
    for (int i = 0; i < sweep->point_count; i++) {
        struct halving_point *point = &points[i];
        point->rung = rung_of_point(conductor, i);
        point->is_done = point->rung >= 0;
        for (int k = 0; k < sweep->seed_count && point->is_done; k++)
            point->is_done = is_done(conductor, i * sweep->seed_count + k, point->rung);
        for (int k = 0; k < sweep->rung_count; k++)
            point->values[k] = value_of_point(conductor, i, k);
    }
    int chosen = halving_promote(points, sweep->point_count, sweep->rung_count, sweep->halving);
    arena_release(&arena);
    return chosen;
}

/* What is left of points that were begun, then a point that goes on, then a new point. */
struct choice conductor_choose(const struct conductor *conductor)
{
    const struct sweep *sweep = &conductor->sweep;
    int seeds = sweep->seed_count, fresh = -1;
    for (int point = 0; point < sweep->point_count; point++) {
        int rung = rung_of_point(conductor, point);
        if (rung < 0 && fresh < 0)
            fresh = point;
        for (int i = point * seeds; rung >= 0 && i < (point + 1) * seeds; i++)
            if (conductor->trials.list[i].standing != TRIAL_LIVE && !is_done(conductor, i, rung))
                return (struct choice){ i, rung };
    }
    int best = sweep->rung_count > 1 ? promote(conductor) : -1;
    if (best >= 0)
        return (struct choice){ best * seeds, rung_of_point(conductor, best) + 1 };
    return (struct choice){ fresh >= 0 ? fresh * seeds : -1, 0 };
}
