/* Text from outside: decoding, cleaning and numbers. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

/* What was made harmless must be so: no control character is left, and cleaning it again changes
 * nothing. */
static void check_clean(struct arena *arena, const char *text, size_t limit)
{
    const char *rest = text_clean(arena, text, limit);
    for (uint32_t character; (character = text_next(&rest));)
        if (character < 0x20 || character == 0x7F || (character >= 0x80 && character < 0xA0))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = { 0 };
    char *text = arena_strndup(&arena, (const char *)data, size);
    check_clean(&arena, text, size);
    text_columns(text);
    double real;
    int64_t integer;
    parse_real(text, &real);
    parse_integer(text, &integer);
    const char *words[] = { "objective", "penalty", "rate" };
    text_nearest(text, words, ARRAY_SIZE(words), sizeof words[0]);
    arena_release(&arena);
    return 0;
}
