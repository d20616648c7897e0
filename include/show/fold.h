/* Runs that differ only in their seed as one curve: the median, with a band around it. */
#ifndef GANDER_SHOW_FOLD_H
#define GANDER_SHOW_FOLD_H

#include "show/index.h"

/* groups[i] becomes the place of the first run that is the same experiment, commit and data as run
 * i, with the same recipe values but for seeds, threads and names. */
int fold_groups(struct index *index, const struct listed_run *runs, int count, int *groups);

/* A curve by ascending x; points whose x is not finite or goes back are left out. */
struct fold_member {
    const double *x, *y; /* (count) */
    int count;
};

/* The band is the whole range of up to FOLD_WHOLE values, the middle half of more. */
enum { FOLD_WHOLE = 4 };
struct folded {
    double *x, *median, *low, *high; /* (count); NaN where no member has a value */
    int count;
};

/* On all x that any member has, or `most` of them; members stand between their points on straight
 * lines, and nowhere beyond their ends. In the arena. */
void fold_curves(struct arena *arena, const struct fold_member *members, int count, int most,
                 struct folded *out);

#endif
