/* JSON values (through jansson). Numbers that are not finite are written as "NaN", "Infinity",
 * "-Infinity" and read back from these strings and from Python's bare words.
 *
 * A value from json_parse, json_new_object or json_new_array is owned: json_free it, or give it to
 * a parent. Values seen through json_member / json_item are borrowed from their root. */
#ifndef GANDER_BASE_JSON_H
#define GANDER_BASE_JSON_H

#include "base/base.h"

struct json;

/* ERR_INVALID, with what is wrong where; the caller puts the file's name in front. Depth is
 * bounded, a key that comes twice is refused. Where a whole number does not fit an int64_t, those
 * of its text are read as doubles. */
int json_parse(struct json **out, const char *text, size_t length);
void json_free(struct json *value);

const struct json *json_member(const struct json *object,
                               const char *key); /* NULL if absent or not an object */
const struct json *json_item(const struct json *array, size_t index); /* NULL past the end */
size_t json_length(const struct json *value); /* of an array or object, else 0 */
bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
/* Calls back for each member, in the order of the text. */
void json_each(const struct json *object,
               void (*visit)(void *context, const char *key, const struct json *value),
               void *context);

bool json_get_number(const struct json *value,
                     double *out); /* false if NULL or not a number ("NaN" … are numbers) */
bool json_get_integer(const struct json *value, int64_t *out); /* false also if it is not whole */
bool json_get_bool(const struct json *value, bool *out);
const char *json_get_string(const struct json *value); /* NULL if it is not a string */

struct json *json_new_object(void);
struct json *json_new_array(void);
void json_set(struct json *object, const char *key, struct json *value); /* takes `value` */
void json_set_string(struct json *object, const char *key,
                     const char *text); /* bytes that are not UTF-8 become '?'; NULL is null */
void json_set_number(struct json *object, const char *key, double number);
void json_set_integer(struct json *object, const char *key, int64_t number);
void json_set_bool(struct json *object, const char *key, bool truth);
/* Moves all members of `from` behind those of `object`, and frees it. */
void json_merge(struct json *object, struct json *from);
void json_push(struct json *array, struct json *value); /* takes `value` */
void json_push_string(struct json *array, const char *text);
void json_push_number(struct json *array, double number);
void json_push_integer(struct json *array, int64_t number);

/* The text, malloc'ed: on one line when `indent` is 0. Members keep their order. Numbers keep 17
 * significant digits at most and read back as the same double. */
char *json_text(const struct json *value, int indent);

#endif
