#define _GNU_SOURCE
#include "outlet.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int outlet_print(const struct outlet *outlet, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        die_out_of_memory(0);
    int error = outlet->put(outlet->context, text, (size_t)length);
    free(text);
    return error;
}
