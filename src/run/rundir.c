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
#include "run/notes.h"

enum { FACTS_LIMIT = 1 << 22 };

/* A path as seen from the top of the work tree, where it is below that. */
static const char *relative_path(const char *top, const char *path)
{
    size_t length = top ? strlen(top) : 0;
    if (!top || strncmp(path, top, length) != 0)
        return path;
    if (!path[length])
        return ".";
    return path[length] == '/' ? path + length + 1 : path;
}

static struct json *word_list(const char *const *words)
{
    struct json *list = json_new_array();
    for (; words && *words; words++)
        json_push_string(list, *words);
    return list;
}

static void set_import(struct json *root, const struct run_origin *from)
{
    struct json *origin = json_new_object();
    json_set_string(origin, "format", from->format);
    json_set_string(origin, "path", from->path);
    json_set_string(origin, "host", from->host);
    json_set_number(origin, "imported", (double)(int64_t)(from->imported * 1000) / 1000);
    json_set(root, "origin", origin);
}

static void set_origin(struct json *root, const struct run_birth *birth)
{
    json_set(root, "argv", word_list(birth->argv));
    if (birth->command)
        json_set(root, "command", word_list(birth->command));
    json_set_string(root, "top", birth->code->top);
    json_set_string(root, "cwd", relative_path(birth->code->top, birth->cwd));
    json_set_string(root, "host", host_name());
    json_set_string(root, "user", user_name(getuid()));
    json_set_number(root, "created", (double)(int64_t)(birth->created * 1000) / 1000);
    if (birth->parent > 0)
        json_set_integer(root, "parent", birth->parent);
    if (birth->slots > 0)
        json_set_integer(root, "slots", birth->slots);
    if (birth->is_pinned_place)
        json_set_bool(root, "pinned_place", true);
    if (birth->tensorboard)
        json_set_string(root, "tensorboard", birth->tensorboard);
    if (birth->origin)
        set_import(root, birth->origin);
}

static struct json *made_by(const struct run_birth *birth)
{
    struct json *made = json_new_object();
    json_set_string(made, "gander", GANDER_VERSION);
    json_set_string(made, "build", build_id());
    json_set_string(made, "cpu", host_cpu());
    if (birth->threads > 0)
        json_set_integer(made, "threads", birth->threads);
    return made;
}

static void set_recipe(struct json *root, const struct run_birth *birth, const char *recipe_ini)
{
    char hash[HASH_TEXT_SIZE];
    if (recipe_ini) {
        hash_of(recipe_ini, strlen(recipe_ini), hash);
        json_set_string(root, "recipe_hash", hash);
    }
    if (birth->seed >= 0)
        json_set_integer(root, "seed", birth->seed);
    if (birth->data_source) {
        struct json *data = json_new_object();
        json_set_string(data, "source", birth->data_source);
        json_set(root, "data", data);
    }
}

static void set_place(struct json *root, const struct run_place *place)
{
    struct json *object = json_new_object();
    json_set_string(object, "id", place->id);
    json_set_string(object, "name", place->name);
    json_set_string(object, "base", place->base);
    json_set(object, "values", word_list(place->values));
    json_set_integer(object, "seed", place->seed);
    if (place->until > 0)
        json_set_integer(object, "until", place->until);
    json_set(root, "sweep", object);
}

static int write_facts(const char *directory, const struct run_birth *birth, int64_t number,
                       const char *recipe_ini)
{
    struct arena arena = { 0 };
    struct json *root = json_new_object();
    json_set_integer(root, "number", number);
    json_set_string(root, "experiment", birth->experiment);
    json_set_string(root, "name", birth->name);
    set_origin(root, birth);
    set_recipe(root, birth, recipe_ini);
    if (birth->place)
        set_place(root, birth->place);
    json_set(root, "made_by", made_by(birth));
    json_set(root, "git", code_json(birth->code));
    char *text = json_text(root, 2);
    const char *lines = arena_printf(&arena, "%s\n", text);
    int error = file_create(path_join(&arena, directory, "run.json"), lines, strlen(lines), true);
    free(text);
    json_free(root);
    arena_release(&arena);
    return error;
}

