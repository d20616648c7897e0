/* OpenBLAS, loaded when the first network needs it, so that a program which only looks at runs
 * starts no BLAS threads.
 *
 * Matrices are row-major; `ld` is the distance between rows in floats. */
#ifndef GANDER_NN_BLAS_H
#define GANDER_NN_BLAS_H

#include "base/base.h"

/* Loads the library with one thread of its own (we bring ours). Call before any other function
 * here; cheap when repeated. On AMD CPUs with AVX-512 that old releases take for Haswell, asks for
 * the AVX-512 kernels unless OPENBLAS_CORETYPE is set. ERR_NOT_FOUND with what to install. */
int blas_load(void);

const char *blas_version(void); /* "OpenBLAS 0.3.21 … " */
const char *blas_kernel(void);  /* "SkylakeX" */

/* C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * C */
void blas_sgemm(bool transpose_a, bool transpose_b, int m, int n, int k, float alpha,
                const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);

/* Eigenvalues, ascending, of the symmetric matrix a (n, n), which gets the eigenvectors as its rows
 * (LAPACK's dsyev). ERR_INVALID when it does not converge, for values that are not finite, and where
 * OpenBLAS has no LAPACK. */
int blas_eigen(int n, double *a, double *eigenvalues);

#endif
