/* What the files src/run/git_*.c share. */
#ifndef GANDER_RUN_GIT_PARTS_H
#define GANDER_RUN_GIT_PARTS_H

#include <git2.h>

#include "base/base.h"
#include "base/memory.h"
#include "run/code.h"

/* A failure of libgit2 as one of ours: the sentence, and its own words behind a colon. */
int fail_git(int code, const char *format, ...) PRINTF_LIKE(2, 3);

/* The repository around `directory`. ERR_NOT_FOUND if there is none; ERR_INVALID for one that is
 * broken or belongs to somebody else, with the remedy. */
int repository_open(git_repository **out, const char *directory);

/* STORE/code.git, made if it is missing and `makes`. ERR_NOT_FOUND. */
int imported_open(git_repository **out, const struct store *store, bool makes);

/* The repository that has a run's snapshot, and the snapshot; *is_imported (or NULL): it is code.git.
 * ERR_NOT_FOUND says what is not there. Free both. */
int snapshot_open(git_repository **out, git_commit **commit, const struct code_of *run,
                  bool *is_imported);

/* "refs/gander/<store id>/42" */
char *pin_name(struct arena *arena, const struct store *store, int64_t number);

/* Who signs the commits that gander makes: the user as git knows them, else as the system does. */
int signature_now(git_signature **out, git_repository *repository);

/* Creates or moves a ref, without a log of it whatever the user's configuration wants. */
int pin_commit(git_repository *repository, const char *name, const git_oid *id);

/* The work tree without a '/' at its end; NULL if there is none. */
char *top_of(struct arena *arena, git_repository *repository);

/* The index to compare with, our copy of it if one can be made (*is_copy), set as the repository's. */
int own_index(git_index **out, git_repository *repository, struct arena *arena,
              const struct store *store, bool *is_copy);

/* "the filter lfs": what it takes to store a file as git does, and libgit2 has not; or NULL. */
const char *foreign_filter(struct arena *arena, git_repository *repository, const char *path);

/* Is the file at `path` what the LFS pointer in that blob stands for? */
bool is_as_pointed(git_repository *repository, const git_oid *pointer, const char *path);

/* A work tree as it is now, by the rules of C4. */
struct worktree {
    git_oid all;       /* the tree of what is pinned */
    git_oid tracked;   /* the same without new files */
    bool has_unpinned; /* something tracked has changed and is left out */
    const struct code_left_out *left_out;
    int left_out_count;
};

/* Objects are written to the repository, or to memory if `forgets`. */
int worktree_scan(struct worktree *out, git_repository *repository, struct arena *arena,
                  const struct store *store, bool forgets);

/* --- git_table.c --- */

/* From ids to numbers that are not negative. */
struct id_table { /* all zero is empty */
    struct id_slot *slots;
    int count, room;
};
int id_table_find(const struct id_table *table, const git_oid *id); /* -1: it is not there */
void id_table_add(struct id_table *table, const git_oid *id, int value);
void id_table_release(struct id_table *table);

#endif
