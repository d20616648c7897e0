#define _GNU_SOURCE
#include "run/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/json.h"
#include "base/text.h"

enum { STORE_FILE_LIMIT = 1 << 16 };
#define STORE_NAME ".gander"
#define NUMBER_LIMIT INT64_C(999999999)

/* The nearest directory, from the working directory upward, that has an entry `name`; NULL. */
static char *find_upward(struct arena *arena, const char *name)
{
    char *directory = path_absolute(arena, ".");
    for (;;) {
        if (access(path_join(arena, directory, name), F_OK) == 0)
            return directory;
        char *slash = strrchr(directory, '/');
        if (!slash || !slash[1])
            return NULL;
        slash[slash == directory] = '\0';
    }
}

static char *parent_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash && slash > path ? (size_t)(slash - path) : 1;
    return arena_strndup(arena, path, length);
}

/* Where the store is, or would be made; *found says which. */
static char *choose_path(struct arena *arena, const char *directory, const char *git_top)
{
    const char *wanted = directory ? directory : getenv("GANDER_DIR");
    if (wanted && *wanted) {
        char *path = path_absolute(arena, wanted);
        for (size_t length = strlen(path); length > 1 && path[length - 1] == '/';)
            path[--length] = '\0';
        return path;
    }
    const char *holder = find_upward(arena, STORE_NAME);
    if (!holder)
        holder = git_top ? git_top : path_absolute(arena, ".");
    return path_join(arena, holder, STORE_NAME);
}

static int read_store_file(struct store *store, int64_t *highest)
{
    struct arena arena = { 0 };
    const char *path = path_join(&arena, store->path, "store.json");
    char *data = NULL;
    size_t size;
    struct json *root = NULL;
    int error = file_read(path, STORE_FILE_LIMIT, &data, &size);
    if (error)
        goto out;
    if ((error = json_parse(&root, data, size)) < 0) {
        fail_prefix("'%s'", path);
        goto out;
    }
    const char *id = json_get_string(json_member(root, "id"));
    if (!id || strlen(id) != STORE_ID_SIZE - 1 || strspn(id, "0123456789abcdef") != strlen(id) ||
        !json_get_integer(json_member(root, "highest"), highest) || *highest < 0 ||
        *highest > NUMBER_LIMIT) {
        error = fail(ERR_INVALID, "'%s' is no store's: it needs an id and the highest run number",
                     path);
        goto out;
    }
    memcpy(store->id, id, sizeof store->id);
out:
    json_free(root);
    free(data);
    arena_release(&arena);
    return error;
}

static int write_store_file(const struct store *store, int64_t highest)
{
    struct arena arena = { 0 };
    struct json *root = json_new_object();
    json_set_string(root, "id", store->id);
    json_set_integer(root, "highest", highest);
    char *text = json_text(root, 0);
    const char *line = arena_printf(&arena, "%s\n", text);
    int error = file_replace(path_join(&arena, store->path, "store.json"), line, strlen(line));
    free(text);
    json_free(root);
    arena_release(&arena);
    return error;
}

