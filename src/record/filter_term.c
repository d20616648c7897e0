#include "filter_parts.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* What stands before an operator, or is a word by itself. */
struct subject {
    const char *begin;
    const char *text; /* without quotes */
    bool is_quoted;
};

const char *const filter_function_names[FILTER_FUNCTION_COUNT] = {
    [FILTER_PLAIN] = NULL,
    [FILTER_LAST] = "last",
    [FILTER_MINIMUM] = "min",
    [FILTER_MAXIMUM] = "max",
};

static int check_typo(const struct filter_parser *parser, const struct subject *subject)
{
    const char *nearest = filter_nearest_field(subject->text);
    if (!nearest)
        return 0;
    return filter_refuse(parser, subject->begin,
                         "unknown field '%s' (did you mean '%s'? a recipe value or metric of that "
                         "name stands in quotes)",
                         filter_quote(parser, subject->text, SIZE_MAX), nearest);
}

/* Settles what the text before the operator of `test` is. */
static int set_subject(const struct filter_parser *parser, struct filter *test,
                       const struct subject *subject)
{
    int field = subject->is_quoted ? -1 : filter_find_field(subject->text);
    test->field = field < 0 ? FILTER_KEY : (enum filter_field)field;
    if (field >= 0)
        return 0;
    test->name = subject->text;
    if (!*subject->text)
        return filter_refuse(parser, subject->begin,
                             "the quotes are empty, where a name should be");
    if (subject->is_quoted)
        return 0;
    if (!filter_is_name(subject->text))
        return filter_refuse(parser, subject->begin,
                             "'%s' is no name: put it in quotes if it is one",
                             filter_quote(parser, subject->text, SIZE_MAX));
    return test->operator_ == FILTER_MATCH ? check_typo(parser, subject) : 0;
}

/* At an operator, all such characters of which must be one. */
static int take_operator(struct filter_parser *parser, enum filter_operator *out)
{
    size_t length = strspn(parser->at, ":=<>!");
    for (int i = 0; i < FILTER_OPERATOR_COUNT; i++) {
        const char *text = filter_operator_text(i);
        if (strlen(text) == length && strncmp(parser->at, text, length) == 0) {
            parser->at += length;
            *out = i;
            return 0;
        }
    }
    return filter_refuse(
        parser, parser->at,
        "'%s' is no operator: there are : = != < <= > >= (a value that begins so stands in quotes)",
        filter_quote(parser, parser->at, length));
}

static struct filter_value *new_value(struct filter_parser *parser, const char *text,
                                      bool is_quoted)
{
    if (parser->value_count == FILTER_VALUE_LIMIT) {
        fail(ERR_INVALID, "a filter may not have more than %d words and values",
             FILTER_VALUE_LIMIT);
        return NULL;
    }
    struct filter_value *value = &parser->values[parser->value_count++];
    *value = (struct filter_value){ .text = text,
                                    .number = NAN,
                                    .end = NAN,
                                    .is_pattern = !is_quoted && filter_has_wildcard(text) };
    return value;
}

static int take_bare_value(struct filter_parser *parser, const char *subject, const char **out)
{
    const char *begin = parser->at;
    size_t length = filter_value_length(begin), operator_length = strspn(begin, ":=<>!");
    if (length == 0)
        return filter_refuse(parser, begin, "a value of '%s' is missing", subject);
    if (operator_length > 0)
        return filter_refuse(parser, begin,
                             "'%s' is a second operator (a value that begins so stands in quotes)",
                             filter_quote(parser, begin, operator_length));
    *out = arena_strndup(parser->arena, begin, length);
    parser->at += length;
    return 0;
}

static int take_value(struct filter_parser *parser, const struct filter *test, const char *subject)
{
    const char *begin = parser->at, *text = "";
    bool is_quoted = *begin == '"';
    if ((is_quoted ? filter_take_quoted(parser, &text) : take_bare_value(parser, subject, &text)) <
        0)
        return ERR_INVALID;
    struct filter_value *value = new_value(parser, text, is_quoted);
    if (!value || filter_read_value(parser->arena, test, subject, parser->now, value) < 0)
        return filter_blame(parser, begin);
    return 0;
}

/* Operator and values of a test whose subject stands before them. */
static int parse_comparison(struct filter_parser *parser, struct filter *test,
                            const struct subject *subject)
{
    const char *operator_ = parser->at;
    if (take_operator(parser, &test->operator_) < 0 ||
        (!test->name && set_subject(parser, test, subject) < 0))
        return ERR_INVALID;
    const char *name = filter_quote(parser, subject->text, SIZE_MAX);
    if (filter_check_operator(parser->arena, test, name) < 0)
        return filter_blame(parser, operator_);
    bool is_match = test->operator_ == FILTER_MATCH;
    if (!is_match)
        filter_skip_blanks(parser);
    test->values = parser->values + parser->value_count;
    do {
        if (take_value(parser, test, name) < 0)
            return ERR_INVALID;
        test->value_count++;
    } while (is_match && *parser->at == ',' && parser->at++);
    return 0;
}

