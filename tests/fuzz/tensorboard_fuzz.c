/* Event files of TensorBoard: whatever is in them, what is read of them is bounded, and every tag,
 * number and image of it can be looked at.
 *
 * Checksums are made right first, where a record's length leaves it within the file: left wrong, as a
 * fuzzer leaves them, they would keep it out of the messages behind them. */
#define _GNU_SOURCE
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/exchange/event_code.h"
#include "../../src/exchange/records.h"

static volatile uint8_t sink; /* keeps the compiler from dropping reads */

static void mend_sums(uint8_t *data, size_t size)
{
    for (size_t at = 0; at + RECORD_HEAD + RECORD_TAIL <= size;) {
        size_t length = data[at] | (size_t)data[at + 1] << 8 | (size_t)data[at + 2] << 16;
        if (length > size - at - RECORD_HEAD - RECORD_TAIL)
            return;
        record_frame(data + at + RECORD_HEAD, length, data + at, data + at + RECORD_HEAD + length);
        at += RECORD_HEAD + length + RECORD_TAIL;
    }
}

static void look_at(const struct tb_event *event)
{
    for (int i = 0; i < event->count; i++) {
        const struct event_value *value = &event->values[i];
        if (value->kind != EVENT_OTHER && (!value->tag || !*value->tag))
            abort();
        for (int k = 0; value->kind == EVENT_IMAGES && k < value->image_count; k++)
            for (size_t at = 0; at < value->images[k].size; at++)
                sink ^= value->images[k].data[at];
    }
}

static void read_all(struct record_reader *reader)
{
    while (records_next(reader) > 0) {
        struct tb_event event;
        struct event_decoded *decoded;
        if (event_decode(&event, &decoded, reader->data, reader->length) == 0)
            look_at(&event);
        event_decoded_free(decoded);
    }
    if (reader->place > reader->size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = xmalloc(size + 1);
    struct record_reader reader;
    int file = memfd_create("events", MFD_CLOEXEC);
    memcpy(copy, data, size);
    mend_sums(copy, size);
    if (file < 0 || write(file, copy, size) != (ssize_t)size)
        abort();
    char *path = xasprintf("/proc/self/fd/%d", file);
    if (records_open(&reader, path, 0) != 0)
        abort();
    read_all(&reader);
    records_close(&reader);
    close(file);
    free(path);
    free(copy);
    return 0;
}
