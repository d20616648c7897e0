/* Event files written by hand, for tests of what reads them. */
#ifndef GANDER_TESTS_EVENT_FILES_H
#define GANDER_TESTS_EVENT_FILES_H

#include <string.h>

#include "../../src/exchange/event_code.h"
#include "../../src/exchange/records.h"
#include "base/file.h"
#include "base/image.h"
#include "testing.h"

/* Appends a record to a file, which is made. */
static inline void put_record(const char *path, const void *data, size_t size)
{
    uint8_t head[RECORD_HEAD], tail[RECORD_TAIL];
    FILE *file = fopen(path, "ab");
    assert_non_null(file);
    record_frame(data, size, head, tail);
    fwrite(head, sizeof head, 1, file);
    fwrite(data, 1, size, file);
    fwrite(tail, sizeof tail, 1, file);
    assert_int_equal(fclose(file), 0);
}

static inline void put_values(const char *path, double time, int64_t step,
                              const struct event_value *values, int count)
{
    size_t size;
    uint8_t *data = event_encode(
        &(struct event_out){ .time = time, .step = step, .values = values, .count = count }, &size);
    put_record(path, data, size);
    free(data);
}

static inline void put_scalar(const char *path, double time, int64_t step, const char *tag,
                              double value)
{
    put_values(path, time, step,
               &(struct event_value){ .kind = EVENT_SCALAR, .tag = tag, .number = value }, 1);
}

static inline void put_bytes_image(const char *path, int64_t step, const char *tag,
                                   const uint8_t *data, size_t size)
{
    const struct event_bytes image = { data, size };
    put_values(path, 100 + (double)step, step,
               &(struct event_value){
                   .kind = EVENT_IMAGES, .tag = tag, .images = &image, .image_count = 1 },
               1);
}

/* A grey image of 3 x 2. */
static inline void put_image(const char *path, int64_t step, const char *tag, uint8_t grey)
{
    uint8_t pixels[6], *png;
    size_t size;
    memset(pixels, grey, sizeof pixels);
    assert_int_equal(image_encode_png(&(struct image){ 3, 2, pixels }, NULL, &png, &size), 0);
    put_bytes_image(path, step, tag, png, size);
    free(png);
}

/* SessionLog START: field 7 of Event with field 1 of SessionLog = 1; step is field 2. */
static inline void put_restart(const char *path, int64_t step)
{
    assert_in_range(step, 0, 127);
    const uint8_t event[] = { 0x10, (uint8_t)step, 0x3a, 2, 8, 1 };
    put_record(path, event, sizeof event);
}

#endif
