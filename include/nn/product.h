/* Matrix products whose left side need not lie in memory as a matrix.
 *
 *     C (m, n) = A (m, k) B (k, n)  [+ C] [+ bias, then max(v, slope v)]
 *
 * A[i][p] is a[row(i) + step(p)]: a place and a way from it. With tables of rows and steps the
 * windows of a convolution are such a matrix without having been copied (no im2col), and so is a
 * transposed matrix. B's rows lie ldb apart. C's rows have places like A's.
 *
 * On CPUs with AVX-512 a kernel of our own computes it, since the products of small GANs are too
 * thin for packing to pay; elsewhere A is gathered, some rows at a time, for OpenBLAS. */
#ifndef GANDER_NN_PRODUCT_H
#define GANDER_NN_PRODUCT_H

#include "base/base.h"

struct places {       /* offsets in floats of rows 0, 1, 2 … */
    const int *table; /* of the first `period` rows; NULL: i * stride */
    int period;       /* rows of the table (of an image) */
    ptrdiff_t next;   /* added for every period (to the next image) */
    ptrdiff_t stride; /* without a table */
};

struct product {
    int m, n, k;
    const float *a;
    struct places a_rows, a_steps; /* m rows; k steps, in whole periods if there are several */
    const float *b;
    ptrdiff_t ldb;
    float *c;
    struct places c_rows;
    int first_row;     /* rows begin here in both tables: a thread's share */
    bool add;          /* add to C */
    const float *bias; /* (n), or NULL */
    float slope;       /* of what is below zero; 1: as it is */
};

enum { PRODUCT_SCRATCH = 1 << 18 }; /* floats that `scratch` must hold */

/* On the calling thread alone. */
void product_run(const struct product *product, float *scratch);

/* For tests and comparison: use OpenBLAS even where our kernel could run. */
void product_prefer_blas(bool prefer);

#endif
