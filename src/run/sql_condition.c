#include "sql_condition.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "run/catalogue.h"

/* --- SQL that grows --- */

void sql_add_constant(struct sql_text *sql, const char *text)
{
    size_t length = strlen(text), wanted = sql->length + length + 1;
    if (wanted > sql->room) {
        sql->room = MAX(2 * sql->room, wanted + 1024);
        char *more = arena_alloc(sql->arena, sql->room, 1);
        if (sql->length > 0)
            memcpy(more, sql->text, sql->length);
        sql->text = more;
    }
    memcpy(sql->text + sql->length, text, length + 1);
    sql->length += length;
}

void sql_add(struct sql_text *sql, const char *format, ...)
{
    char piece[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    sql_add_constant(sql, piece);
}

static void add_value(struct sql_text *sql, struct sql_value value)
{
    if (sql->value_count == sql->value_room) {
        sql->value_room = sql->value_room ? 2 * sql->value_room : 16;
        struct sql_value *more = arena_alloc(sql->arena, (size_t)sql->value_room, sizeof *more);
        if (sql->value_count > 0)
            memcpy(more, sql->values, (size_t)sql->value_count * sizeof *more);
        sql->values = more;
    }
    sql->values[sql->value_count++] = value;
    sql_add(sql, "?");
}

void sql_add_text(struct sql_text *sql, const char *value)
{
    add_value(sql, (struct sql_value){ .text = value });
}

void sql_add_number(struct sql_text *sql, double value)
{
    add_value(sql, (struct sql_value){ .number = value });
}

void sql_bind_all(struct sql_query *query, const struct sql_text *sql)
{
    for (int i = 0; i < sql->value_count; i++) {
        if (sql->values[i].text)
            sql_bind_text(query, i + 1, sql->values[i].text);
        else
            sql_bind_real(query, i + 1, sql->values[i].number);
    }
}

/* --- keys --- */

static const struct {
    const char *name, *column;
} functions[] = {
    [FILTER_PLAIN] = { NULL, "last" },
    [FILTER_LAST] = { "last", "last" },
    [FILTER_MINIMUM] = { "min", "low" },
    [FILTER_MAXIMUM] = { "max", "high" },
};

enum filter_function catalogue_split_key(struct arena *arena, const char *key, const char **name)
{
    size_t length = strlen(key);
    *name = key;
    for (int i = FILTER_LAST; i < ARRAY_SIZE(functions); i++) {
        size_t word = strlen(functions[i].name);
        if (length > word + 2 && strncmp(key, functions[i].name, word) == 0 && key[word] == '(' &&
            key[length - 1] == ')') {
            *name = arena_strndup(arena, key + word + 1, length - word - 2);
            return (enum filter_function)i;
        }
    }
    return FILTER_PLAIN;
}

static void add_metric(struct sql_text *sql, const char *name, const char *column)
{
    sql_add(sql, "(SELECT m.%s FROM metric m WHERE m.run = r.number AND m.name = ", column);
    sql_add_text(sql, name);
    sql_add(sql, ")");
}

static void add_setting(struct sql_text *sql, const char *name, const char *column)
{
    sql_add(sql, "(SELECT s.%s FROM setting s WHERE s.run = r.number AND s.key = ", column);
    sql_add_text(sql, name);
    sql_add(sql, ")");
}

/* A recipe's keys have dots, and metrics seldom do; a name that is both is what it looks like. */
void sql_add_key(struct sql_text *sql, const char *name, enum filter_function function)
{
    if (function != FILTER_PLAIN) {
        add_metric(sql, name, functions[function].column);
        return;
    }
    bool is_dotted = strchr(name, '.');
    sql_add(sql, "coalesce(");
    if (is_dotted)
        add_setting(sql, name, "number");
    else
        add_metric(sql, name, "last");
    sql_add(sql, ", ");
    if (is_dotted)
        add_metric(sql, name, "last");
    else
        add_setting(sql, name, "number");
    sql_add(sql, ")");
}

/* --- tests --- */

static const char *const operators[] = {
    [FILTER_MATCH] = "=",    [FILTER_EQUAL] = "=",   [FILTER_UNEQUAL] = "<>",  [FILTER_LESS] = "<",
    [FILTER_AT_MOST] = "<=", [FILTER_GREATER] = ">", [FILTER_AT_LEAST] = ">=",
};

/* '[' means something to GLOB, and nothing here. */
static const char *glob_of(struct arena *arena, const char *text)
{
    static const char bracket[] = { '[', '[', ']' };
    char *pattern = arena_alloc(arena, 3 * strlen(text) + 1, 1), *end = pattern;
    for (; *text; text++) {
        if (*text == '[') {
            memcpy(end, bracket, sizeof bracket);
            end += sizeof bracket;
        } else {
            *end++ = *text;
        }
    }
    return pattern;
}

static void add_text_test(struct sql_text *sql, const char *column, enum filter_operator operator_,
                          const struct filter_value *value)
{
    if (operator_ == FILTER_EQUAL || operator_ == FILTER_UNEQUAL) {
        sql_add(sql, "coalesce(%s, '') = ", column);
        sql_add_text(sql, value->text);
    } else if (value->is_pattern) {
        sql_add(sql, "lower(%s) GLOB lower(", column);
        sql_add_text(sql, glob_of(sql->arena, value->text));
        sql_add(sql, ")");
    } else {
        sql_add(sql, "instr(lower(%s), lower(", column);
        sql_add_text(sql, value->text);
        sql_add(sql, ")) > 0");
    }
}

/* Of a column of another table: is there a row whose text fits? That it is "" is said of a run that
 * has no row. */
static void add_exists(struct sql_text *sql, const char *table, const char *column,
                       enum filter_operator operator_, const struct filter_value *value)
{
    bool is_exact = operator_ == FILTER_EQUAL || operator_ == FILTER_UNEQUAL;
    if (is_exact && !*value->text) {
        sql_add(sql, "NOT EXISTS(SELECT 1 FROM %s x WHERE x.run = r.number)", table);
        return;
    }
    sql_add(sql, "EXISTS(SELECT 1 FROM %s x WHERE x.run = r.number AND ", table);
    add_text_test(sql, column, operator_, value);
    sql_add(sql, ")");
}

static void add_state_test(struct sql_text *sql, const char *word)
{
    if (strcmp(word, "orphan") == 0 || strcmp(word, "stalled") == 0)
        sql_add(sql, "r.%s = 1", word);
    else if (strcmp(word, "live") == 0)
        sql_add(sql, "r.state IN ('queued', 'running', 'paused')");
    else if (strcmp(word, "ended") == 0)
        sql_add(sql, "r.state NOT IN ('queued', 'running', 'paused')");
    else {
        sql_add(sql, "r.state = ");
        sql_add_text(sql, word);
    }
}

static void add_commit_test(struct sql_text *sql, const char *text)
{
    static const char *const columns[] = { "r.commit_id", "r.snapshot" };
    for (int i = 0; i < ARRAY_SIZE(columns); i++) {
        sql_add(sql, "%ssubstr(%s, 1, length(", i > 0 ? " OR " : "(", columns[i]);
        sql_add_text(sql, text);
        sql_add(sql, ")) = lower(");
        sql_add_text(sql, text);
        sql_add(sql, ")");
    }
    sql_add(sql, ")");
}

static void add_comparison(struct sql_text *sql, const char *expression,
                           enum filter_operator operator_, double number)
{
    sql_add(sql, "%s %s ", expression, operators[operator_]);
    sql_add_number(sql, number);
}

/* A day, minute or second that was named lasts until `end`. */
static void add_time_test(struct sql_text *sql, const struct filter *test,
                          const struct filter_value *value)
{
    enum filter_operator operator_ = test->field == FILTER_SINCE    ? FILTER_AT_LEAST
                                     : test->field == FILTER_BEFORE ? FILTER_LESS
                                                                    : test->operator_;
    switch (operator_) {
    case FILTER_LESS:
    case FILTER_AT_LEAST:
        add_comparison(sql, "r.created", operator_, value->number);
        break;
    case FILTER_AT_MOST:
        add_comparison(sql, "r.created", FILTER_LESS, value->end);
        break;
    case FILTER_GREATER:
        add_comparison(sql, "r.created", FILTER_AT_LEAST, value->end);
        break;
    default:
        add_comparison(sql, "r.created", FILTER_AT_LEAST, value->number);
        sql_add(sql, " AND ");
        add_comparison(sql, "r.created", FILTER_LESS, value->end);
    }
}

static void add_duration_test(struct sql_text *sql, const struct filter *test,
                              const struct filter_value *value, double now)
{
    sql_add(sql, "(");
    if (test->field == FILTER_AGE) {
        sql_add_number(sql, now);
        sql_add(sql, " - r.created");
    } else {
        sql_add(sql, "r.worked + coalesce(");
        sql_add_number(sql, now);
        sql_add(sql, " - r.working_since, 0)");
    }
    sql_add(sql, ") %s ", operators[test->operator_]);
    sql_add_number(sql, value->number);
}

/* A value that is no number is compared as text, with recipe values only. */
static void add_key_test(struct sql_text *sql, const struct filter *test,
                         const struct filter_value *value)
{
    bool is_equality = test->operator_ <= FILTER_UNEQUAL;
    if (is_equality && strcasecmp(value->text, "nan") == 0) {
        /* infinities are numbers to SQLite, and no numbers to people */
        sql_add(sql,
                "EXISTS(SELECT 1 FROM metric m WHERE m.run = r.number AND (m.%s IS NULL OR"
                " abs(m.%s) = 9e999) AND m.name = ",
                functions[test->function].column, functions[test->function].column);
        sql_add_text(sql, test->name);
        sql_add(sql, ")");
        return;
    }
    if (!isnan(value->number)) {
        sql_add_key(sql, test->name, test->function);
        sql_add(sql, " %s ", operators[is_equality ? FILTER_EQUAL : test->operator_]);
        sql_add_number(sql, value->number);
        if (!is_equality || test->function != FILTER_PLAIN)
            return;
        sql_add(sql, " OR ");
    }
    sql_add(sql, "EXISTS(SELECT 1 FROM setting s WHERE s.run = r.number AND s.key = ");
    sql_add_text(sql, test->name);
    sql_add(sql, " AND ");
    add_text_test(sql, "s.value", isnan(value->number) ? test->operator_ : FILTER_EQUAL, value);
    sql_add(sql, ")");
}

static void add_words_test(struct sql_text *sql, const struct filter_value *value)
{
    static const char *const columns[] = { "r.experiment", "r.name",   "r.subject", "r.command",
                                           "r.branch",     "r.reason", "r.health" };
    for (int i = 0; i < ARRAY_SIZE(columns); i++) {
        sql_add(sql, "coalesce(");
        add_text_test(sql, columns[i], FILTER_MATCH, value);
        sql_add(sql, ", 0) OR ");
    }
    add_commit_test(sql, value->text);
    sql_add(sql, " OR ");
    add_exists(sql, "tag", "x.tag", FILTER_MATCH, value);
    sql_add(sql, " OR ");
    add_exists(sql, "note", "x.text", FILTER_MATCH, value);
}

static void add_value_test(struct sql_text *sql, const struct filter *test,
                           const struct filter_value *value, double now)
{
    static const char *const columns[] = {
        [FILTER_HEALTH] = "r.health",     [FILTER_EXPERIMENT] = "r.experiment",
        [FILTER_NAME] = "r.name",         [FILTER_HOST] = "r.host",
        [FILTER_DATA] = "r.data",         [FILTER_BRANCH] = "r.branch",
        [FILTER_COMMAND] = "r.command",   [FILTER_DIRTY] = "r.dirty",
        [FILTER_ARCHIVED] = "r.archived", [FILTER_NUMBER_OF_RUN] = "r.number",
        [FILTER_PARENT] = "r.parent",     [FILTER_STEP] = "r.step",
    };
    int count;
    if (test->field == FILTER_KEY) {
        add_key_test(sql, test, value);
        return;
    }
    if (test->field == FILTER_WORDS) {
        add_words_test(sql, value);
        return;
    }
    switch (filter_fields(&count)[test->field].type) {
    case FILTER_WORD:
        add_state_test(sql, value->text);
        break;
    case FILTER_COMMIT:
        add_commit_test(sql, value->text);
        break;
    case FILTER_BOUND:
    case FILTER_TIME:
        add_time_test(sql, test, value);
        break;
    case FILTER_DURATION:
        add_duration_test(sql, test, value, now);
        break;
    case FILTER_TEXT:
        if (test->field == FILTER_TAG)
            add_exists(sql, "tag", "x.tag", test->operator_, value);
        else if (test->field == FILTER_NOTE)
            add_exists(sql, "note", "x.text", test->operator_, value);
        else
            add_text_test(sql, columns[test->field], test->operator_, value);
        break;
    case FILTER_NUMBER:
    case FILTER_BOOL:
        add_comparison(sql, columns[test->field],
                       test->operator_ == FILTER_UNEQUAL ? FILTER_EQUAL : test->operator_,
                       value->number);
        break;
    }
}

/* Any of the values. What a run does not have is no fit, and its opposite is one: so "!=" is the
 * opposite of "=". */
static void add_test(struct sql_text *sql, const struct filter *test, double now)
{
    sql_add(sql, "%s(", test->operator_ == FILTER_UNEQUAL ? "NOT " : "");
    for (int i = 0; i < test->value_count; i++) {
        sql_add(sql, "%scoalesce((", i > 0 ? " OR " : "");
        add_value_test(sql, test, &test->values[i], now);
        sql_add(sql, "), 0)");
    }
    sql_add(sql, ")");
}

void sql_add_filter(struct sql_text *sql, const struct filter *filter, double now)
{
    switch (filter->kind) {
    case FILTER_ALL:
        sql_add(sql, "1");
        break;
    case FILTER_NOT:
        sql_add(sql, "NOT (");
        sql_add_filter(sql, filter->left, now);
        sql_add(sql, ")");
        break;
    case FILTER_AND:
    case FILTER_OR:
        sql_add(sql, "(");
        sql_add_filter(sql, filter->left, now);
        sql_add(sql, filter->kind == FILTER_AND ? " AND " : " OR ");
        sql_add_filter(sql, filter->right, now);
        sql_add(sql, ")");
        break;
    case FILTER_TEST:
        add_test(sql, filter, now);
        break;
    }
}
