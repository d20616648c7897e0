/* A series that keeps its shape in little room: when it is full, each two neighbours become their
 * mean, and each further entry stands for twice as many values. */
#ifndef GANDER_CLI_HISTORY_H
#define GANDER_CLI_HISTORY_H

#include "base/base.h"

enum { HISTORY_LIMIT = 512 }; /* even */

struct history { /* all zero is empty, but for `each` */
    double values[HISTORY_LIMIT];
    int count;
    int64_t each;     /* values that one entry stands for */
    double sum;       /* of the entry that grows … */
    int64_t pending;  /* … and how many it holds */
    double recent;    /* sum of what came since history_recent … */
    int64_t recently; /* … and how many */
    double last;      /* what history_recent gives when nothing came */
};

void history_init(struct history *history);
void history_add(struct history *history, double value); /* what is not finite is left out */

/* The mean of what came since the last call; the same again if nothing did. */
double history_recent(struct history *history);

#endif
