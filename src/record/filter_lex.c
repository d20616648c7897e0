#define _GNU_SOURCE
#include "filter_parts.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* --- letters --- */

bool filter_is_blank(char character)
{
    return character != '\0' && strchr(" \t\r\n", character);
}

bool filter_is_operator(const char *at)
{
    return *at != '\0' && (strchr(":=<>", *at) || (*at == '!' && at[1] == '='));
}

size_t filter_value_length(const char *at)
{
    return strcspn(at, " \t\r\n()\",");
}

size_t filter_word_length(const char *at)
{
    size_t length = strcspn(at, " \t\r\n()\"");
    for (size_t i = 0; i < length; i++)
        if (filter_is_operator(at + i))
            return i;
    return length;
}

bool filter_is_name(const char *text)
{
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < 0x80 && !isalnum((unsigned char)*at) && !strchr("_./-", *at))
            return false;
    return *text && *text != '-';
}

bool filter_has_wildcard(const char *text)
{
    return strpbrk(text, "*?") != NULL;
}

/* What other languages write, and what is meant. */
static const struct {
    const char *word, *meant;
} foreign[] = { { "&&", "AND" }, { "||", "OR" }, { "&", "AND" }, { "|", "OR" } };

const char *filter_meant_by(const char *word)
{
    for (int i = 0; i < ARRAY_SIZE(foreign); i++)
        if (strcmp(foreign[i].word, word) == 0)
            return foreign[i].meant;
    return NULL;
}

bool filter_is_word(const char *text)
{
    static const char *const keywords[] = { "AND", "OR", "NOT" };
    for (int i = 0; i < ARRAY_SIZE(keywords); i++)
        if (strcmp(keywords[i], text) == 0)
            return false;
    return *text && !strchr("-!", *text) && !filter_meant_by(text);
}

/* --- errors --- */

int filter_column(const struct filter_parser *parser, const char *at)
{
    int column = 1;
    for (const char *text = parser->start; text < at; column++)
        text_next(&text);
    return column;
}

int filter_blame(const struct filter_parser *parser, const char *at)
{
    return fail_prefix("filter column %d", filter_column(parser, at));
}

int filter_refuse(const struct filter_parser *parser, const char *at, const char *format, ...)
{
    enum { SENTENCE_SIZE = 512 };
    char sentence[SENTENCE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return fail(ERR_INVALID, "filter column %d: %s", filter_column(parser, at), sentence);
}

const char *filter_quote(const struct filter_parser *parser, const char *text, size_t length)
{
    return text_clean(parser->arena, text, MIN(length, (size_t)FILTER_QUOTE_LIMIT));
}

/* --- pieces --- */

void filter_skip_blanks(struct filter_parser *parser)
{
    while (filter_is_blank(*parser->at))
        parser->at++;
}

bool filter_at_word(const struct filter_parser *parser, const char *word)
{
    size_t length = filter_word_length(parser->at);
    return strlen(word) == length && strncmp(parser->at, word, length) == 0 &&
           !filter_is_operator(parser->at + length);
}

static bool is_escape(const char *at)
{
    return *at == '\\' && (at[1] == '"' || at[1] == '\\');
}

int filter_take_quoted(struct filter_parser *parser, const char **out)
{
    const char *begin = parser->at + 1, *closing = begin;
    while (*closing && *closing != '"')
        closing += is_escape(closing) ? 2 : 1;
    if (!*closing)
        return filter_refuse(parser, parser->at, "the quotes are never closed");
    char *text = arena_alloc(parser->arena, (size_t)(closing - begin) + 1, 1);
    *out = text;
    for (const char *at = begin; at < closing; at++) {
        at += is_escape(at);
        *text++ = *at;
    }
    parser->at = closing + 1;
    return 0;
}

struct filter *filter_new(struct filter_parser *parser, struct filter content)
{
    struct filter *filter = arena_alloc(parser->arena, 1, sizeof *filter);
    *filter = content;
    return filter;
}
