/* What the parts of the filter language share: letters and pieces of text (filter_lex.c), single
 * tests (filter_term.c), what joins them (filter.c), values (filter_value.c), printing
 * (filter_text.c). */
#ifndef GANDER_RECORD_FILTER_PARTS_H
#define GANDER_RECORD_FILTER_PARTS_H

#include "record/filter.h"

enum { FILTER_QUOTE_LIMIT = 80 }; /* bytes of outside text in a sentence */

struct filter_parser {
    struct arena *arena;
    const char *start, *at;
    double now;
    int depth;           /* parentheses and NOTs around `at` */
    const char *opening; /* the innermost of these parentheses; NULL outside of all */
    const char *pending; /* an AND, OR, NOT or '-' that has nothing behind it yet; else NULL */
    struct filter_value *values; /* room for those of all tests, one after the other */
    int value_count;
};

/* --- letters and pieces --- */

bool filter_is_blank(char character);
bool filter_is_operator(const char *at); /* does one begin there? */
bool filter_is_name(const char *text);   /* may stand without quotes */
bool filter_has_wildcard(const char *text);

/* May it stand without quotes where a term begins? Not so "AND", "||", "!x" and "-x". */
bool filter_is_word(const char *text);

/* The keyword for what is one in other languages, "||"; else NULL. */
const char *filter_meant_by(const char *word);

/* Bytes of the word, or value, that begins at `at` without quotes. */
size_t filter_word_length(const char *at);
size_t filter_value_length(const char *at);

void filter_skip_blanks(struct filter_parser *parser);

/* At the whole of that word? What stands directly before an operator is a name. */
bool filter_at_word(const struct filter_parser *parser, const char *word);

/* Takes text in quotes, from the one to behind the other. */
int filter_take_quoted(struct filter_parser *parser, const char **out);

struct filter *filter_new(struct filter_parser *parser, struct filter content);

/* --- errors --- */

int filter_column(const struct filter_parser *parser, const char *at);

/* At most `length` bytes of outside text, for a sentence. */
const char *filter_quote(const struct filter_parser *parser, const char *text, size_t length);

/* ERR_INVALID with a sentence about what is at `at`. */
int filter_refuse(const struct filter_parser *parser, const char *at, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Puts the column of `at` in front of the sentence that was set; returns its code. */
int filter_blame(const struct filter_parser *parser, const char *at);

/* --- tests --- */

extern const char *const filter_function_names[]; /* NULL, "last", "min", "max" */
enum { FILTER_FUNCTION_COUNT = FILTER_MAXIMUM + 1 };

/* At anything but a keyword, '-', a parenthesis or the end. */
int filter_parse_test(struct filter_parser *parser, const struct filter **out);

int filter_find_field(const char *name); /* -1: there is none of that name */

/* The field that `name`, before a ':', looks like a typo of; NULL for none. */
const char *filter_nearest_field(const char *name);

/* ERR_INVALID unless the field of the test takes its operator; `subject` is what was written. */
int filter_check_operator(struct arena *arena, const struct filter *test, const char *subject);

/* Reads value->text as the field of the test has it. The sentence of an error begins without a
 * column. */
int filter_read_value(struct arena *arena, const struct filter *test, const char *subject,
                      double now, struct filter_value *value);

#endif
