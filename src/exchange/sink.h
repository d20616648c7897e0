/* What other tools' files say, on its way into a run's journal and samples.
 *
 * Numbers of one moment become one line, and lines are written some at a time, in one write: whole
 * or not at all (J1 of run/journal.h). */
#ifndef GANDER_EXCHANGE_SINK_H
#define GANDER_EXCHANGE_SINK_H

#include "base/base.h"
#include "base/file.h"
#include "base/json.h"

struct sink_stem;

struct sink {
    const char *directory;      /* of the run */
    struct line_writer *writer; /* of its events.jsonl */
    struct json *metrics;       /* of the line that is being put together; NULL: none */
    double time;                /* of it; NaN: it has none */
    int64_t step;
    char *lines; /* not yet written, each closed with a newline */
    size_t used, room;
    struct sink_stem *stems; /* names of samples, one for each tag */
    int stem_count;
    double first, last; /* seconds since 1970, of what came; NaN: none had a time */
    int64_t last_step;  /* the largest; -1: none */
};

/* `writer` is the caller's. */
void sink_open(struct sink *sink, const char *directory, struct line_writer *writer);
void sink_close(struct sink *sink); /* what was not written is lost */

/* A number; `time` may be NaN. Steps less than 0 count as 0. */
int sink_metric(struct sink *sink, double time, int64_t step, const char *name, double value);
/* An image, whole PNG files; several become one sheet. ERR_INVALID for what cannot be read or does
 * not fit on one. */
struct event_bytes;
int sink_images(struct sink *sink, double time, int64_t step, const char *tag,
                const struct event_bytes *images, int count);
/* Any other members of a line, which are taken. */
int sink_line(struct sink *sink, struct json *members);

/* Writes what is pending. */
int sink_flush(struct sink *sink);

#endif
