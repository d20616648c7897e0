/* The hunt: which commit is judged next, and how. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bisect.h"

/* --- values --- */

const double *bisect_values(const struct bisect *bisect, const struct bisect_commit *commit,
                            int *count)
{
    double *values = arena_alloc(bisect->arena, (size_t)commit->done + 1, sizeof *values);
    *count = 0;
    for (int i = 0; i < commit->done; i++)
        if (!isnan(commit->trials[i].value))
            values[(*count)++] = commit->trials[i].value;
    return values;
}

const char *bisect_values_text(const struct bisect *bisect, const struct bisect_commit *commit)
{
    int count;
    const double *values = bisect_values(bisect, commit, &count);
    struct spread spread = spread_of(values, count);
    const char *metric = bisect->goal.metric;
    struct arena *arena = bisect->arena;
    if (count == 0)
        return "nothing";
    if (spread.count == 0)
        return "diverged";
    const char *text = metric_format(arena, metric, spread.mean);
    if (spread.count > 1)
        text = arena_printf(arena, "%s ± %s", text, metric_format(arena, metric, spread.deviation));
    return spread.count == count
               ? text
               : arena_printf(arena, "%s, %d diverged", text, count - spread.count);
}

static const char *trouble_of(const struct bisect_commit *commit)
{
    for (int i = 0; i < commit->done; i++)
        if (commit->trials[i].trouble)
            return commit->trials[i].trouble;
    return NULL;
}

/* --- both ends --- */

static const char *runs_text(const struct bisect *bisect, const struct bisect_commit *commit)
{
    const char *text = "";
    for (int i = 0; i < commit->done; i++)
        text = arena_printf(bisect->arena, "%s%s%lld", text, i > 0 ? " " : "",
                            (long long)commit->trials[i].run);
    return text;
}

static int check_end(const struct bisect *bisect, const struct bisect_commit *commit,
                     const char *which)
{
    int count;
    const char *trouble = trouble_of(commit);
    bisect_values(bisect, commit, &count);
    printf("%-8s %.10s  %s  (runs %s)\n", which, commit->id, bisect_values_text(bisect, commit),
           runs_text(bisect, commit));
    fflush(stdout);
    if (count < 2)
        return fail(ERR_INVALID,
                    "commit %.10s, which is called %s, gives fewer than two values: %s", commit->id,
                    which, trouble ? trouble : "?");
    return 0;
}

static bool is_worse(const struct bisect *bisect, double difference)
{
    return bisect->goal.is_smaller_better ? difference > 0 : difference < 0;
}

/* Is the bad end worse than the good one, beyond what seeds explain? Else there is nothing to find. */
static int check_difference(const struct bisect *bisect, const struct bisect_commit *bad)
{
    int good_count, bad_count;
    const double *good_values = bisect_values(bisect, &bisect->before, &good_count);
    const double *bad_values = bisect_values(bisect, bad, &bad_count);
    struct difference difference = difference_of(good_values, good_count, bad_values, bad_count);
    struct arena *arena = bisect->arena;
    const char *metric = bisect->goal.metric;
    if (difference.a.count < 2 || difference.b.count < 2) /* some diverged */
        return difference.a.count > difference.b.count
                   ? 0
                   : fail(ERR_INVALID,
                          "runs diverge at the good commit as often as at the bad one");
    if (difference.is_clear && is_worse(bisect, difference.mean))
        return 0;
    return fail(ERR_INVALID,
                "the bad commit is not worse than the good one beyond its seeds: %s differs by %s "
                "[%s, %s]%s",
                metric, metric_format(arena, metric, difference.mean),
                metric_format(arena, metric, difference.low),
                metric_format(arena, metric, difference.high),
                bisect->template ? " (more --seeds see finer)"
                                 : " (more --seeds see finer; or the build of gander is another)");
}

static int judge_ends(struct bisect *bisect)
{
    struct bisect_commit *good = &bisect->before, *bad = &bisect->tried[bisect->count - 1];
    int seeds = bisect->plan.seeds;
    int error = bisect_begin(bisect, good, 0, seeds);
    if (!error)
        error = bisect_begin(bisect, bad, 0, seeds);
    if (!error)
        error = bisect_wait(bisect, good, 0, seeds);
    if (!error)
        error = check_end(bisect, good, "good");
    if (!error)
        error = bisect_wait(bisect, bad, 0, seeds);
    if (!error)
        error = check_end(bisect, bad, "bad");
    good->verdict = BISECT_GOOD;
    bad->verdict = BISECT_BAD;
    return error ? error : check_difference(bisect, bad);
}

/* --- one commit --- */

