/* Runs beside the commits that they were made at: ls --graph. */
#ifndef GANDER_CLI_GRAPH_H
#define GANDER_CLI_GRAPH_H

#include "show/run_table.h"

struct graph_wish {
    const char *columns; /* of the runs; NULL: the usual ones, with their best score … */
    const char *score;   /* … which is this metric; NULL: what tells most of them */
};

/* Runs stand below their commit in the order in which they are listed. */
int graph_print(struct index *index, const struct listed_run *runs, int count,
                const struct graph_wish *wish);

#endif
