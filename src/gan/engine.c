#include "gan/engine.h"

#include "base/host.h"
#include "nn/blas.h"

const char *engine_blas(void)
{
    return blas_version();
}

const char *engine_kernel(void)
{
    return blas_kernel();
}

int engine_threads(const struct recipe *recipe)
{
    return recipe->training.threads > 0 ? recipe->training.threads : host_cores();
}
