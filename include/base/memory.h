/* Memory. Out of memory ends the process with a sentence: nothing here returns NULL.
 *
 * An arena hands out zeroed blocks that all die together; use it where lifetimes are plain. */
#ifndef GANDER_BASE_MEMORY_H
#define GANDER_BASE_MEMORY_H

#include "base/base.h"

/* For libraries that return NULL; `size` is what was wanted, 0 if nobody knows. */
_Noreturn void die_out_of_memory(size_t size);

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);             /* zeroed; checks count * size */
void *xrealloc(void *old, size_t count, size_t size); /* checks count * size */
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t length);
char *xasprintf(const char *format, ...) PRINTF_LIKE(1, 2);

/* Zeroed floats on a 64-byte boundary, backed by huge pages where large; free with
 * float_block_free. */
float *float_block_new(size_t count);
void float_block_free(float *block);

struct arena_chunk;
struct arena { /* all zero is an empty arena */
    struct arena_chunk *chunks;
};

void *arena_alloc(struct arena *arena, size_t count,
                  size_t size); /* zeroed, aligned for any type */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
void arena_release(struct arena *arena); /* frees all; the arena is empty again */

#endif
