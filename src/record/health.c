#include "record/health.h"

#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const names[HEALTH_STATES] = {
    [HEALTH_WARMING_UP] = "warming up",
    [HEALTH_BALANCED] = "balanced",
    [HEALTH_DISCRIMINATOR_WINNING] = "discriminator winning",
    [HEALTH_GENERATOR_WINNING] = "generator winning",
    [HEALTH_DISCRIMINATOR_BLIND] = "discriminator blind",
    [HEALTH_MODE_COLLAPSE] = "mode collapse",
    [HEALTH_OSCILLATING] = "oscillating",
    [HEALTH_VANISHING_GRADIENT] = "vanishing gradient",
    [HEALTH_MEMORISING] = "memorising",
};

const char *health_name(enum health_state state)
{
    return names[state];
}

bool health_parse(const char *name, enum health_state *out)
{
    for (int i = 0; i < HEALTH_STATES; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (enum health_state)i;
            return true;
        }
    return false;
}

bool health_is_bad(enum health_state state)
{
    return state != HEALTH_WARMING_UP && state != HEALTH_BALANCED;
}

/* --- training.stop_when --- */

/* The word for a stop, in the arena; NULL for a state that stops nothing. */
static char *stop_word(struct arena *arena, int stop)
{
    if (stop == HEALTH_NO_PROGRESS)
        return arena_strdup(arena, "no-progress");
    if (!health_is_bad((enum health_state)stop))
        return NULL;
    char *word = arena_strdup(arena, names[stop]);
    for (char *at = word; *at; at++)
        *at = *at == ' ' ? '-' : *at;
    return word;
}

static int refuse(struct arena *arena, const char *word, const char *const words[HEALTH_STOPS])
{
    enum { QUOTE_LIMIT = 80 };
    const char *nearest = text_nearest(word, words, HEALTH_STOPS, sizeof words[0]);
    const char *quoted = text_clean(arena, word, QUOTE_LIMIT), *list = "";
    if (nearest)
        return fail(ERR_INVALID, "there is no state '%s' to stop at (did you mean '%s'?)", quoted,
                    nearest);
    for (int i = 0; i < HEALTH_STOPS; i++)
        if (words[i])
            list = arena_printf(arena, "%s%s%s", list, *list ? ", " : "", words[i]);
    return fail(ERR_INVALID, "there is no state '%s' to stop at (there are %s)", quoted, list);
}

static int take(struct arena *arena, char *word, const char *const words[HEALTH_STOPS],
                unsigned *out)
{
    for (char *at = word; *at; at++)
        *at = isspace((unsigned char)*at) ? '-' : *at;
    for (int i = 0; i < HEALTH_STOPS; i++)
        if (words[i] && strcmp(words[i], word) == 0) {
            *out |= 1U << i;
            return 0;
        }
    return refuse(arena, word, words);
}

int health_parse_stops(const char *text, unsigned *out)
{
    struct arena arena = { 0 };
    const char *words[HEALTH_STOPS];
    int error = 0;
    *out = 0;
    for (int i = 0; i < HEALTH_STOPS; i++)
        words[i] = stop_word(&arena, i);
    while (!error && *text) {
        size_t length = strcspn(text, ","), next = length + (text[length] == ',');
        const char *begin = text;
        while (length > 0 && isspace((unsigned char)*begin)) {
            begin++;
            length--;
        }
        while (length > 0 && isspace((unsigned char)begin[length - 1]))
            length--;
        if (length > 0)
            error = take(&arena, arena_strndup(&arena, begin, length), words, out);
        text += next;
    }
    arena_release(&arena);
    return error;
}
