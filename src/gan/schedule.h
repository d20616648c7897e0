/* What changes with the step: learning rates, the average's decay, instance noise. `step` counts
 * the generator steps done before this one. */
#ifndef GANDER_GAN_SCHEDULE_H
#define GANDER_GAN_SCHEDULE_H

#include "base/base.h"
#include "record/recipe.h"

/* Share of the learning rate: 1; or from 1 down to 0 at training.steps, linearly or as half a
 * cosine. Stays at 0 after that. */
double schedule_share(const struct recipe *recipe, int64_t step);

/* Decay of the moving average in this step: training.average, or less early on,
 * (1 + step) / (10 + step), so that the average forgets the first weights, which are noise, and
 * spans a ninth of the steps so far until training.average spans less. */
double schedule_decay(const struct recipe *recipe, int64_t step);

/* Deviation of the noise on D's inputs: training.noise, falling linearly to 0 at noise_until *
 * steps. */
double schedule_noise(const struct recipe *recipe, int64_t step);

#endif
