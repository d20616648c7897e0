/* The log of a run, of any size: read where one looks, and nothing of it kept. A place is the offset
 * at which a line begins.
 *
 * A line longer than LOG_LINE_LIMIT counts as several. What a program wrote over with carriage
 * returns (bars that grow) is one line, of which the last form is its text. */
#ifndef GANDER_UI_LOG_FILE_H
#define GANDER_UI_LOG_FILE_H

#include <stdatomic.h>
#include <sys/types.h>

#include "base/base.h"
#include "base/memory.h"

enum { LOG_LINE_LIMIT = 1 << 22 /* bytes */ };

struct log_file {
    char *path;
    int fd;     /* -1: there is none yet */
    off_t size; /* as of log_file_look */
};

void log_file_init(struct log_file *log, const char *path);
void log_file_release(struct log_file *log);

/* Opens it if need be, and takes notice of its size. True if that has changed. */
bool log_file_look(struct log_file *log);

/* Where the next line begins: `size` after the last one. */
off_t log_line_after(const struct log_file *log, off_t at);
/* Where the line before begins; 0 at the beginning. `at` may be the end of the file. */
off_t log_line_before(const struct log_file *log, off_t at);
/* As a terminal would have shown it in the end, harmless; in the arena. */
char *log_line_text(const struct log_file *log, struct arena *arena, off_t at);

/* The first line at or after `from` and before `to` that holds the text, or the last one; -1: none
 * does, -2: cancelled. Capital letters are as good as small ones. */
off_t log_find_first(const struct log_file *log, const char *text, off_t from, off_t to,
                     const atomic_bool *is_cancelled);
off_t log_find_last(const struct log_file *log, const char *text, off_t from, off_t to,
                    const atomic_bool *is_cancelled);

#endif
