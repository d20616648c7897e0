#include "record/recipe.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "record/health.h"
#include "record/ini.h"

enum { QUOTE_LIMIT = 80, NAME_LIMIT = 800 }; /* bytes of outside text in a sentence */

/* What was said about one field. */
struct given {
    const char *text;  /* NULL: nothing */
    const char *where; /* "recipe 'a.ini' line 7", "setting 'training.rate=1'" */
    bool from_setting;
    int line;
};

struct reading {
    struct recipe *out;
    struct arena scratch;                     /* dies with the reading */
    const char *label;                        /* "recipe 'a.ini'" */
    const char *directory;                    /* of the recipe file; NULL without one */
    const char *sections[RECIPE_FIELD_COUNT]; /* names, in the order of the table */
    int section_count;
    struct given given[RECIPE_FIELD_COUNT];
};

static const char *quote(struct reading *reading, const char *text)
{
    return text_clean(&reading->scratch, text, QUOTE_LIMIT);
}

static const struct recipe_field *all_fields(void)
{
    int count;
    return recipe_fields(&count);
}

static int find_field(const char *key)
{
    const struct recipe_field *fields = all_fields();
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++)
        if (strcmp(fields[i].key, key) == 0)
            return i;
    return -1;
}

/* "training" of "training.rate". */
static const char *section_of(struct reading *reading, const struct recipe_field *field)
{
    return arena_strndup(&reading->scratch, field->key, strcspn(field->key, "."));
}

static const char *member_of(const struct recipe_field *field)
{
    return strchr(field->key, '.') + 1;
}

static bool in_section(const struct recipe_field *field, const char *section)
{
    size_t length = strcspn(field->key, ".");
    return strlen(section) == length && strncmp(field->key, section, length) == 0;
}

static void list_sections(struct reading *reading)
{
    const struct recipe_field *fields = all_fields();
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++)
        if (i == 0 || !in_section(&fields[i], reading->sections[reading->section_count - 1]))
            reading->sections[reading->section_count++] = section_of(reading, &fields[i]);
}

static bool is_section(const struct reading *reading, const char *name)
{
    for (int i = 0; i < reading->section_count; i++)
        if (strcmp(reading->sections[i], name) == 0)
            return true;
    return false;
}

static int refuse_section(struct reading *reading, const char *where, const char *section)
{
    const char *nearest = text_nearest(section, reading->sections, reading->section_count,
                                       sizeof reading->sections[0]);
    if (nearest)
        return fail(ERR_INVALID, "%s: unknown section '[%s]' (did you mean '[%s]'?)", where,
                    quote(reading, section), nearest);
    const char *list = "";
    for (int i = 0; i < reading->section_count; i++)
        list = arena_printf(&reading->scratch, "%s%s'[%s]'", list, i > 0 ? ", " : "",
                            reading->sections[i]);
    return fail(ERR_INVALID, "%s: unknown section '[%s]' (there are %s)", where,
                quote(reading, section), list);
}

/* The field that `key` of `section` may have meant: the nearest key there, else the same key of
 * another section; NULL for none. */
static const struct recipe_field *guess_field(const char *section, const char *key)
{
    const struct recipe_field *fields = all_fields();
    const char *members[RECIPE_FIELD_COUNT] = { NULL }; /* of this section only */
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++)
        if (in_section(&fields[i], section))
            members[i] = member_of(&fields[i]);
    const char *nearest = text_nearest(key, members, RECIPE_FIELD_COUNT, sizeof members[0]);
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++)
        if (nearest ? members[i] == nearest : strcmp(member_of(&fields[i]), key) == 0)
            return &fields[i];
    return NULL;
}

static int refuse_key(struct reading *reading, const char *where, const char *section,
                      const char *key)
{
    const struct recipe_field *guess = guess_field(section, key);
    if (!guess)
        return fail(ERR_INVALID, "%s: unknown key '%s' in '[%s]' (see 'man gander-recipe')", where,
                    quote(reading, key), section);
    if (in_section(guess, section))
        return fail(ERR_INVALID, "%s: unknown key '%s' (did you mean '%s'?)", where,
                    quote(reading, key), member_of(guess));
    return fail(ERR_INVALID, "%s: unknown key '%s' in '[%s]' (it belongs to '[%s]')", where,
                quote(reading, key), section, section_of(reading, guess));
}

