/* What of a directory's events counts no more (T2 of exchange/tensorboard.h): found by going through
 * all of it once, asked when it is gone through again. */
#ifndef GANDER_EXCHANGE_EVENT_CUTS_H
#define GANDER_EXCHANGE_EVENT_CUTS_H

#include "event_stream.h"
#include "name_map.h"

struct event_restart;
struct tag_start;

struct event_cuts {
    struct event_restart *restarts; /* in their order */
    int restart_count, restart_room;
    struct name_map tags;
    struct tag_start **starts; /* (tags): the newest file that has the tag, then those before */
    int start_room;
    struct arena arena;
};

int event_cuts_find(struct event_cuts *cuts, const struct event_folder *folder);
void event_cuts_release(struct event_cuts *cuts);

/* Does a value of the stream's event count no more? */
bool event_is_cut(const struct event_cuts *cuts, const struct event_stream *stream,
                  const char *tag);

#endif
