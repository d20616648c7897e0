/* A history with branches and merges as lanes of text: a column for each line of development, the
 * newest at the top.
 *
 *     ●           a merge
 *     ├─╮
 *     │ ●
 *     ● │
 *     ├─╯
 *     ●
 *
 * Lanes are two columns wide. The text is UTF-8; canvas_ascii has a stand-in for each character. */
#ifndef GANDER_DRAW_LANES_H
#define GANDER_DRAW_LANES_H

#include "base/base.h"
#include "base/memory.h"

struct lane_node {
    const int *parents; /* places of its parents in the list, each behind its own; -1: not in it */
    int parent_count;
    bool is_gap; /* stands for several that are left out: ⋮ */
};

struct lane_rows {
    const char *node;         /* the row of the node itself */
    const char *beside;       /* one below it, as often as there is something to say beside it */
    const char *const *links; /* rows between it and the next */
    int link_count;
};

/* The rows of each of `count` nodes, children before parents, in the arena. */
struct lane_rows *lanes_layout(struct arena *arena, const struct lane_node *nodes, int count);

#endif
