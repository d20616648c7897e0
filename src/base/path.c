#define _GNU_SOURCE
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

bool file_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

bool directory_exists(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int64_t file_size(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : 0;
}

static int make_directory(const char *path)
{
    if (directory_exists(path) || mkdir(path, 0777) == 0)
        return 0;
    int error = errno;
    if (error == EEXIST && directory_exists(path)) /* another process was quicker */
        return 0;
    return fail(ERR_IO, "cannot make directory '%s': %s", path, strerror(error));
}

int make_directories(const char *path)
{
    char *prefix = xstrdup(path);
    int error = 0;
    for (char *slash = prefix; !error && (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        error = make_directory(prefix);
        *slash = '/';
    }
    free(prefix);
    return error ? error : make_directory(path);
}

char *path_join(struct arena *arena, const char *directory, const char *name)
{
    size_t length = strlen(directory);
    if (*name == '/' || length == 0)
        return arena_strdup(arena, name);
    return arena_printf(arena, "%s%s%s", directory, directory[length - 1] == '/' ? "" : "/", name);
}

char *path_absolute(struct arena *arena, const char *path)
{
    while (path[0] == '.' && path[1] == '/') {
        path += 2;
        path += strspn(path, "/");
    }
    char *here = *path == '/' ? NULL : getcwd(NULL, 0);
    if (!here)
        return arena_strdup(arena, path);
    bool is_here = !*path || strcmp(path, ".") == 0;
    char *result = is_here ? arena_strdup(arena, here) : path_join(arena, here, path);
    free(here);
    return result;
}

bool path_is_below(const char *path)
{
    for (;;) {
        size_t length = strcspn(path, "/");
        if (length == 0 || (length <= 2 && strncmp(path, "..", length) == 0))
            return false;
        if (!path[length])
            return true;
        path += length + 1;
    }
}

char *path_expand(struct arena *arena, const char *path)
{
    const char *home = getenv("HOME");
    bool is_home = home && path[0] == '~' && (path[1] == '/' || !path[1]);
    return is_home ? arena_printf(arena, "%s%s", home, path + 1) : arena_strdup(arena, path);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_wanted(const char *name, const char *suffix)
{
    size_t length = strlen(name), tail = strlen(suffix);
    return *name != '.' && length >= tail && strcmp(name + length - tail, suffix) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int list_directory(struct arena *arena, const char *directory, const char *suffix, char ***names,
                   int *count)
{
    DIR *stream = opendir(directory);
    if (!stream)
        return fail(code_of_errno(errno), "cannot list '%s': %s", directory, strerror(errno));
    char **list = NULL;
    int used = 0, room = 0;
    struct dirent *entry;
    while (used < INT_MAX / 2 && (errno = 0, entry = readdir(stream))) {
        if (!is_wanted(entry->d_name, suffix))
            continue;
        if (used == room) {
            room = room ? room * 2 : 64;
            list = xrealloc(list, (size_t)room, sizeof *list);
        }
        list[used++] = arena_strdup(arena, entry->d_name);
    }
    int error = errno ? fail(ERR_IO, "cannot list '%s': %s", directory, strerror(errno)) : 0;
    closedir(stream);
    if (!error) {
        *names = arena_alloc(arena, (size_t)used, sizeof *list);
        if (used > 0)
            memcpy(*names, list, (size_t)used * sizeof *list);
        qsort(*names, (size_t)used, sizeof **names, compare_names);
        *count = used;
    }
    free(list);
    return error;
}
