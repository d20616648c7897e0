/* PNG files: what decodes has the size that was allowed, and every one of its pixels can be read.
 *
 * The checksums of the chunks are made right first: left wrong, as a fuzzer leaves them, they would
 * keep it out of all that comes behind them. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/image.h"

enum { LIMIT = 256, SIGNATURE = 8, WORD = 4 };

static volatile uint8_t sink; /* keeps the compiler from dropping reads */

static uint32_t read_word(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* Of each whole chunk: length, type, data, checksum of type and data. */
static void mend_checksums(uint8_t *data, size_t size)
{
    size_t at = SIGNATURE;
    while (at + 3 * WORD <= size) {
        size_t length = read_word(data + at);
        if (length > size - at - 3 * WORD)
            return;
        uint8_t *sum = data + at + 2 * WORD + length;
        uLong crc = crc32(0, data + at + WORD, (uInt)(WORD + length));
        for (int i = 0; i < WORD; i++)
            sum[i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 3 * WORD + length;
    }
}

static void decode(const uint8_t *data, size_t size)
{
    struct image image;
    if (image_decode_png(&image, data, size, LIMIT, "fuzz") != 0)
        return;
    if (image.width < 1 || image.width > LIMIT || image.height < 1 || image.height > LIMIT)
        abort();
    for (int i = 0; i < image.width * image.height; i++)
        sink ^= image.pixels[i];
    image_release(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    mend_checksums(copy, size);
    decode(copy, size);
    free(copy);
    return 0;
}
