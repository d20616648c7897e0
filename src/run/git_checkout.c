/* Pinned code as a directory. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "git_parts.h"

enum { WORDS_LIMIT = 8, OUTPUT_LIMIT = 1 << 24 };

/* Of the caller's environment git must not see where another repository is (a hook or `git rebase
 * --exec` says that). No hook runs, nothing that is configured leaves out files, and nothing is
 * fetched over the network. */
static int run_git(struct process_result *result, const char *place, const char *const *words,
                   const struct code_while *wanted)
{
    /* clang-format off */
    static const char *const before[] = {
        "env", "-u", "GIT_DIR", "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE",
        "-u", "GIT_COMMON_DIR", "-u", "GIT_OBJECT_DIRECTORY", "-u", "GIT_PREFIX",
        "-u", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "-u", "GIT_NAMESPACE", "-u", "GIT_CONFIG",
        "-u", "GIT_CONFIG_PARAMETERS", "-u", "GIT_CONFIG_COUNT", "-u", "GIT_CEILING_DIRECTORIES",
        "-u", "GIT_SHALLOW_FILE", "-u", "GIT_GRAFT_FILE", "-u", "GIT_REPLACE_REF_BASE",
        "GIT_LFS_SKIP_SMUDGE=1", "GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1",
        "git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
        "-c", "core.sparseCheckout=false", "-c", "filter.lfs.required=false",
    };
    /* clang-format on */
    const char *argv[ARRAY_SIZE(before) + WORDS_LIMIT + 1];
    int count = 0;
    for (int i = 0; i < ARRAY_SIZE(before); i++)
        argv[count++] = before[i];
    for (int i = 0; i < WORDS_LIMIT && words[i]; i++)
        argv[count++] = words[i];
    argv[count] = NULL;
    return process_run(result,
                       &(struct process){ .argv = argv,
                                          .directory = place,
                                          .limit = OUTPUT_LIMIT,
                                          .is_unwanted = wanted ? wanted->is_unwanted : NULL,
                                          .context = wanted ? wanted->context : NULL });
}

static bool make_work_tree(git_repository *repository, const char *directory, const char *id,
                           const struct code_while *wanted)
{
    const char *const words[] = { "worktree", "add",     "--detach", "--force",
                                  "--",       directory, id,         NULL };
    struct process_result result = { 0 };
    const char *work_tree = git_repository_workdir(repository);
    const char *place = work_tree ? work_tree : git_repository_path(repository);
    bool is_made = process_exists("git") && run_git(&result, place, words, wanted) == 0 &&
                   process_succeeded(&result);
    free(result.output);
    return is_made;
}

/* As it was committed, byte for byte: the attributes that libgit2 would go by are not these. */
static int make_plain(git_repository *repository, git_commit *commit, const char *directory)
{
    git_checkout_options options;
    git_checkout_options_init(&options, GIT_CHECKOUT_OPTIONS_VERSION);
    options.checkout_strategy =
        GIT_CHECKOUT_FORCE | GIT_CHECKOUT_DONT_UPDATE_INDEX | GIT_CHECKOUT_DONT_WRITE_INDEX;
    options.target_directory = directory;
    options.disable_filters = true;
    int error = make_directories(directory);
    if (!error && git_checkout_tree(repository, (git_object *)commit, &options) != 0)
        error = fail_git(ERR_IO, "cannot check out code to '%s'", directory);
    return error;
}

/* Takes away what git knows of a linked work tree at `path`, which is there no more. */
static void unregister(git_repository *repository, const char *path)
{
    git_strarray names = { 0 };
    git_worktree_prune_options options;
    git_worktree_prune_options_init(&options, GIT_WORKTREE_PRUNE_OPTIONS_VERSION);
    options.flags = GIT_WORKTREE_PRUNE_VALID | GIT_WORKTREE_PRUNE_LOCKED;
    if (git_worktree_list(&names, repository) != 0)
        return;
    for (size_t i = 0; i < names.count; i++) {
        git_worktree *tree = NULL;
        if (git_worktree_lookup(&tree, repository, names.strings[i]) == 0 &&
            strcmp(git_worktree_path(tree), path) == 0)
            git_worktree_prune(tree, &options);
        git_worktree_free(tree);
    }
    git_strarray_dispose(&names);
}

static const char *parent_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash > path ? arena_strndup(arena, path, (size_t)(slash - path)) : "/";
}

/* With the links on the way to it resolved, as git names work trees. */
static const char *real_path(struct arena *arena, const char *path)
{
    char *real = realpath(parent_of(arena, path), NULL);
    const char *result = real ? path_join(arena, real, path_base(path)) : path;
    free(real);
    return result;
}

