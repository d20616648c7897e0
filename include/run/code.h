/* The code behind a run (through libgit2): what was there when it was launched, pinned for good.
 *
 *     refs/gander/<store id>/<run>   ->   a commit that no branch holds
 *
 * At launch the work tree (tracked files as they are now, and new ones that git does not ignore)
 * becomes a commit whose parent is HEAD; where nothing differs from HEAD, HEAD itself is pinned.
 * The ref keeps it through rebase, amend, deleted branches and `git gc --prune=now`. It costs what
 * changed, as loose objects in the user's repository.
 *
 * C1. Of the user's repository only objects are added and refs under refs/gander/<store id>/ are
 *     written. Index, work tree, branches, HEAD, configuration and reflogs stay as they are, bit for
 *     bit.
 * C2. What is pinned depends on HEAD, index and work tree alone, never on what was pinned before.
 *     STORE/git.index only remembers what files hold whose size and times have not changed.
 * C3. A launch never fails for want of git. What cannot be recorded or pinned is said in `missing`.
 * C4. Left out, and named with the reason: new files that are large, many or look like secrets,
 *     changed files behind an external clean filter (of which the version in HEAD's index is
 *     pinned), nested repositories, uncommitted content of submodules.
 * C5. Everything read from a repository (paths, messages, names) is hostile and may hold any byte.
 *
 * Code of runs that were imported from elsewhere has a bare repository of its own, STORE/code.git,
 * with the same refs. */
#ifndef GANDER_RUN_CODE_H
#define GANDER_RUN_CODE_H

#include "base/base.h"
#include "base/json.h"
#include "base/memory.h"
#include "run/store.h"

enum { CODE_ID_SIZE = 41 }; /* 40 hexadecimal digits and a 0 */

enum {
    CODE_NEW_FILE_LIMIT = 10 * 1000 * 1000,   /* bytes of one new file */
    CODE_NEW_FILES_LIMIT = 5000,              /* new files together: how many … */
    CODE_NEW_BYTES_LIMIT = 100 * 1000 * 1000, /* … and how many bytes */
};

struct code_left_out {
    const char *path;   /* relative to the top of the work tree */
    const char *reason; /* "larger than 10 MB", "looks like a secret" … */
    int64_t size;       /* bytes; -1 if it is no file */
    int64_t modified;   /* nanoseconds since 1970 */
};

/* Strings are NULL where there is no such thing. */
struct code_state {
    const char *top;      /* of the work tree, absolute */
    const char *commit;   /* HEAD */
    const char *subject;  /* first line of its message, as it stands there */
    const char *branch;   /* short name; NULL when HEAD is detached */
    const char *describe; /* as `git describe --tags --always --dirty` says */
    const char *snapshot; /* the commit that holds the work tree as it was: `commit` if not dirty */
    bool is_dirty;        /* something tracked has changed, or something new is there */
    const struct code_left_out *left_out;
    int left_out_count;
    const char *missing; /* a sentence on what could not be recorded, and why; NULL: all was */
};

/* Looks at the work tree around `directory` and stores what it holds as a commit (C1 - C4).
 * `message` is its first line. All in the arena. */
void code_snapshot(struct arena *arena, struct code_state *out, const struct store *store,
                   const char *directory, const char *message);

/* Pins it as the code of run `number`, in the repository that has it: the one around code->top, or
 * code.git. ERR_NOT_FOUND, ERR_IO; nothing to pin is no error. */
int code_pin(const struct store *store, const struct code_state *code, int64_t number);

/* Lets go of the code of a run, in the repository around `top` (may be NULL) and in code.git. */
void code_unpin(const struct store *store, const char *top, int64_t number);

/* All runs that this store has pins of there that were made before a time (seconds since 1970),
 * ascending, malloc'ed. */
int code_pins(const struct store *store, const char *top, double before, int64_t **numbers,
              int *count);

/* The object "git" of run.json, from and to. `code_read` takes anything, also NULL. */
struct json *code_json(const struct code_state *code);
void code_read(struct arena *arena, struct code_state *out, const struct json *object);

/* --- what was pinned --- */

/* Which run's code. */
struct code_of {
    const struct store *store;
    int64_t number;
    const struct code_state *code; /* from its run.json */
};

/* Is the snapshot still there, whole tree included? ERR_NOT_FOUND says what is not. */
int code_check(const struct code_of *run);

/* The same for many runs at once, by their commits alone: their trees are not walked through. Looks
 * into the repository around `top` (may be NULL) and into code.git. */
