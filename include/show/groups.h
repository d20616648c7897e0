/* Runs beside each other in groups, of which the runs differ in their seed only: is one group another
 * than the first, beyond what seeds explain? */
#ifndef GANDER_SHOW_GROUPS_H
#define GANDER_SHOW_GROUPS_H

#include "show/beside.h"
#include "show/statistics.h"

struct groups {
    int *group_of; /* (runs) 0 is the group of the first run */
    int *sizes;    /* (count) */
    int *firsts;   /* (count) the first run of each */
    int count;
    bool can_tell; /* the first group and another have at least two runs */
};

/* In the index's arena. */
int groups_find(const struct beside *beside, struct groups *out);

/* Of a group beside the first one: of what its runs came to at best, of metrics without direction at
 * last. */
struct difference groups_compare(const struct beside *beside, const struct groups *groups,
                                 const struct beside_metric *metric, int group);

enum verdict { VERDICT_UNKNOWN, VERDICT_SEEDS, VERDICT_BETTER, VERDICT_WORSE, VERDICT_OTHER };
enum verdict groups_verdict(const struct difference *difference, enum direction direction);
/* "too few runs", "no more than seeds", "better", "worse", "another". */
const char *verdict_words(enum verdict verdict);

/* "-1.9 [-2.6, -1.2]". In the arena. */
const char *difference_words(struct arena *arena, const char *metric,
                             const struct difference *difference);
/* What the runs of a group have in common and the groups have not: "training.rate=0.0001". In the index's
 * arena. */
const char *group_words(const struct beside *beside, const struct groups *groups,
                        const struct beside_setting *settings, int setting_count, int group);

#endif
