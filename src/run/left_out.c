#define _GNU_SOURCE
#include "left_out.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

enum { LIST_LIMIT = 200, MB = 1000 * 1000 };

struct left_out_place {
    const char *name;
    int64_t files;
};

/* Patterns of names, or of paths where they hold a '/'; the last that fits decides. */
static const struct {
    const char *pattern;
    bool is_harmless;
} secrets[] = {
    { ".env", false },
    { ".env.*", false },
    { ".env.example", true },
    { ".env.sample", true },
    { ".env.template", true },
    { ".envrc", false },
    { "*.pem", false },
    { "*.key", false },
    { "*.p12", false },
    { "*.pfx", false },
    { "*.jks", false },
    { "*.keystore", false },
    { "*.kdbx", false },
    { "*.ppk", false },
    { "id_rsa*", false },
    { "id_dsa*", false },
    { "id_ecdsa*", false },
    { "id_ed25519*", false },
    { "id_*.pub", true },
    { ".netrc", false },
    { "_netrc", false },
    { ".pgpass", false },
    { ".my.cnf", false },
    { ".htpasswd", false },
    { ".git-credentials", false },
    { ".npmrc", false },
    { ".pypirc", false },
    { ".dockercfg", false },
    { "credentials", false },
    { "credentials.json", false },
    { "credentials.yml", false },
    { "credentials.yaml", false },
    { "kaggle.json", false },
    { "client_secret*.json", false },
    { "service[-_]account*.json", false },
    { "secrets.json", false },
    { "secrets.toml", false },
    { "secrets.ini", false },
    { "secrets.yml", false },
    { "secrets.yaml", false },
    { "*/.ssh/*", false },
    { "*/.aws/*", false },
    { "*/.gnupg/*", false },
    { "*/.kube/*", false },
};

void left_out_begin(struct left_out *list, struct arena *arena)
{
    *list = (struct left_out){ .arena = arena };
}

void left_out_release(struct left_out *list)
{
    free(list->files);
    free(list->places);
}

int64_t left_out_time(const struct stat *status)
{
    return (int64_t)status->st_mtim.tv_sec * INT64_C(1000000000) + status->st_mtim.tv_nsec;
}

void left_out_add(struct left_out *list, const char *path, const char *name, const char *format,
                  ...)
{
    char reason[256];
    struct stat status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 16;
        list->files = xrealloc(list->files, (size_t)list->room, sizeof *list->files);
    }
    struct code_left_out *file = &list->files[list->count++];
    *file = (struct code_left_out){ .path = arena_strdup(list->arena, name),
                                    .reason = arena_strdup(list->arena, reason),
                                    .size = -1 };
    if (lstat(path, &status) == 0 && S_ISREG(status.st_mode)) {
        file->size = status.st_size;
        file->modified = left_out_time(&status);
    }
}

static bool is_secret(struct arena *arena, const char *name)
{
    bool secret = false;
    const char *rooted = arena_printf(arena, "/%s", name);
    for (int i = 0; i < ARRAY_SIZE(secrets); i++) {
        bool is_path = strchr(secrets[i].pattern, '/');
        if (fnmatch(secrets[i].pattern, is_path ? rooted : path_base(name), 0) == 0)
            secret = !secrets[i].is_harmless;
    }
    return secret;
}

/* Past the limits files are named by the first directory of their path: "data/: 12 new here". */
static void count_beyond(struct left_out *list, const char *name)
{
    size_t length = strcspn(name, "/");
    length += name[length] == '/';
    const char *last = list->place_count > 0 ? list->places[list->place_count - 1].name : "";
    if (strlen(last) != length || strncmp(last, name, length) != 0) {
        if (list->place_count == list->place_room) {
            list->place_room = list->place_room ? 2 * list->place_room : 16;
            list->places = xrealloc(list->places, (size_t)list->place_room, sizeof *list->places);
        }
        list->places[list->place_count++] =
            (struct left_out_place){ .name = arena_strndup(list->arena, name, length) };
    }
    list->places[list->place_count - 1].files++;
}

bool left_out_takes(struct left_out *list, const char *path, const char *name)
{
    struct stat status;
    int64_t size = lstat(path, &status) == 0 ? status.st_size : 0;
    if (is_secret(list->arena, name)) {
        left_out_add(list, path, name, "looks like a secret");
        return false;
    }
    if (size > CODE_NEW_FILE_LIMIT) {
        left_out_add(list, path, name, "larger than %d MB", CODE_NEW_FILE_LIMIT / MB);
        return false;
    }
    if (list->new_files >= CODE_NEW_FILES_LIMIT || list->new_bytes + size > CODE_NEW_BYTES_LIMIT) {
        count_beyond(list, name);
        return false;
    }
    list->new_files++;
    list->new_bytes += size;
    return true;
}

int left_out_list(struct left_out *list, const struct code_left_out **files)
{
    struct arena *arena = list->arena;
    for (int i = 0; i < list->place_count; i++)
        left_out_add(list, "", list->places[i].name, "%s new here, beyond the first %s or %d MB",
                     format_count(arena, (double)list->places[i].files),
                     format_count(arena, CODE_NEW_FILES_LIMIT), CODE_NEW_BYTES_LIMIT / MB);
    int shown = MIN(list->count, LIST_LIMIT);
    struct code_left_out *all = arena_alloc(arena, (size_t)shown + 1, sizeof *all);
    if (shown > 0)
        memcpy(all, list->files, (size_t)shown * sizeof *all);
    *files = all;
    if (list->count == shown)
        return shown;
    all[shown] =
        (struct code_left_out){ "…", arena_printf(arena, "%d more", list->count - shown), -1, 0 };
    return shown + 1;
}
