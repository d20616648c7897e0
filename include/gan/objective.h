/* Objectives: what discriminator and generator minimise, given the discriminator's logits z.
 *
 *     objective        D on a real image       D on a fake    G on a fake
 *     minimax          softplus(-z) + s z      softplus(z)    -softplus(z)
 *     non-saturating   softplus(-z) + s z      softplus(z)    softplus(-z)
 *     least-squares    (z - (1 - s))^2 / 2     z^2 / 2        (z - 1)^2 / 2
 *     hinge            max(0, 1 - z)           max(0, 1 + z)  -z
 *     wasserstein      -z                      z              -z
 *
 * From Goodfellow 2014 (equation 1; section 3 for the second), Mao 2017 (equation 9), Lim & Ye
 * 2017, Arjovsky 2017 (equation 2).
 *
 * s is one-sided label smoothing (Salimans 2016, 3.4): the label of a real image is 1 - s, that of
 * a fake stays 0, since smoothing it would hold on to fakes that are there already. Hinge and
 * wasserstein have no labels, hence no smoothing. Losses are written with softplus and never with
 * the logarithm of a sigmoid, so that they and their slopes are finite for every finite logit. */
#ifndef GANDER_GAN_OBJECTIVE_H
#define GANDER_GAN_OBJECTIVE_H

#include "base/base.h"
#include "record/recipe.h"

enum objective_side { SIDE_D_REAL, SIDE_D_FAKE, SIDE_G_FAKE };

struct loss {
    double value, slope; /* of one image, and its derivative by the logit */
};

/* `smoothing` matters to SIDE_D_REAL only. */
struct loss objective_loss(enum objective objective, enum objective_side side, double smoothing,
                           double logit);

/* The mean over logits (n) and, in slopes (n), its derivative by each of them. Sums in order, in
 * double precision. */
double objective_batch(enum objective objective, enum objective_side side, double smoothing,
                       const float *logits, int n, float *slopes);

bool objective_has_labels(enum objective objective);

/* Losses when fakes cannot be told from real images and D answers as well as one can then. */
struct balance {
    double d_loss; /* on real and on fake images, together */
    double g_loss;
};
struct balance objective_balance(enum objective objective, double smoothing);

/* D's logit where it takes an image for real and for a fake alike. NaN for wasserstein, whose critic
 * only compares. */
double objective_undecided(enum objective objective, double smoothing);

/* The probability that D gives: 1 / (1 + exp(-logit)) without overflow. */
double sigmoid(double logit);

#endif
