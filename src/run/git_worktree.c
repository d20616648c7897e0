/* The work tree as a git tree: through libgit2's own comparison with the index, so that ignore rules,
 * attributes, file modes and times mean what they mean to git. (One thing libgit2 does not do: a rule
 * "!x" takes back rules of the same file and of directories above, not those of core.excludesFile.) */
#define _GNU_SOURCE
#include <errno.h>
#include <git2/sys/mempack.h>
#include <git2/sys/repository.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "git_parts.h"
#include "left_out.h"

struct scan {
    git_repository *repository;
    git_index *index; /* ours; what it becomes is never written */
    struct arena *arena;
    const char *top;
    const char *store; /* within `top`, with a '/' at its end; NULL: it is elsewhere */
    bool keeps_modes;  /* whether a file is executable counts (core.fileMode) */
    bool has_unpinned; /* something tracked has changed and is left out */
    struct left_out left_out;
};

static const char *absolute(struct scan *scan, const char *path)
{
    return path_join(scan->arena, scan->top, path);
}

static void leave_out(struct scan *scan, const char *path, const char *why)
{
    left_out_add(&scan->left_out, absolute(scan, path), path, "%s", why);
}

static void leave_out_tracked(struct scan *scan, const char *path, const char *why)
{
    leave_out(scan, path, why);
    scan->has_unpinned = true;
}

/* --- storing files --- */

static int fail_store(const char *path)
{
    return fail_git(ERR_IO, "cannot store '%s' in the git repository", path);
}

/* With line ends converted as configured, though core.safecrlf would rather refuse. */
static int store_filtered(struct scan *scan, git_oid *id, const char *path,
                          git_filter_list *filters)
{
    git_buf text = { 0 };
    int code = git_filter_list_apply_to_file(&text, filters, scan->repository, path);
    if (code == 0)
        code = git_blob_create_from_buffer(id, scan->repository, text.ptr, text.size);
    git_buf_dispose(&text);
    return code;
}

static int store_file(struct scan *scan, git_oid *id, const char *path, unsigned mode)
{
    git_filter_list *filters = NULL;
    if (mode != GIT_FILEMODE_LINK &&
        git_filter_list_load(&filters, scan->repository, NULL, path, GIT_FILTER_TO_ODB,
                             GIT_FILTER_ALLOW_UNSAFE) != 0)
        return -1;
    int code = filters ? store_filtered(scan, id, path, filters)
                       : git_blob_create_from_workdir(id, scan->repository, path);
    git_filter_list_free(filters);
    return code;
}

/* A file as it stands; one that cannot be read or named is left out. */
static int add(struct scan *scan, const char *path, unsigned mode)
{
    git_index_entry entry = { .mode = mode, .path = path };
    const git_index_entry *old = git_index_get_bypath(scan->index, path, 0);
    if (!scan->keeps_modes && mode == GIT_FILEMODE_BLOB_EXECUTABLE)
        entry.mode = GIT_FILEMODE_BLOB;
    if (!scan->keeps_modes && old && mode != GIT_FILEMODE_LINK && old->mode != GIT_FILEMODE_LINK)
        entry.mode = old->mode;
    if (store_file(scan, &entry.id, path, entry.mode) != 0) {
        if (mode == GIT_FILEMODE_LINK || access(absolute(scan, path), R_OK) == 0)
            return fail_store(path);
        leave_out(scan, path, arena_printf(scan->arena, "cannot be read: %s", strerror(errno)));
        scan->has_unpinned |= old != NULL;
    } else if (git_index_add(scan->index, &entry) != 0) {
        leave_out(scan, path, "git takes no such path");
    }
    return 0;
}

/* --- what differs --- */

static int add_changed(struct scan *scan, const git_diff_delta *delta)
{
    const git_diff_file *file = &delta->new_file;
    const char *filter = foreign_filter(scan->arena, scan->repository, file->path);
    if (!filter)
        return add(scan, file->path, file->mode);
    if (!is_as_pointed(scan->repository, &delta->old_file.id, absolute(scan, file->path)))
        leave_out_tracked(
            scan, file->path,
            arena_printf(scan->arena, "changed, and only %s knows how to store it", filter));
    return 0;
}

