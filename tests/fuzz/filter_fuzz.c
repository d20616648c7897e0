/* Any bytes as a filter. One that is accepted reads back from its own text to an equal one; one
 * that is not says in which column. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "record/filter_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double now = 1795000000; /* in November 2026 */
    struct arena arena = { 0 };
    const struct filter *filter, *again;
    const char *text = arena_strndup(&arena, (const char *)data, size);
    double seconds;
    filter_duration(text, &seconds);
    if (filter_parse(&arena, text, now, &filter) < 0) {
        if (strncmp(error_text(), "filter column ", strlen("filter column ")) != 0)
            abort();
    } else {
        const char *printed = filter_text(&arena, filter);
        if (strlen(printed) <= FILTER_SIZE_LIMIT &&
            (filter_parse(&arena, printed, now, &again) < 0 || !same_filter(filter, again)))
            abort();
    }
    arena_release(&arena);
    return 0;
}
