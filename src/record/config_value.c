#include "record/config.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "record/ini.h"

enum { QUOTE_LIMIT = 80 }; /* bytes of outside text in a sentence */

static const char *quote(struct config *config, const char *text)
{
    return text_clean(&config->arena, text, QUOTE_LIMIT);
}

static int set_integer(struct config *config, const struct config_key *key, const char *text,
                       const char *where, int *place)
{
    int64_t value;
    if (parse_integer(text, &value) < 0 || value < key->minimum || value > key->maximum)
        return fail(ERR_INVALID, "%s: '%s' must be a whole number from %d to %d, not '%s'", where,
                    key->key, key->minimum, key->maximum, quote(config, text));
    *place = (int)value;
    return 0;
}

static int set_bool(struct config *config, const struct config_key *key, const char *text,
                    const char *where, bool *place)
{
    *place = strcmp(text, "yes") == 0;
    if (*place || strcmp(text, "no") == 0)
        return 0;
    return fail(ERR_INVALID, "%s: '%s' must be yes or no, not '%s'", where, key->key,
                quote(config, text));
}

static int set_choice(struct config *config, const struct config_key *key, const char *text,
                      const char *where, int *place)
{
    int count = 0;
    const char *list = "";
    for (; key->choices[count]; count++) {
        if (strcmp(key->choices[count], text) == 0) {
            *place = count;
            return 0;
        }
        list = arena_printf(&config->arena, "%s%s%s", list, count > 0 ? ", " : "",
                            key->choices[count]);
    }
    const char *nearest = text_nearest(text, key->choices, count, sizeof key->choices[0]);
    const char *hint =
        nearest ? arena_printf(&config->arena, " (did you mean '%s'?)", nearest) : "";
    return fail(ERR_INVALID, "%s: '%s' must be one of %s, not '%s'%s", where, key->key, list,
                quote(config, text), hint);
}

static int check_text(struct config *config, const struct config_key *key, const char *text,
                      const char *where)
{
    size_t length = strlen(text);
    if (length > (size_t)key->maximum)
        return fail(ERR_INVALID, "%s: '%s' may have %d bytes, not %zu", where, key->key,
                    key->maximum, length);
    if (strcmp(text_clean(&config->arena, text, length), text) != 0)
        return fail(ERR_INVALID, "%s: '%s' holds a control character, or bytes that are not UTF-8",
                    where, key->key);
    return 0;
}

/* What is between commas, without the blanks around it. */
static int set_list(struct config *config, const struct config_key *key, const char *text,
                    const char *where, struct config_list *place)
{
    int most = 1;
    for (const char *at = text; *at; at++)
        most += *at == ',';
    *place = (struct config_list){
        .items = arena_alloc(&config->arena, (size_t)most, sizeof *place->items),
    };
    const char *at = text;
    for (bool more = *text; more; at += more) {
        at += strspn(at, " ");
        size_t length = strcspn(at, ","), used = length;
        while (used > 0 && at[used - 1] == ' ')
            used--;
        if (used == 0)
            return fail(ERR_INVALID, "%s: '%s' has nothing between two commas, or at an end", where,
                        key->key);
        place->items[place->count++] = arena_strndup(&config->arena, at, used);
        at += length;
        more = *at == ',';
    }
    return 0;
}

int config_set(struct config *config, const struct config_key *key, const char *text,
               const char *where)
{
    void *place = (char *)config + key->offset;
    switch (key->type) {
    case CONFIG_INTEGER:
        return set_integer(config, key, text, where, place);
    case CONFIG_BOOL:
        return set_bool(config, key, text, where, place);
    case CONFIG_CHOICE:
        return set_choice(config, key, text, where, place);
    case CONFIG_PAIRS:
        return 0; /* none unless there are some */
    case CONFIG_TEXT:
    case CONFIG_LIST:
        break;
    }
    text = ini_unquote(&config->arena, text);
    int result = check_text(config, key, text, where);
    if (result == 0 && key->type == CONFIG_LIST)
        return set_list(config, key, text, where, place);
    if (result == 0)
        *(char **)place = arena_strdup(&config->arena, text);
    return result;
}

int config_set_pair(struct config *config, const struct config_key *key,
                    const struct config_pair *pair)
{
    struct config_pairs *pairs = (struct config_pairs *)((char *)config + key->offset);
    const char *text = ini_unquote(&config->arena, pair->text);
    int error = check_text(config, key, text, pair->where);
    if (error)
        return error;
    int place = 0;
    while (place < pairs->count && strcmp(pairs->items[place].name, pair->name) != 0)
        place++;
    if (place == pairs->count) {
        struct config_pair *more =
            arena_alloc(&config->arena, (size_t)pairs->count + 1, sizeof *more);
        if (pairs->count > 0)
            memcpy(more, pairs->items, (size_t)pairs->count * sizeof *more);
        pairs->items = more;
        pairs->count++;
    }
    pairs->items[place] = (struct config_pair){ arena_strdup(&config->arena, pair->name),
                                                arena_strdup(&config->arena, text),
                                                arena_strdup(&config->arena, pair->where) };
    return 0;
}

bool config_list_holds(const struct config_list *list, const char *item)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->items[i], item) == 0)
            return true;
    return false;
}
