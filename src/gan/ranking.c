#include "gan/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

void ranking_sort(float *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
}

/* How many are less than `value`, or not more where `with_equal`. */
static int count_below(const float *sorted, int count, float value, bool with_equal)
{
    int low = 0, high = count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        bool is_below = with_equal ? sorted[middle] <= value : sorted[middle] < value;
        if (is_below)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double ranking_share_below(const float *sorted, int count, float value)
{
    double below = count_below(sorted, count, value, false);
    double equal = count_below(sorted, count, value, true) - below;
    return (below + equal / 2) / count;
}

double ranking_auc(const float *real, int real_count, const float *others, int other_count)
{
    double sum = 0;
    for (int i = 0; i < real_count; i++)
        sum += ranking_share_below(others, other_count, real[i]);
    return sum / real_count;
}

void ranking_roc(const float *real, int real_count, const float *others, int other_count,
                 int points, double *false_alarms, double *hits)
{
    for (int i = 0; i < points; i++) { /* thresholds at even steps through the real images */
        int taken = (int)((int64_t)real_count * i / (points - 1));
        float threshold = taken > 0 ? real[real_count - taken] : INFINITY;
        hits[i] = 1 - (double)count_below(real, real_count, threshold, false) / real_count;
        false_alarms[i] =
            1 - (double)count_below(others, other_count, threshold, false) / other_count;
    }
    hits[points - 1] = false_alarms[points - 1] = 1;
}

void ranking_histogram(const float *sorted, int count, double low, double high, int bins,
                       double *shares)
{
    memset(shares, 0, (size_t)bins * sizeof *shares);
    for (int i = 0; i < count; i++) {
        double place = ((double)sorted[i] - low) / (high - low) * bins;
        int bin = place < 0 ? 0 : place >= bins ? bins - 1 : (int)place;
        shares[bin] += 1.0 / count;
    }
}

struct ranking_spread ranking_spread(const float *values, int count)
{
    struct ranking_spread spread = { 0, 0 };
    for (int i = 0; i < count; i++)
        spread.mean += (double)values[i] / count;
    for (int i = 0; i < count; i++) {
        double gap = (double)values[i] - spread.mean;
        spread.deviation += gap * gap;
    }
    spread.deviation = sqrt(spread.deviation / MAX(1, count - 1));
    return spread;
}
