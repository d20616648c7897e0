#include "nn/words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { NUMBER_LIMIT = 1 << 24 };

void words_split(struct layer_words *words, struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_strndup(arena, text, length);
    *words = (struct layer_words){ .next = 0 };
    for (char *at = copy; *at;) {
        while (isspace((unsigned char)*at))
            *at++ = '\0';
        if (!*at)
            break;
        if (words->count == WORDS_LIMIT) {
            words->overflow = true;
            break;
        }
        words->list[words->count++] = at;
        while (*at && !isspace((unsigned char)*at))
            at++;
    }
}

const char *words_peek(const struct layer_words *words)
{
    return words->next < words->count ? words->list[words->next] : NULL;
}

void words_skip(struct layer_words *words)
{
    words->next++;
}

bool words_take(struct layer_words *words, const char *word)
{
    const char *next = words_peek(words);
    if (!next || strcmp(next, word) != 0)
        return false;
    words->next++;
    return true;
}

bool words_take_real(struct layer_words *words, double *out)
{
    const char *next = words_peek(words);
    if (!next || parse_real(next, out) < 0)
        return false;
    words->next++;
    return true;
}

int words_need_integer(struct layer_words *words, const char *what, int minimum, int maximum,
                       int *out)
{
    const char *next = words_peek(words);
    int64_t value;
    if (!next)
        return fail(ERR_INVALID, "needs %s", what);
    if (parse_integer(next, &value) < 0)
        return fail(ERR_INVALID, "needs %s, got '%.40s'", what, next);
    if (value < minimum || value > maximum)
        return fail(ERR_INVALID, "needs %s from %d to %d, got %s", what, minimum, maximum, next);
    words->next++;
    *out = (int)value;
    return 0;
}

/* Up to three whole numbers with `separator` between them; how many there are, 0 if anything else
 * stands in the word. */
static int split_numbers(const char *word, char separator, int numbers[3])
{
    for (int count = 1; count <= 3; count++) {
        char *end;
        long value = strtol(word, &end, 10);
        if (end == word || value > NUMBER_LIMIT || value < -NUMBER_LIMIT)
            return 0;
        numbers[count - 1] = (int)value;
        if (!*end)
            return count;
        if (*end != separator)
            return 0;
        word = end + 1;
    }
    return 0;
}

int words_need_kernel(struct layer_words *words, int *kernel, int *stride, int *pad)
{
    const char *next = words_peek(words);
    int numbers[3], count = next ? split_numbers(next, '/', numbers) : 0;
    if (count < 2)
        return fail(ERR_INVALID, "needs KERNEL/STRIDE, for instance 4/2%s%.40s%s",
                    next ? ", got '" : "", next ? next : "", next ? "'" : "");
    *kernel = numbers[0];
    *stride = numbers[1];
    *pad = count == 3 ? numbers[2] : -1;
    if ((count == 3 && *pad < 0) || *kernel < 1 || *kernel > 64 || *stride < 1 ||
        *stride > *kernel || *pad >= *kernel)
        return fail(
            ERR_INVALID,
            "needs a kernel from 1 to 64, a stride from 1 to the kernel and a padding below "
            "it, got '%.40s'",
            next);
    words->next++;
    return 0;
}

int words_need_sizes(struct layer_words *words, int *channels, int *height, int *width)
{
    const char *next = words_peek(words);
    int numbers[3];
    if (!next || split_numbers(next, 'x', numbers) != 3 || numbers[0] < 1 || numbers[1] < 1 ||
        numbers[2] < 1)
        return fail(ERR_INVALID, "needs CHANNELSxHEIGHTxWIDTH, for instance 128x7x7");
    *channels = numbers[0];
    *height = numbers[1];
    *width = numbers[2];
    words->next++;
    return 0;
}
