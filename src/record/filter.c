#define _GNU_SOURCE
#include "filter_parts.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* Descends along the grammar in filter.h. What negates and what is in parentheses calls itself,
 * bounded by FILTER_DEPTH_LIMIT. */
static int parse_either(struct filter_parser *parser, const struct filter **out);
static int parse_one(struct filter_parser *parser, const struct filter **out);

static int enter(struct filter_parser *parser, const char *at)
{
    if (parser->depth++ < FILTER_DEPTH_LIMIT)
        return 0;
    return filter_refuse(parser, at,
                         "there are more than %d parentheses and NOTs inside each other",
                         FILTER_DEPTH_LIMIT);
}

static bool take_keyword(struct filter_parser *parser, const char *word)
{
    filter_skip_blanks(parser);
    if (!filter_at_word(parser, word))
        return false;
    parser->pending = parser->at;
    parser->at += strlen(word);
    return true;
}

/* At no test, but at something that should stand behind one, or at the end. */
static int refuse_absence(const struct filter_parser *parser)
{
    const char *at = parser->at, *pending = parser->pending;
    const char *word = filter_quote(parser, at, filter_word_length(at));
    size_t length = !pending ? 0 : *pending == '-' ? 1 : filter_word_length(pending);
    const char *before = filter_quote(parser, pending ? pending : "", length);
    if (pending && *at && *at != ')')
        return filter_refuse(parser, at, "there are two operators in a row, '%s' and '%s'", before,
                             word);
    if (pending)
        return filter_refuse(parser, pending, "'%s' has nothing behind it", before);
    if (*at && *at != ')')
        return filter_refuse(parser, at, "'%s' has nothing before it", word);
    if (!parser->opening)
        return filter_refuse(parser, at, "there is no '(' for this ')'");
    return filter_refuse(parser, parser->opening, "%s",
                         *at ? "there is nothing in the parentheses"
                             : "there is no ')' for this '('");
}

static int parse_group(struct filter_parser *parser, const struct filter **out)
{
    const char *opening = parser->at++, *outer = parser->opening;
    parser->opening = opening;
    parser->pending = NULL;
    if (enter(parser, opening) < 0 || parse_either(parser, out) < 0)
        return ERR_INVALID;
    filter_skip_blanks(parser);
    if (*parser->at != ')')
        return refuse_absence(parser);
    parser->at++;
    parser->depth--;
    parser->opening = outer;
    return 0;
}

static int parse_not(struct filter_parser *parser, const struct filter **out)
{
    const char *begin = parser->at;
    struct filter *negation = filter_new(
        parser, (struct filter){ .kind = FILTER_NOT, .column = filter_column(parser, begin) });
    if (enter(parser, begin) < 0)
        return ERR_INVALID;
    parser->pending = begin;
    parser->at += *begin == '-' ? 1 : strlen("NOT");
    if (*begin == '-' && *parser->at == '-')
        return filter_refuse(parser, begin,
                             "'--' negates twice: write one '-', or put the word in quotes");
    if (*begin == '-' && filter_is_blank(*parser->at))
        return filter_refuse(parser, begin, "'-' stands directly before what it negates");
    *out = negation;
    int result = parse_one(parser, &negation->left);
    parser->depth--;
    return result;
}

static int parse_one(struct filter_parser *parser, const struct filter **out)
{
    filter_skip_blanks(parser);
    if (*parser->at == '(')
        return parse_group(parser, out);
    if (*parser->at == '-' || filter_at_word(parser, "NOT"))
        return parse_not(parser, out);
    if (!*parser->at || *parser->at == ')' || filter_at_word(parser, "AND") ||
        filter_at_word(parser, "OR"))
        return refuse_absence(parser);
    parser->pending = NULL;
    return filter_parse_test(parser, out);
}

static int parse_all(struct filter_parser *parser, const struct filter **out)
{
    filter_skip_blanks(parser);
    struct filter all = { .kind = FILTER_AND, .column = filter_column(parser, parser->at) };
    int result = parse_one(parser, out);
    while (result == 0) {
        bool is_said = take_keyword(parser, "AND");
        if (!is_said && (!*parser->at || *parser->at == ')' || filter_at_word(parser, "OR")))
            break;
        all.left = *out;
        result = parse_one(parser, &all.right);
        *out = filter_new(parser, all);
    }
    return result;
}

static int parse_either(struct filter_parser *parser, const struct filter **out)
{
    filter_skip_blanks(parser);
    struct filter either = { .kind = FILTER_OR, .column = filter_column(parser, parser->at) };
    int result = parse_all(parser, out);
    while (result == 0 && take_keyword(parser, "OR")) {
        either.left = *out;
        result = parse_all(parser, &either.right);
        *out = filter_new(parser, either);
    }
    return result;
}

/* Groups and NOTs inside each other. A chain of ANDs, or of ORs, is one group. */
static int depth_of(const struct filter *filter)
{
    if (filter->kind == FILTER_NOT)
        return 1 + depth_of(filter->left);
    if (filter->kind != FILTER_AND && filter->kind != FILTER_OR)
        return 0;
    const struct filter *first = filter;
    int deepest = 0;
    for (; first->kind == filter->kind; first = first->left) {
        int depth = depth_of(first->right);
        deepest = MAX(deepest, depth);
    }
    int depth = depth_of(first);
    return 1 + MAX(deepest, depth);
}

static int check_text(const struct filter_parser *parser)
{
    if (strnlen(parser->start, FILTER_SIZE_LIMIT + 1) > FILTER_SIZE_LIMIT)
        return filter_refuse(parser, parser->start + FILTER_SIZE_LIMIT,
                             "a filter may not have more than %d bytes", FILTER_SIZE_LIMIT);
    for (const char *at = parser->start; *at;) {
        const char *begin = at;
        uint32_t character = text_next(&at);
        if (!filter_is_blank(*begin) && (text_is_control(character) || character == 0xFFFD))
            return filter_refuse(parser, begin, "a control character, or bytes that are not UTF-8");
    }
    return 0;
}

int filter_parse(struct arena *arena, const char *text, double now, const struct filter **out)
{
    struct filter_parser parser = { .arena = arena, .start = text ? text : "", .now = now };
    parser.at = parser.start;
    if (check_text(&parser) < 0)
        return ERR_INVALID;
    size_t most = MIN(strlen(parser.start), (size_t)FILTER_VALUE_LIMIT); /* a byte each, at least */
    parser.values = arena_alloc(arena, most + 1, sizeof *parser.values);
    filter_skip_blanks(&parser);
    *out = filter_new(&parser, (struct filter){ .kind = FILTER_ALL, .column = 1 });
    if (!*parser.at)
        return 0;
    int result = parse_either(&parser, out);
    if (result == 0 && *parser.at)
        result = refuse_absence(&parser);
    if (result == 0 && depth_of(*out) > FILTER_DEPTH_LIMIT)
        result = filter_refuse(&parser, parser.start,
                               "there are more than %d groups and NOTs inside each other",
                               FILTER_DEPTH_LIMIT);
    return result;
}
