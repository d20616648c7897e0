/* The equilibrium of a GAN: what the discriminator thinks of real images, D(x), and of made ones,
 * D(G(z)), on an axis from 0 to 1. At equilibrium both are 0.5.
 *
 *               ····●·· real 0.71
 *     0 ├─────────0.5─────────┤ 1
 *        ·○····· fake 0.12
 *           ○     ┊    ●
 *         ○       ┊     ●
 *       ○         ┊       ●
 *
 * The dots around a marker say where it has been in the last quarter of its history. Rows below are
 * the whole history, an equal share each, the newest at the top: markers where the mean was. '◉'
 * stands where real and fake share a place. What is outside 0 … 1 is drawn at the end. */
#ifndef GANDER_DRAW_GAUGE_H
#define GANDER_DRAW_GAUGE_H

#include "base/base.h"
#include "base/memory.h"
#include "draw/canvas.h"

struct gauge {
    double real, fake;                         /* NaN: not known */
    const double *real_history, *fake_history; /* (count) each, the oldest first; or NULL */
    int count;
};

/* Three rows, more for the history from six on; a single line where there are fewer rows or fewer
 * than 20 columns. */
void gauge_draw(struct canvas *canvas, struct rect rect, const struct gauge *gauge);

/* Exactly `columns` columns: "──F──┼────R──", 'X' for both in one place; "--F--+----R--" unless
 * `utf8`. */
char *gauge_text(struct arena *arena, const struct gauge *gauge, int columns, bool utf8);

#endif
