#include "record/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "record/ini.h"

enum { QUOTE_LIMIT = 80, NAME_LIMIT = 800 }; /* bytes of outside text in a sentence */

/* What was said about one key. */
struct given {
    const char *text;  /* NULL: nothing */
    const char *where; /* "config 'a.ini' line 7" */
    int file, line;
};

/* A pair of a section of free names. */
struct given_pair {
    const struct config_key *key;
    struct config_pair pair;
    int file, line;
};

struct reading {
    struct arena scratch; /* dies with the reading */
    const char *label;    /* of the file: "config 'a.ini'" */
    int file;             /* its place among the files */
    struct given given[CONFIG_KEY_COUNT];
    struct given_pair *pairs; /* in the order in which they were read; malloc'ed */
    int pair_count;
};

static const char *quote(struct reading *reading, const char *text)
{
    return text_clean(&reading->scratch, text, QUOTE_LIMIT);
}

static const struct config_key *all_keys(void)
{
    int count;
    return config_keys(&count);
}

/* "link" of "code.link". */
static const char *member_of(const struct config_key *key)
{
    const char *dot = strchr(key->key, '.');
    return dot ? dot + 1 : key->key;
}

static bool in_section(const struct config_key *key, const char *section)
{
    size_t length = strchr(key->key, '.') ? strcspn(key->key, ".") : 0;
    return strlen(section) == length && strncmp(key->key, section, length) == 0;
}

static int find_key(const char *section, const char *member)
{
    const struct config_key *keys = all_keys();
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        if (in_section(&keys[i], section) &&
            (keys[i].type == CONFIG_PAIRS || strcmp(member_of(&keys[i]), member) == 0))
            return i;
    return -1;
}

/* --- what is not known --- */

/* The sections' names, without "", in the order of the table; returns how many. */
static int list_sections(struct reading *reading, const char *sections[CONFIG_KEY_COUNT])
{
    const struct config_key *keys = all_keys();
    int count = 0;
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        if (!in_section(&keys[i], "") && (count == 0 || !in_section(&keys[i], sections[count - 1])))
            sections[count++] =
                arena_strndup(&reading->scratch, keys[i].key, strcspn(keys[i].key, "."));
    return count;
}

static int check_section(struct reading *reading, const char *where, const char *section)
{
    const char *sections[CONFIG_KEY_COUNT], *list = "";
    int count = list_sections(reading, sections);
    for (int i = 0; i < count; i++) {
        if (strcmp(sections[i], section) == 0)
            return 0;
        list = arena_printf(&reading->scratch, "%s%s'[%s]'", list, i > 0 ? ", " : "", sections[i]);
    }
    const char *nearest = text_nearest(section, sections, count, sizeof sections[0]);
    if (nearest)
        return fail(ERR_INVALID, "%s: unknown section '[%s]' (did you mean '[%s]'?)", where,
                    quote(reading, section), nearest);
    return fail(ERR_INVALID, "%s: unknown section '[%s]' (there are %s)", where,
                quote(reading, section), list);
}

/* The key that was meant: the nearest of the section, else one of that name elsewhere. */
static const struct config_key *guess_key(const char *section, const char *member)
{
    const struct config_key *keys = all_keys();
    const char *members[CONFIG_KEY_COUNT] = { NULL }; /* of this section only */
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        if (in_section(&keys[i], section))
            members[i] = member_of(&keys[i]);
    const char *nearest = text_nearest(member, members, CONFIG_KEY_COUNT, sizeof members[0]);
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        if (nearest ? members[i] == nearest
                    : strcmp(member_of(&keys[i]), member) == 0 || strcmp(keys[i].key, member) == 0)
            return &keys[i];
    return NULL;
}

static int refuse_key(struct reading *reading, const char *where, const char *section,
                      const char *member)
{
    const struct config_key *guess = guess_key(section, member);
    const char *quoted = quote(reading, member);
    if (!guess)
        return fail(ERR_INVALID, "%s: unknown key '%s' (see 'man gander-config')", where, quoted);
    if (in_section(guess, section))
        return fail(ERR_INVALID, "%s: unknown key '%s' (did you mean '%s'?)", where, quoted,
                    member_of(guess));
    if (in_section(guess, ""))
        return fail(ERR_INVALID, "%s: unknown key '%s' in '[%s]' (it belongs before all sections)",
                    where, quoted, section);
    return fail(ERR_INVALID, "%s: unknown key '%s' here (write '%s' below '[%.*s]')", where, quoted,
                member_of(guess), (int)strcspn(guess->key, "."), guess->key);
}

/* --- files --- */

