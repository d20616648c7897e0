/* A series in one line of text: ▁▂▃▄▅▆▇█.
 *
 * Each column stands for an equal share of the series and shows the mean of the values in it (with
 * fewer values than columns, the nearest one); the scale runs from the smallest to the largest
 * column. A constant series is drawn at half height; a column without a finite value is the gap
 * mark '·'. */
#ifndef GANDER_DRAW_SPARKLINE_H
#define GANDER_DRAW_SPARKLINE_H

#include "base/base.h"
#include "base/memory.h"
#include "draw/canvas.h"

/* In the first row of `rect`. Nothing is drawn of no values. */
void sparkline_draw(struct canvas *canvas, struct rect rect, const double *values, int count,
                    struct style style);

/* The same as text of exactly `columns` columns, in ASCII unless `utf8`. */
char *sparkline_text(struct arena *arena, const double *values, int count, int columns, bool utf8);

#endif