static int take_entry(struct reading *reading, const struct ini_entry *entry)
{
    struct arena *scratch = &reading->scratch;
    const char *where = arena_printf(scratch, "%s line %d", reading->label, entry->line);
    if (!*entry->section)
        return fail(ERR_INVALID, "%s: key '%s' stands before any '[section]'", where,
                    quote(reading, entry->key));
    if (!is_section(reading, entry->section))
        return refuse_section(reading, where, entry->section);
    if (!entry->key)
        return 0;
    int i = find_field(arena_printf(scratch, "%s.%s", entry->section, entry->key));
    if (i < 0)
        return refuse_key(reading, where, entry->section, entry->key);
    struct given *given = &reading->given[i];
    if (given->text)
        return fail(ERR_INVALID, "%s: '%s' was given in line %d already (keep one of them)", where,
                    all_fields()[i].key, given->line);
    *given = (struct given){ .text = entry->value, .where = where, .line = entry->line };
    return 0;
}

static int take_setting(struct reading *reading, const char *setting)
{
    struct arena *scratch = &reading->scratch;
    const struct recipe_field *fields = all_fields();
    const char *where = arena_printf(scratch, "setting '%s'", quote(reading, setting));
    const char *equals = strchr(setting, '=');
    if (!equals)
        return fail(ERR_INVALID, "%s: write 'section.key=value'", where);
    const char *key = arena_strndup(scratch, setting, (size_t)(equals - setting));
    int i = find_field(key);
    if (i >= 0) {
        reading->given[i] =
            (struct given){ .text = equals + 1, .where = where, .from_setting = true };
        return 0;
    }
    const char *nearest = text_nearest(key, &fields[0].key, RECIPE_FIELD_COUNT, sizeof fields[0]);
    for (int f = 0; f < RECIPE_FIELD_COUNT && !nearest; f++)
        if (strcmp(member_of(&fields[f]), key) == 0)
            nearest = fields[f].key;
    if (nearest)
        return fail(ERR_INVALID, "%s: unknown key '%s' (did you mean '%s'?)", where,
                    quote(reading, key), nearest);
    return fail(ERR_INVALID, "%s: unknown key '%s' (see 'man gander-recipe')", where,
                quote(reading, key));
}

static int set_fields(struct reading *reading)
{
    const struct recipe_field *fields = all_fields();
    for (int i = 0; i < RECIPE_FIELD_COUNT; i++) {
        struct given *given = &reading->given[i];
        if (!given->text && !fields[i].fallback)
            return fail(ERR_INVALID, "%s: '%s' is missing (%s)", reading->label, fields[i].key,
                        fields[i].help);
        if (!given->text)
            *given = (struct given){ .text = fields[i].fallback, .where = reading->label };
        int result = recipe_set(reading->out, &fields[i], given->text, given->where);
        if (result < 0)
            return result;
        reading->out->where[i] = arena_strdup(&reading->out->arena, given->where);
    }
    return 0;
}

static const struct given *given_for(const struct reading *reading, const char *key)
{
    return &reading->given[find_field(key)];
}

/* It becomes part of file names, listings and command lines. */
static int check_name(struct reading *reading)
{
    const char *name = reading->out->experiment.name;
    bool sound = isalnum((unsigned char)*name) && (unsigned char)*name < 0x80;
    for (const char *at = name; *at; at++)
        sound = sound && (unsigned char)*at < 0x80 &&
                (isalnum((unsigned char)*at) || strchr("._-", *at));
    if (sound)
        return 0;
    return fail(ERR_INVALID,
                "%s: 'experiment.name' must be of letters, digits and . _ - and begin with a "
                "letter or digit, not '%s'",
                given_for(reading, "experiment.name")->where, quote(reading, name));
}

static int check_together(struct reading *reading)
{
    const struct recipe *recipe = reading->out;
    int objective = recipe->training.objective;
    if (recipe->training.smoothing > 0 &&
        (objective == OBJECTIVE_HINGE || objective == OBJECTIVE_WASSERSTEIN))
        return fail(ERR_INVALID,
                    "%s: 'training.smoothing' must be 0 with objective '%s', which knows no labels",
                    given_for(reading, "training.smoothing")->where, objective_name(objective));
    if (recipe->training.reconstruction > 0 && recipe->data.corruption == CORRUPTION_NONE)
        return fail(
            ERR_INVALID,
            "%s: 'training.reconstruction' must be 0 without 'data.corruption', which makes "
            "the image to reconstruct from",
            given_for(reading, "training.reconstruction")->where);
    unsigned stops;
    if (health_parse_stops(recipe->training.stop_when, &stops) < 0)
        return fail_prefix("%s: 'training.stop_when'",
                           given_for(reading, "training.stop_when")->where);
    return 0;
}