/* How far from the good end to the bad one: 0 … 1. */
static double share_of_way(double good, double bad, double value)
{
    return (value - good) / (bad - good);
}

/* Sure at odds of 99 to 1; less will do when all seeds are through. What is worse than the good end by
 * a quarter of the way, beyond its seeds, has got worse, though not yet as bad as in the end. */
static enum verdict_kind judge(const struct bisect *bisect, const struct bisect_commit *commit,
                               double *odds)
{
    static const double quarter = 0.25;
    int good_count, bad_count, count;
    const double *good = bisect_values(bisect, &bisect->before, &good_count);
    const double *bad = bisect_values(bisect, &bisect->tried[bisect->count - 1], &bad_count);
    const double *values = bisect_values(bisect, commit, &count);
    double share = share_of_way(spread_of(good, good_count).mean, spread_of(bad, bad_count).mean,
                                spread_of(values, count).mean);
    bool is_near_good = !(share >= quarter);
    *odds = leaning_of(good, good_count, bad, bad_count, values, count);
    if (*odds >= log(99))
        return BISECT_BAD;
    if (*odds <= -log(99) && is_near_good)
        return BISECT_GOOD;
    if (commit->done < bisect->plan.seeds || count == 0)
        return BISECT_OPEN;
    if (!is_near_good && difference_of(good, good_count, values, count).is_clear)
        return BISECT_BAD;
    return *odds >= log(3) ? BISECT_BAD : *odds <= -log(3) ? BISECT_GOOD : BISECT_OPEN;
}

static void print_verdict(const struct bisect *bisect, const struct bisect_commit *commit,
                          double odds)
{
    static const char *const words[] = { "", "good", "bad", "skipped" };
    struct arena *arena = bisect->arena;
    const char *value = commit->why ? commit->why : bisect_values_text(bisect, commit);
    const char *sure = commit->why ? ""
                                   : arena_printf(arena, ", %d seed%s, %.0f%% sure", commit->done,
                                                  commit->done == 1 ? "" : "s",
                                                  fmin(100 / (1 + exp(-fabs(odds))), 99));
    printf("%-8s %.10s  %s%s; %d left  %s\n", words[commit->verdict], commit->id,
           text_clean(arena, value, 200), sure, hunt_suspect_count(&bisect->hunt),
           text_clean(arena, commit->subject, 60));
    fflush(stdout);
}

/* One seed first: it often tells, and what does not build is known by it. */
static int test(struct bisect *bisect, int at)
{
    static const enum hunt_answer answers[] = { HUNT_UNKNOWN, HUNT_GOOD, HUNT_BAD, HUNT_SKIPPED };
    struct bisect_commit *commit = &bisect->tried[at];
    double odds = NAN;
    int error = 0;
    for (int to = 1; !error && commit->verdict == BISECT_OPEN; to = bisect->plan.seeds) {
        error = bisect_begin(bisect, commit, commit->done, to);
        if (!error)
            error = bisect_wait(bisect, commit, commit->done, to);
        if (error)
            break;
        commit->why = trouble_of(commit);
        commit->verdict = commit->why ? BISECT_SKIPPED : judge(bisect, commit, &odds);
        if (commit->verdict == BISECT_OPEN && commit->done == bisect->plan.seeds) {
            commit->verdict = BISECT_SKIPPED;
            commit->why = arena_printf(bisect->arena, "%s, which is neither good nor bad",
                                       bisect_values_text(bisect, commit));
        }
    }
    if (error)
        return error;
    hunt_answer(&bisect->hunt, at, answers[commit->verdict]);
    print_verdict(bisect, commit, odds);
    return 0;
}

/* --- the hunt --- */

/* What is blamed, and the good one before it, get all their seeds: the last word is a comparison of
 * groups. */
static int complete(struct bisect *bisect)
{
    struct bisect_commit *pair[2];
    int first = -1, seeds = bisect->plan.seeds, error = 0;
    if (hunt_suspect_count(&bisect->hunt) != 1)
        return 0;
    for (int i = 0; i < bisect->count; i++)
        if (hunt_suspects(&bisect->hunt, i))
            first = i;
    pair[0] = bisect_parent(bisect, first);
    pair[1] = &bisect->tried[first];
    for (int i = 0; i < 2 && !error; i++)
        error = bisect_begin(bisect, pair[i], pair[i]->done, seeds);
    for (int i = 0; i < 2 && !error; i++)
        error = bisect_wait(bisect, pair[i], pair[i]->done, seeds);
    return error;
}

int bisect_work(struct bisect *bisect)
{
    int error = judge_ends(bisect), next;
    while (!error && (next = hunt_next(&bisect->hunt)) >= 0)
        error = test(bisect, next);
    return error ? error : complete(bisect);
}
