#define _GNU_SOURCE
#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#undef json_is_object /* jansson has these as macros */
#undef json_is_array

static const struct {
    const char *word;
    double number;
} not_finite[] = {
    { "NaN", NAN },
    { "Infinity", INFINITY },
    { "-Infinity", -INFINITY },
};

/* Casts const away, since jansson asks for it even where it only reads. */
static json_t *inner(const struct json *value)
{
    return (json_t *)(uintptr_t)value;
}

static struct json *outer(json_t *value)
{
    return (struct json *)value;
}

static void use_own_allocator(void)
{
    json_set_alloc_funcs(xmalloc, free);
}

/* Comes before the first value is made. From then on jansson never returns NULL for want of memory.
 */
static void prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, use_own_allocator);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The length of the bare NaN, Infinity or -Infinity that stands at `at` as a value, not as a key;
 * else 0. */
static size_t bare_word(const char *at, const char *end)
{
    for (int i = 0; i < ARRAY_SIZE(not_finite); i++) {
        size_t length = strlen(not_finite[i].word);
        if ((size_t)(end - at) < length || memcmp(at, not_finite[i].word, length) != 0)
            continue;
        const char *next = at + length;
        while (next < end && is_space(*next))
            next++;
        return next < end && *next == ':' ? 0 : length;
    }
    return 0;
}

/* A copy of the text in which Python's bare words stand in quotes, or NULL if it has none. */
static char *quote_bare_words(const char *text, size_t length, size_t *copy_length)
{
    if (!memmem(text, length, "NaN", 3) && !memmem(text, length, "Infinity", 8))
        return NULL;
    const char *end = text + length;
    char *copy = xmalloc(2 * length), *out = copy; /* the shortest word grows from 3 to 5 */
    bool in_string = false;
    while (text < end) {
        size_t word = in_string ? 0 : bare_word(text, end);
        if (word) {
            *out++ = '"';
            memcpy(out, text, word);
            out += word;
            *out++ = '"';
            text += word;
            continue;
        }
        if (*text == '"')
            in_string = !in_string;
        if (in_string && *text == '\\' && end - text > 1)
            *out++ = *text++;
        *out++ = *text++;
    }
    *copy_length = (size_t)(out - copy);
    return copy;
}

int json_parse(struct json **out, const char *text, size_t length)
{
    enum { FLAGS = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES };
    json_error_t error;
    prepare();
    char *copy = quote_bare_words(text, length, &length);
    const char *source = copy ? copy : text;
    json_t *value = json_loadb(source, length, FLAGS, &error);
    if (!value && json_error_code(&error) == json_error_numeric_overflow) /* such as 2^64 */
        value = json_loadb(source, length, FLAGS | JSON_DECODE_INT_AS_REAL, &error);
    free(copy);
    if (!value) {
        struct arena arena = { 0 };
        fail(ERR_INVALID, "line %d, column %d: %s", error.line, error.column,
             text_clean(&arena, error.text, sizeof error.text));
        arena_release(&arena);
        return ERR_INVALID;
    }
    *out = outer(value);
    return 0;
}

void json_free(struct json *value)
{
    json_decref(inner(value));
}

const struct json *json_member(const struct json *object, const char *key)
{
    return outer(json_object_get(inner(object), key));
}

const struct json *json_item(const struct json *array, size_t index)
{
    return outer(json_array_get(inner(array), index));
}

size_t json_length(const struct json *value)
{
    return json_is_array(value) ? json_array_size(inner(value)) : json_object_size(inner(value));
}

bool json_is_object(const struct json *value)
{
    return value && json_typeof(inner(value)) == JSON_OBJECT;
}

bool json_is_array(const struct json *value)
{
    return value && json_typeof(inner(value)) == JSON_ARRAY;
}

void json_each(const struct json *object,
               void (*visit)(void *context, const char *key, const struct json *value),
               void *context)
{
    json_t *members = inner(object), *value;
    const char *key;
    json_object_foreach(members, key, value) visit(context, key, outer(value));
}

bool json_get_number(const struct json *value, double *out)
{
    const char *word = json_get_string(value);
    for (int i = 0; word && i < ARRAY_SIZE(not_finite); i++) {
        if (strcmp(word, not_finite[i].word) != 0)
            continue;
        *out = not_finite[i].number;
        return true;
    }
    if (!json_is_number(inner(value)))
        return false;
    *out = json_number_value(inner(value));
    return true;
}

bool json_get_integer(const struct json *value, int64_t *out)
{
    if (json_is_integer(inner(value))) {
        *out = json_integer_value(inner(value));
        return true;
    }
    double number = json_is_real(inner(value)) ? json_real_value(inner(value)) : NAN;
    if (!(number >= -0x1p63 && number < 0x1p63) || number != floor(number))
        return false;
    *out = (int64_t)number;
    return true;
}

bool json_get_bool(const struct json *value, bool *out)
{
    if (!json_is_boolean(inner(value)))
        return false;
    *out = json_is_true(inner(value));
    return true;
}

const char *json_get_string(const struct json *value)
{
    return json_string_value(inner(value));
}

struct json *json_new_object(void)
{
    prepare();
    return outer(json_object());
}

struct json *json_new_array(void)
{
    prepare();
    return outer(json_array());
}

/* A malloc'ed copy in which each byte that is not UTF-8 is a '?'. */
static char *valid_utf8(const char *text)
{
    char *copy = xstrdup(text);
    const char *at = copy;
    while (*at) {
        char *start = copy + (at - copy);
        if (text_next(&at) == 0xFFFD && at - start == 1)
            *start = '?';
    }
    return copy;
}

