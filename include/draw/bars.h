/* Amounts side by side, as horizontal bars with their names and values:
 *
 *     zero  ██████████████▌      118
 *     one   ████████████   │      97
 *
 * The longest bar takes all the room that there is, unless a mark is further out. With fewer rows
 * than bars they stand in several columns; where that leaves no room, one cell stands for each:
 * "▃▅▁█". What is no number has no bar and shows its name for it ("NaN"); less than 0 is as 0. */
#ifndef GANDER_DRAW_BARS_H
#define GANDER_DRAW_BARS_H

#include "base/base.h"
#include "draw/canvas.h"

struct bars {
    const char *const *labels; /* (count); NULL: none, as for each entry */
    const double *values;      /* (count) */
    const double *marks; /* (count) what a bar is to be compared with: '│'; NaN, NULL: none */
    int count;
    struct style style; /* of the bars */
};

void bars_draw(struct canvas *canvas, struct rect rect, const struct bars *bars);

#endif
