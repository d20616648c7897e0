/* Errors: a code for the program, one sentence for the person.
 *
 * A function that can fail returns 0 or a negative `enum error`. The sentence is set where the
 * failure happens
 *
 *     return fail(ERR_IO, "cannot open '%s': %s", path, strerror(errno));
 *
 * lower case, no full stop, the subject in quotes; callers may put context in front with
 * fail_prefix. The text is per thread and lives until the next failure. Only cli and ui print it.
 */
#ifndef GANDER_BASE_ERROR_H
#define GANDER_BASE_ERROR_H

#include "base/base.h"

enum error {
    ERR_NOT_FOUND = -1, /* no such file, run, key */
    ERR_EXISTS = -2,    /* it is there already */
    ERR_INVALID = -3,   /* what came from outside does not parse, fit or hold */
    ERR_BUSY = -4,      /* somebody else holds it */
    ERR_IO = -5,        /* the operating system said no: disk full, permission … */
    ERR_BUG = -6,       /* cannot happen */
    ERR_CANCELLED = -7, /* a person or a callback asked to stop */
};

/* Sets the sentence and returns `code`. */
int fail(int code, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts "context: " in front of the sentence; returns the code of the last fail(). */
int fail_prefix(const char *format, ...) PRINTF_LIKE(1, 2);

/* The code for an errno: ERR_NOT_FOUND where a file or a directory on the way to it is missing,
 * else ERR_IO. */
int code_of_errno(int error);

/* The last sentence of this thread; "" before any. */
const char *error_text(void);

#endif
