#define _GNU_SOURCE
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_SIZE = 2048 };

static _Thread_local char text[TEXT_SIZE];
static _Thread_local int last_code;

int fail(int code, const char *format, ...)
{
    char fresh[TEXT_SIZE]; /* the arguments may point into `text` */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fresh, sizeof fresh, format, arguments);
    va_end(arguments);
    memcpy(text, fresh, sizeof text);
    last_code = code;
    return code;
}

/* Copies as much of `more` behind the `used` bytes of `out` as fits; returns the new length. */
static size_t append(char out[TEXT_SIZE], size_t used, const char *more)
{
    size_t length = strnlen(more, TEXT_SIZE - 1 - used);
    memcpy(out + used, more, length);
    out[used + length] = '\0';
    return used + length;
}

int fail_prefix(const char *format, ...)
{
    char fresh[TEXT_SIZE] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fresh, sizeof fresh, format, arguments);
    va_end(arguments);
    size_t used = append(fresh, strlen(fresh), ": ");
    append(fresh, used, text);
    memcpy(text, fresh, sizeof text);
    return last_code;
}

int code_of_errno(int error)
{
    return error == ENOENT || error == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
}

const char *error_text(void)
{
    return text;
}
