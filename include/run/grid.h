/* The images of a grid: what other programs save of their samples, cut apart without being told how.
 *
 * Images are square. Between them, and around all, there may be lines of one grey (torchvision's
 * make_grid, say, draws two pixels), or nothing, as in our own sheets; then images are told apart by
 * the calm along their edges, since figures stand in their middle. */
#ifndef GANDER_RUN_GRID_H
#define GANDER_RUN_GRID_H

#include "base/image.h"

struct grid {
    int columns, rows;
    int side;    /* of an image, pixels */
    int padding; /* pixels between two, and around all if `is_framed` */
    bool is_framed;
};

/* ERR_INVALID for what is not "8x8" (columns, rows). */
int grid_parse(const char *text, int *columns, int *rows);

/* Finds the grid; `columns` and `rows` if they are known, else 0. False: it is one image, or none
 * that can be made out. */
bool grid_find(struct grid *out, const struct image *sheet, int columns, int rows);

/* How varied its images are: the share of the variance of all pixels that is between images at one
 * place, as a root, over the same of handwritten digits (GRID_DIGITS). 1 is as varied as those, 0 is
 * one image again and again; noise is a fifth more. NaN for a sheet of one grey. */
#define GRID_DIGITS 0.848 /* of MNIST, measured on every twentieth training image */
double grid_diversity(const struct grid *grid, const struct image *sheet);

#endif