enum code_presence {
    CODE_PINNED,
    CODE_LOOSE, /* its commit is there, the ref that keeps it is not */
    CODE_GONE,
};
struct code_wanted {
    int64_t number;
    const char *snapshot;
    enum code_presence presence; /* the answer */
};
void code_look_for(const struct store *store, const char *top, struct code_wanted *runs, int count);

/* Does `git status` show the store, although its .gitignore should keep it from that? *is_tracked: git
 * even has files of it. False where the store is in no work tree. */
bool code_shows_store(const struct store *store, bool *is_tracked);

/* Until when something long is wanted. */
struct code_while {
    bool (*is_unwanted)(void *context); /* asked now and then */
    void *context;
};

/* Writes exactly that code to `directory`, which must not exist or be empty: a detached linked work
 * tree of git, without a branch, so that git commands work there; a plain directory where the git
 * program is missing, or the code came by import. *is_work_tree says which. `wanted` may be NULL;
 * ERR_CANCELLED when it is wanted no more: then nothing is left of it, and git knows nothing of it. */
int code_checkout(const struct code_of *run, const char *directory, const struct code_while *wanted,
                  bool *is_work_tree);

/* Takes away the checkout that the worker made in the run's directory, runs/N/tree, and what git
 * knows of it. 0 if there is none. */
int code_remove_tree(const struct code_of *run);

/* Counts files in that checkout that are not of the code: new, changed or ignored ones, but for links
 * and what Python compiles. ERR_NOT_FOUND when git does not know it as a work tree. */
int code_tree_own_files(const struct code_of *run, int *count);

/* What a checkout lacks and is linked to from the original work tree: symbolic links in
 * `directory`. `patterns` are paths or globs relative to the top (code.link of config.ini); files
 * that were left out for their size are linked as well if size and time are still those recorded.
 * Each `say` is one sentence: what was linked, or was not and why. */
int code_link(const struct code_of *run, const char *directory, const char *const *patterns,
              int pattern_count, void (*say)(void *context, const char *sentence), void *context);

/* --- comparing --- */

enum code_line_kind {
    CODE_LINE_FILE,    /* "diff --git a/x b/x" and what follows it: ---, +++, index, mode */
    CODE_LINE_HUNK,    /* "@@ -1,3 +1,4 @@" */
    CODE_LINE_CONTEXT, /* begins with ' ' … */
    CODE_LINE_ADDED,   /* … '+' */
    CODE_LINE_REMOVED, /* … '-' */
};

/* Calls back for each line, without its newline, of the unified diff of two runs' snapshots, until
 * the callback returns other than 0, which then is the result. `b` NULL: against a's work tree as
 * it is now. Works across repositories. *changed_files may be NULL. */
int code_diff(const struct code_of *a, const struct code_of *b,
              int (*line)(void *context, enum code_line_kind kind, const char *text, size_t length),
              void *context, int *changed_files);

/* --- history --- */

struct code_commit {
    char id[CODE_ID_SIZE];
    const char *subject, *author;
    int64_t time; /* of the commit, seconds since 1970 */
    const char (*parents)[CODE_ID_SIZE];
    int parent_count;
    const char *refs; /* "HEAD, main, v1.0": what points here; "" if nothing does */
};

/* The commits that can be reached from HEAD and `ids` in the repository around `top`, children before
 * parents, newest first, at most `limit`. Ids that are not there are left out. */
int code_history(struct arena *arena, const char *top, const char *const *ids, int id_count,
                 int limit, struct code_commit **commits, int *count);

/* The commits that can be reached from `bad` and not from `good` in the repository around `top`,
 * parents before children; the last is `bad`. ERR_INVALID where there are more than `limit`, or good
 * is no ancestor of bad; ERR_NOT_FOUND. */
int code_between(struct arena *arena, const char *top, const char *good, const char *bad, int limit,
                 struct code_commit **commits, int *count);

/* A file as it is in a commit; `path` is relative to the top. In the arena, closed with a 0.
 * ERR_NOT_FOUND when the commit has no such file, ERR_INVALID when it is larger than `limit`. */
int code_file(struct arena *arena, const char *top, const char *commit, const char *path,
              size_t limit, char **text, size_t *size);

/* --- moving --- */

/* A pack file of the snapshot's commit and tree, without history. */
int code_pack(const struct code_of *run, const char *path);

/* Takes such a pack into code.git as the code of run `number` of this store, under a parentless
 * commit that names the original one; fills *snapshot (CODE_ID_SIZE). The pack is hostile. */
int code_unpack(const struct store *store, int64_t number, const char *path, const char *original,
                char *snapshot);

#endif
