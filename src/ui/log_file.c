#define _GNU_SOURCE
#include "log_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { CHUNK = 1 << 16, TEXT_LIMIT = 1 << 14 /* bytes of a line that are shown */ };

void log_file_init(struct log_file *log, const char *path)
{
    *log = (struct log_file){ .path = xstrdup(path), .fd = -1 };
}

void log_file_release(struct log_file *log)
{
    if (log->fd >= 0 && log->path)
        close(log->fd);
    free(log->path);
    *log = (struct log_file){ .fd = -1 };
}

bool log_file_look(struct log_file *log)
{
    struct stat status;
    off_t before = log->size;
    bool was_there = log->fd >= 0;
    if (!was_there)
        log->fd = open(log->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (log->fd < 0)
        return false;
    log->size = fstat(log->fd, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : 0;
    return log->size != before || !was_there;
}

static off_t read_at(const struct log_file *log, char *bytes, off_t count, off_t at)
{
    ssize_t got = log->fd >= 0 && count > 0 ? pread(log->fd, bytes, (size_t)count, at) : 0;
    return MAX(got, 0);
}

off_t log_line_after(const struct log_file *log, off_t at)
{
    char chunk[CHUNK];
    off_t end = MIN(log->size, at + LOG_LINE_LIMIT);
    while (at < end) {
        off_t count = read_at(log, chunk, MIN(end - at, CHUNK), at);
        const char *newline = count > 0 ? memchr(chunk, '\n', (size_t)count) : NULL;
        if (newline)
            return at + (newline - chunk) + 1;
        if (count == 0)
            break;
        at += count;
    }
    return end;
}

off_t log_line_before(const struct log_file *log, off_t at)
{
    char chunk[CHUNK];
    off_t end = at - 1, least = MAX(at - LOG_LINE_LIMIT, 0); /* the byte at `end` ends the line */
    while (end > least) {
        off_t begin = MAX(end - CHUNK, least);
        off_t count = read_at(log, chunk, end - begin, begin);
        const char *newline = count > 0 ? memrchr(chunk, '\n', (size_t)count) : NULL;
        if (newline)
            return begin + (newline - chunk) + 1;
        end = begin;
    }
    return least;
}

char *log_line_text(const struct log_file *log, struct arena *arena, off_t at)
{
    char bytes[TEXT_LIMIT + 1];
    off_t next = log_line_after(log, at), begin = at;
    char last = '\0';
    if (next > at && read_at(log, &last, 1, next - 1) == 1 && last == '\n')
        next--;
    if (next - at > TEXT_LIMIT) { /* its end, if it wrote over itself */
        off_t count = read_at(log, bytes, TEXT_LIMIT, next - TEXT_LIMIT);
        begin = count > 1 && memchr(bytes, '\r', (size_t)count - 1) ? next - TEXT_LIMIT : at;
    }
    off_t count = read_at(log, bytes, MIN(next - begin, TEXT_LIMIT), begin);
    for (off_t i = 0; i < count; i++)
        if (bytes[i] == '\0')
            bytes[i] = '\1';
    bytes[count] = '\0';
    return text_log_line(arena, bytes);
}

/* --- searching --- */

struct search {
    const struct log_file *log;
    const char *text;
    const atomic_bool *is_cancelled;
    bool wants_last;
    char *block; /* LOG_LINE_LIMIT bytes and a 0 */
    off_t found;
};

/* What hides a word from a plain look, escape sequences and what was written over, is taken out of
 * the few lines that have it. */
static bool line_holds(char *line, size_t length, const char *text)
{
    for (char *at = memchr(line, '\0', length); at;
         at = memchr(at, '\0', length - (size_t)(at - line)))
        *at = '\1';
    if (!memchr(line, '\033', length) && !memchr(line, '\r', length))
        return strcasestr(line, text);
    struct arena arena = { 0 };
    bool is_found = strcasestr(text_log_line(&arena, line), text);
    arena_release(&arena);
    return is_found;
}

/* The whole lines of what was read at `at`; returns where they end. */
static off_t search_block(struct search *search, off_t at, off_t count, off_t to)
{
    char *line = search->block, *end = search->block + count;
    while (line < end && at + (line - search->block) < to) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        bool is_torn = !newline && line > search->block && at + count < search->log->size;
        if (is_torn)
            break;
        char *stop = newline ? newline : end;
        *stop = '\0';
        if (line_holds(line, (size_t)(stop - line), search->text)) {
            search->found = at + (line - search->block);
            if (!search->wants_last)
                break;
        }
        line = newline ? newline + 1 : end;
    }
    return at + (line - search->block);
}

static void search_range(struct search *search, off_t from, off_t to)
{
    search->found = -1;
    for (off_t at = from; at < to && (search->wants_last || search->found < 0);) {
        off_t count =
            read_at(search->log, search->block, MIN(LOG_LINE_LIMIT, search->log->size - at), at);
        if (*search->is_cancelled)
            search->found = -2;
        if (count == 0 || search->found == -2)
            return;
        at = search_block(search, at, count, to);
    }
}

off_t log_find_first(const struct log_file *log, const char *text, off_t from, off_t to,
                     const atomic_bool *is_cancelled)
{
    struct search search = { log, text, is_cancelled, false, xmalloc(LOG_LINE_LIMIT + 1), -1 };
    search_range(&search, from, to);
    free(search.block);
    return search.found;
}

off_t log_find_last(const struct log_file *log, const char *text, off_t from, off_t to,
                    const atomic_bool *is_cancelled)
{
    struct search search = { log, text, is_cancelled, true, xmalloc(LOG_LINE_LIMIT + 1), -1 };
    for (off_t end = to; end > from && search.found == -1;) {
        off_t begin =
            end - LOG_LINE_LIMIT > from ? log_line_before(log, end - LOG_LINE_LIMIT + 1) : from;
        begin = MAX(begin, from);
        search_range(&search, begin, end);
        end = begin;
    }
    free(search.block);
    return search.found;
}