static int check_empty(const char *directory)
{
    DIR *stream = opendir(directory);
    const struct dirent *item;
    bool is_empty = true;
    if (!stream)
        return errno == ENOENT ? 0
                               : fail(ERR_EXISTS, "cannot check out code to '%s': %s", directory,
                                      strerror(errno));
    while (is_empty && (item = readdir(stream)))
        is_empty = strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0;
    closedir(stream);
    return is_empty ? 0 : fail(ERR_EXISTS, "'%s' is there and not empty", directory);
}

static bool is_unwanted(const struct code_while *wanted)
{
    return wanted && wanted->is_unwanted(wanted->context);
}

/* What a try has left there, as the directory was empty before. */
static int take_away(struct arena *arena, git_repository *repository, bool is_imported,
                     const char *path)
{
    int error = remove_tree(parent_of(arena, path), path_base(path));
    if (!error && !is_imported)
        unregister(repository, real_path(arena, path));
    return error;
}

/* (libgit2 cannot be stopped: what it has made by then is taken away.) */
static int try_plain(git_repository *repository, git_commit *commit, const char *path,
                     const struct code_while *wanted)
{
    int error = is_unwanted(wanted) ? 0 : make_plain(repository, commit, path);
    return !error && is_unwanted(wanted) ? fail(ERR_CANCELLED, "cancelled") : error;
}

static int check_out(struct arena *arena, git_repository *repository, git_commit *commit,
                     bool is_imported, const char *path, const struct code_while *wanted,
                     bool *is_work_tree)
{
    char id[CODE_ID_SIZE];
    git_oid_tostr(id, sizeof id, git_commit_id(commit));
    *is_work_tree = !is_imported && make_work_tree(repository, path, id, wanted);
    if (*is_work_tree && !is_unwanted(wanted))
        return 0;
    *is_work_tree = false;
    int error = take_away(arena, repository, is_imported, path);
    if (error)
        return error;
    error = try_plain(repository, commit, path, wanted);
    if (error) {
        const char *why = arena_strdup(arena, error_text());
        remove_tree(parent_of(arena, path), path_base(path));
        fail(error, "%s", why);
    }
    return error;
}

int code_checkout(const struct code_of *run, const char *directory, const struct code_while *wanted,
                  bool *is_work_tree)
{
    struct arena arena = { 0 };
    git_repository *repository = NULL;
    git_commit *commit = NULL;
    bool is_imported;
    const char *path = path_absolute(&arena, directory);
    *is_work_tree = false;
    int error = check_empty(path);
    if (!error)
        error = snapshot_open(&repository, &commit, run, &is_imported);
    if (!error)
        error = check_out(&arena, repository, commit, is_imported, path, wanted, is_work_tree);
    git_commit_free(commit);
    git_repository_free(repository);
    arena_release(&arena);
    return error;
}

int code_remove_tree(const struct code_of *run)
{
    struct arena arena = { 0 };
    git_repository *repository;
    const char *directory = store_run_directory(&arena, run->store, run->number);
    int error = remove_tree(directory, "tree");
    if (!error && run->code->top && repository_open(&repository, run->code->top) == 0) {
        unregister(repository, real_path(&arena, path_join(&arena, directory, "tree")));
        git_repository_free(repository);
    }
    arena_release(&arena);
    return error;
}

/* --- what a command has left there --- */

static bool is_compiled(const char *path)
{
    size_t length = strlen(path);
    return strstr(path, "__pycache__/") || (length > 4 && strcmp(path + length - 4, ".pyc") == 0);
}

/* "XY PATH", and after a rename the old path on its own. */
static int count_own_files(struct arena *arena, const char *tree, const struct process_result *said)
{
    int count = 0;
    for (const char *at = said->output; at < said->output + said->size; at += strlen(at) + 1) {
        struct stat status;
        if (strlen(at) < 4)
            continue;
        const char *path = path_join(arena, tree, at + 3);
        bool is_link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
        count += !is_link && !is_compiled(at + 3);
    }
    return count;
}

int code_tree_own_files(const struct code_of *run, int *count)
{
    static const char *const words[] = { "status",    "--porcelain=v1",        "-z",
                                         "--ignored", "--untracked-files=all", NULL };
    struct arena arena = { 0 };
    struct process_result said = { 0 };
    const char *tree =
        path_join(&arena, store_run_directory(&arena, run->store, run->number), "tree");
    bool is_work_tree = file_exists(path_join(&arena, tree, ".git"));
    int error = is_work_tree ? run_git(&said, tree, words, NULL) : ERR_NOT_FOUND;
    *count = 0;
    if (error || !process_succeeded(&said))
        error = fail(ERR_NOT_FOUND, "git cannot tell what is there besides its code");
    else
        *count = count_own_files(&arena, tree, &said);
    free(said.output);
    arena_release(&arena);
    return error;
}