static void resolve_penalty(struct recipe *recipe)
{
    static const double usual[] = {
        [PENALTY_NONE] = 0,
        [PENALTY_R1] = 1,
        [PENALTY_GRADIENT] = 10,
        [PENALTY_CLIP] = 0.01,
    };
    if (recipe->training.penalty_weight == 0)
        recipe->training.penalty_weight = usual[recipe->training.penalty];
}

/* See recipe_read. A path that is nowhere stays one from the working directory: who opens it says
 * so. */
static int resolve_source(struct reading *reading)
{
    struct recipe *recipe = reading->out;
    const struct given *given = given_for(reading, "data.source");
    const char *source = recipe->data.source;
    if (strcmp(source, "digits") == 0)
        return 0;
    source = path_expand(&reading->scratch, source);
    bool beside = reading->directory && !given->from_setting;
    const char *sought = beside ? path_join(&reading->scratch, reading->directory, source) : source;
    if (beside && directory_exists(sought))
        source = sought;
    else if (!strchr(source, '/') && !directory_exists(source))
        return 0;
    return recipe_set(recipe, &all_fields()[find_field("data.source")],
                      path_absolute(&reading->scratch, source), given->where);
}

static int collect(struct reading *reading, const char *text, size_t size,
                   const char *const *settings, int setting_count)
{
    struct ini_entry *entries;
    int count;
    int result = ini_read(&reading->scratch, reading->label, text, size, &entries, &count);
    for (int i = 0; result == 0 && i < count; i++)
        result = take_entry(reading, &entries[i]);
    for (int i = 0; result == 0 && i < setting_count; i++)
        result = take_setting(reading, settings[i]);
    return result;
}

int recipe_parse_in(struct recipe *out, const char *text, size_t size, const char *name,
                    const char *directory, const char *const *settings, int setting_count)
{
    *out = (struct recipe){ 0 };
    struct reading reading = { .out = out, .directory = directory };
    reading.label = arena_printf(&reading.scratch, "recipe '%s'",
                                 text_clean(&reading.scratch, name, NAME_LIMIT));
    list_sections(&reading);
    int result = 0;
    if (size > RECIPE_SIZE_LIMIT)
        result = fail(ERR_INVALID, "%s has %zu bytes, more than the %d that a recipe may have",
                      reading.label, size, RECIPE_SIZE_LIMIT);
    if (result == 0)
        result = collect(&reading, text, size, settings, setting_count);
    if (result == 0)
        result = set_fields(&reading);
    if (result == 0)
        result = check_name(&reading);
    if (result == 0)
        result = check_together(&reading);
    if (result == 0)
        result = resolve_source(&reading);
    if (result == 0)
        resolve_penalty(out);
    else
        recipe_release(out);
    arena_release(&reading.scratch);
    return result;
}

int recipe_parse(struct recipe *out, const char *text, size_t size, const char *name,
                 const char *const *settings, int setting_count)
{
    return recipe_parse_in(out, text, size, name, NULL, settings, setting_count);
}

int recipe_read(struct recipe *out, const char *path, const char *const *settings,
                int setting_count)
{
    *out = (struct recipe){ 0 };
    char *text;
    size_t size;
    if (file_read(path, RECIPE_SIZE_LIMIT, &text, &size) < 0)
        return fail_prefix("recipe");
    struct arena scratch = { 0 };
    size_t stem = (size_t)(path_base(path) - path);
    const char *directory = stem > 0 ? arena_strndup(&scratch, path, stem) : ".";
    int result = recipe_parse_in(out, text, size, path, directory, settings, setting_count);
    arena_release(&scratch);
    free(text);
    return result;
}

int recipe_blame(const struct recipe *recipe, const char *key)
{
    return fail_prefix("%s", recipe->where[find_field(key)]);
}

void recipe_release(struct recipe *recipe)
{
    arena_release(&recipe->arena);
    *recipe = (struct recipe){ 0 };
}