static json_t *new_string(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    char *copy = valid_utf8(text);
    value = json_string(copy);
    free(copy);
    return value;
}

static json_t *new_number(double number)
{
    for (int i = 0; i < ARRAY_SIZE(not_finite); i++) {
        double other = not_finite[i].number;
        if (number == other || (isnan(number) && isnan(other)))
            return json_string(not_finite[i].word);
    }
    return json_real(number);
}

void json_set(struct json *object, const char *key, struct json *value)
{
    char *valid = valid_utf8(key);
    json_object_set_new(inner(object), valid, inner(value));
    free(valid);
}

void json_set_string(struct json *object, const char *key, const char *text)
{
    json_set(object, key, outer(text ? new_string(text) : json_null()));
}

void json_set_number(struct json *object, const char *key, double number)
{
    json_set(object, key, outer(new_number(number)));
}

void json_set_integer(struct json *object, const char *key, int64_t number)
{
    json_set(object, key, outer(json_integer(number)));
}

void json_set_bool(struct json *object, const char *key, bool truth)
{
    json_set(object, key, outer(json_boolean(truth)));
}

void json_merge(struct json *object, struct json *from)
{
    json_object_update(inner(object), inner(from));
    json_free(from);
}

void json_push(struct json *array, struct json *value)
{
    json_array_append_new(inner(array), inner(value));
}

void json_push_string(struct json *array, const char *text)
{
    json_push(array, outer(text ? new_string(text) : json_null()));
}

void json_push_number(struct json *array, double number)
{
    json_push(array, outer(new_number(number)));
}

void json_push_integer(struct json *array, int64_t number)
{
    json_push(array, outer(json_integer(number)));
}

struct output {
    char *text;
    size_t length, room;
    int indent; /* spaces a level; 0 for one line */
};

static int put(const char *bytes, size_t size, void *context)
{
    struct output *out = context;
    if (out->room - out->length < size) {
        out->room = MAX(2 * out->room, out->length + size);
        out->text = xrealloc(out->text, out->room, 1);
    }
    memcpy(out->text + out->length, bytes, size);
    out->length += size;
    return 0;
}

/* The library leaves DEL as it is. It can only stand in a string. */
static int put_escaped(const char *bytes, size_t size, void *context)
{
    const char *end = bytes + size, *delete;
    while ((delete = memchr(bytes, 0x7F, (size_t)(end - bytes)))) {
        put(bytes, (size_t)(delete - bytes), context);
        put("\\u007F", strlen("\\u007F"), context);
        bytes = delete + 1;
    }
    return put(bytes, (size_t)(end - bytes), context);
}

static void put_text(struct output *out, const char *text)
{
    put(text, strlen(text), out);
}

static void put_break(struct output *out, int depth)
{
    if (out->indent == 0)
        return;
    put_text(out, "\n");
    for (int i = 0; i < out->indent * depth; i++)
        put_text(out, " ");
}

/* Fewest significant digits that read back as the same double. */
static int digits_needed(double number)
{
    for (int digits = 15; digits < 17; digits++) {
        char text[32];
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            return digits;
    }
    return 17;
}

/* Control characters beyond ASCII are escaped, since JSON is printed on terminals, too. */
static bool needs_escapes(const char *text)
{
    uint32_t character;
    while ((character = text_next(&text)))
        if (character >= 0x80 && text_is_control(character))
            return true;
    return false;
}

static void put_leaf(struct output *out, json_t *value)
{
    size_t flags = JSON_ENCODE_ANY;
    if (json_is_real(value))
        flags |= JSON_REAL_PRECISION((size_t)digits_needed(json_real_value(value)));
    else if (json_is_string(value) && needs_escapes(json_string_value(value)))
        flags |= JSON_ENSURE_ASCII;
    json_dump_callback(value, put_escaped, out, flags);
}

static void put_key(struct output *out, const char *key)
{
    json_t *text = json_string(key);
    put_leaf(out, text);
    json_decref(text);
    put_text(out, out->indent ? ": " : ":");
}

static void put_value(struct output *out, json_t *value, int depth);

static void put_object(struct output *out, json_t *object, int depth)
{
    const char *key, *separator = "";
    json_t *value;
    put_text(out, "{");
    json_object_foreach(object, key, value)
    {
        put_text(out, separator);
        put_break(out, depth + 1);
        put_key(out, key);
        put_value(out, value, depth + 1);
        separator = ",";
    }
    if (json_object_size(object) > 0)
        put_break(out, depth);
    put_text(out, "}");
}

static void put_array(struct output *out, json_t *array, int depth)
{
    size_t count = json_array_size(array);
    put_text(out, "[");
    for (size_t i = 0; i < count; i++) {
        put_text(out, i ? "," : "");
        put_break(out, depth + 1);
        put_value(out, json_array_get(array, i), depth + 1);
    }
    if (count > 0)
        put_break(out, depth);
    put_text(out, "]");
}

static void put_value(struct output *out, json_t *value, int depth)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(out, value, depth);
        break;
    case JSON_ARRAY:
        put_array(out, value, depth);
        break;
    default:
        put_leaf(out, value);
    }
}

char *json_text(const struct json *value, int indent)
{
    struct output out = { .indent = indent };
    put_value(&out, inner(value), 0);
    put("", 1, &out);
    return out.text;
}
