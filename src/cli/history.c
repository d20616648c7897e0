#include "history.h"

#include <math.h>

void history_init(struct history *history)
{
    *history = (struct history){ .each = 1, .last = NAN };
}

static void halve(struct history *history)
{
    for (int i = 0; i < HISTORY_LIMIT / 2; i++)
        history->values[i] = (history->values[2 * i] + history->values[2 * i + 1]) / 2;
    history->count = HISTORY_LIMIT / 2;
    history->each *= 2;
}

void history_add(struct history *history, double value)
{
    if (!isfinite(value))
        return;
    history->recent += value;
    history->recently++;
    history->sum += value;
    if (++history->pending < history->each)
        return;
    if (history->count == HISTORY_LIMIT)
        halve(history);
    if (history->pending < history->each)
        return; /* entries have just grown, and this one is not full */
    history->values[history->count++] = history->sum / (double)history->pending;
    history->sum = 0;
    history->pending = 0;
}

double history_recent(struct history *history)
{
    if (history->recently > 0)
        history->last = history->recent / (double)history->recently;
    history->recent = 0;
    history->recently = 0;
    return history->last;
}