static int add_new(struct scan *scan, const git_diff_file *file)
{
    size_t length = strlen(file->path);
    const char *filter;
    if (scan->store && strncmp(file->path, scan->store, strlen(scan->store)) == 0)
        return 0;
    if (length > 0 && file->path[length - 1] == '/')
        leave_out(scan, file->path, "a repository of its own");
    else if ((filter = foreign_filter(scan->arena, scan->repository, file->path)))
        leave_out(scan, file->path,
                  arena_printf(scan->arena, "new, and only %s knows how to store it", filter));
    else if (left_out_takes(&scan->left_out, absolute(scan, file->path), file->path))
        return add(scan, file->path, file->mode);
    return 0;
}

/* A submodule is its HEAD. What is not committed in it is named. */
static void add_submodule(struct scan *scan, const char *path)
{
    enum {
        DIRTY = GIT_SUBMODULE_STATUS_WD_INDEX_MODIFIED | GIT_SUBMODULE_STATUS_WD_WD_MODIFIED |
                GIT_SUBMODULE_STATUS_WD_UNTRACKED
    };
    git_submodule *submodule = NULL;
    unsigned status = 0;
    git_index_entry entry = { .mode = GIT_FILEMODE_COMMIT, .path = path };
    if (git_submodule_lookup(&submodule, scan->repository, path) != 0)
        return; /* a gitlink without a submodule: the index knows best */
    if (git_submodule_status(&status, scan->repository, path, GIT_SUBMODULE_IGNORE_NONE) == 0 &&
        (status & DIRTY))
        leave_out_tracked(scan, path, "a submodule with changes that are not committed in it");
    const git_oid *head = git_submodule_wd_id(submodule);
    if (head) {
        git_oid_cpy(&entry.id, head);
        git_index_add(scan->index, &entry);
    }
    git_submodule_free(submodule);
}

/* As the file stands there, with whatever marks. */
static int add_conflicted(struct scan *scan, const git_diff_delta *delta)
{
    struct stat status;
    const char *path = delta->new_file.path ? delta->new_file.path : delta->old_file.path;
    git_index_conflict_remove(scan->index, path);
    if (lstat(absolute(scan, path), &status) != 0 || S_ISDIR(status.st_mode))
        return 0;
    return add(scan, path,
               S_ISLNK(status.st_mode)      ? GIT_FILEMODE_LINK
               : (status.st_mode & S_IXUSR) ? GIT_FILEMODE_BLOB_EXECUTABLE
                                            : GIT_FILEMODE_BLOB);
}

/* Gone, unless it lies where we may not look, or a sparse work tree does without it. */
static void remove_deleted(struct scan *scan, const char *path)
{
    struct stat status;
    const git_index_entry *entry = git_index_get_bypath(scan->index, path, 0);
    if (entry && (entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE))
        return;
    if (lstat(absolute(scan, path), &status) != 0 && errno == EACCES)
        leave_out_tracked(scan, path, "cannot be read: Permission denied");
    else
        git_index_remove(scan->index, path, 0);
}

static int take_tracked(struct scan *scan, const git_diff_delta *delta)
{
    switch (delta->status) {
    case GIT_DELTA_DELETED:
        remove_deleted(scan, delta->old_file.path);
        return 0;
    case GIT_DELTA_CONFLICTED:
        return add_conflicted(scan, delta);
    case GIT_DELTA_UNREADABLE:
        leave_out_tracked(scan, delta->new_file.path, "cannot be read: Permission denied");
        return 0;
    case GIT_DELTA_MODIFIED:
    case GIT_DELTA_TYPECHANGE:
        if (delta->new_file.mode != GIT_FILEMODE_COMMIT)
            return add_changed(scan, delta);
        add_submodule(scan, delta->new_file.path);
        return 0;
    default:
        return 0;
    }
}

/* Entries that git was told to take for unchanged, and that are not. */
static void name_overlooked(struct scan *scan)
{
    git_oid id;
    size_t count = git_index_entrycount(scan->index);
    for (size_t i = 0; i < count; i++) {
        const git_index_entry *entry = git_index_get_byindex(scan->index, i);
        bool is_overlooked = (entry->flags & GIT_INDEX_ENTRY_VALID) ||
                             (entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE);
        if (is_overlooked && S_ISREG(entry->mode) &&
            git_repository_hashfile(&id, scan->repository, absolute(scan, entry->path),
                                    GIT_OBJECT_BLOB, entry->path) == 0 &&
            !git_oid_equal(&id, &entry->id))
            leave_out(scan, entry->path, "changed, and git is told to overlook that");
    }
}

