/* Pinned code on its way to another machine. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <git2/sys/mempack.h>
#include <git2/sys/repository.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "git_parts.h"

/* --- out --- */

static int put(void *data, size_t size, void *context)
{
    return file_writer_put(context, data, size) < 0 ? GIT_EUSER : 0;
}

static int write_pack(git_packbuilder *builder, const char *path)
{
    struct file_writer writer;
    int error = file_writer_open(&writer, path);
    if (error)
        return error;
    error = git_packbuilder_foreach(builder, put, &writer);
    if (!error)
        return file_writer_commit(&writer);
    file_writer_abandon(&writer);
    return error == GIT_EUSER ? ERR_IO : fail_git(ERR_IO, "cannot pack code to '%s'", path);
}

int code_pack(const struct code_of *run, const char *path)
{
    git_repository *repository = NULL;
    git_commit *commit = NULL;
    git_packbuilder *builder = NULL;
    int error = snapshot_open(&repository, &commit, run, NULL);
    if (error)
        goto out;
    if (git_packbuilder_new(&builder, repository) < 0 ||
        git_packbuilder_insert(builder, git_commit_id(commit), NULL) < 0 ||
        git_packbuilder_insert_tree(builder, git_commit_tree_id(commit)) < 0) {
        error = fail_git(ERR_NOT_FOUND, "cannot pack the code of run %lld", (long long)run->number);
        goto out;
    }
    git_packbuilder_set_threads(builder, 1);
    error = write_pack(builder, path);
out:
    git_packbuilder_free(builder);
    git_commit_free(commit);
    git_repository_free(repository);
    return error;
}

/* --- in --- */

enum { DEPTH_LIMIT = 100, PATHS_LIMIT = 1000 * 1000 };
#define BYTES_LIMIT (INT64_C(20) * 1000 * 1000 * 1000) /* when it is checked out */

/* A pack under examination, alone in a repository of its own. */
struct exam {
    git_repository *repository;
    git_odb *odb;
    struct id_table known; /* trees and blobs that hold, to the place of … */
    struct {
        int64_t paths, bytes;
    } * sums; /* … what they come to */
    int sum_room;
    int objects; /* that the snapshot is made of */
};

static int index_pack(const char *path, const char *directory, unsigned *objects)
{
    enum { CHUNK = 1 << 16 };
    git_indexer *indexer = NULL;
    git_indexer_progress progress = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
    if (fd < 0)
        return fail(code_of_errno(errno), "cannot open '%s': %s", path, strerror(errno));
    char *chunk = xmalloc(CHUNK);
    ssize_t size = 0;
    error = git_indexer_new(&indexer, directory, 0, NULL, NULL);
    while (!error && (size = read(fd, chunk, CHUNK)) > 0)
        error = git_indexer_append(indexer, chunk, (size_t)size, &progress);
    if (!error && size == 0)
        error = git_indexer_commit(indexer, &progress);
    if (error)
        error = fail_git(ERR_INVALID, "'%s' is no pack of code", path);
    else if (size < 0)
        error = fail(ERR_IO, "cannot read '%s': %s", path, strerror(errno));
    *objects = progress.total_objects;
    git_indexer_free(indexer);
    free(chunk);
    close(fd);
    return error;
}

/* What is written again must come out as it was: then git finds its order, names and modes fine. */
static bool is_as_written(const struct exam *exam, const git_tree *tree)
{
    git_treebuilder *builder = NULL;
    git_oid id;
    bool is_good = git_treebuilder_new(&builder, exam->repository, NULL) == 0;
    for (size_t i = 0; is_good && i < git_tree_entrycount(tree); i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        is_good = git_treebuilder_insert(NULL, builder, git_tree_entry_name(entry),
                                         git_tree_entry_id(entry),
                                         git_tree_entry_filemode_raw(entry)) == 0;
    }
    is_good = is_good && git_treebuilder_write(&id, builder) == 0 &&
              git_oid_equal(&id, git_tree_id(tree));
    git_treebuilder_free(builder);
    return is_good;
}