int run_make_reserve(const char *directory)
{
    enum { RESERVE_BYTES = 16384 };
    struct arena arena = { 0 };
    const char *zeros = arena_alloc(&arena, RESERVE_BYTES, 1);
    const char *path = path_join(&arena, directory, RUN_RESERVE_NAME);
    unlink(path);
    int error = file_create(path, zeros, RESERVE_BYTES, false);
    arena_release(&arena);
    return error;
}

int run_prepare(struct run_unborn *out, const struct store *store, int64_t number)
{
    *out = (struct run_unborn){ .store = store, .number = number, .lock = -1 };
    struct arena *arena = &out->arena;
    /* hidden, so that no listing meets it half made */
    out->directory = arena_printf(arena, "%s/runs/.new-%lld", store->path, (long long)number);
    int error = make_directories(path_join(arena, out->directory, "samples"));
    if (!error)
        error = make_directories(path_join(arena, out->directory, "checkpoints"));
    if (!error)
        error = lock_take(path_join(arena, out->directory, "lock"), &out->lock);
    return error;
}

int run_appear(struct run_unborn *run, const struct run_birth *birth)
{
    struct arena *arena = &run->arena;
    const char *ini = birth->recipe ? recipe_text(arena, birth->recipe) : NULL;
    char *directory = store_run_directory(arena, run->store, run->number);
    const char *tag =
        birth->place ? arena_printf(arena, "sweep:%s", birth->place->name) : birth->tag;
    int error = 0;
    if (ini)
        error = file_create(path_join(arena, run->directory, "recipe.ini"), ini, strlen(ini), true);
    if (!error)
        error = write_facts(run->directory, birth, run->number, ini);
    if (!error && tag)
        error = notes_begin(run->directory, tag, birth->created);
    if (!error && rename(run->directory, directory) < 0)
        error = fail(ERR_IO, "cannot make '%s': %s", directory, strerror(errno));
    if (error)
        return error;
    run->directory = NULL; /* nothing is left to be taken away */
    return directory_sync(path_join(arena, run->store->path, "runs"));
}

void run_unborn_release(struct run_unborn *run)
{
    if (run->directory)
        remove_tree(path_join(&run->arena, run->store->path, "runs"), path_base(run->directory));
    if (run->lock >= 0)
        close(run->lock);
    run->lock = -1;
    arena_release(&run->arena);
}

int run_create(const struct store *store, int64_t number, const struct run_birth *birth, int *lock)
{
    struct run_unborn unborn;
    int error = run_prepare(&unborn, store, number);
    if (!error)
        error = run_make_reserve(unborn.directory);
    if (!error)
        error = run_appear(&unborn, birth);
    *lock = -1;
    if (!error) {
        *lock = unborn.lock;
        unborn.lock = -1;
    }
    run_unborn_release(&unborn);
    return error;
}

int run_fail_owner(int64_t number, unsigned owner)
{
    const char *name = user_name(owner);
    return fail(ERR_INVALID, "run %lld belongs to %s: only %s can do that", (long long)number, name,
                name);
}

int run_check_ours(const char *directory, int64_t number)
{
    struct stat status;
    bool is_refused = access(directory, W_OK) != 0 && errno == EACCES;
    if (!is_refused || stat(directory, &status) != 0 || status.st_uid == geteuid())
        return 0;
    return run_fail_owner(number, status.st_uid);
}

int run_lock_idle(const char *directory, int64_t number, int *lock)
{
    struct arena arena = { 0 };
    *lock = -1;
    int error = run_check_ours(directory, number);
    if (!error)
        error = lock_take(path_join(&arena, directory, "lock"), lock);
    if (!error && lock_is_held(path_join(&arena, directory, "command.lock"))) {
        close(*lock);
        *lock = -1;
        error = ERR_BUSY;
    }
    arena_release(&arena);
    if (error == ERR_BUSY)
        return fail(ERR_BUSY, "run %lld is queued or works: 'gander stop %lld' first",
                    (long long)number, (long long)number);
    return error;
}

static char *copy_string(struct arena *arena, const struct json *object, const char *key)
{
    const char *text = json_get_string(json_member(object, key));
    return text ? arena_strdup(arena, text) : NULL;
}

/* NULL where there is no list. */
static const char *const *copy_words(struct arena *arena, const struct json *list)
{
    if (!json_is_array(list))
        return NULL;
    size_t length = json_length(list);
    const char **words = arena_alloc(arena, length + 1, sizeof *words);
    int count = 0;
    for (size_t i = 0; i < length; i++) {
        const char *word = json_get_string(json_item(list, i));
        words[count++] = arena_strdup(arena, word ? word : "");
    }
    return words;
}

