#define _GNU_SOURCE
#include "records.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "crc32c.h"

enum { LENGTH_BYTES = 8, SUM_BYTES = 4, BUFFER = 1 << 18 };

static uint64_t little(const uint8_t *bytes, int count)
{
    uint64_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static void put_little(uint8_t *bytes, int count, uint64_t value)
{
    for (int i = 0; i < count; i++, value >>= 8)
        bytes[i] = (uint8_t)value;
}

int records_open(struct record_reader *reader, const char *path, int64_t offset)
{
    struct stat status;
    *reader = (struct record_reader){ .place = offset };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not be waited for */
    if (fd < 0)
        return fail(code_of_errno(errno), "cannot open '%s': %s", path, strerror(errno));
    bool is_plain = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    if (is_plain)
        reader->file = fdopen(fd, "rb");
    if (!reader->file) {
        close(fd);
        return is_plain ? fail(ERR_IO, "cannot open '%s': %s", path, strerror(errno))
                        : fail(ERR_INVALID, "'%s' is no plain file", path);
    }
    setvbuf(reader->file, NULL, _IOFBF, BUFFER);
    reader->size = status.st_size;
    if (offset > 0 && fseeko(reader->file, offset, SEEK_SET) != 0)
        return fail(ERR_IO, "cannot read '%s': %s", path, strerror(errno));
    return 0;
}

void records_close(struct record_reader *reader)
{
    if (reader->file)
        fclose(reader->file);
    free(reader->data);
    reader->file = NULL;
    reader->data = NULL;
}

/* ERR_NOT_FOUND where the file has become shorter. */
static int read_bytes(struct record_reader *reader, void *out, size_t size)
{
    if (fread(out, 1, size, reader->file) == size)
        return 0;
    return ferror(reader->file) ? fail(ERR_IO, "cannot read: %s", strerror(errno))
                                : fail(ERR_NOT_FOUND, "the file has become shorter");
}

/* What it holds was seen to be in the file. */
static int read_data(struct record_reader *reader, size_t length)
{
    uint8_t tail[RECORD_TAIL];
    if (length > reader->room) {
        reader->room = length + length / 2;
        reader->data = xrealloc(reader->data, reader->room, 1);
    }
    reader->length = length;
    int error = length > 0 ? read_bytes(reader, reader->data, length) : 0;
    if (!error)
        error = read_bytes(reader, tail, sizeof tail);
    if (error)
        return error;
    bool is_good = little(tail, SUM_BYTES) == crc32c_masked(reader->data, length);
    return is_good ? 0 : fail(ERR_INVALID, "a record is damaged");
}

/* To the next record, of which only the length counts. */
static int pass_over(struct record_reader *reader, int64_t next)
{
    if (fseeko(reader->file, next, SEEK_SET) != 0)
        return fail(ERR_IO, "cannot read: %s", strerror(errno));
    return 0;
}

int records_next(struct record_reader *reader)
{
    for (;;) {
        uint8_t head[RECORD_HEAD];
        int64_t left = reader->size - reader->place;
        if (reader->is_damaged || left < RECORD_HEAD + RECORD_TAIL)
            return 0;
        int error = read_bytes(reader, head, sizeof head);
        if (error)
            return error == ERR_NOT_FOUND ? 0 : error;
        uint64_t length = little(head, LENGTH_BYTES);
        if (little(head + LENGTH_BYTES, SUM_BYTES) != crc32c_masked(head, LENGTH_BYTES)) {
            reader->is_damaged = true;
            return 0;
        }
        if (length > (uint64_t)(left - RECORD_HEAD - RECORD_TAIL))
            return 0; /* torn: not there yet */
        int64_t next = reader->place + RECORD_HEAD + (int64_t)length + RECORD_TAIL;
        if (length > RECORD_LIMIT) {
            error = pass_over(reader, next);
            reader->too_long++;
        } else {
            error = read_data(reader, (size_t)length);
        }
        if (error && error != ERR_INVALID)
            return error == ERR_NOT_FOUND ? 0 : error;
        reader->place = next;
        if (error)
            reader->bad++;
        else if (length <= RECORD_LIMIT)
            return 1;
    }
}

void record_frame(const void *data, size_t size, uint8_t head[RECORD_HEAD],
                  uint8_t tail[RECORD_TAIL])
{
    put_little(head, LENGTH_BYTES, size);
    put_little(head + LENGTH_BYTES, SUM_BYTES, crc32c_masked(head, LENGTH_BYTES));
    put_little(tail, SUM_BYTES, crc32c_masked(data, size));
}
