/* Parallel coordinates (Inselberg 1985): an axis for each quantity, a line for each thing that has them
 * all.
 *
 *     rate      latent    frechet
 *     0.001     128       31.2
 *     │⠢⡀      ⢀│⠤⠤⡀      │
 *     │  ⠈⠒⠒⠒⠒⠁ │    ⠑⠢⣀⣀⣀│
 *     0.0001    16        12.1
 *
 * The best lines are whole and bright, worse ones fainter and dotted, those without a value the faintest;
 * the chosen one is bold, with a mark where it meets each axis. Titles and the ends of axes are cut to the
 * room that there is. */
#ifndef GANDER_DRAW_PARALLEL_H
#define GANDER_DRAW_PARALLEL_H

#include "draw/chart.h"

struct parallel_axis {
    const char *title;
    const char *low, *high; /* what stands at its lower and its upper end */
};

struct parallel_line {
    const double *shares; /* (axes) 0 at the lower end … 1; NaN: it does not reach that axis */
    double goodness;      /* 0 … 1; NaN: unknown */
};

struct parallel {
    const struct parallel_axis *axes;
    int axis_count;
    const struct parallel_line *lines;
    int line_count;
    int chosen; /* -1: none */
};

/* `glyphs` is not AUTO. */
void parallel_draw(struct canvas *canvas, struct rect rect, const struct parallel *parallel,
                   enum chart_glyphs glyphs);

#endif
