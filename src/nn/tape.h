/* What passes leave behind: one block of values, one of gradients, one of tangents, laid out layer
 * after layer. */
#ifndef GANDER_NN_TAPE_INTERNAL_H
#define GANDER_NN_TAPE_INTERNAL_H

#include "nn/layer.h"

struct tape {
    const struct network *net;
    int capacity; /* images */
    float *values, *deltas,
        *tangents; /* (images, …) a layer's output after the other; deltas are d loss / d value */
    float *saved;  /* what layers keep for the way back … */
    size_t *saved_at; /* … and where, by layer */
    float *scratch;   /* (threads, scratch_stride) */
    size_t scratch_stride, value_count, saved_count;
    struct pass pass; /* of the last forward */
};

#endif
