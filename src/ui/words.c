#include "words.h"

#include <string.h>

#include "base/error.h"

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t';
}

/* One word, up to a blank; returns what follows it. *quote is the one that is not closed, or 0. */
static const char *read_word(struct arena *arena, const char *at, struct word *word, char *quote)
{
    char *end = arena_alloc(arena, strlen(at) + 1, 1);
    word->text = end;
    word->is_plain = true;
    *quote = '\0';
    for (; *at && (*quote || !is_blank(*at)); at++) {
        bool escapes = *at == '\\' && at[1] && *quote != '\'';
        if (escapes && *quote == '"' && !strchr("\"\\", at[1]))
            escapes = false;
        if (*at == *quote)
            *quote = '\0';
        else if (!*quote && (*at == '\'' || *at == '"'))
            *quote = *at;
        else
            *end++ = escapes ? *++at : *at;
        word->is_plain = word->is_plain && !escapes && *at != '\'' && *at != '"';
    }
    return at;
}

int words_read(struct arena *arena, const char *line, struct word **words, int *count)
{
    char quote = '\0';
    *words = arena_alloc(arena, strlen(line) / 2 + 1, sizeof **words);
    *count = 0;
    for (const char *at = line;;) {
        while (is_blank(*at))
            at++;
        if (!*at)
            break;
        struct word *word = &(*words)[(*count)++];
        word->from = (int)(at - line);
        at = read_word(arena, at, word, &quote);
    }
    return quote ? fail(ERR_INVALID, "a quote (%c) is not closed", quote) : 0;
}

char *word_quote(struct arena *arena, const char *text)
{
    char *quoted = arena_alloc(arena, 2 * strlen(text) + 1, 1), *end = quoted;
    for (; *text; text++) {
        if (strchr(" \t'\"\\", *text))
            *end++ = '\\';
        *end++ = *text;
    }
    return quoted;
}
