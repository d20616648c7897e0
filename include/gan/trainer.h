/* The trainer: the minimax game of one recipe on one data set.
 *
 *     trainer_new(&trainer, &recipe, set);
 *     while (trainer_step_number(trainer) < recipe.training.steps)
 *         if (trainer_step(trainer, &report) < 0) …diverged…
 *     trainer_free(trainer);
 *
 * It knows no run, file system layout or terminal. A step is `d_steps` updates of D, then one of G.
 */
#ifndef GANDER_GAN_TRAINER_H
#define GANDER_GAN_TRAINER_H

#include "base/base.h"
#include "data/dataset.h"
#include "nn/network.h"
#include "record/recipe.h"

struct trainer;

/* Both networks must fit the recipe, the data and each other; ERR_INVALID says which layer, what it
 * got and what it needs. */
int trainer_new(struct trainer **out, const struct recipe *recipe, const struct dataset *set);
void trainer_free(struct trainer *trainer);

/* One generator step. Measures are those of this step. ERR_INVALID when a loss is not finite
 * (report is filled, the sentence names step and network): the run has diverged. */
struct step_report {
    int64_t step; /* steps done, this one included */
    double epoch; /* passes over the data */
    double d_loss, g_loss, penalty;
    double d_real, d_fake; /* mean D(x) and D(G(z)): sigmoid of the logit, for every objective */
    double d_gradient, g_gradient; /* Euclidean norms; NaN on steps that did not measure them */
};
int trainer_step(struct trainer *trainer, struct step_report *report, bool measure_gradients);
int64_t trainer_step_number(const struct trainer *trainer);
const struct network *trainer_generator(const struct trainer *trainer);
const struct network *trainer_discriminator(const struct trainer *trainer);

/* Images of the recipe's fixed latents (the same at every step and after every resume), from the
 * averaged generator where there is an average: (count, height, width) bytes. A conditional
 * generator draws label i % classes. */
void trainer_sample(struct trainer *trainer, int count, uint8_t *images);

/* Everything there is: both networks, average, moments, step, random streams, place in the data.
 * Atomic and synced. */
int trainer_save(struct trainer *trainer, const char *path);
/* Goes on from there, bit for bit. ERR_INVALID for a file that is cut, foreign or of another
 * recipe, naming what differs. */
int trainer_load(struct trainer *trainer, const char *path);
/* What trainer_save wrote about CPU, build, threads; a sentence if this process cannot promise the
 * same bits, else NULL. */
const char *trainer_promise(const struct trainer *trainer);

#endif
