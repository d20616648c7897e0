/* The hunt for the first commit that is bad, among those between a good and a bad one: pure.
 *
 * A commit that is bad leaves it and its ancestors under suspicion, a good one all but those. The next
 * to test is the one whose answer leaves the fewest, whichever it is, as git bisect chooses. Commits
 * that cannot be tested are passed over, and their neighbours come instead. */
#ifndef GANDER_RUN_HUNT_H
#define GANDER_RUN_HUNT_H

#include "base/base.h"
#include "base/memory.h"
#include "run/code.h"

enum { HUNT_COMMITS = 20000 };

enum hunt_answer { HUNT_UNKNOWN, HUNT_GOOD, HUNT_BAD, HUNT_SKIPPED };

struct hunt {
    int count, words;
    uint64_t *reach;    /* (count, words) bit j of row i: commit j is i, or an ancestor of it */
    uint64_t *suspects; /* (words) */
    enum hunt_answer *answers; /* (count) */
};

/* Commits as code_between lists them, at most HUNT_COMMITS: the last one is bad. In the arena. */
void hunt_init(struct hunt *out, struct arena *arena, const struct code_commit *commits, int count);
void hunt_answer(struct hunt *hunt, int commit, enum hunt_answer answer);

/* Which commit to test; -1: there is none left. */
int hunt_next(const struct hunt *hunt);
/* May it be the first that is bad? */
bool hunt_suspects(const struct hunt *hunt, int commit);
int hunt_suspect_count(const struct hunt *hunt);

#endif
