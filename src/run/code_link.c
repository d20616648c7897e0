/* What a checkout of pinned code lacks, linked from the work tree that the run was launched in. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "left_out.h"

enum { DEPTH_LIMIT = 32 };

struct linker {
    struct arena arena;
    const char *top;
    int directory; /* descriptor of the checkout's */
    void (*say)(void *context, const char *sentence);
    void *context;
    int made, kept; /* links made; files that the code has itself */
};

static void tell(struct linker *linker, const char *sentence)
{
    linker->say(linker->context, sentence);
}

/* The directory of `path` in the checkout, made if it is not there. A symbolic link on the way,
 * which could lead out of the checkout, is an error. A descriptor, or -1 and errno. */
static int open_parent(const struct linker *linker, const char *path)
{
    char *copy = xstrdup(path);
    int fd = fcntl(linker->directory, F_DUPFD_CLOEXEC, 0);
    for (char *name = copy, *slash; fd >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
        *slash = '\0';
        if (*name) {
            int outer = fd;
            if (mkdirat(outer, name, 0777) != 0 && errno != EEXIST)
                fd = -1;
            else
                fd = openat(outer, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            int error = errno;
            close(outer);
            errno = error;
        }
    }
    free(copy);
    return fd;
}

static void link_path(struct linker *linker, const char *path, int depth);

/* Both have the directory: what is only in the work tree's is linked into the other. */
static void link_below(struct linker *linker, const char *path, int depth)
{
    const char *from = path_join(&linker->arena, linker->top, path);
    DIR *stream = depth < DEPTH_LIMIT ? opendir(from) : NULL;
    const struct dirent *item;
    while (stream && (item = readdir(stream)))
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0 &&
            strcmp(item->d_name, ".git") != 0)
            link_path(linker, path_join(&linker->arena, path, item->d_name), depth + 1);
    if (stream)
        closedir(stream);
}

static void link_path(struct linker *linker, const char *path, int depth)
{
    struct stat here, there;
    const char *target = path_join(&linker->arena, linker->top, path);
    int parent = open_parent(linker, path);
    if (parent < 0) {
        tell(linker, arena_printf(&linker->arena, "'%s' is not linked: %s", path, strerror(errno)));
        return;
    }
    if (fstatat(parent, path_base(path), &here, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISDIR(here.st_mode) && lstat(target, &there) == 0 && S_ISDIR(there.st_mode))
            link_below(linker, path, depth);
        else
            linker->kept++;
    } else if (symlinkat(target, parent, path_base(path)) == 0) {
        linker->made++;
    } else {
        tell(linker, arena_printf(&linker->arena, "'%s' is not linked: %s", path, strerror(errno)));
    }
    close(parent);
}

static void link_one(struct linker *linker, const char *path)
{
    linker->made = linker->kept = 0;
    link_path(linker, path, 0);
    if (linker->made == 1 && linker->kept == 0)
        tell(linker, arena_printf(&linker->arena, "linked '%s'", path));
    else if (linker->made > 0)
        tell(linker, arena_printf(&linker->arena, "linked %d files and directories of '%s'",
                                  linker->made, path));
    else if (linker->kept > 0)
        tell(linker, arena_printf(&linker->arena, "'%s' is not linked: the code has it", path));
}

/* `text` with a backslash before what is special to glob. */
static char *escape(struct arena *arena, const char *text)
{
    char *result = arena_alloc(arena, 2 * strlen(text) + 1, 1), *end = result;
    for (; *text; *end++ = *text++)
        if (strchr("*?[\\", *text))
            *end++ = '\\';
    return result;
}

static void link_pattern(struct linker *linker, const char *pattern)
{
    glob_t found = { 0 };
    size_t skipped = strlen(linker->top) + 1;
    if (!path_is_below(pattern)) {
        tell(linker, arena_printf(&linker->arena,
                                  "'%s' is not linked: it must be a path below the top", pattern));
        return;
    }
    const char *full = path_join(&linker->arena, escape(&linker->arena, linker->top), pattern);
    if (glob(full, 0, NULL, &found) != 0)
        tell(linker,
             arena_printf(&linker->arena, "nothing is called '%s' in '%s'", pattern, linker->top));
    for (size_t i = 0; i < found.gl_pathc; i++) {
        char *path = arena_strdup(&linker->arena, found.gl_pathv[i] + skipped);
        while (*path && path[strlen(path) - 1] == '/')
            path[strlen(path) - 1] = '\0';
        link_one(linker, path);
    }
    globfree(&found);
}

static void link_left_out(struct linker *linker, const struct code_left_out *file)
{
    struct stat status;
    if (file->size <= CODE_NEW_FILE_LIMIT || !path_is_below(file->path))
        return;
    if (lstat(path_join(&linker->arena, linker->top, file->path), &status) == 0 &&
        S_ISREG(status.st_mode) && status.st_size == file->size &&
        left_out_time(&status) == file->modified)
        link_one(linker, file->path);
    else
        tell(linker, arena_printf(&linker->arena,
                                  "'%s' is not linked: it is not as it was when the run began",
                                  file->path));
}

int code_link(const struct code_of *run, const char *directory, const char *const *patterns,
              int pattern_count, void (*say)(void *context, const char *sentence), void *context)
{
    const struct code_state *code = run->code;
    struct linker linker = { .top = code->top ? code->top : run->store->top,
                             .say = say,
                             .context = context };
    linker.directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (linker.directory < 0)
        return fail(code_of_errno(errno), "cannot open '%s': %s", directory, strerror(errno));
    for (int i = 0; i < pattern_count; i++)
        link_pattern(&linker, patterns[i]);
    for (int i = 0; i < code->left_out_count; i++)
        link_left_out(&linker, &code->left_out[i]);
    close(linker.directory);
    arena_release(&linker.arena);
    return 0;
}