static int write_tree(struct scan *scan, git_oid *id)
{
    if (git_index_write_tree_to(id, scan->index, scan->repository) != 0)
        return fail_git(ERR_IO, "cannot store the tree of the work tree in the git repository");
    return 0;
}

/* Tracked files first, so that both trees are known: with and without what is new. */
static int take_deltas(struct scan *scan, git_diff *diff, struct worktree *out)
{
    int error = 0;
    size_t count = git_diff_num_deltas(diff), new_files = 0;
    for (size_t i = 0; i < count && !error; i++)
        if (git_diff_get_delta(diff, i)->status == GIT_DELTA_UNTRACKED)
            new_files++;
        else
            error = take_tracked(scan, git_diff_get_delta(diff, i));
    if (!error)
        error = write_tree(scan, &out->tracked);
    if (error || new_files == 0) {
        out->all = out->tracked;
        return error;
    }
    for (size_t i = 0; i < count && !error; i++)
        if (git_diff_get_delta(diff, i)->status == GIT_DELTA_UNTRACKED)
            error = add_new(scan, &git_diff_get_delta(diff, i)->new_file);
    return error ? error : write_tree(scan, &out->all);
}

static int compare(struct scan *scan, bool is_copy, struct worktree *out)
{
    git_diff *diff = NULL;
    git_diff_options options;
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                    GIT_DIFF_INCLUDE_TYPECHANGE | GIT_DIFF_INCLUDE_UNREADABLE |
                    (is_copy ? GIT_DIFF_UPDATE_INDEX : 0);
    int code = git_diff_index_to_workdir(&diff, scan->repository, scan->index, &options);
    if (code != 0 && is_copy) { /* another launch writes what it found out to the copy */
        options.flags &= ~(uint32_t)GIT_DIFF_UPDATE_INDEX;
        code = git_diff_index_to_workdir(&diff, scan->repository, scan->index, &options);
    }
    if (code != 0)
        return fail_git(ERR_INVALID, "cannot compare the work tree with the git index");
    name_overlooked(scan);
    int error = take_deltas(scan, diff, out);
    git_diff_free(diff);
    return error;
}

/* --- the whole --- */

/* Objects that are written from now on die with the repository's handle. */
static int write_to_memory(git_repository *repository)
{
    enum { BEFORE_ALL_OTHERS = 999 };
    git_odb *objects = NULL;
    git_odb_backend *memory = NULL;
    int code = git_repository_odb(&objects, repository);
    if (code == 0)
        code = git_mempack_new(&memory);
    if (code == 0)
        code = git_odb_add_backend(objects, memory, BEFORE_ALL_OTHERS);
    git_odb_free(objects);
    return code == 0 ? 0 : fail_git(ERR_IO, "cannot look at the work tree");
}

static const char *store_within(struct arena *arena, const char *top, const struct store *store)
{
    size_t length = strlen(top);
    if (strncmp(store->path, top, length) != 0 || store->path[length] != '/')
        return NULL;
    return arena_printf(arena, "%s/", store->path + length + 1);
}

static bool keeps_modes(git_repository *repository)
{
    git_config *config = NULL;
    int value = 1;
    if (git_repository_config_snapshot(&config, repository) == 0 &&
        git_config_get_bool(&value, config, "core.filemode") != 0)
        value = 1;
    git_config_free(config);
    return value;
}

int worktree_scan(struct worktree *out, git_repository *repository, struct arena *arena,
                  const struct store *store, bool forgets)
{
    struct scan scan = { .repository = repository, .arena = arena };
    bool is_copy = false;
    scan.top = top_of(arena, repository);
    if (!scan.top)
        return fail(ERR_INVALID, "the git repository '%s' has no work tree",
                    git_repository_path(repository));
    scan.store = store_within(arena, scan.top, store);
    scan.keeps_modes = keeps_modes(repository);
    left_out_begin(&scan.left_out, arena);
    int error = forgets ? write_to_memory(repository) : 0;
    if (!error)
        error = own_index(&scan.index, repository, arena, store, &is_copy);
    if (!error)
        error = compare(&scan, is_copy, out);
    out->has_unpinned = scan.has_unpinned;
    out->left_out_count = left_out_list(&scan.left_out, &out->left_out);
    git_index_free(scan.index);
    left_out_release(&scan.left_out);
    return error;
}
