/* Rows of fields, as spreadsheets and RFC 4180 have them: comma, semicolon or tab between them,
 * whichever the first line has most of; quotes around what holds such; lines ending in \n or \r\n. */
#ifndef GANDER_EXCHANGE_CSV_READER_H
#define GANDER_EXCHANGE_CSV_READER_H

#include <stdio.h>

#include "base/base.h"

enum { CSV_FIELDS = 4096, CSV_ROW_BYTES = 1 << 22 };

struct csv_reader {
    FILE *file;
    char separator;
    int64_t row; /* that was read last, the head being row 1 */
    char *text;  /* of the row's fields, each closed with a 0 */
    size_t used, room;
    size_t starts[CSV_FIELDS];
    int count; /* of fields */
};

/* Takes an open file; the caller closes it. */
void csv_open(struct csv_reader *reader, FILE *file);
/* 1: a row is there. 0: the end. ERR_INVALID for one that is too long; ERR_IO. Blank lines are passed
 * over. */
int csv_next(struct csv_reader *reader);
/* "" past the end of the row. Dies with the next row. */
const char *csv_field_at(const struct csv_reader *reader, int field);
void csv_release(struct csv_reader *reader);

#endif
