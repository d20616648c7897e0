/* A progress bar of eighth blocks: ▕███████▍      ▏
 *
 * `fraction` is cut to 0 … 1; NaN is an empty bar. It looks full only when it is. */
#ifndef GANDER_DRAW_BAR_H
#define GANDER_DRAW_BAR_H

#include "base/base.h"
#include "base/memory.h"
#include "draw/canvas.h"

/* In the first row of `rect`, over its whole width, ends included (left out below 4 columns).
 * `style` colours the done part; its background is the track. */
void bar_draw(struct canvas *canvas, struct rect rect, double fraction, struct style style);

/* The same as text of exactly `columns` columns; "|####=  |" unless `utf8`. */
char *bar_text(struct arena *arena, double fraction, int columns, bool utf8);

#endif