static int refuse_function(const struct filter_parser *parser, const struct subject *subject)
{
    const char *text = filter_quote(parser, subject->text, SIZE_MAX);
    const char *nearest = text_nearest(subject->text, filter_function_names, FILTER_FUNCTION_COUNT,
                                       sizeof filter_function_names[0]);
    if (nearest)
        return filter_refuse(parser, subject->begin, "unknown function '%s' (did you mean '%s'?)",
                             text, nearest);
    return filter_refuse(parser, subject->begin, "unknown function '%s' (there are last, min, max)",
                         text);
}

/* The name that a function is of, from behind the '(' to behind the ')'. */
static int take_argument(struct filter_parser *parser, const char *function, const char **out)
{
    filter_skip_blanks(parser);
    const char *begin = parser->at;
    if (*begin == '"') {
        if (filter_take_quoted(parser, out) < 0)
            return ERR_INVALID;
    } else {
        size_t length = filter_word_length(begin);
        *out = arena_strndup(parser->arena, begin, length);
        parser->at += length;
    }
    filter_skip_blanks(parser);
    if (!**out || (*begin != '"' && !filter_is_name(*out)) || *parser->at != ')')
        return filter_refuse(parser, begin, "'%s(' needs the name of a metric and a ')'", function);
    parser->at++;
    return 0;
}

/* At the '(' behind the name of a function. */
static int parse_function(struct filter_parser *parser, struct filter *test,
                          struct subject *subject)
{
    for (int i = FILTER_LAST; i < FILTER_FUNCTION_COUNT; i++)
        if (strcmp(filter_function_names[i], subject->text) == 0)
            test->function = i;
    if (test->function == FILTER_PLAIN)
        return refuse_function(parser, subject);
    test->field = FILTER_KEY;
    parser->at++;
    if (take_argument(parser, subject->text, &test->name) < 0)
        return ERR_INVALID;
    subject->text = arena_printf(parser->arena, "%s(%s)", subject->text, test->name);
    filter_skip_blanks(parser);
    if (!filter_is_operator(parser->at))
        return filter_refuse(parser, subject->begin, "'%s' is compared with nothing",
                             filter_quote(parser, subject->text, SIZE_MAX));
    return parse_comparison(parser, test, subject);
}

/* A word that no operator follows. */
static int set_word(struct filter_parser *parser, struct filter *test,
                    const struct subject *subject)
{
    if (!*subject->text)
        return filter_refuse(parser, subject->begin, "the quotes are empty");
    test->field = FILTER_WORDS;
    test->values = new_value(parser, subject->text, subject->is_quoted);
    test->value_count = 1;
    return test->values ? 0 : filter_blame(parser, subject->begin);
}

static int check_word(const struct filter_parser *parser, const struct subject *subject)
{
    const char *text = filter_quote(parser, subject->text, SIZE_MAX);
    const char *meant = filter_meant_by(subject->text);
    if (*text == '!')
        return filter_refuse(parser, subject->begin, "'%s' is no word (did you mean '-%s'?)", text,
                             text + 1);
    if (meant)
        return filter_refuse(parser, subject->begin, "'%s' is no word (did you mean '%s'?)", text,
                             meant);
    return 0;
}

static int take_subject(struct filter_parser *parser, struct subject *out)
{
    *out = (struct subject){ .begin = parser->at, .text = "", .is_quoted = *parser->at == '"' };
    if (out->is_quoted)
        return filter_take_quoted(parser, &out->text);
    size_t length = filter_word_length(parser->at);
    if (length == 0)
        return filter_refuse(parser, parser->at,
                             "'%s' has no field, recipe value or metric before it",
                             filter_quote(parser, parser->at, strspn(parser->at, ":=<>!")));
    out->text = arena_strndup(parser->arena, parser->at, length);
    parser->at += length;
    return check_word(parser, out);
}

static int check_end(const struct filter_parser *parser)
{
    const char *at = parser->at;
    if (!*at || filter_is_blank(*at) || *at == ')')
        return 0;
    if (*at == ',')
        return filter_refuse(parser, at, "several values stand behind a ':' only");
    const char *next = at;
    text_next(&next);
    return filter_refuse(parser, at, "'%s' needs a blank before it, or quotes around the whole",
                         filter_quote(parser, at, (size_t)(next - at)));
}

int filter_parse_test(struct filter_parser *parser, const struct filter **out)
{
    struct subject subject;
    struct filter *test =
        filter_new(parser, (struct filter){ .kind = FILTER_TEST,
                                            .column = filter_column(parser, parser->at) });
    if (take_subject(parser, &subject) < 0)
        return ERR_INVALID;
    const char *behind = parser->at;
    int result;
    filter_skip_blanks(parser);
    if (!subject.is_quoted && *behind == '(') {
        result = parse_function(parser, test, &subject);
    } else if (filter_is_operator(parser->at) && (parser->at == behind || *parser->at != ':')) {
        result = parse_comparison(parser, test, &subject);
    } else {
        parser->at = behind;
        result = set_word(parser, test, &subject);
    }
    *out = test;
    return result < 0 ? result : check_end(parser);
}
