/* What a terminal sends, torn anywhere: bytes come in pieces, time goes on between them. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "ui/keys.h"

static void check(const struct input *input)
{
    if (input->kind == INPUT_KEY && (input->key == 0 || input->key > KEY_LAST))
        abort();
    if (input->kind == INPUT_PASTE && !input->text)
        abort();
}

/* The first byte of a piece says how long it is, and what time passes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input_reader *reader = xmalloc(sizeof *reader);
    struct input input;
    double now = 0;
    input_reader_init(reader);
    while (size > 0) {
        size_t length = MIN((size_t)data[0] % 32, size - 1);
        now += data[0] & 0x80 ? 0.1 : 0;
        input_feed(reader, (const char *)data + 1, (int)length, now);
        while (input_next(reader, now, &input))
            check(&input);
        input_wait_ms(reader, now);
        data += 1 + length;
        size -= 1 + length;
    }
    now += 100;
    while (input_next(reader, now, &input))
        check(&input);
    input_reader_release(reader);
    free(reader);
    return 0;
}
