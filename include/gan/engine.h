/* What a trainer's numbers come from, for the record. */
#ifndef GANDER_GAN_ENGINE_H
#define GANDER_GAN_ENGINE_H

#include "record/recipe.h"

/* Of the matrix products: "OpenBLAS 0.3.21 …", "SkylakeX". "" before the first trainer. */
const char *engine_blas(void);
const char *engine_kernel(void);

/* Threads that a trainer of this recipe works with. */
int engine_threads(const struct recipe *recipe);

#endif
