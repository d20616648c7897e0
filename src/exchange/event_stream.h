/* The events of one directory's event files, one after the other. */
#ifndef GANDER_EXCHANGE_EVENT_STREAM_H
#define GANDER_EXCHANGE_EVENT_STREAM_H

#include "event_code.h"
#include "event_folders.h"
#include "exchange/taken.h"
#include "records.h"

struct event_stream {
    const struct event_folder *folder;
    struct tensorboard_counts *counts; /* files, and what was passed over, are added to it */
    int file;                          /* that is read, or will be next */
    bool is_open;
    struct record_reader records;
    struct event_decoded *decoded;
    struct tb_event event; /* the last that came; dies with the next */
    int64_t order;         /* of it in the stream, from 0 */
};

void event_stream_open(struct event_stream *stream, const struct event_folder *folder,
                       struct tensorboard_counts *counts);
/* 1: there is one more. 0: none. ERR_IO; a file that is gone is passed over. */
int event_stream_next(struct event_stream *stream);
void event_stream_close(struct event_stream *stream);

#endif
