/* What every source file may rely on: sizes, attributes, vector clones. */
#ifndef GANDER_BASE_BASE_H
#define GANDER_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define PRINTF_LIKE(text_index, first_index)                                                       \
    __attribute__((format(printf, text_index, first_index)))

/* One copy of a function for each x86-64 level, chosen at load time, so that one binary fits every
 * machine. Only for leaf loops over floats. Plain code where the compiler cannot do it, and under
 * sanitizers, whose run-time is not up yet when the choice is made. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTOR_CLONES
#endif

#endif
