#define _GNU_SOURCE
#include "event_folders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"

enum { DEPTH_LIMIT = 24, FOLDERS_LIMIT = 20000, FILES_LIMIT = 100000 };

#define FILE_MARK "tfevents"

struct search {
    struct arena *arena;
    struct event_folders *out;
    int room, files, looked; /* directories */
};

static bool is_event_file(const char *name)
{
    return strstr(name, FILE_MARK) != NULL;
}

static struct event_folder *add_folder(struct search *search, const char *name, int room)
{
    struct event_folders *out = search->out;
    if (out->count == search->room) {
        search->room = search->room ? 2 * search->room : 16;
        struct event_folder *larger =
            arena_alloc(search->arena, (size_t)search->room, sizeof *larger);
        if (out->count > 0)
            memcpy(larger, out->folders, (size_t)out->count * sizeof *larger);
        out->folders = larger;
    }
    struct event_folder *folder = &out->folders[out->count++];
    *folder = (struct event_folder){ .name = name };
    folder->files = arena_alloc(search->arena, (size_t)room, sizeof *folder->files);
    return folder;
}

static int look_in(struct search *search, const char *path, const char *name, int depth);

/* What is in a directory: event files are its own, directories are looked into. Links to directories
 * are not followed: they may lead in circles. */
static int look_at(struct search *search, const char *path, const char *name, int depth,
                   char **names, int count)
{
    struct event_folder *folder = NULL;
    int error = 0, index = -1;
    for (int i = 0; i < count && !error; i++) {
        struct stat status;
        char *place = path_join(search->arena, path, names[i]);
        if (lstat(place, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            const char *below =
                *name ? arena_printf(search->arena, "%s/%s", name, names[i]) : names[i];
            error = look_in(search, place, below, depth + 1);
        } else if (is_event_file(names[i]) && stat(place, &status) == 0 &&
                   S_ISREG(status.st_mode)) {
            if (index < 0) {
                add_folder(search, name, count);
                index = search->out->count - 1;
            }
            folder = &search->out->folders[index]; /* it may have moved */
            folder->files[folder->file_count++] = place;
            if (++search->files > FILES_LIMIT)
                error = fail(ERR_INVALID, "more than %d event files", FILES_LIMIT);
        }
    }
    return error;
}

static int look_in(struct search *search, const char *path, const char *name, int depth)
{
    char **names;
    int count = 0;
    if (++search->looked > FOLDERS_LIMIT)
        return fail(ERR_INVALID, "more than %d directories", FOLDERS_LIMIT);
    if (depth > DEPTH_LIMIT)
        return fail(ERR_INVALID, "'%s' is more than %d directories deep", name, DEPTH_LIMIT);
    int error = list_directory(search->arena, path, "", &names, &count);
    if (!error)
        return look_at(search, path, name, depth, names, count);
    if (depth == 0)
        return error;
    if (!search->out->problem)
        search->out->problem = arena_strdup(search->arena, error_text());
    return 0;
}

/* --- what belongs together --- */

static bool is_below(const char *name, const char *top)
{
    size_t length = strlen(top);
    return length == 0 || (strncmp(name, top, length) == 0 && name[length] == '/');
}

/* The topmost directory with event files above it, or itself. */
static const char *top_of(const struct event_folders *all, const struct event_folder *folder)
{
    const char *top = folder->name;
    for (int i = 0; i < all->count; i++)
        if (strlen(all->folders[i].name) < strlen(top) &&
            is_below(folder->name, all->folders[i].name))
            top = all->folders[i].name;
    return top;
}

/* A part of one training, by its name. */
static bool is_part(const char *name)
{
    static const char *const parts[] = { "train",      "training", "val",  "valid",
                                         "validation", "eval",     "test", "dev" };
    for (int i = 0; i < ARRAY_SIZE(parts); i++)
        if (strcmp(name, parts[i]) == 0)
            return true;
    return false;
}

static void place(struct arena *arena, const struct event_folders *all, struct event_folder *folder)
{
    const char *top = top_of(all, folder), *base = path_base(top);
    size_t unit = strlen(top); /* bytes of the name */
    if (is_part(base))
        unit = base > top ? (size_t)(base - top) - 1 : 0;
    const char *rest = folder->name + unit;
    rest += *rest == '/';
    folder->unit = arena_strndup(arena, top, unit);
    folder->prefix = *rest ? arena_printf(arena, "%s/", rest) : "";
}

static int compare_folders(const void *a, const void *b)
{
    const struct event_folder *left = a, *right = b;
    int order = strcmp(left->unit, right->unit);
    return order ? order : strcmp(left->name, right->name);
}

/* --- the whole --- */

int event_folders_find(struct arena *arena, const char *root, struct event_folders *out)
{
    struct search search = { .arena = arena, .out = out };
    struct stat status;
    *out = (struct event_folders){ .count = 0 };
    if (stat(root, &status) != 0)
        return fail(code_of_errno(errno), "cannot open '%s': %s", root, strerror(errno));
    if (S_ISREG(status.st_mode)) {
        struct event_folder *folder = add_folder(&search, "", 1);
        folder->files[folder->file_count++] = arena_strdup(arena, root);
        folder->unit = folder->prefix = "";
        return 0;
    }
    int error = look_in(&search, root, "", 0);
    if (error)
        return fail_prefix("'%s'", root);
    for (int i = 0; i < out->count; i++)
        place(arena, out, &out->folders[i]);
    if (out->count > 0)
        qsort(out->folders, (size_t)out->count, sizeof *out->folders, compare_folders);
    return 0;
}
