#define _GNU_SOURCE
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

enum { CHUNK = 1 << 16 };

int line_reader_open(struct line_reader *reader, const char *path, int64_t offset)
{
    struct stat status;
    /* not to hang on what is no file, should somebody have put it there */
    *reader = (struct line_reader){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
    if (reader->fd < 0)
        return fail(code_of_errno(errno), "cannot open '%s': %s", path, strerror(errno));
    if (fstat(reader->fd, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ERR_IO, "cannot read '%s': not a regular file", path);
    reader->offset = offset;
    reader->room = (size_t)2 * CHUNK;
    reader->buffer = xmalloc(reader->room);
    return 0;
}

void line_reader_close(struct line_reader *reader)
{
    if (reader->fd >= 0)
        close(reader->fd);
    free(reader->buffer);
    *reader = (struct line_reader){ .fd = -1 };
}

static void make_room(struct line_reader *reader)
{
    memmove(reader->buffer, reader->buffer + reader->next, reader->used - reader->next);
    reader->offset += (int64_t)reader->next;
    reader->used -= reader->next;
    reader->next = 0;
    if (reader->room - reader->used >= CHUNK)
        return;
    reader->room *= 2;
    reader->buffer = xrealloc(reader->buffer, reader->room, 1);
}

/* False at the end of the file, or where it cannot be read further. */
static bool fill(struct line_reader *reader)
{
    make_room(reader);
    ssize_t count;
    do
        count = pread(reader->fd, reader->buffer + reader->used, CHUNK,
                      reader->offset + (int64_t)reader->used);
    while (count < 0 && errno == EINTR);
    if (count <= 0)
        return false;
    reader->used += (size_t)count;
    return true;
}

bool line_reader_next(struct line_reader *reader, struct line *out)
{
    size_t searched = 0;
    while (reader->fd >= 0 && reader->buffer) {
        char *start = reader->buffer + reader->next;
        char *end = memchr(start + searched, '\n', reader->used - reader->next - searched);
        if (end) {
            size_t length = (size_t)(end - start);
            *end = '\0';
            *out =
                (struct line){ .text = start,
                               .length = length,
                               .offset = reader->offset + (int64_t)reader->next,
                               .next = reader->offset + (int64_t)reader->next + (int64_t)length + 1,
                               .is_too_long = reader->is_skipping };
            reader->next += length + 1;
            reader->is_skipping = false;
            return true;
        }
        searched = reader->used - reader->next;
        if (searched >= LINE_LIMIT) {
            reader->is_skipping = true;
            reader->next = reader->used;
            searched = 0;
        }
        if (!fill(reader))
            return false;
    }
    return false;
}
