/* A filter (record/filter.h) that is being typed: fields, and what they may hold. */
#define _GNU_SOURCE
#include <string.h>

#include "complete.h"
#include "record/filter.h"

/* Where the test begins that the cursor is in: after a blank, a parenthesis and a '-'. */
static const char *last_test(const char *text)
{
    const char *start = text;
    bool is_quoted = false;
    for (const char *next = text; *next; next++) {
        is_quoted ^= *next == '"';
        if (!is_quoted && (*next == ' ' || *next == '('))
            start = next + 1;
    }
    return start + (*start == '-');
}

/* In quotes where the language needs them. */
static void offer_value(struct completion *completion, const char *word)
{
    struct arena *arena = &completion->arena;
    if (*word && !strpbrk(word, " \t()\",*?\\") && !strchr(":=<>!", *word)) {
        offer(completion, word, "");
        return;
    }
    char *quoted = arena_alloc(arena, 2 * strlen(word) + 3, 1), *end = quoted;
    *end++ = '"';
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            *end++ = '\\';
        *end++ = *word;
    }
    *end = '"';
    offer(completion, quoted, "");
}

static void offer_values(struct completion *completion, enum catalogue_word which)
{
    char **words;
    int count;
    completion_words(completion, which, &words, &count);
    for (int i = 0; i < count; i++)
        if (*words[i])
            offer_value(completion, words[i]);
}

static void offer_list(struct completion *completion, const char *const *words)
{
    for (; words && *words; words++)
        offer(completion, *words, "");
}

static void complete_field(struct completion *completion, enum filter_field field)
{
    static const char *const truth[] = { "yes", "no", NULL };
    static const char *const times[] = { "today", "yesterday", "1h", "1d", "1w", NULL };
    static const struct {
        enum filter_field field;
        enum catalogue_word word;
    } words[] = {
        { FILTER_EXPERIMENT, WORD_EXPERIMENT },
        { FILTER_NAME, WORD_NAME },
        { FILTER_TAG, WORD_TAG },
        { FILTER_HEALTH, WORD_HEALTH },
        { FILTER_HOST, WORD_HOST },
        { FILTER_DATA, WORD_DATA },
        { FILTER_BRANCH, WORD_BRANCH },
    };
    int count;
    enum filter_type type = filter_fields(&count)[field].type;
    offer_list(completion, filter_words(field));
    if (type == FILTER_BOOL)
        offer_list(completion, truth);
    if (type == FILTER_BOUND)
        offer_list(completion, times);
    for (int i = 0; i < ARRAY_SIZE(words); i++)
        if (words[i].field == field)
            offer_values(completion, words[i].word);
}

static void offer_fields(struct completion *completion)
{
    int count;
    const struct filter_field_row *fields = filter_fields(&count);
    for (int i = 0; i < count; i++) {
        bool is_compared = fields[i].type == FILTER_DURATION || fields[i].type == FILTER_TIME;
        offer(completion,
              arena_printf(&completion->arena, "%s%s", fields[i].name, is_compared ? ">" : ":"),
              fields[i].help);
    }
    offer_metrics(completion, "<");
    offer_keys(completion, ":");
}

void complete_filter(struct completion *completion)
{
    int count;
    const struct filter_field_row *fields = filter_fields(&count);
    complete_from(completion, last_test(completion->typed));
    const char *colon = strchr(completion->typed, ':');
    if (!colon) {
        offer_fields(completion);
        return;
    }
    size_t length = (size_t)(colon - completion->typed);
    for (int i = 0; i < count; i++) {
        if (strlen(fields[i].name) != length ||
            memcmp(fields[i].name, completion->typed, length) != 0)
            continue;
        const char *comma = strrchr(colon, ',');
        complete_from(completion, comma ? comma + 1 : colon + 1);
        complete_field(completion, (enum filter_field)i);
        return;
    }
}
