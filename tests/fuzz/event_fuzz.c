/* Lines of a journal: read in place or through the JSON library, never beyond their end; and what the
 * quick way takes, the other one takes alike. */
#include "fuzz/fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/run/event_line.h"

static bool is_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void compare(const struct event_line *quick, const struct event_line *slow)
{
    if (quick->event.step != slow->event.step || quick->has_step != slow->has_step ||
        quick->event.metric_count != slow->event.metric_count ||
        !is_same(quick->event.time, slow->event.time))
        abort();
    for (int i = 0; i < quick->event.metric_count; i++)
        if (strcmp(quick->event.metrics[i].name, slow->event.metrics[i].name) != 0 ||
            !is_same(quick->event.metrics[i].value, slow->event.metrics[i].value))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event_line *quick = xcalloc(1, sizeof *quick), *slow = xcalloc(1, sizeof *slow);
    char *copy = xcalloc(size + 1, 1), *other = xcalloc(size + 32, 1);
    int64_t bad = 0;
    memcpy(copy, data, size);
    if (event_line_read_quick(quick, copy, size)) {
        /* a member that the quick way does not know sends it the other way */
        const uint8_t *brace = memchr(data, '{', size);
        size_t head = (size_t)snprintf(other, 32, "{\"other\":0,"),
               skipped = (size_t)(brace - data) + 1;
        memcpy(other + head, data + skipped, size - skipped);
        struct line line = { .text = other, .length = head + size - skipped };
        if (!event_line_read(slow, &line, &bad))
            abort();
        compare(quick, slow);
    } else {
        memcpy(copy, data, size);
        struct line line = { .text = copy, .length = size };
        event_line_read(slow, &line, &bad);
    }
    event_line_release(slow);
    free(quick);
    free(slow);
    free(copy);
    free(other);
    return 0;
}
