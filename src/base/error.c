#include "base/error.h"

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

int fail_prefix(const char *format, ...)
{
    char fresh[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(fresh, sizeof fresh, format, arguments);
    va_end(arguments);
    if (used >= 0 && used < TEXT_SIZE)
        snprintf(fresh + used, sizeof fresh - (size_t)used, ": %s", text);
    memcpy(text, fresh, sizeof text);
    return last_code;
}

const char *error_text(void)
{
    return text;
}
