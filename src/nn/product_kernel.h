/* The inner kernel of product.c: up to 6 x 64 values of C in registers, on CPUs with AVX-512. */
#ifndef GANDER_NN_PRODUCT_KERNEL_H
#define GANDER_NN_PRODUCT_KERNEL_H

#include "base/base.h"

enum { TILE_ROWS = 6, TILE_COLUMNS = 64 };

struct tile {
    const float *a[TILE_ROWS]; /* where each row of A begins */
    float *c[TILE_ROWS];
    const float *b;
    ptrdiff_t ldb;
    const int *steps; /* k offsets along a row of A, or NULL: p * step */
    ptrdiff_t step;
    int k, repeats; /* the k steps `repeats` times, with … */
    ptrdiff_t next; /* … so many floats added to a's places each time */
    int width;      /* columns, at most TILE_COLUMNS */
    bool add;
    const float *bias;
    float slope;
};

bool tile_is_supported(void);
void tile_run(const struct tile *tile, int rows);

#endif
