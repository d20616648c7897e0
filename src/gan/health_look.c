#include "health_look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW_PER_SPAN = 7, /* a window is a seventh of a warm-up … */
    WINDOW_REPORTS = 5,  /* … and so many reports at least */
    SWING_REPORTS = 24,  /* before a swing is looked for */
    SWING_HISTORY = 48   /* reports it is looked for in, at least */
};

void reports_add(struct reports *history, const struct health_signals *signals)
{
    if (history->count == HEALTH_RING) {
        history->first = (history->first + 1) % HEALTH_RING;
        history->count--;
    }
    history->ring[(history->first + history->count++) % HEALTH_RING] = *signals;
}

const struct health_signals *reports_at(const struct reports *history, int back)
{
    return &history->ring[(history->first + history->count - 1 - back) % HEALTH_RING];
}

/* How many of the newest reports a span of steps holds, `least` at least where there are as many. */
static int reports_within(const struct reports *history, int64_t span, int least)
{
    int n = 0;
    int64_t from = reports_at(history, 0)->step - span;
    while (n < history->count && (n < least || reports_at(history, n)->step > from))
        n++;
    return n;
}

static double mean_of(const struct reports *history, int reports, enum health_signal signal)
{
    double sum = 0;
    int known = 0;
    for (int i = 0; i < reports; i++) {
        double value = reports_at(history, i)->of[signal];
        if (!isfinite(value))
            continue;
        sum += value;
        known++;
    }
    return 2 * known > reports ? sum / known : NAN;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median_of(const struct reports *history, int reports, enum health_signal signal)
{
    double values[HEALTH_RING];
    int known = 0;
    for (int i = 0; i < reports; i++)
        if (isfinite(reports_at(history, i)->of[signal]))
            values[known++] = reports_at(history, i)->of[signal];
    if (2 * known <= reports)
        return NAN;
    qsort(values, (size_t)known, sizeof values[0], compare);
    return values[known / 2];
}

bool class_is_gone(const struct counted *counted, int class)
{
    return (double)counted->counts[class] * counted->classes < 0.1 * counted->samples;
}

/* Another program may call logits so. */
static bool are_probabilities(const double of[HEALTH_SIGNALS])
{
    return of[HEALTH_D_REAL] >= 0 && of[HEALTH_D_REAL] <= 1 && of[HEALTH_D_FAKE] >= 0 &&
           of[HEALTH_D_FAKE] <= 1;
}

/* See gan/health.h. */
static double tell_of(const struct look *look, const double of[HEALTH_SIGNALS])
{
    double gap = of[HEALTH_LOGIT_REAL] - of[HEALTH_LOGIT_FAKE];
    if (!look->game->recipe)
        return are_probabilities(of) ? of[HEALTH_D_REAL] - of[HEALTH_D_FAKE] : NAN;
    switch (look->objective) {
    case OBJECTIVE_LEAST_SQUARES:
        return gap;
    case OBJECTIVE_HINGE:
        return gap / 2;
    case OBJECTIVE_WASSERSTEIN:
        return NAN;
    default:
        return of[HEALTH_D_REAL] - of[HEALTH_D_FAKE];
    }
}

/* What swings, on the scale of auc. */
static double answer_of(const struct look *look, const struct health_signals *signals)
{
    double auc = signals->of[HEALTH_D_AUC];
    return isfinite(auc) ? auc : 0.5 + tell_of(look, signals->of) / 2;
}

/* Values (n), oldest first, cross from their lower to their upper quarter: so often, and from the
 * first time to the last in so many steps. */
static struct swing count_cycles(const double *values, const int64_t *steps, int n, double low,
                                 double high)
{
    struct swing swing = { .size = high - low, .period = NAN };
    double middle = (low + high) / 2, quarter = (high - low) / 4;
    bool is_low = false;
    int64_t first = 0, last = 0;
    for (int i = 0; i < n; i++) {
        if (values[i] < middle - quarter)
            is_low = true;
        if (!is_low || values[i] <= middle + quarter)
            continue;
        is_low = false;
        first = swing.cycles == 0 ? steps[i] : first;
        last = steps[i];
        swing.cycles++;
    }
    if (swing.cycles > 1)
        swing.period = (double)(last - first) / (swing.cycles - 1);
    return swing;
}

static struct swing find_swing(const struct look *look, const struct reports *history)
{
    double values[HEALTH_RING], sorted[HEALTH_RING];
    int64_t steps[HEALTH_RING];
    int reports = reports_within(history, look->game->warm_up, SWING_HISTORY), n = 0;
    for (int back = reports - 1; back >= 0; back--) {
        const struct health_signals *signals = reports_at(history, back);
        values[n] = answer_of(look, signals);
        steps[n] = signals->step;
        n += isfinite(values[n]);
    }
    if (n < SWING_REPORTS)
        return (struct swing){ .size = NAN };
    memcpy(sorted, values, (size_t)n * sizeof sorted[0]);
    qsort(sorted, (size_t)n, sizeof sorted[0], compare);
    return count_cycles(values, steps, n, sorted[n / 10], sorted[n - 1 - n / 10]);
}

void look_at(struct look *look, const struct reports *history)
{
    int reports = reports_within(history, look->game->warm_up / WINDOW_PER_SPAN, WINDOW_REPORTS);
    look->step = reports_at(history, 0)->step;
    for (int i = 0; i < HEALTH_SIGNALS; i++)
        look->mean[i] = mean_of(history, reports, (enum health_signal)i);
    look->auc = look->mean[HEALTH_D_AUC];
    look->tell = tell_of(look, look->mean);
    look->gradient = median_of(history, reports, HEALTH_G_GRADIENT);
    look->swing = find_swing(look, history);
}
