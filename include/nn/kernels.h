/* Pointwise loops over floats, in vector clones. */
#ifndef GANDER_NN_KERNELS_H
#define GANDER_NN_KERNELS_H

#include "nn/layer.h"

/* y = activation(y + bias), row by row of (rows, columns) with `stride`; bias (columns) or NULL. */
void bias_activate(float *y, const float *bias, int rows, int columns, int stride,
                   enum activation activation, float slope);

/* dy *= activation'(…), told from the activation's output y. */
void activation_backward(float *dy, const float *y, int rows, int columns, int stride,
                         enum activation activation, float slope);

/* sums (columns) of dy (rows, columns), each row times scale[row / per] (scale NULL: 1). */
void column_sums(float *sums, const float *dy, int rows, int columns, int stride,
                 const float *scale, int per, bool add);

float dot(const float *a, const float *b, size_t count);
void axpy(float *y, float a, const float *x, size_t count);       /* y += a x */
void scale_copy(float *y, float a, const float *x, size_t count); /* y = a x; y may be x */
void add_into(float *y, const float *x, size_t count);            /* y += x */

/* to (columns, rows) = from (rows, columns) transposed; rows lie ld apart. */
void transpose(const float *from, int ld_from, float *to, int ld_to, int rows, int columns);

#endif
