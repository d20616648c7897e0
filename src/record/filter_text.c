#include "filter_parts.h"

#include <string.h>

/* Counts what it is given; where there is room, keeps it. */
struct sink {
    char *out; /* NULL: only counts */
    size_t used;
};

static void put(struct sink *sink, const char *text)
{
    size_t length = strlen(text);
    if (sink->out)
        memcpy(sink->out + sink->used, text, length);
    sink->used += length;
}

static void put_quoted(struct sink *sink, const char *text)
{
    put(sink, "\"");
    for (const char *at = text; *at; at++) {
        const char letter[] = { *at, '\0' };
        if (*at == '"' || *at == '\\')
            put(sink, "\\");
        put(sink, letter);
    }
    put(sink, "\"");
}

static void put_name(struct sink *sink, const char *name, bool is_plain)
{
    if (is_plain)
        put(sink, name);
    else
        put_quoted(sink, name);
}

/* Would it be read back as it is without quotes, as a value behind `operator_`? */
static bool is_plain_value(const struct filter_value *value, enum filter_operator operator_)
{
    const char *text = value->text;
    bool is_whole = *text && filter_value_length(text) == strlen(text);
    bool keeps_wildcards =
        operator_ != FILTER_MATCH || value->is_pattern == filter_has_wildcard(text);
    return is_whole && keeps_wildcards && !strchr(":=<>!", *text);
}

static bool is_plain_word(const struct filter_value *value)
{
    return filter_word_length(value->text) == strlen(value->text) && filter_is_word(value->text) &&
           value->is_pattern == filter_has_wildcard(value->text);
}

static bool is_plain_key(const struct filter *test)
{
    bool is_slip = test->operator_ == FILTER_MATCH && filter_nearest_field(test->name);
    return filter_is_name(test->name) && filter_find_field(test->name) < 0 && !is_slip;
}

static void put_subject(struct sink *sink, const struct filter *test)
{
    if (test->field != FILTER_KEY) {
        int count;
        put(sink, filter_fields(&count)[test->field].name);
    } else if (test->function != FILTER_PLAIN) {
        put(sink, filter_function_names[test->function]);
        put(sink, "(");
        put_name(sink, test->name, filter_is_name(test->name));
        put(sink, ")");
    } else {
        put_name(sink, test->name, is_plain_key(test));
    }
}

static void put_test(struct sink *sink, const struct filter *test)
{
    if (test->field == FILTER_WORDS) {
        put_name(sink, test->values[0].text, is_plain_word(&test->values[0]));
        return;
    }
    put_subject(sink, test);
    put(sink, filter_operator_text(test->operator_));
    for (int i = 0; i < test->value_count; i++) {
        put(sink, i > 0 ? "," : "");
        put_name(sink, test->values[i].text, is_plain_value(&test->values[i], test->operator_));
    }
}

static void put_filter(struct sink *sink, const struct filter *filter);

/* The members of a chain ((a AND b) AND c), without the parentheses around it. */
static void put_chain(struct sink *sink, const struct filter *filter, enum filter_kind kind)
{
    if (filter->kind != kind) {
        put_filter(sink, filter);
        return;
    }
    put_chain(sink, filter->left, kind);
    put(sink, kind == FILTER_AND ? " AND " : " OR ");
    put_filter(sink, filter->right);
}

static void put_filter(struct sink *sink, const struct filter *filter)
{
    switch (filter->kind) {
    case FILTER_ALL:
        break;
    case FILTER_AND:
    case FILTER_OR:
        put(sink, "(");
        put_chain(sink, filter, filter->kind);
        put(sink, ")");
        break;
    case FILTER_NOT:
        put(sink, "NOT ");
        put_filter(sink, filter->left);
        break;
    case FILTER_TEST:
        put_test(sink, filter);
        break;
    }
}

char *filter_text(struct arena *arena, const struct filter *filter)
{
    struct sink sink = { 0 };
    put_filter(&sink, filter);
    sink = (struct sink){ .out = arena_alloc(arena, sink.used + 1, 1) };
    put_filter(&sink, filter);
    return sink.out;
}
