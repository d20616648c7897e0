#include "event_stream.h"

#include "base/error.h"

void event_stream_open(struct event_stream *stream, const struct event_folder *folder,
                       struct tensorboard_counts *counts)
{
    *stream = (struct event_stream){ .folder = folder, .counts = counts, .order = -1 };
}

static void forget_event(struct event_stream *stream)
{
    event_decoded_free(stream->decoded);
    stream->decoded = NULL;
}

/* What a file that was read to its end leaves to tell. */
static void end_file(struct event_stream *stream)
{
    const struct record_reader *records = &stream->records;
    stream->counts->bad += records->bad;
    stream->counts->too_long += records->too_long;
    stream->counts->damaged += records->is_damaged;
    stream->counts->torn += !records->is_damaged && records->place < records->size;
    records_close(&stream->records);
    stream->is_open = false;
    stream->file++;
}

static int open_file(struct event_stream *stream)
{
    int error = records_open(&stream->records, stream->folder->files[stream->file], 0);
    stream->is_open = true;
    if (error == ERR_NOT_FOUND) {
        records_close(&stream->records);
        stream->is_open = false;
        stream->file++;
        return 0;
    }
    stream->counts->files++;
    return error;
}

int event_stream_next(struct event_stream *stream)
{
    forget_event(stream);
    while (stream->is_open || stream->file < stream->folder->file_count) {
        int code = stream->is_open ? 0 : open_file(stream);
        if (code < 0)
            return code;
        if (!stream->is_open)
            continue;
        code = records_next(&stream->records);
        if (code < 0)
            return code;
        if (code == 0) {
            end_file(stream);
        } else if (event_decode(&stream->event, &stream->decoded, stream->records.data,
                                stream->records.length) == 0) {
            stream->order++;
            return 1;
        } else {
            stream->counts->bad++;
        }
    }
    return 0;
}

void event_stream_close(struct event_stream *stream)
{
    forget_event(stream);
    records_close(&stream->records);
}
