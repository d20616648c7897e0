/* One line of events.jsonl as an event.
 *
 * Most lines are {"t":…,"step":…,"metrics":{…}} and are read in place, some twenty times as fast as
 * through a JSON library. What the quick reader does not know at sight (escapes, many metrics, any
 * other member, bad text) is left to the library, so that both always agree: where the quick one
 * says yes, the slow one gives the same. */
#ifndef GANDER_RUN_EVENT_LINE_H
#define GANDER_RUN_EVENT_LINE_H

#include "base/json.h"
#include "base/memory.h"
#include "lines.h"
#include "run/journal.h"

enum { QUICK_METRICS = 32 };

struct event_line {
    struct event event;
    bool has_step;
    struct event_metric quick[QUICK_METRICS];
    struct json *root;  /* of the slow way */
    struct arena arena; /* of the slow way */
};

/* False when it is no event: blank (not counted), or bad (J2). `out` must be zeroed the first time
 * and is released with event_line_release, or by the next call. */
bool event_line_read(struct event_line *out, struct line *line, int64_t *bad);
void event_line_release(struct event_line *line);

/* The quick way alone; false where it does not apply, with the text as it was. For tests. */
bool event_line_read_quick(struct event_line *out, char *text, size_t length);

#endif
