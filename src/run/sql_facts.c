/* What run.json, recipe.ini and a command's arguments say, on its way into the catalogue. */
#define _GNU_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "ingest.h"

enum { KEY_LIMIT = 256, VALUE_LIMIT = 4096, DEEPEST = 8 };

/* --- values --- */

static void put_setting(struct ingest *in, const char *key, const char *value, const char *source)
{
    struct arena arena = { 0 };
    double number;
    struct sql_query *query = sql_query(
        in->db, "INSERT INTO setting(run, key, value, number, source) VALUES(?, ?, ?, ?, ?)"
                " ON CONFLICT(run, key) DO UPDATE SET value = excluded.value,"
                " number = excluded.number, source = excluded.source");
    if (!*key || strlen(key) > KEY_LIMIT)
        return;
    sql_bind_integer(query, 1, in->number);
    sql_bind_text(query, 2, key);
    sql_bind_text(query, 3, text_clean(&arena, value, VALUE_LIMIT));
    sql_bind_real(query, 4, parse_real(value, &number) == 0 ? number : NAN);
    sql_bind_text(query, 5, source);
    sql_do(query);
    arena_release(&arena);
}

static void put_recipe(struct ingest *in, const struct recipe *recipe)
{
    int count;
    const struct recipe_field *fields = recipe_fields(&count);
    for (int i = 0; i < count; i++)
        if (strcmp(fields[i].key, "experiment.name") != 0)
            put_setting(in, fields[i].key, recipe_value(&in->arena, recipe, &fields[i]), "recipe");
}

static void put_steps(struct ingest *in, int64_t steps)
{
    struct sql_query *query = sql_query(in->db, "UPDATE run SET steps = ? WHERE number = ?");
    sql_bind_integer(query, 1, steps);
    sql_bind_integer(query, 2, in->number);
    sql_do(query);
}

void ingest_recipe(struct ingest *in)
{
    struct recipe recipe;
    const char *path = path_join(&in->arena, in->directory, "recipe.ini");
    const struct worker_identity *worker = &in->story.worker;
    if (!file_exists(path) ||
        recipe_read(&recipe, path, worker->settings, worker->setting_count) < 0)
        return; /* a command; or of another version, whose keys are unknown here */
    put_recipe(in, &recipe);
    put_steps(in, recipe.training.steps);
    recipe_release(&recipe);
}

/* How commands call the number of steps that they will take. */
static void look_for_steps(struct ingest *in, const char *key, const char *value)
{
    static const char *const names[] = { "steps",      "max_steps", "num_steps", "total_steps",
                                         "iterations", "max_iters", "n_iter" };
    int64_t steps;
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        if (strcmp(key, names[i]) == 0 && parse_integer(value, &steps) == 0 && steps > 0)
            put_steps(in, steps);
}

struct config_values {
    struct ingest *in;
    const char *prefix; /* "outer." */
    int depth;
};

static void put_config_value(void *context, const char *key, const struct json *value)
{
    struct config_values *values = context;
    struct arena *arena = &values->in->arena;
    const char *name = arena_printf(arena, "%s%s", values->prefix, key);
    if (json_is_object(value) && values->depth < DEEPEST) {
        struct config_values inner = { values->in, arena_printf(arena, "%s.", name),
                                       values->depth + 1 };
        json_each(value, put_config_value, &inner);
        return;
    }
    const char *string = json_get_string(value);
    char *text = string ? xstrdup(string) : json_text(value, 0);
    put_setting(values->in, name, text, "journal");
    look_for_steps(values->in, name, text);
    free(text);
}

void ingest_config(struct ingest *in, const struct json *config)
{
    struct config_values values = { in, "", 0 };
    if (json_is_object(config))
        json_each(config, put_config_value, &values);
}

/* --- arguments of a command: --key value, --key=value, --flag --- */

static char *key_of(struct arena *arena, const char *word, size_t length)
{
    char *key = arena_strndup(arena, word, length);
    for (char *letter = key; *letter; letter++)
        if (*letter == '-')
            *letter = '_';
    return key;
}

