/* The lines of a file, one after the other, from any offset on. */
#ifndef GANDER_RUN_LINES_H
#define GANDER_RUN_LINES_H

#include "base/base.h"

enum { LINE_LIMIT = 4 << 20 /* bytes; longer lines are passed over */ };

struct line_reader {
    int fd;
    char *buffer;
    size_t room;       /* of the buffer */
    size_t used, next; /* bytes in it; where the next line begins */
    int64_t offset;    /* of buffer[0] in the file */
    bool is_skipping;  /* in a line that is too long */
};

struct line {
    char *text; /* closed with a 0 in place of its newline; may be written to */
    size_t length;
    int64_t offset, next; /* of its first byte, and of the line after it */
    bool is_too_long;
};

/* ERR_NOT_FOUND, ERR_IO. Close it in any case. */
int line_reader_open(struct line_reader *reader, const char *path, int64_t offset);
void line_reader_close(struct line_reader *reader);

/* False when no whole line is left; a torn last one is not there yet (J1). */
bool line_reader_next(struct line_reader *reader, struct line *out);

#endif
