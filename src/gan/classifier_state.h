/* What the classifier's files share. */
#ifndef GANDER_GAN_CLASSIFIER_STATE_H
#define GANDER_GAN_CLASSIFIER_STATE_H

#include "gan/classifier.h"
#include "nn/network.h"

enum {
    CLASSIFIER_BATCH = 100,
    HOLD_OUT = 6, /* one image of so many */
};

/* The body ends in the features, the head takes them to logits. */
struct classifier {
    struct classifier_facts facts;
    struct network *body, *head;
    struct tape *body_tape, *head_tape; /* of CLASSIFIER_BATCH images */
};

/* An untrained one. */
int classifier_build(struct classifier **out, const struct classifier_facts *facts,
                     struct pool *pool);

#endif
