/* Optimisers over one block of parameters, fused with the moving average and threaded.
 *
 * Adam (Kingma & Ba 2015, algorithm 1, epsilon 1e-8 outside the root after bias correction, as
 * PyTorch), RMSprop (PyTorch's, no centring), SGD with momentum (PyTorch's, no dampening). */
#ifndef GANDER_NN_OPTIMISER_H
#define GANDER_NN_OPTIMISER_H

#include "base/base.h"
#include "nn/network.h"
#include "nn/pool.h"

enum optimiser_kind {
    OPTIMISER_KIND_ADAM,
    OPTIMISER_KIND_RMSPROP,
    OPTIMISER_KIND_SGD
}; /* as enum optimiser of the recipe */

struct optimiser {
    enum optimiser_kind kind;
    size_t count;          /* parameters */
    float beta1, beta2;    /* Adam; RMSprop's alpha is beta2; SGD's momentum is beta1 */
    float *first, *second; /* moments, one block each; NULL where the kind has none */
    int64_t step;          /* updates so far */
    /* Whose parameters they are, so that a thread updates what it made the gradient of and still
     * has in its cache; NULL: any block. */
    const struct network *network;
};

void optimiser_init(struct optimiser *optimiser, enum optimiser_kind kind, size_t count,
                    float beta1, float beta2);
void optimiser_release(struct optimiser *optimiser);

struct update {
    float rate;  /* learning rate of this step */
    float scale; /* gradients are multiplied by it (clipping); 1 otherwise */
    float bound; /* parameters are kept in [-bound, bound] afterwards (weight clipping); 0: not */
    float
        *average; /* moving average, or NULL: average = decay * average + (1 - decay) * parameter */
    float decay;
};
void optimiser_step(struct optimiser *optimiser, struct pool *pool, float *parameters,
                    const float *gradients, const struct update *update);

/* Sum of squares in double precision, in a fixed order. */
double block_norm(struct pool *pool, const float *values, size_t count); /* Euclidean norm */

#endif
