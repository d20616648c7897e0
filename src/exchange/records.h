/* TFRecord files: what TensorBoard's event files are made of. A record is
 *
 *     8 bytes    length of the data, little-endian
 *     4 bytes    masked CRC-32C of those 8 (see crc32c.h)
 *     length     data
 *     4 bytes    masked CRC-32C of the data
 *
 * Reading trusts nothing: a length counts once its sum agrees and the file holds as much, and what
 * it says is never allocated before it is there. A torn last record is not there yet. */
#ifndef GANDER_EXCHANGE_RECORDS_H
#define GANDER_EXCHANGE_RECORDS_H

#include <stdio.h>

#include "base/base.h"

enum { RECORD_LIMIT = 1 << 26 /* bytes of data; longer ones are passed over */ };

struct record_reader {
    FILE *file;
    int64_t place;         /* of the next record */
    int64_t size;          /* of the file, when it was opened */
    int64_t bad, too_long; /* records that were passed over */
    bool is_damaged;       /* nothing after `place` can be told */
    uint8_t *data;         /* of the record; dies with the next */
    size_t length, room;
};

/* From an offset on. ERR_NOT_FOUND, ERR_IO, ERR_INVALID for what is no plain file. Close it in any
 * case; all zero is a closed one. */
int records_open(struct record_reader *reader, const char *path, int64_t offset);
/* 1: there is one, in data and length. 0: no more, or not yet. ERR_IO. */
int records_next(struct record_reader *reader);
void records_close(struct record_reader *reader);

/* The frame of a record: 12 bytes before its data, and 4 behind. */
enum { RECORD_HEAD = 12, RECORD_TAIL = 4 };
void record_frame(const void *data, size_t size, uint8_t head[RECORD_HEAD],
                  uint8_t tail[RECORD_TAIL]);

#endif
