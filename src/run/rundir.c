#define _GNU_SOURCE
#include "run/rundir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/json.h"
#include "base/version.h"

enum { FACTS_LIMIT = 1 << 22, HOST_SIZE = 256 };

/* The working directory as seen from the store's top, where it is below that. */
static const char *relative_cwd(struct arena *arena, const struct store *store)
{
    const char *here = path_absolute(arena, ".");
    size_t length = strlen(store->top);
    if (strcmp(here, store->top) == 0)
        return ".";
    if (strncmp(here, store->top, length) == 0 && here[length] == '/')
        return here + length + 1;
    return here;
}

static void set_origin(struct json *root, const struct run_birth *birth, const struct store *store)
{
    struct arena arena = { 0 };
    char host[HOST_SIZE] = "";
    struct json *words = json_new_array();
    for (int i = 0; i < birth->argc; i++)
        json_push_string(words, birth->argv[i]);
    json_set(root, "argv", words);
    json_set_string(root, "cwd", relative_cwd(&arena, store));
    gethostname(host, sizeof host - 1);
    json_set_string(root, "host", host);
    json_set_number(root, "created", (double)(int64_t)(birth->created * 1000) / 1000);
    json_set_string(root, "parent", NULL);
    arena_release(&arena);
}

static struct json *made_by(const struct run_birth *birth)
{
    struct json *made = json_new_object();
    json_set_string(made, "gander", GANDER_VERSION);
    json_set_string(made, "build", build_id());
    json_set_string(made, "blas", birth->blas);
    json_set_string(made, "kernel", birth->blas_kernel);
    json_set_string(made, "cpu", host_cpu());
    json_set_integer(made, "threads", birth->threads);
    return made;
}

static int write_facts(const char *directory, const struct run_birth *birth,
                       const struct store *store, int64_t number, const char *recipe_ini)
{
    struct arena arena = { 0 };
    char hash[HASH_TEXT_SIZE];
    hash_of(recipe_ini, strlen(recipe_ini), hash);
    struct json *root = json_new_object(), *data = json_new_object();
    json_set_integer(root, "number", number);
    json_set_string(root, "experiment", birth->recipe->experiment.name);
    json_set_string(root, "name", birth->name);
    set_origin(root, birth, store);
    json_set_string(root, "recipe_hash", hash);
    json_set_integer(root, "seed", birth->recipe->training.seed);
    json_set(root, "made_by", made_by(birth));
    json_set_string(data, "source", birth->data_source);
    json_set_string(data, "hash", birth->data_hash);
    json_set(root, "data", data);
    char *text = json_text(root, 2);
    const char *lines = arena_printf(&arena, "%s\n", text);
    int error = file_replace(path_join(&arena, directory, "run.json"), lines, strlen(lines));
    free(text);
    json_free(root);
    arena_release(&arena);
    return error;
}

void run_discard(const char *directory)
{
    static const char *const parts[] = {
        "run.json",     "recipe.ini",   RUN_RESERVE_NAME, "lock",        "command.lock",
        "events.jsonl", "worker.jsonl", "samples",        "checkpoints", "",
    };
    struct arena arena = { 0 };
    for (int i = 0; i < ARRAY_SIZE(parts); i++)
        remove(path_join(&arena, directory, parts[i]));
    arena_release(&arena);
}

int run_make_reserve(const char *directory)
{
    enum { RESERVE_BYTES = 16384 };
    struct arena arena = { 0 };
    const char *zeros = arena_alloc(&arena, RESERVE_BYTES, 1);
    int error = file_replace(path_join(&arena, directory, RUN_RESERVE_NAME), zeros, RESERVE_BYTES);
    arena_release(&arena);
    return error;
}

static int fill(const char *directory, const struct run_birth *birth, const struct store *store,
                int64_t number)
{
    struct arena arena = { 0 };
    const char *ini = recipe_text(&arena, birth->recipe);
    int error;
    if ((error = make_directories(path_join(&arena, directory, "samples"))) == 0 &&
        (error = make_directories(path_join(&arena, directory, "checkpoints"))) == 0 &&
        (error = file_replace(path_join(&arena, directory, "recipe.ini"), ini, strlen(ini))) == 0)
        error = write_facts(directory, birth, store, number, ini);
    if (!error)
        error = run_make_reserve(directory);
    arena_release(&arena);
    return error;
}

int run_create(struct store *store, const struct run_birth *birth, int64_t *number)
{
    struct arena arena = { 0 };
    int error = store_next_number(store, number);
    if (error)
        return error;
    /* hidden, so that no listing meets it half made */
    const char *prepared =
        arena_printf(&arena, "%s/runs/.new-%lld", store->path, (long long)*number);
    const char *directory = store_run_directory(&arena, store, *number);
    error = fill(prepared, birth, store, *number);
    if (!error && rename(prepared, directory) < 0)
        error = fail(ERR_IO, "cannot make '%s': %s", directory, strerror(errno));
    if (error)
        run_discard(prepared);
    arena_release(&arena);
    return error;
}

static char *copy_string(struct arena *arena, const struct json *root, const char *key)
{
    const char *text = json_get_string(json_member(root, key));
    return text ? arena_strdup(arena, text) : NULL;
}

int run_read_facts(struct arena *arena, struct run_facts *out, const struct store *store,
                   int64_t number)
{
    const char *directory = store_run_directory(arena, store, number);
    const char *path = path_join(arena, directory, "run.json");
    *out = (struct run_facts){ .number = number };
    if (!directory_exists(directory))
        return fail(ERR_NOT_FOUND, "there is no run %lld in '%s'", (long long)number, store->path);
    char *data;
    size_t size;
    struct json *root;
    int error = file_read(path, FACTS_LIMIT, &data, &size);
    if (error)
        return error;
    error = json_parse(&root, data, size);
    free(data);
    if (error)
        return fail_prefix("'%s'", path);
    const char *experiment = copy_string(arena, root, "experiment");
    out->experiment = experiment ? experiment : "";
    out->name = copy_string(arena, root, "name");
    out->host = copy_string(arena, root, "host");
    out->cwd = copy_string(arena, root, "cwd");
    out->data_hash = copy_string(arena, json_member(root, "data"), "hash");
    json_get_number(json_member(root, "created"), &out->created);
    json_free(root);
    return 0;
}
