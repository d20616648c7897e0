#include "record/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { QUOTE_LIMIT = 80 }; /* bytes of outside text in a sentence */

static const char *quote(struct recipe *recipe, const char *text)
{
    return text_clean(&recipe->arena, text, QUOTE_LIMIT);
}

static int find_choice(const struct recipe_field *field, const char *word)
{
    for (int i = 0; field->choices[i]; i++)
        if (strcmp(field->choices[i], word) == 0)
            return i;
    return -1;
}

static int refuse_number(struct recipe *recipe, const struct recipe_field *field, const char *text,
                         const char *where)
{
    const char *kind = field->type == FIELD_INTEGER ? "a whole number" : "a number";
    return fail(ERR_INVALID, "%s: '%s' must be %s from %.16g to %.16g, not '%s'", where, field->key,
                kind, field->minimum, field->maximum, quote(recipe, text));
}

static int set_integer(struct recipe *recipe, const struct recipe_field *field, const char *text,
                       const char *where, void *place)
{
    int64_t value;
    if (parse_integer(text, &value) < 0 || (double)value < field->minimum ||
        (double)value > field->maximum)
        return refuse_number(recipe, field, text, where);
    if (field->wide)
        *(int64_t *)place = value;
    else
        *(int *)place = (int)value;
    return 0;
}

static int set_real(struct recipe *recipe, const struct recipe_field *field, const char *text,
                    const char *where, double *place)
{
    double value;
    if (parse_real(text, &value) < 0 || value < field->minimum || value > field->maximum)
        return refuse_number(recipe, field, text, where);
    *place = value + 0.0; /* -0 becomes 0 */
    return 0;
}

static int set_choice(struct recipe *recipe, const struct recipe_field *field, const char *text,
                      const char *where, int *place)
{
    *place = find_choice(field, text);
    if (*place >= 0)
        return 0;
    int count = 0;
    const char *list = "";
    for (; field->choices[count]; count++)
        list = arena_printf(&recipe->arena, "%s%s%s", list, count > 0 ? ", " : "",
                            field->choices[count]);
    const char *nearest = text_nearest(text, field->choices, count, sizeof field->choices[0]);
    const char *hint =
        nearest ? arena_printf(&recipe->arena, " (did you mean '%s'?)", nearest) : "";
    return fail(ERR_INVALID, "%s: '%s' must be one of %s, not '%s'%s", where, field->key, list,
                quote(recipe, text), hint);
}

/* INI text would not give back a value that begins with a comment or holds one. */
static bool holds_comment(const char *text)
{
    for (const char *at = text; *at; at++)
        if ((*at == '#' || *at == ';') && (at == text || at[-1] == ' '))
            return true;
    return false;
}

static int set_text(struct recipe *recipe, const struct recipe_field *field, const char *text,
                    const char *where, char **place)
{
    size_t length = strlen(text);
    if (length == 0 && !(field->fallback && !*field->fallback))
        return fail(ERR_INVALID, "%s: '%s' must not be empty", where, field->key);
    if ((double)length > field->maximum)
        return fail(ERR_INVALID, "%s: '%s' may have %.0f bytes, not %zu", where, field->key,
                    field->maximum, length);
    if (strcmp(text_clean(&recipe->arena, text, length), text) != 0)
        return fail(ERR_INVALID, "%s: '%s' holds a control character, or bytes that are not UTF-8",
                    where, field->key);
    if (holds_comment(text))
        return fail(ERR_INVALID,
                    "%s: '%s' cannot hold a ';' or '#' at its start or after a blank, where a "
                    "comment begins",
                    where, field->key);
    *place = arena_strdup(&recipe->arena, text);
    return 0;
}

static const char *trim(struct arena *arena, const char *text)
{
    text += strspn(text, " ");
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ')
        length--;
    return arena_strndup(arena, text, length);
}

int recipe_set(struct recipe *recipe, const struct recipe_field *field, const char *text,
               const char *where)
{
    void *place = (char *)recipe + field->offset;
    text = trim(&recipe->arena, text);
    switch (field->type) {
    case FIELD_INTEGER:
        return set_integer(recipe, field, text, where, place);
    case FIELD_REAL:
        return set_real(recipe, field, text, where, place);
    case FIELD_CHOICE:
        return set_choice(recipe, field, text, where, place);
    case FIELD_TEXT:
        break;
    }
    return set_text(recipe, field, text, where, place);
}

char *recipe_value(struct arena *arena, const struct recipe *recipe,
                   const struct recipe_field *field)
{
    const void *place = (const char *)recipe + field->offset;
    switch (field->type) {
    case FIELD_INTEGER:
        return arena_printf(arena, "%lld",
                            field->wide ? (long long)*(const int64_t *)place
                                        : (long long)*(const int *)place);
    case FIELD_REAL:
        return format_real(arena, *(const double *)place);
    case FIELD_CHOICE:
        return arena_strdup(arena, field->choices[*(const int *)place]);
    case FIELD_TEXT:
        break;
    }
    return arena_strdup(arena, *(char *const *)place);
}

/* How far it is from `at` to the next blank before a '|', or to the end. */
static int part_length(const char *at)
{
    int length = 1;
    while (at[length] && !(at[length] == ' ' && at[length + 1] == '|' && at[length - 1] != ' '))
        length++;
    return length;
}

/* Puts parts of a layer list that begins in `column` on further lines where one would become too
 * long. Reading joins them by the blank that was there. */
static char *fold(struct arena *arena, const char *value, int column)
{
    enum { WIDTH = 79, INDENT = 4 };
    if (strchr(value, '=') || !*value) /* a line with '=' would be one of its own */
        return arena_strdup(arena, value);
    char *folded = arena_alloc(arena, strlen(value) * (1 + INDENT) + 1, 1), *end = folded;
    for (const char *at = value; *at;) {
        int length = part_length(at);
        bool breaks = at > value && column + 1 + length > WIDTH;
        int blanks = breaks ? INDENT : at > value;
        if (breaks)
            *end++ = '\n';
        memset(end, ' ', (size_t)blanks);
        memcpy(end + blanks, at, (size_t)length);
        end += blanks + length;
        column = (breaks ? 0 : column) + blanks + length;
        at += length + (at[length] == ' ');
    }
    return folded;
}

char *recipe_text(struct arena *arena, const struct recipe *recipe)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    char *lines[RECIPE_FIELD_COUNT];
    size_t size = 1;
    for (int i = 0; i < count; i++) {
        const char *key = fields[i].key, *before = i > 0 ? fields[i - 1].key : "";
        int section_length = (int)strcspn(key, ".");
        bool opens = strncmp(key, before, (size_t)section_length + 1) != 0;
        const char *member = key + section_length + 1;
        const char *value = fold(arena, recipe_value(arena, recipe, &fields[i]),
                                 (int)strlen(member) + (int)strlen(" = "));
        const char *blank = *value ? " " : "";
        lines[i] = opens ? arena_printf(arena, "%s[%.*s]\n%s =%s%s\n", i > 0 ? "\n" : "",
                                        section_length, key, member, blank, value)
                         : arena_printf(arena, "%s =%s%s\n", member, blank, value);
        size += strlen(lines[i]);
    }
    char *text = arena_alloc(arena, size, 1), *end = text;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(lines[i]);
        memcpy(end, lines[i], length);
        end += length;
    }
    return text;
}
