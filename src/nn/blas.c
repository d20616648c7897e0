#define _GNU_SOURCE
#include "nn/blas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* LAPACK is Fortran: every argument a pointer, and the lengths of texts at the end. */
typedef void dsyev_function(const char *job, const char *part, const int *n, double *a,
                            const int *lda, double *eigenvalues, double *work, const int *size,
                            int *info, size_t job_length, size_t part_length);

static struct {
    int code; /* of the one attempt to load */
    __typeof__(cblas_sgemm) *sgemm;
    dsyev_function *dsyev; /* NULL: built without LAPACK */
    __typeof__(openblas_get_config) *config;
    __typeof__(openblas_get_corename) *kernel;
} blas;

/* OpenBLAS up to 0.3.22 or so takes Zen 4 and later for Haswell, at half their speed: their AVX-512
 * kernels are those of SkylakeX in every release. */
static const char *kernel_override(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (__builtin_cpu_is("amd") && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return "SkylakeX";
#endif
    return NULL;
}

static void *open_library(void)
{
    static const char *const names[] = { "libopenblas.so.0", "libopenblasp.so.0", "libopenblas.so",
                                         "libopenblas.dylib" };
    for (int i = 0; i < ARRAY_SIZE(names); i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library)
            return library;
    }
    return dlopen(names[0], RTLD_NOW | RTLD_LOCAL); /* so that dlerror tells of the usual name */
}

static void set_variable(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

/* The library's constructors read the environment; it is as before when this returns. */
static void *load_library(void)
{
    const char *old = getenv("OPENBLAS_NUM_THREADS"),
               *kernel = getenv("OPENBLAS_CORETYPE") ? NULL : kernel_override();
    char *old_threads = old ? xstrdup(old) : NULL;
    set_variable("OPENBLAS_NUM_THREADS", "1");
    if (kernel)
        set_variable("OPENBLAS_CORETYPE", kernel);
    void *library = open_library();
    set_variable("OPENBLAS_NUM_THREADS", old_threads);
    if (kernel)
        set_variable("OPENBLAS_CORETYPE", NULL);
    free(old_threads);
    return library;
}

/* POSIX's own way to get a function out of dlsym. */
#define RESOLVE(member, symbol) (*(void **)&blas.member = dlsym(library, symbol))

static void load_once(void)
{
    void *library = load_library();
    if (!library)
        blas.code = fail(ERR_NOT_FOUND,
                         "OpenBLAS is missing: %s (install libopenblas0, or openblas)", dlerror());
    else if (!RESOLVE(sgemm, "cblas_sgemm") || !RESOLVE(config, "openblas_get_config") ||
             !RESOLVE(kernel, "openblas_get_corename"))
        blas.code = fail(ERR_NOT_FOUND, "this OpenBLAS lacks a function: %s", dlerror());
    else
        RESOLVE(dsyev, "dsyev_");
}

int blas_load(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_once);
    return blas.code;
}

const char *blas_version(void)
{
    return blas.config();
}

const char *blas_kernel(void)
{
    return blas.kernel();
}

void blas_sgemm(bool transpose_a, bool transpose_b, int m, int n, int k, float alpha,
                const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc)
{
    if (m <= 0 || n <= 0)
        return;
    blas.sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans,
               transpose_b ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c,
               ldc);
}

int blas_eigen(int n, double *a, double *eigenvalues)
{
    if (!blas.dsyev)
        return fail(ERR_INVALID, "this OpenBLAS was built without LAPACK (install libopenblas0)");
    for (int i = 0; i < n * n; i++)
        if (!isfinite(a[i]))
            return fail(ERR_INVALID, "a matrix without eigenvalues: it is not finite");
    int size = MAX(1, 34 * n), info = 0;
    double *work = xcalloc((size_t)size, sizeof *work);
    blas.dsyev("V", "U", &n, a, &n, eigenvalues, work, &size, &info, 1, 1);
    free(work);
    return info == 0 ? 0 : fail(ERR_INVALID, "the eigenvalues of a matrix cannot be found");
}