static int make_id(char id[STORE_ID_SIZE])
{
    unsigned char bytes[(STORE_ID_SIZE - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return fail(ERR_IO, "the system gives no random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(id + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

/* With the lock held: completes a store that is new, or whose maker was killed. */
static int fill_store(struct store *store)
{
    struct arena arena = { 0 };
    int64_t highest;
    int error = 0;
    if (file_exists(path_join(&arena, store->path, "store.json"))) {
        error = read_store_file(store, &highest);
        goto out;
    }
    if ((error = make_directories(path_join(&arena, store->path, "runs"))) < 0 ||
        (error = file_replace(path_join(&arena, store->path, ".gitignore"), "*\n", 2)) < 0 ||
        (error = make_id(store->id)) < 0)
        goto out;
    error = write_store_file(store, 0);
out:
    arena_release(&arena);
    return error;
}

/* Takes back what make_store made; a directory that is not empty by then stays. */
static void unmake_store(const struct store *store)
{
    static const char *const parts[] = { ".gitignore", "store.json", "store.lock", "runs", "" };
    struct arena arena = { 0 };
    for (int i = 0; i < ARRAY_SIZE(parts); i++)
        remove(path_join(&arena, store->path, parts[i]));
    arena_release(&arena);
}

static int make_store(struct store *store)
{
    struct arena arena = { 0 };
    int error = make_directories(parent_of(&arena, store->path)), lock = -1;
    if (error)
        goto out;
    bool is_new = mkdir(store->path, 0700) == 0;
    if (!is_new && errno != EEXIST) {
        error = fail(ERR_IO, "cannot make '%s': %s", store->path, strerror(errno));
        goto out;
    }
    error = lock_take_patiently(path_join(&arena, store->path, "store.lock"), &lock);
    if (!error)
        error = fill_store(store);
    if (error && is_new)
        unmake_store(store);
out:
    if (lock >= 0)
        close(lock);
    if (error)
        fail_prefix("no store for runs (choose a place for one with --store DIR)");
    arena_release(&arena);
    return error;
}

int store_open(struct store *out, const char *directory, enum store_mode mode)
{
    *out = (struct store){ 0 };
    const char *git_top = find_upward(&out->arena, ".git");
    out->path = choose_path(&out->arena, directory, git_top);
    out->top = git_top ? arena_strdup(&out->arena, git_top) : parent_of(&out->arena, out->path);
    int64_t highest;
    if (file_exists(path_join(&out->arena, out->path, "store.json")))
        return read_store_file(out, &highest);
    if (mode == STORE_MAKE)
        return make_store(out);
    return fail(ERR_NOT_FOUND, "no runs yet: there is no store '%s'", out->path);
}

void store_release(struct store *store)
{
    arena_release(&store->arena);
    *store = (struct store){ 0 };
}

char *store_run_directory(struct arena *arena, const struct store *store, int64_t number)
{
    return arena_printf(arena, "%s/runs/%lld", store->path, (long long)number);
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* A folder that is not there holds none. */
static int list_numbers(const struct store *store, const char *folder, int64_t **numbers,
                        int *count)
{
    struct arena arena = { 0 };
    char **names;
    int name_count = 0;
    *numbers = NULL;
    *count = 0;
    int error =
        list_directory(&arena, path_join(&arena, store->path, folder), "", &names, &name_count);
    if (!error) {
        *numbers = xcalloc((size_t)name_count + 1, sizeof **numbers);
        for (int i = 0; i < name_count; i++) {
            int64_t number;
            bool is_plain = names[i][0] >= '1' && names[i][0] <= '9';
            if (is_plain && parse_integer(names[i], &number) == 0 && number <= NUMBER_LIMIT)
                (*numbers)[(*count)++] = number;
        }
        qsort(*numbers, (size_t)*count, sizeof **numbers, compare_numbers);
    }
    arena_release(&arena);
    return error;
}

int store_runs(const struct store *store, int64_t **numbers, int *count)
{
    return list_numbers(store, "runs", numbers, count);
}

int store_binned(const struct store *store, int64_t **numbers, int *count)
{
    int error = list_numbers(store, "bin", numbers, count);
    return error == ERR_NOT_FOUND ? 0 : error;
}

int store_tell_change(const struct store *store, int64_t number)
{
    struct arena arena = { 0 };
    const char *path = path_join(&arena, store->path, "changes");
    const char *line = arena_printf(&arena, "%lld\n", (long long)number);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    bool is_told = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line);
    int error = is_told ? 0 : fail(ERR_IO, "cannot write '%s': %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    arena_release(&arena);
    return error;
}

/* Somebody else's is looked at, and no run is begun there. */
static int check_ours(const struct store *store)
{
    struct stat status;
    bool is_refused = access(store->path, W_OK) != 0 && errno == EACCES;
    if (!is_refused || stat(store->path, &status) != 0 || status.st_uid == geteuid())
        return 0;
    return fail(ERR_INVALID, "store '%s' belongs to %s (--store DIR keeps runs elsewhere)",
                store->path, user_name(status.st_uid));
}

int store_next_number(const struct store *store, int64_t *number)
{
    struct arena arena = { 0 };
    struct store now = *store;
    int64_t highest, *numbers = NULL;
    int lock = -1, count;
    int error = check_ours(store);
    if (error ||
        (error = lock_take_patiently(path_join(&arena, store->path, "store.lock"), &lock)) < 0 ||
        (error = read_store_file(&now, &highest)) < 0 ||
        (error = store_runs(store, &numbers, &count)) < 0)
        goto out;
    if (count > 0 && numbers[count - 1] > highest)
        highest = numbers[count - 1]; /* a run that was moved in by hand */
    if (highest >= NUMBER_LIMIT) {
        error = fail(ERR_INVALID, "store '%s' has given all its numbers", store->path);
        goto out;
    }
    error = write_store_file(&now, highest + 1);
    *number = highest + 1;
out:
    if (lock >= 0)
        close(lock);
    free(numbers);
    arena_release(&arena);
    return error;
}
