#define _GNU_SOURCE
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef ARENA_CHUNK
#define ARENA_CHUNK 16384 /* bytes; tests build with tiny ones */
#endif

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
    _Alignas(max_align_t) unsigned char bytes[];
};

_Noreturn void die_out_of_memory(size_t size)
{
    if (size > 0)
        fprintf(stderr, "gander: out of memory (%zu bytes more were needed)\n", size);
    else
        fprintf(stderr, "gander: out of memory\n");
    exit(1);
}

static size_t checked_product(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        die_out_of_memory(SIZE_MAX);
    return total;
}

/* Leaves room above the result for a header. */
static size_t checked_round_up(size_t size, size_t multiple)
{
    if (size > SIZE_MAX / 2)
        die_out_of_memory(size);
    return (size + multiple - 1) / multiple * multiple;
}

void *xmalloc(size_t size)
{
    void *block = malloc(size ? size : 1);
    if (!block)
        die_out_of_memory(size);
    return block;
}

void *xcalloc(size_t count, size_t size)
{
    size_t total = checked_product(count, size);
    void *block = calloc(total ? total : 1, 1);
    if (!block)
        die_out_of_memory(total);
    return block;
}

void *xrealloc(void *old, size_t count, size_t size)
{
    size_t total = checked_product(count, size);
    void *block = realloc(old, total ? total : 1);
    if (!block)
        die_out_of_memory(total);
    return block;
}

char *xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

char *xstrndup(const char *text, size_t length)
{
    length = strnlen(text, length);
    char *copy = xmalloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *xasprintf(const char *format, ...)
{
    char *result = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&result, format, arguments);
    va_end(arguments);
    if (length < 0)
        die_out_of_memory(0);
    return result;
}

float *float_block_new(size_t count)
{
    enum { ALIGNMENT = 64, HUGE_PAGE = 2 << 20 };
    size_t size = checked_product(count ? count : 1, sizeof(float));
    size_t alignment = size >= HUGE_PAGE ? (size_t)HUGE_PAGE : (size_t)ALIGNMENT;
    size_t rounded = checked_round_up(size, alignment);
    void *block = aligned_alloc(alignment, rounded);
    if (!block)
        die_out_of_memory(size);
    if (alignment == HUGE_PAGE)
        madvise(block, rounded, MADV_HUGEPAGE);
    memset(block, 0, rounded);
    return block;
}

void float_block_free(float *block)
{
    free(block);
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    enum { ALIGNMENT = _Alignof(max_align_t) };
    size_t wanted = checked_round_up(checked_product(count, size), ALIGNMENT);
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < wanted) {
        size_t room = MAX(wanted, (size_t)ARENA_CHUNK);
        chunk = xmalloc(sizeof *chunk + room);
        *chunk = (struct arena_chunk){ .next = arena->chunks, .size = room };
        arena->chunks = chunk;
    }
    void *block = chunk->bytes + chunk->used;
    chunk->used += wanted;
    memset(block, 0, wanted);
    return block;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    length = strnlen(text, length);
    char *copy = arena_alloc(arena, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        length = 0;
    char *result = arena_alloc(arena, (size_t)length + 1, 1);
    vsnprintf(result, (size_t)length + 1, format, again);
    va_end(again);
    return result;
}

void arena_release(struct arena *arena)
{
    while (arena->chunks) {
        struct arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
}
