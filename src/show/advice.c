#include "show/advice.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

enum { KEY_LIMIT = 100, TEXT_LIMIT = 1000 };

struct gathering {
    struct arena *arena;
    struct advice *advice;
};

static void gather(void *context, const char *key, const struct json *value)
{
    const struct gathering *all = context;
    struct advice *advice = all->advice;
    const char *text = json_get_string(value);
    double number;
    if (!text && json_get_number(value, &number))
        text = format_real(all->arena, number);
    if (!text || advice->count == ADVICE_LIMIT)
        return;
    advice->settings[advice->count++] =
        arena_printf(all->arena, "%s=%s", text_clean(all->arena, key, KEY_LIMIT),
                     text_clean(all->arena, text, KEY_LIMIT));
}

struct advice advice_of(struct arena *arena, int64_t run, const struct health_row *change)
{
    struct advice advice = { .run = run,
                             .step = change->step,
                             .state = text_clean(arena, change->state, KEY_LIMIT),
                             .why =
                                 change->why ? text_clean(arena, change->why, TEXT_LIMIT) : NULL };
    struct gathering all = { arena, &advice };
    struct json *root = NULL;
    if (!change->advice || json_parse(&root, change->advice, strlen(change->advice)) < 0)
        return advice;
    const char *words = json_get_string(json_member(root, "words"));
    if (words)
        advice.words = text_clean(arena, words, TEXT_LIMIT);
    else
        json_each(root, gather, &all);
    json_free(root);
    return advice;
}

int advice_read(struct advice *out, struct catalogue *catalogue, struct arena *arena, int64_t run)
{
    struct health_row *changes;
    int count = 0;
    *out = (struct advice){ .run = run };
    int error = catalogue_health(catalogue, arena, run, &changes, &count);
    if (!error && count > 0)
        *out = advice_of(arena, run, &changes[count - 1]);
    return error;
}

char *advice_text(struct arena *arena, const struct advice *advice)
{
    char *text = NULL;
    if (advice->words)
        return arena_printf(arena, "try %s", advice->words);
    for (int i = 0; i < advice->count; i++)
        text = arena_printf(arena, "%s%s", text ? arena_printf(arena, "%s, or ", text) : "try ",
                            advice->settings[i]);
    return text;
}
