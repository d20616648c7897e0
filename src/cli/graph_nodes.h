/* A history of commits brought down to what says something: commits that count, where their lines
 * part and meet, and between these how many others there are. */
#ifndef GANDER_CLI_GRAPH_NODES_H
#define GANDER_CLI_GRAPH_NODES_H

#include "base/memory.h"
#include "run/code.h"

struct graph_node {
    int commit;         /* place in the history; of a gap its first one */
    int left_out;       /* commits that a gap stands for; 0: it is no gap */
    bool is_cut;        /* older ones are not in the history: it is long, or shallow */
    const int *parents; /* places among the nodes, each behind its own */
    int parent_count;
};

/* `commits` as code_history gives them, children before parents. `counts[i]`: whether commit i is to
 * be shown. A side branch that was merged and holds none that counts is left out whole; two or more
 * in a row that do not count become a gap. In the arena. */
struct graph_node *graph_nodes(struct arena *arena, const struct code_commit *commits, int count,
                               const bool *counts, int *node_count);

/* The place of a commit, -1 if it is not in the history. `order` is made once. */
struct graph_order {
    const struct code_commit **by_id;
    const struct code_commit *commits;
    int count;
};
struct graph_order graph_order(struct arena *arena, const struct code_commit *commits, int count);
int graph_find(const struct graph_order *order, const char *id);

#endif
