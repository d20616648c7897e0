#define _GNU_SOURCE
#include "show/filter_words.h"

#include <string.h>

#include "record/metric.h"
#include "record/recipe.h"

enum { MOST_WORDS = 500, MOST_METRICS = 1000 };

/* Words as they are gathered. */
struct gathering {
    struct catalogue *catalogue;
    struct arena *arena;
    const char *typed; /* what they must begin with */
    struct filter_word *words;
    int count, room;
};

static void add(struct gathering *gathering, const char *text, const char *help)
{
    if (strncmp(text, gathering->typed, strlen(gathering->typed)) != 0)
        return;
    if (gathering->count == gathering->room) {
        int room = gathering->room ? 2 * gathering->room : 64;
        struct filter_word *words = arena_alloc(gathering->arena, (size_t)room, sizeof *words);
        if (gathering->count > 0)
            memcpy(words, gathering->words, (size_t)gathering->count * sizeof *words);
        gathering->words = words;
        gathering->room = room;
    }
    gathering->words[gathering->count++] = (struct filter_word){ text, help };
}

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

char *filter_value_text(struct arena *arena, const char *value)
{
    if (*value && !strpbrk(value, " \t()\",*?\\") && !strchr(":=<>!", *value))
        return arena_strdup(arena, value);
    char *quoted = arena_alloc(arena, 2 * strlen(value) + 3, 1), *end = quoted;
    *end++ = '"';
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            *end++ = '\\';
        *end++ = *value;
    }
    *end = '"';
    return quoted;
}

static void add_value(struct gathering *gathering, const char *word)
{
    add(gathering, filter_value_text(gathering->arena, word), "");
}

static void add_values(struct gathering *gathering, enum catalogue_word which)
{
    char **words;
    int count;
    if (!gathering->catalogue || catalogue_words(gathering->catalogue, gathering->arena, which,
                                                 MOST_WORDS, &words, &count) < 0)
        return;
    for (int i = 0; i < count; i++)
        if (*words[i])
            add_value(gathering, words[i]);
}

static void add_list(struct gathering *gathering, const char *const *words)
{
    for (; words && *words; words++)
        add(gathering, *words, "");
}

static void add_values_of(struct gathering *gathering, enum filter_field field)
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
    add_list(gathering, filter_words(field));
    if (type == FILTER_BOOL)
        add_list(gathering, truth);
    if (type == FILTER_BOUND)
        add_list(gathering, times);
    for (int i = 0; i < ARRAY_SIZE(words); i++)
        if (words[i].field == field)
            add_values(gathering, words[i].word);
}

static void add_metrics(struct gathering *gathering)
{
    char **names;
    int count;
    if (!gathering->catalogue ||
        catalogue_metric_names(gathering->catalogue, gathering->arena, &names, &count) < 0)
        return;
    for (int i = 0; i < MIN(count, MOST_METRICS); i++) {
        const struct metric_row *row = metric_find(names[i]);
        add(gathering, arena_printf(gathering->arena, "%s<", names[i]), row ? row->help : "metric");
    }
}

static void add_fields(struct gathering *gathering)
{
    int count;
    const struct filter_field_row *fields = filter_fields(&count);
    for (int i = 0; i < count; i++) {
        bool is_compared = fields[i].type == FILTER_DURATION || fields[i].type == FILTER_TIME;
        add(gathering,
            arena_printf(gathering->arena, "%s%s", fields[i].name, is_compared ? ">" : ":"),
            fields[i].help);
    }
    add_metrics(gathering);
    const struct recipe_field *keys = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        add(gathering, arena_printf(gathering->arena, "%s:", keys[i].key), keys[i].help);
}

/* The field in front of the colon; -1: none that is known. */
static int find_field(const char *test, const char *colon)
{
    int count;
    const struct filter_field_row *fields = filter_fields(&count);
    size_t length = (size_t)(colon - test);
    for (int i = 0; i < count; i++)
        if (strlen(fields[i].name) == length && memcmp(fields[i].name, test, length) == 0)
            return i;
    return -1;
}

int filter_words_after(struct catalogue *catalogue, struct arena *arena, const char *typed,
                       int *from, struct filter_word **words)
{
    struct gathering gathering = { .catalogue = catalogue, .arena = arena };
    const char *test = last_test(typed), *colon = strchr(test, ':');
    int field = colon ? find_field(test, colon) : -1;
    gathering.typed = test;
    if (!colon) {
        add_fields(&gathering);
    } else if (field >= 0) {
        const char *comma = strrchr(colon, ',');
        gathering.typed = comma ? comma + 1 : colon + 1;
        add_values_of(&gathering, (enum filter_field)field);
    }
    *from = (int)(gathering.typed - typed);
    *words = gathering.words;
    return gathering.count;
}
