/* The order in which training sees its images: every epoch a new permutation, none left out. A
 * batch may reach over the end of an epoch, so that any count and batch go together. */
#ifndef GANDER_GAN_ORDER_H
#define GANDER_GAN_ORDER_H

#include "base/base.h"
#include "base/random.h"

struct order {
    struct random begin;  /* the stream as it was before this epoch's shuffle … */
    struct random stream; /* … and after it */
    uint32_t *items;      /* (count) */
    int64_t count, place; /* items before `place` are used up */
};

void order_init(struct order *order, int count, uint64_t seed);
void order_release(struct order *order);
void order_take(struct order *order, uint32_t *indices, int n);

/* Goes on from `place` of the epoch that began with the stream at `begin`. */
void order_resume(struct order *order, const struct random *begin, int64_t place);

#endif
