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

/* Both networks must fit the recipe, the data and each other (see gan/game.h); ERR_INVALID says
 * which layer, what it got and what it needs. Recipe and set must outlive the trainer. */
int trainer_new(struct trainer **out, const struct recipe *recipe, const struct dataset *set);
void trainer_free(struct trainer *trainer);

/* One generator step. Measures are those of its last D update, and of G's. ERR_INVALID when a loss,
 * a penalty or a measured gradient is not finite: the run has diverged. The sentence names step and
 * network, the report holds what is known so far (NaN for the rest), the network's weights are not
 * touched, and the trainer is good for nothing but trainer_free. Allocates nothing. */
struct step_report {
    int64_t step;                  /* steps done, this one included */
    double epoch;                  /* passes over the data */
    double d_loss, g_loss;         /* of the objective alone */
    double reconstruction;         /* see training.reconstruction, unweighted; NaN without pairs */
    double penalty;                /* of the last D update that had one; 0 if none does */
    double d_real, d_fake;         /* mean D(x) and D(G(z)): sigmoid of the logit, whatever the
                                      objective */
    double logit_real, logit_fake; /* means over the same images */
    /* NaN if not measured: */
    double d_gradient, g_gradient; /* Euclidean norms before clipping, penalty included */
    double d_auc;     /* probability that D rates a real image above a fake, of the last D update */
    double diversity; /* of the fakes of G's update, within a label, over that of real images */
    double shift;     /* of their mean image from the mean real one (src/gan/spread.h) */
};
int trainer_step(struct trainer *trainer, struct step_report *report, bool measure);
struct pool *trainer_pool(struct trainer *trainer); /* its threads, idle between two steps */
bool trainer_is_conditional(const struct trainer *trainer);
int64_t trainer_step_number(const struct trainer *trainer);
const struct network *trainer_generator(const struct trainer *trainer);
const struct network *trainer_discriminator(const struct trainer *trainer);

/* Images of the recipe's fixed latents (the same at every step and after every resume), from the
 * averaged generator where there is an average: (count, height, width) bytes. A conditional
 * generator draws label i % classes. Changes nothing that training reads.
 *
 * An image-to-image generator (data.corruption) shows images of a set, the same at every step, in
 * SAMPLE_PARTS each: what it gets of the image, what it makes of that, and the image. */
enum { SAMPLE_PARTS = 3 };
void trainer_sample(struct trainer *trainer, int count, uint8_t *images);

/* What is measured of a generator: the same images; of an image-to-image generator what it makes
 * alone, one for each image shown. `asked` (count) or NULL gets the class that each should be of:
 * the label that was asked for, or that of the image shown. */
void trainer_make(struct trainer *trainer, int count, uint8_t *images, int *asked);

/* The set whose first images those are; of the size of the training set, whose images are shown
 * unless this is called. Borrowed. */
void trainer_show(struct trainer *trainer, const struct dataset *set);

/* Everything there is: both networks, average, moments, step, random streams, place in the data, in
 * the tensors of src/gan/checkpoint.h. Atomic and synced. */
int trainer_save(struct trainer *trainer, const char *path);
/* Goes on from there, bit for bit. ERR_INVALID for a file that is cut, foreign, of other data or of
 * another recipe, naming what differs (steps, threads, reports, samples, checkpoints and the name
 * may); the trainer is then as it was. */
int trainer_load(struct trainer *trainer, const char *path);
/* After trainer_load: a sentence if CPU, build, BLAS or threads are not those of the file, so that
 * the same bits cannot be promised; else NULL. */
const char *trainer_promise(const struct trainer *trainer);

#endif