static int add_sum(struct exam *exam, const git_oid *id, int64_t paths, int64_t bytes)
{
    if (exam->objects == exam->sum_room) {
        exam->sum_room = exam->sum_room ? exam->sum_room * 2 : 64;
        exam->sums = xrealloc(exam->sums, (size_t)exam->sum_room, sizeof *exam->sums);
    }
    exam->sums[exam->objects].paths = paths;
    exam->sums[exam->objects].bytes = bytes;
    id_table_add(&exam->known, id, exam->objects);
    return exam->objects++;
}

static int examine_blob(struct exam *exam, const git_oid *id)
{
    size_t size;
    git_object_t type;
    if (git_odb_read_header(&size, &type, exam->odb, id) < 0 || type != GIT_OBJECT_BLOB)
        return fail(ERR_INVALID, "a file is missing in it");
    return add_sum(exam, id, 1, (int64_t)size);
}

/* The place of the tree's sums. Few objects can stand for very many paths, as a tree may hold
 * another many times: so every object is looked at once, and sums are bounded. */
static int examine_tree(struct exam *exam, const git_oid *id, int depth)
{
    git_tree *tree;
    int64_t paths = 1, bytes = 0;
    int place = 0;
    if (depth == DEPTH_LIMIT)
        return fail(ERR_INVALID, "its directories are nested too deeply");
    if (git_tree_lookup(&tree, exam->repository, id) < 0)
        return fail(ERR_INVALID, "a directory is missing in it");
    if (!is_as_written(exam, tree))
        place = fail(ERR_INVALID, "a directory in it is not as git makes them");
    for (size_t i = 0; place >= 0 && i < git_tree_entrycount(tree); i++) {
        const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
        const git_oid *below = git_tree_entry_id(entry);
        if (git_tree_entry_type(entry) == GIT_OBJECT_COMMIT)
            continue; /* a submodule, which is not part of it */
        place = id_table_find(&exam->known, below);
        if (place < 0)
            place = git_tree_entry_type(entry) == GIT_OBJECT_TREE
                        ? examine_tree(exam, below, depth + 1)
                        : examine_blob(exam, below);
        if (place < 0)
            break;
        paths += exam->sums[place].paths;
        bytes += exam->sums[place].bytes;
        if (paths > PATHS_LIMIT || bytes > BYTES_LIMIT)
            place = fail(ERR_INVALID, "it holds too much");
    }
    git_tree_free(tree);
    return place < 0 ? place : add_sum(exam, id, paths, bytes);
}

/* Opens a pack by its .idx. What is written meanwhile stays in memory. */
static int open_exam(struct exam *exam, const char *index)
{
    enum { FIRST = 2, SECOND = 1 };
    git_odb_backend *pack = NULL, *memory = NULL;
    if (git_odb_new(&exam->odb) < 0 || git_odb_backend_one_pack(&pack, index) < 0 ||
        git_odb_add_backend(exam->odb, pack, SECOND) < 0 || git_mempack_new(&memory) < 0 ||
        git_odb_add_backend(exam->odb, memory, FIRST) < 0 ||
        git_repository_wrap_odb(&exam->repository, exam->odb) < 0)
        return fail_git(ERR_INVALID, "it cannot be read");
    return 0;
}

static void close_exam(struct exam *exam)
{
    git_repository_free(exam->repository);
    git_odb_free(exam->odb);
    id_table_release(&exam->known);
    free(exam->sums);
}

/* Is it the snapshot with this id, whole, sound, and none of its `objects` anything else? Fills its tree and time. */
static int examine(const char *index, unsigned objects, const git_oid *original, git_oid *tree,
                   git_time_t *time)
{
    struct exam exam = { 0 };
    git_commit *commit = NULL;
    int error = open_exam(&exam, index);
    if (error)
        goto out;
    if (git_commit_lookup(&commit, exam.repository, original) < 0) {
        error = fail(ERR_INVALID, "the commit of the run is not in it");
        goto out;
    }
    *tree = *git_commit_tree_id(commit);
    *time = git_commit_time(commit);
    error = MIN(0, examine_tree(&exam, tree, 0));
    if (!error && (unsigned)exam.objects + 1 != objects)
        error = fail(ERR_INVALID, "there is more in it than the code of the run");
out:
    git_commit_free(commit);
    close_exam(&exam);
    return error;
}

