#define _GNU_SOURCE
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "git_parts.h"
#include "run/library.h"

static void end(void)
{
    git_libgit2_shutdown();
}

/* Trees may name objects that are not here: in a partial clone that is as it should be. */
static void begin(void)
{
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
    atexit(end); /* so that no leak of its own hides one of ours */
}

int fail_git(int code, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const git_error *error = git_error_last();
    return fail(code, "%s: %s", text,
                error && error->message ? error->message : "git says no more");
}

/* The ".git" at `directory` or above; NULL. */
static const char *git_above(struct arena *arena, const char *directory)
{
    char *path = path_absolute(arena, directory);
    while (*path) {
        const char *git = path_join(arena, path, ".git");
        if (access(git, F_OK) == 0)
            return git;
        char *slash = strrchr(path, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return NULL;
}

/* libgit2 finds none where there is one that it does not trust, or cannot make sense of. */
static int fail_not_found(const char *directory)
{
    struct arena arena = { 0 };
    struct stat status;
    const char *git = git_above(&arena, directory);
    int error;
    if (!git)
        error = fail(ERR_NOT_FOUND, "no git repository around '%s'", directory);
    else if (stat(git, &status) == 0 && status.st_uid != geteuid())
        error = fail(ERR_INVALID,
                     "the git repository around '%s' belongs to another user: to trust it, 'git "
                     "config --global --add safe.directory PATH'",
                     directory);
    else
        error = fail(ERR_INVALID, "the git repository around '%s' is broken", directory);
    arena_release(&arena);
    return error;
}

static int see_safe_directory(const git_config_entry *entry, void *context)
{
    bool *trusts_all = context;
    if (!*entry->value) /* forgets what came before */
        *trusts_all = false;
    else if (strcmp(entry->value, "*") == 0)
        *trusts_all = true;
    return 0;
}

/* safe.directory = *, which libgit2 does not know, in the user's or the system's configuration. */
static bool trusts_all_directories(void)
{
    bool trusts_all = false;
    git_config *config = NULL;
    if (git_config_open_default(&config) == 0)
        git_config_get_multivar_foreach(config, "safe.directory", NULL, see_safe_directory,
                                        &trusts_all);
    git_config_free(config);
    return trusts_all;
}

int repository_open(git_repository **out, const char *directory)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin);
    int code = git_repository_open_ext(out, directory, 0, NULL);
    if ((code == GIT_ENOTFOUND || code == GIT_EOWNER) && trusts_all_directories()) {
        git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
        code = git_repository_open_ext(out, directory, 0, NULL);
        git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
    }
    if (code == 0)
        return 0;
    *out = NULL;
    if (code == GIT_ENOTFOUND || code == GIT_EOWNER)
        return fail_not_found(directory);
    return fail_git(ERR_INVALID, "cannot open the git repository around '%s'", directory);
}

int imported_open(git_repository **out, const struct store *store, bool makes)
{
    struct arena arena = { 0 };
    const char *path = path_join(&arena, store->path, "code.git");
    git_repository_init_options options;
    int error = repository_open(out, path);
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
    if (!error && !git_repository_is_bare(*out)) { /* it is the one around the store */
        git_repository_free(*out);
        error = fail(ERR_NOT_FOUND, "there is no '%s'", path);
    }
    if (error && makes)
        error = git_repository_init_ext(out, path, &options) == 0
                    ? 0
                    : fail_git(ERR_IO, "cannot make '%s'", path);
    arena_release(&arena);
    return error;
}

char *pin_name(struct arena *arena, const struct store *store, int64_t number)
{
    return arena_printf(arena, "refs/gander/%s/%lld", store->id, (long long)number);
}

char *top_of(struct arena *arena, git_repository *repository)
{
    const char *path = git_repository_workdir(repository);
    if (!path)
        return NULL;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return arena_strndup(arena, path, length);
}

int signature_now(git_signature **out, git_repository *repository)
{
    struct arena arena = { 0 };
    int code = git_signature_default(out, repository);
    if (code != 0) {
        const char *name = user_name(geteuid());
        code = git_signature_now(out, name, arena_printf(&arena, "%s@%s", name, host_name()));
    }
    arena_release(&arena);
    return code == 0 ? 0 : fail_git(ERR_IO, "cannot sign a commit");
}

static int find_commit(git_commit **out, git_repository *repository, const char *id)
{
    git_oid oid;
    if (git_oid_fromstr(&oid, id) != 0 || git_commit_lookup(out, repository, &oid) != 0)
        return ERR_NOT_FOUND;
    return 0;
}

int snapshot_open(git_repository **out, git_commit **commit, const struct code_of *run,
                  bool *is_imported)
{
    const char *id = run->code->snapshot, *top = run->code->top;
    long long number = (long long)run->number;
    *out = NULL;
    *commit = NULL;
    if (!id)
        return fail(ERR_NOT_FOUND, "the code of run %lld is not pinned", number);
    for (int from_import = 0; from_import < 2; from_import++) {
        int error = from_import ? imported_open(out, run->store, false)
                    : top       ? repository_open(out, top)
                                : ERR_NOT_FOUND;
        if (!error && find_commit(commit, *out, id) == 0) {
            if (is_imported)
                *is_imported = from_import;
            return 0;
        }
        if (!error)
            git_repository_free(*out);
        *out = NULL;
    }
    return fail(ERR_NOT_FOUND, "the pinned code of run %lld is gone: no commit %.12s around '%s'",
                number, id, top ? top : "?");
}

const char *library_git(void)
{
    static _Thread_local char text[32];
    int major = 0, minor = 0, revision = 0;
    git_libgit2_version(&major, &minor, &revision);
    snprintf(text, sizeof text, "%d.%d.%d", major, minor, revision);
    return text;
}
