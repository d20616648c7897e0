/* What the trainer's files share. */
#ifndef GANDER_GAN_TRAINER_STATE_H
#define GANDER_GAN_TRAINER_STATE_H

#include "base/random.h"
#include "drawing.h"
#include "gan/game.h"
#include "gan/trainer.h"
#include "nn/network.h"
#include "nn/optimiser.h"
#include "order.h"
#include "spread.h"

struct player { /* a network and what teaches it */
    struct network *net;
    struct optimiser optimiser;
    double rate;           /* learning rate before the schedule */
    struct random dropout; /* stream */
};

/* Of an image-to-image game, see trainer_pairs.h; all NULL in others. */
struct pairs {
    float *targets;              /* (N, pixels) what the fakes are to be like */
    float *made;                 /* (N, pixels) 1: G makes the pixel, 0: it is copied through */
    float *conditions;           /* (2N, pixels) as rows of `both` */
    float *estimates;            /* (DRAWING_ESTIMATES, N, pixels) conditions, see drawing.h */
    struct random corruption;    /* stream */
    const struct dataset *shown; /* borrowed: what samples are made of */
};

/* N is the batch. A tape of D's step holds real images in rows [0, N), fakes in [N, 2N). */
struct trainer {
    const struct recipe *recipe; /* borrowed */
    const struct dataset *set;   /* borrowed */
    int batch, pixels, classes;  /* classes 0: labels are not used */
    struct pool *pool;
    struct game game;
    struct player generator, discriminator;
    float *average, *average_buffers; /* of the generator, or NULL */
    struct tape *fakes;               /* G on N latents: from D's last update to G's */
    struct tape *both;                /* D on 2N images */
    struct tape *judged;              /* D on N: fakes in G's update, points between in a penalty */
    struct order order;
    struct random latents, labels, noise, mixing; /* streams */
    uint32_t *indices;                            /* (N) */
    int *image_labels;                            /* (2N) as rows of `both` */
    struct pairs pairs;
    float *slopes;        /* (2N) d loss / d logit */
    float *scales;        /* (2N), see network_tangent */
    float *spare;         /* (2N, pixels) noise, where the recipe wants some */
    struct spread spread; /* of the real images */
    double penalty;       /* last one computed; 0 before any */
    char *promise;        /* see trainer_promise */
};

/* D's gradients and the value of the penalty, from the forward pass on trainer->both and the slopes
 * of its loss. */
void discriminator_backward(struct trainer *trainer);

/* What to draw samples with: the average where there is one. */
struct drawing trainer_drawing(struct trainer *trainer);

#endif