/* Moves what the indexer made; the index last, as git takes a pack by its index. */
static int adopt(git_repository *repository, const char *directory, const char *index)
{
    static const char *const endings[] = { ".pack", ".idx" };
    struct arena arena = { 0 };
    int error = 0;
    const char *name = arena_strndup(&arena, index, strlen(index) - strlen(".idx"));
    for (int i = 0; !error && i < ARRAY_SIZE(endings); i++) {
        const char *from = arena_printf(&arena, "%s/%s%s", directory, name, endings[i]);
        const char *to = arena_printf(&arena, "%sobjects/pack/%s%s",
                                      git_repository_path(repository), name, endings[i]);
        if (rename(from, to) != 0)
            error = fail(ERR_IO, "cannot move code to '%s': %s", to, strerror(errno));
    }
    arena_release(&arena);
    return error;
}

/* The same pack always makes the same commit. */
static int commit_import(git_oid *out, git_repository *repository, const git_oid *tree_id,
                         const char *original, git_time_t time)
{
    git_signature *signature = NULL;
    git_tree *tree = NULL;
    char *message = xasprintf("Code of an imported run\n\nIt was commit %s.\n", original);
    int error = 0;
    if (git_signature_new(&signature, "gander", "gander@localhost", time, 0) < 0 ||
        git_tree_lookup(&tree, repository, tree_id) < 0 ||
        git_commit_create(out, repository, NULL, signature, signature, NULL, message, tree, 0,
                          NULL) < 0)
        error = fail_git(ERR_IO, "cannot keep imported code");
    git_tree_free(tree);
    git_signature_free(signature);
    free(message);
    return error;
}

/* With the pack indexed in `directory`. */
static int take_in(struct arena *arena, git_repository *repository, const char *directory,
                   const char *path, const char *original, git_oid *commit)
{
    char **names;
    int count = 0;
    git_oid id, tree;
    git_time_t time = 0;
    unsigned objects = 0;
    if (git_oid_fromstr(&id, original) < 0)
        return fail(ERR_INVALID, "'%.60s' is no commit", original);
    int error = index_pack(path, directory, &objects);
    if (error || (error = list_directory(arena, directory, ".idx", &names, &count)) < 0)
        return error;
    if (count != 1)
        return fail(ERR_INVALID, "'%s' is no pack of code", path);
    if ((error = examine(path_join(arena, directory, names[0]), objects, &id, &tree, &time)) < 0) {
        fail_prefix("'%s' is not the code of a run", path);
        return error;
    }
    if ((error = adopt(repository, directory, names[0])) < 0)
        return error;
    git_odb *odb;
    if (git_repository_odb(&odb, repository) == 0) {
        git_odb_refresh(odb);
        git_odb_free(odb);
    }
    return commit_import(commit, repository, &tree, original, time);
}

int code_unpack(const struct store *store, int64_t number, const char *path, const char *original,
                char *snapshot)
{
    struct arena arena = { 0 };
    git_repository *repository = NULL;
    git_oid commit;
    int error = imported_open(&repository, store, true);
    if (error)
        return error;
    char *directory = arena_printf(&arena, "%sincoming-XXXXXX", git_repository_path(repository));
    if (!mkdtemp(directory)) {
        error = fail(ERR_IO, "cannot make '%s': %s", directory, strerror(errno));
        goto out;
    }
    error = take_in(&arena, repository, directory, path, original, &commit);
    if (!error)
        error = pin_commit(repository, pin_name(&arena, store, number), &commit);
    if (!error)
        git_oid_tostr(snapshot, CODE_ID_SIZE, &commit);
    const char *why = error ? arena_strdup(&arena, error_text()) : NULL;
    remove_tree(git_repository_path(repository), path_base(directory));
    if (error)
        fail(error, "%s", why);
out:
    git_repository_free(repository);
    arena_release(&arena);
    return error;
}