/* A negative number is a value, another word with '-' the next option. */
static bool is_value(const char *word)
{
    double number;
    return word && (word[0] != '-' || !word[1] || parse_real(word, &number) == 0);
}

static void put_arguments(struct ingest *in, const char *const *words)
{
    for (int i = 1; words[i]; i++) {
        const char *word = words[i];
        if (strncmp(word, "--", 2) != 0 || !word[2])
            continue;
        const char *equals = strchr(word, '=');
        size_t length = equals ? (size_t)(equals - word - 2) : strlen(word + 2);
        const char *key = key_of(&in->arena, word + 2, length);
        const char *value = equals ? equals + 1 : is_value(words[i + 1]) ? words[++i] : "true";
        put_setting(in, key, value, "argument");
        look_for_steps(in, key, value);
    }
}

/* --- run.json --- */

/* Words of a command line as one would type them, more or less. */
static char *join_words(struct arena *arena, const char *const *words)
{
    enum { LONGEST = 4096 };
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    for (int i = 0; stream && words && words[i]; i++)
        fprintf(stream, "%s%s", i > 0 ? " " : "", words[i]);
    if (stream)
        fclose(stream);
    char *copy = text_clean(arena, text ? text : "", LONGEST);
    free(text);
    return copy;
}

static void bind_positive(struct sql_query *query, int index, int64_t value)
{
    if (value > 0)
        sql_bind_integer(query, index, value);
}

static void put_facts(struct ingest *in, const struct run_facts *facts)
{
    struct sql_query *query = sql_query(
        in->db, "UPDATE run SET experiment = ?2, name = ?3, created = ?4, host = ?5, user = ?6,"
                " cwd = ?7, command = ?8, is_command = ?9, parent = ?10, seed = ?11, threads = ?12,"
                " data = ?13, data_hash = ?14, recipe_hash = ?15, commit_id = ?16, subject = ?17,"
                " branch = ?18, describe = ?19, snapshot = ?20, dirty = ?21, version = ?22,"
                " build = ?23 WHERE number = ?1");
    const struct code_state *code = &facts->code;
    sql_bind_integer(query, 1, in->number);
    sql_bind_text(query, 2, facts->experiment);
    sql_bind_text(query, 3, facts->name);
    sql_bind_real(query, 4, facts->created > 0 ? facts->created : NAN);
    sql_bind_text(query, 5, facts->host);
    sql_bind_text(query, 6, facts->user);
    sql_bind_text(query, 7, facts->cwd);
    sql_bind_text(query, 8, join_words(&in->arena, facts->command ? facts->command : facts->argv));
    sql_bind_integer(query, 9, facts->command != NULL);
    bind_positive(query, 10, facts->parent);
    if (facts->seed >= 0)
        sql_bind_integer(query, 11, facts->seed);
    bind_positive(query, 12, facts->threads);
    sql_bind_text(query, 13, facts->data_source);
    sql_bind_text(query, 14, facts->data_hash);
    sql_bind_text(query, 15, facts->recipe_hash);
    sql_bind_text(query, 16, code->commit);
    sql_bind_text(query, 17, code->subject);
    sql_bind_text(query, 18, code->branch);
    sql_bind_text(query, 19, code->describe);
    sql_bind_text(query, 20, code->snapshot);
    sql_bind_integer(query, 21, code->is_dirty);
    sql_bind_text(query, 22, facts->version);
    sql_bind_text(query, 23, facts->build);
    sql_do(query);
}

static void put_broken(struct ingest *in)
{
    struct sql_query *query =
        sql_query(in->db, "UPDATE run SET broken = ?, experiment = '' WHERE number = ?");
    sql_bind_text(query, 1, error_text());
    sql_bind_integer(query, 2, in->number);
    sql_do(query);
}

void ingest_facts(struct ingest *in)
{
    struct run_facts facts;
    if (run_read_facts_in(&in->arena, &facts, in->directory, in->number) < 0) {
        put_broken(in);
        return;
    }
    put_facts(in, &facts);
    if (facts.command)
        put_arguments(in, facts.command);
}
