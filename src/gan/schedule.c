#include "schedule.h"

#include <math.h>

static double progress(double step, double steps)
{
    return steps > 0 ? fmin(step / steps, 1) : 1;
}

double schedule_share(const struct recipe *recipe, int64_t step)
{
    double done = progress((double)step, recipe->training.steps);
    switch ((enum schedule)recipe->training.schedule) {
    case SCHEDULE_LINEAR:
        return 1 - done;
    case SCHEDULE_COSINE:
        return (1 + cos(3.141592653589793 * done)) / 2;
    case SCHEDULE_CONSTANT:
        break;
    }
    return 1;
}

double schedule_decay(const struct recipe *recipe, int64_t step)
{
    return fmin(recipe->training.average, (1 + (double)step) / (10 + (double)step));
}

double schedule_noise(const struct recipe *recipe, int64_t step)
{
    double end = recipe->training.noise_until * recipe->training.steps;
    return recipe->training.noise * (1 - progress((double)step, end));
}