static int64_t copy_integer(const struct json *object, const char *key, int64_t fallback)
{
    json_get_integer(json_member(object, key), &fallback);
    return fallback;
}

static void read_origin(struct arena *arena, const struct json *root, struct run_facts *out)
{
    const char *top = json_get_string(json_member(root, "top"));
    const char *cwd = copy_string(arena, root, "cwd");
    out->argv = copy_words(arena, json_member(root, "argv"));
    out->command = copy_words(arena, json_member(root, "command"));
    out->host = copy_string(arena, root, "host");
    out->user = copy_string(arena, root, "user");
    bool is_top = !cwd || strcmp(cwd, ".") == 0;
    out->cwd = top ? is_top ? arena_strdup(arena, top) : path_join(arena, top, cwd) : cwd;
    json_get_number(json_member(root, "created"), &out->created);
    out->parent = copy_integer(root, "parent", 0);
    out->slots = (int)copy_integer(root, "slots", 0);
    json_get_bool(json_member(root, "pinned_place"), &out->is_pinned_place);
    out->tensorboard = copy_string(arena, root, "tensorboard");
}

static void read_import(struct arena *arena, const struct json *origin, struct run_origin *out)
{
    out->number = copy_integer(origin, "number", 0);
    out->store = copy_string(arena, origin, "store");
    out->host = copy_string(arena, origin, "host");
    out->format = copy_string(arena, origin, "format");
    out->path = copy_string(arena, origin, "path");
    json_get_number(json_member(origin, "imported"), &out->imported);
}

static void read_place(struct arena *arena, const struct json *object, struct run_place *out)
{
    const char *name = copy_string(arena, object, "name"),
               *base = copy_string(arena, object, "base");
    const char *const *values = copy_words(arena, json_member(object, "values"));
    bool is_whole = name && base && values;
    *out = (struct run_place){
        .id = is_whole ? copy_string(arena, object, "id") : NULL,
        .name = name,
        .base = base,
        .values = values,
        .seed = copy_integer(object, "seed", -1),
        .until = copy_integer(object, "until", 0),
    };
}

static void read_all_facts(struct arena *arena, const struct json *root, struct run_facts *out)
{
    const struct json *made = json_member(root, "made_by"), *data = json_member(root, "data");
    const char *experiment = copy_string(arena, root, "experiment");
    out->experiment = experiment ? experiment : "";
    out->name = copy_string(arena, root, "name");
    read_origin(arena, root, out);
    out->data_source = copy_string(arena, data, "source");
    out->data_hash = copy_string(arena, data, "hash");
    out->recipe_hash = copy_string(arena, root, "recipe_hash");
    out->seed = copy_integer(root, "seed", -1);
    out->threads = (int)copy_integer(made, "threads", 0);
    out->version = copy_string(arena, made, "gander");
    out->build = copy_string(arena, made, "build");
    out->cpu = copy_string(arena, made, "cpu");
    code_read(arena, &out->code, json_member(root, "git"));
    read_import(arena, json_member(root, "origin"), &out->origin);
    read_place(arena, json_member(root, "sweep"), &out->place);
}

int run_read_facts_in(struct arena *arena, struct run_facts *out, const char *directory,
                      int64_t number)
{
    const char *path = path_join(arena, directory, "run.json");
    *out = (struct run_facts){ .number = number, .experiment = "", .seed = -1 };
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
    read_all_facts(arena, root, out);
    json_free(root);
    return 0;
}

int run_read_facts(struct arena *arena, struct run_facts *out, const struct store *store,
                   int64_t number)
{
    const char *directory = store_run_directory(arena, store, number);
    if (!directory_exists(directory)) {
        *out = (struct run_facts){ .number = number, .experiment = "", .seed = -1 };
        return fail(ERR_NOT_FOUND, "there is no run %lld in '%s'", (long long)number, store->path);
    }
    return run_read_facts_in(arena, out, directory, number);
}

int run_check_repeatable(const struct run_facts *facts)
{
    bool has_nothing = facts->command && !facts->command[0];
    if (!has_nothing)
        return 0;
    return fail(ERR_INVALID, "run %lld was read from '%.500s', and has no command to run",
                (long long)facts->number, facts->origin.path ? facts->origin.path : "?");
}
