/* A run that is put together of what other tools wrote: hidden until all of it is there. */
#ifndef GANDER_EXCHANGE_TAKING_H
#define GANDER_EXCHANGE_TAKING_H

#include "exchange/taken.h"
#include "run/rundir.h"
#include "run/store.h"
#include "sink.h"

struct taking {
    const struct store *store;
    const struct take_wish *wish;
    struct run_unborn unborn;
    struct line_writer events;
    struct sink sink;
};

/* ERR_EXISTS with out->already where a run was made of the same already, and that is not wished
 * again. out->path says of what: nothing
 * is known of one that is not absolute. */
int taking_check(const struct store *store, const char *format, const struct take_wish *wish,
                 struct taken_run *out);

/* Draws a number for it. Release it in any case. */
int taking_begin(struct taking *taking, const struct store *store, const struct take_wish *wish);
/* Writes the rest, and it is there, finished; out->number says which it is. `experiment` and `name`
 * are any text. */
int taking_end(struct taking *taking, const char *format, struct taken_run *out);
void taking_release(struct taking *taking);

#endif
