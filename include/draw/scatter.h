/* Points on a plane: one value over another.
 *
 *     frechet
 *     31.2 ┤ ⠂
 *          │    ⠄  ⠐
 *     12.1 ┤      ⠁   ⡀ ⠈
 *          └────────────────
 *          0.0001      0.001
 *
 * Points without a finite place are left out; on a logarithmic axis those that have no logarithm. */
#ifndef GANDER_DRAW_SCATTER_H
#define GANDER_DRAW_SCATTER_H

#include "draw/chart.h"

struct scatter {
    const char *title;   /* above; or NULL */
    const double *x, *y; /* (count) */
    int count;
    bool is_log;        /* the x axis */
    int chosen;         /* a point that stands out; -1: none */
    struct style style; /* of the points */
};

/* `glyphs` is not AUTO. */
void scatter_draw(struct canvas *canvas, struct rect rect, const struct scatter *scatter,
                  enum chart_glyphs glyphs);

#endif
