/* What a recipe will cost, before anything is trained: layers, memory, work.
 *
 * Work is counted in floating-point operations of matrix products, two for a multiply-add; norms,
 * activations and optimisers are not in it. M(x) being the multiply-adds of a forward pass on one
 * image, and m(x) those of its first weighted layer, whose input gradient nobody needs, a batch of
 * B takes
 *
 * D's update
 *  - G forward: B M(G)
 *  - D on real and generated images, forward, by weights and by inputs: 2B (3 M(D) - m(D))
 *  - r1: the input's gradient, too, 2B m(D), and a tangent pass on the real ones, B M(D); the
 *    products by weights are shared with the loss
 *  - gradient: forward, by inputs, tangent and by weights on points between, 4B M(D)
 *
 * G's update
 *  - D forward and by inputs: 2B M(D)
 *  - G by weights and by inputs: B (2 M(G) - m(G)); the images are those of D's last update
 *
 * times 2. A step is d_steps updates of D and one of G; a penalty counts as often as it is due. */
#ifndef GANDER_RUN_PLAN_H
#define GANDER_RUN_PLAN_H

#include "base/base.h"
#include "base/memory.h"
#include "gan/game.h"
#include "record/recipe.h"

struct plan_layer {
    const char *text; /* as written */
    int channels, height, width;
    size_t parameters;
    double flop; /* one image, forward */
};

struct plan_network {
    struct plan_layer *layers;
    int layer_count;
    size_t parameters;
    double flop;       /* one image, forward */
    double first_flop; /* of it, the first layer that has any */
};

struct plan_memory { /* bytes */
    size_t parameters, gradients, moments, average, passes, total;
};

struct plan {
    struct plan_network generator, discriminator;
    struct plan_memory memory; /* of the trainer; images not counted */
    double d_flop, g_flop;     /* a step's updates of D, and of G */
    double step_flop;
    struct arena arena;
};

/* ERR_INVALID when the networks do not fit the recipe, the images or each other. `threads` >= 1.
 * The caller releases *out. */
int plan_init(struct plan *out, const struct recipe *recipe, const struct game_images *images,
              int threads);
void plan_release(struct plan *plan);

#endif
