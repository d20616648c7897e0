#include "show/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

struct spread spread_of(const double *values, int count)
{
    struct spread spread = { 0, NAN, NAN, NAN, NAN };
    double sum = 0, squares = 0;
    for (int i = 0; i < count; i++)
        if (isfinite(values[i])) {
            spread.count++;
            sum += values[i];
            spread.low = fmin(spread.low, values[i]);
            spread.high = fmax(spread.high, values[i]);
        }
    if (spread.count == 0)
        return spread;
    spread.mean = sum / spread.count;
    for (int i = 0; i < count; i++)
        if (isfinite(values[i]))
            squares += (values[i] - spread.mean) * (values[i] - spread.mean);
    if (spread.count > 1)
        spread.deviation = sqrt(squares / (spread.count - 1));
    return spread;
}

void ranks_of(const double *values, int count, double *ranks)
{
    for (int i = 0; i < count; i++) {
        int below = 0, equal = 0;
        for (int k = 0; k < count; k++) {
            below += values[k] < values[i];
            equal += values[k] == values[i];
        }
        ranks[i] = isnan(values[i]) ? NAN : below + (equal + 1) / 2.0;
    }
}

/* Pearson's. */
static double correlation(const double *x, const double *y, int count)
{
    double mean_x = spread_of(x, count).mean, mean_y = spread_of(y, count).mean;
    double xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < count; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

double rank_correlation(const double *x, const double *y, int count)
{
    struct arena arena = { 0 };
    double *kept = arena_alloc(&arena, 4 * (size_t)count + 1, sizeof *kept);
    double *other = kept + count, *ranks = other + count, *other_ranks = ranks + count;
    int pairs = 0;
    for (int i = 0; i < count; i++)
        if (isfinite(x[i]) && isfinite(y[i])) {
            kept[pairs] = x[i];
            other[pairs++] = y[i];
        }
    ranks_of(kept, pairs, ranks);
    ranks_of(other, pairs, other_ranks);
    double result = pairs < 3 ? NAN : correlation(ranks, other_ranks, pairs);
    arena_release(&arena);
    return result;
}

double rank_ratio(const int *groups, const double *y, int count)
{
    struct arena arena = { 0 };
    double *ranks = arena_alloc(&arena, (size_t)count + 1, sizeof *ranks);
    double between = 0, all = 0;
    ranks_of(y, count, ranks);
    struct spread whole = spread_of(ranks, count);
    for (int i = 0; i < count; i++) {
        double sum = 0;
        int members = 0;
        for (int k = 0; k < count; k++)
            if (groups[k] == groups[i] && isfinite(ranks[k])) {
                sum += ranks[k];
                members++;
            }
        if (!isfinite(ranks[i]))
            continue;
        between += (sum / members - whole.mean) * (sum / members - whole.mean);
        all += (ranks[i] - whole.mean) * (ranks[i] - whole.mean);
    }
    arena_release(&arena);
    return whole.count < 3 || all == 0 ? NAN : sqrt(between / all);
}

/* --- the bootstrap --- */

enum { RESAMPLES = 10000 };

/* The 97.5 % point of Student's t. */
static double student(int freedom)
{
    static const double points[] = { 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365,
                                     2.306,  2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
                                     2.131,  2.120, 2.110, 2.101, 2.093, 2.086 };
    return freedom <= ARRAY_SIZE(points) ? points[freedom - 1] : 1.96 + 2.5 / freedom;
}

/* The share below the interval: of the normal distribution, beyond the t point of so few values, whose
 * bootstrap is too narrow by sqrt((n - 1) / n). */
static double tail(int count)
{
    double edge = sqrt((double)count / (count - 1)) * student(count - 1);
    return erfc(edge / sqrt(2)) / 2;
}

static double resampled_mean(struct random *random, const double *values, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[random_below(random, (uint32_t)count)];
    return sum / count;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double at_share(const double *sorted, double share)
{
    double at = share * (RESAMPLES - 1);
    int low = (int)at, high = MIN(low + 1, RESAMPLES - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

static int keep_finite(double *out, const double *values, int count)
{
    int kept = 0;
    for (int i = 0; i < count; i++)
        if (isfinite(values[i]))
            out[kept++] = values[i];
    return kept;
}

struct difference difference_of(const double *a, int a_count, const double *b, int b_count)
{
    struct arena arena = { 0 };
    struct random random;
    struct difference out = { spread_of(a, a_count), spread_of(b, b_count), NAN, NAN, NAN, false };
    double *x = arena_alloc(&arena, (size_t)a_count + 1, sizeof *x);
    double *y = arena_alloc(&arena, (size_t)b_count + 1, sizeof *y);
    double *means = arena_alloc(&arena, RESAMPLES, sizeof *means);
    a_count = keep_finite(x, a, a_count);
    b_count = keep_finite(y, b, b_count);
    out.mean = out.b.mean - out.a.mean;
    random_seed(&random, 1, 0);
    if (a_count > 1 && b_count > 1) {
        for (int i = 0; i < RESAMPLES; i++)
            means[i] = resampled_mean(&random, y, b_count) - resampled_mean(&random, x, a_count);
        qsort(means, RESAMPLES, sizeof *means, compare);
        double share = tail(MIN(a_count, b_count));
        out.low = at_share(means, share);
        out.high = at_share(means, 1 - share);
        out.is_clear = out.low > 0 || out.high < 0;
    }
    arena_release(&arena);
    return out;
}

/* --- which of two --- */

static double infinite_share(const double *values, int count)
{
    int infinite = 0;
    for (int i = 0; i < count; i++)
        infinite += isinf(values[i]) != 0;
    return count > 0 ? (double)infinite / count : 0;
}

/* The deviation within both, of which rounding is the least. */
static double pooled(const struct spread *a, const struct spread *b, int freedom)
{
    double squares =
        (a->count - 1) * a->deviation * a->deviation + (b->count - 1) * b->deviation * b->deviation;
    return fmax(sqrt(squares / freedom), 1e-12 * fmax(fmax(fabs(a->mean), fabs(b->mean)), 1e-300));
}

double leaning_of(const double *a, int a_count, const double *b, int b_count, const double *x,
                  int x_count)
{
    enum { INFINITE_ODDS = 10 };
    struct spread left = spread_of(a, a_count), right = spread_of(b, b_count);
    struct spread mean = spread_of(x, x_count);
    double in_a = infinite_share(a, a_count), in_b = infinite_share(b, b_count);
    double in_x = infinite_share(x, x_count);
    if (x_count > 0 && (in_a > 0 || in_b > 0 || in_x > 0))
        return INFINITE_ODDS * (fabs(in_x - in_a) - fabs(in_x - in_b));
    int freedom = left.count + right.count - 2;
    if (mean.count == 0 || left.count < 2 || right.count < 2)
        return NAN;
    double deviation = pooled(&left, &right, freedom);
    double value = fmax(fmin(left.mean, right.mean), fmin(mean.mean, fmax(left.mean, right.mean)));
    double to_left = (value - left.mean) / (deviation * sqrt(1.0 / mean.count + 1.0 / left.count));
    double to_right =
        (value - right.mean) / (deviation * sqrt(1.0 / mean.count + 1.0 / right.count));
    return (freedom + 1) / 2.0 *
           (log1p(to_left * to_left / freedom) - log1p(to_right * to_right / freedom));
}
