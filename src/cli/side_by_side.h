/* Samples of several runs side by side, of one moment of their training. */
#ifndef GANDER_CLI_SIDE_BY_SIDE_H
#define GANDER_CLI_SIDE_BY_SIDE_H

#include "base/json.h"
#include "show/curves.h"
#include "draw/picture.h"

struct side {
    const struct listed_run *run;
    const char *path; /* of the PNG; NULL: the run has none so early */
    int64_t step;
    double worked; /* seconds of work at that step; NaN: not known */
};

/* The newest samples of each run up to a moment that all have reached: `step`, or where that is -1
 * the last step that all have samples of; with `by_time` likewise in seconds of work. In the index's
 * arena. */
int sides_choose(struct index *index, const struct listed_run *runs, int count, int64_t step,
                 bool by_time, struct side **out);

void sides_print(struct index *index, const struct side *sides, int count, enum picture_mode mode);

struct json *sides_json(const struct side *sides, int count);

#endif
