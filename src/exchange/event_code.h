/* One event of TensorBoard, between the bytes of a record and plain values (through protobuf-c and
 * tensorboard.proto). */
#ifndef GANDER_EXCHANGE_EVENT_CODE_H
#define GANDER_EXCHANGE_EVENT_CODE_H

#include "base/base.h"
#include "base/memory.h"

enum event_value_kind {
    EVENT_SCALAR,
    EVENT_IMAGES,
    EVENT_OTHER, /* text, histograms, tensors of many numbers … */
};

struct event_bytes {
    const uint8_t *data;
    size_t size;
};

struct event_value {
    enum event_value_kind kind;
    const char *tag;                  /* harmless text, not empty */
    double number;                    /* of a scalar */
    const struct event_bytes *images; /* encoded, (image_count) */
    int image_count;
};

struct tb_event {
    double time; /* seconds since 1970; NaN where it has none that makes sense */
    int64_t step;
    bool is_restart; /* earlier events of this step and later ones count no more */
    struct event_value *values;
    int count;
};

struct event_decoded; /* what the values of an event lie in */

/* ERR_INVALID for what is no event, or would take more than a bounded multiple of its size. On
 * success release with event_decoded_free. */
int event_decode(struct tb_event *out, struct event_decoded **decoded, const void *data,
                 size_t size);
void event_decoded_free(struct event_decoded *decoded);

/* The bytes of an event with these values (scalars, and images of one PNG each), malloc'ed. With
 * neither values nor `version` it is empty but for time and step. */
struct event_out {
    double time;
    int64_t step;
    const char *version; /* "brain.Event:2"; or NULL */
    const struct event_value *values;
    int count;
};
uint8_t *event_encode(const struct event_out *event, size_t *size);

#endif