static int fail_twice(const char *where, const char *key, int line)
{
    return fail(ERR_INVALID, "%s: '%s' was given in line %d already (keep one of them)", where, key,
                line);
}

static int take_pair(struct reading *reading, const struct config_key *key, const char *where,
                     const struct ini_entry *entry)
{
    for (int i = 0; i < reading->pair_count; i++) {
        const struct given_pair *old = &reading->pairs[i];
        if (old->key == key && old->file == reading->file &&
            strcmp(old->pair.name, entry->key) == 0)
            return fail_twice(where,
                              arena_printf(&reading->scratch, "%s.%s", entry->section,
                                           quote(reading, entry->key)),
                              old->line);
    }
    reading->pairs =
        xrealloc(reading->pairs, (size_t)reading->pair_count + 1, sizeof *reading->pairs);
    reading->pairs[reading->pair_count++] =
        (struct given_pair){ key, { entry->key, entry->value, where }, reading->file, entry->line };
    return 0;
}

static int take_entry(struct reading *reading, const struct ini_entry *entry)
{
    struct arena *scratch = &reading->scratch;
    const char *where = arena_printf(scratch, "%s line %d", reading->label, entry->line);
    if (!entry->key)
        return check_section(reading, where, entry->section);
    int i = find_key(entry->section, entry->key);
    if (i < 0)
        return refuse_key(reading, where, entry->section, entry->key);
    if (all_keys()[i].type == CONFIG_PAIRS)
        return take_pair(reading, &all_keys()[i], where, entry);
    struct given *given = &reading->given[i];
    if (given->text && given->file == reading->file)
        return fail_twice(where, all_keys()[i].key, given->line);
    *given = (struct given){
        .text = entry->value, .where = where, .file = reading->file, .line = entry->line
    };
    return 0;
}

static int take_file(struct reading *reading, const char *path)
{
    struct arena *scratch = &reading->scratch;
    char *text;
    size_t size;
    int result = file_read(path, CONFIG_SIZE_LIMIT, &text, &size);
    if (result == ERR_NOT_FOUND)
        return 0;
    if (result < 0)
        return fail_prefix("config");
    reading->label = arena_printf(scratch, "config '%s'", text_clean(scratch, path, NAME_LIMIT));
    struct ini_entry *entries;
    int count;
    result = ini_read(scratch, reading->label, text, size, &entries, &count);
    for (int i = 0; result == 0 && i < count; i++)
        result = take_entry(reading, &entries[i]);
    free(text);
    return result;
}

static int set_keys(struct config *config, const struct reading *reading)
{
    const struct config_key *keys = all_keys();
    int result = 0;
    for (int i = 0; result == 0 && i < CONFIG_KEY_COUNT; i++) {
        const struct given *given = &reading->given[i];
        if (given->text)
            config->where[i] = arena_strdup(&config->arena, given->where);
        result = config_set(config, &keys[i], given->text ? given->text : keys[i].fallback,
                            given->text ? given->where : "default");
    }
    for (int i = 0; result == 0 && i < reading->pair_count; i++)
        result = config_set_pair(config, reading->pairs[i].key, &reading->pairs[i].pair);
    return result;
}

static int check_directions(const struct config *config)
{
    const struct config_list *smaller = &config->metrics.smaller;
    struct arena scratch = { 0 };
    int result = 0;
    for (int i = 0; result == 0 && i < smaller->count; i++)
        if (config_list_holds(&config->metrics.larger, smaller->items[i]))
            result =
                fail(ERR_INVALID, "%s: '%s' is in 'metrics.larger', and in 'metrics.smaller' (%s)",
                     config_where(config, "metrics.larger"),
                     text_clean(&scratch, smaller->items[i], QUOTE_LIMIT),
                     config_where(config, "metrics.smaller"));
    arena_release(&scratch);
    return result;
}

int config_read(struct config *out, const char *const *paths, int path_count)
{
    *out = (struct config){ 0 };
    struct reading reading = { 0 };
    int result = 0;
    for (; result == 0 && reading.file < path_count; reading.file++)
        if (paths[reading.file])
            result = take_file(&reading, paths[reading.file]);
    if (result == 0)
        result = set_keys(out, &reading);
    if (result == 0)
        result = check_directions(out);
    if (result < 0)
        config_release(out);
    free(reading.pairs);
    arena_release(&reading.scratch);
    return result;
}

void config_release(struct config *config)
{
    arena_release(&config->arena);
    *config = (struct config){ 0 };
}

const char *config_where(const struct config *config, const char *key)
{
    const struct config_key *keys = all_keys();
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        if (strcmp(keys[i].key, key) == 0)
            return config->where[i];
    return NULL;
}
