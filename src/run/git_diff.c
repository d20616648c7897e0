#include <git2/sys/repository.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "git_parts.h"

struct printer {
    int (*line)(void *context, enum code_line_kind kind, const char *text, size_t length);
    void *context;
    int result; /* of the callback that wanted no more */
};

static int print_text(struct printer *printer, enum code_line_kind kind, const char *text,
                      size_t length)
{
    const char *end = text + length;
    while (text < end && printer->result == 0) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t size = newline ? (size_t)(newline - text) : (size_t)(end - text);
        printer->result = printer->line(printer->context, kind, text, size);
        text += size + 1;
    }
    return printer->result ? GIT_EUSER : 0;
}

/* A line of a file, which libgit2 gives without its first letter. */
static int print_content(struct printer *printer, enum code_line_kind kind,
                         const git_diff_line *line)
{
    size_t length = line->content_len;
    char *text = xmalloc(length + 1);
    text[0] = line->origin;
    memcpy(text + 1, line->content, length);
    length += length == 0 || line->content[length - 1] != '\n';
    printer->result = printer->line(printer->context, kind, text, length);
    free(text);
    return printer->result ? GIT_EUSER : 0;
}

static int print_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
                      const git_diff_line *line, void *context)
{
    struct printer *printer = context;
    (void)delta, (void)hunk;
    bool begins_with_newline = line->content_len > 0 && line->content[0] == '\n';
    switch (line->origin) {
    case GIT_DIFF_LINE_CONTEXT:
        return print_content(printer, CODE_LINE_CONTEXT, line);
    case GIT_DIFF_LINE_ADDITION:
        return print_content(printer, CODE_LINE_ADDED, line);
    case GIT_DIFF_LINE_DELETION:
        return print_content(printer, CODE_LINE_REMOVED, line);
    case GIT_DIFF_LINE_HUNK_HDR:
        return print_text(printer, CODE_LINE_HUNK, line->content, line->content_len);
    case GIT_DIFF_LINE_CONTEXT_EOFNL:
    case GIT_DIFF_LINE_ADD_EOFNL:
    case GIT_DIFF_LINE_DEL_EOFNL: /* "\n\ No newline at end of file\n" */
        return print_text(printer, CODE_LINE_CONTEXT, line->content + begins_with_newline,
                          line->content_len - begins_with_newline);
    default:
        return print_text(printer, CODE_LINE_FILE, line->content, line->content_len);
    }
}

/* Lets `repository` read the objects of `other`. */
static int borrow_objects(git_repository *repository, git_repository *other)
{
    git_odb *odb = NULL;
    char *objects = xasprintf("%sobjects", git_repository_commondir(other));
    int code = git_repository_odb(&odb, repository);
    if (code == 0)
        code = git_odb_add_disk_alternate(odb, objects);
    int error = code == 0 ? 0 : fail_git(ERR_IO, "cannot read '%s'", objects);
    git_odb_free(odb);
    free(objects);
    return error;
}

/* The second side of a diff: its tree, in a repository that has the objects of both. */
static int open_second(git_repository **repository, git_tree **tree, const struct code_of *a,
                       const struct code_of *b)
{
    struct arena arena = { 0 };
    struct worktree worktree = { 0 };
    git_commit *commit = NULL;
    int error;
    if (b) {
        error = snapshot_open(repository, &commit, b, NULL);
        if (!error && git_commit_tree(tree, commit) != 0)
            error = fail_git(ERR_NOT_FOUND, "the pinned code of run %lld is not whole",
                             (long long)b->number);
    } else {
        error = repository_open(repository, a->code->top ? a->code->top : a->store->top);
        if (!error)
            error = worktree_scan(&worktree, *repository, &arena, a->store, true);
        if (!error && git_tree_lookup(tree, *repository, &worktree.all) != 0)
            error = fail_git(ERR_IO, "cannot look at the work tree");
    }
    git_commit_free(commit);
    arena_release(&arena);
    return error;
}

static int make_diff(git_diff **diff, git_repository *repository, git_tree *old, git_tree *new)
{
    enum { SIMILAR = 50, RENAMES_LIMIT = 1000 };
    git_diff_options options;
    git_diff_find_options renames;
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    git_diff_find_options_init(&renames, GIT_DIFF_FIND_OPTIONS_VERSION);
    options.flags = GIT_DIFF_INDENT_HEURISTIC;
    renames.flags = GIT_DIFF_FIND_RENAMES;
    renames.rename_threshold = SIMILAR;
    renames.rename_limit = RENAMES_LIMIT;
    if (git_diff_tree_to_tree(diff, repository, old, new, &options) != 0 ||
        git_diff_find_similar(*diff, &renames) != 0)
        return fail_git(ERR_INVALID, "cannot compare the code");
    return 0;
}

static int find_diff(git_diff **diff, git_repository *repository, git_repository *first,
                     const git_commit *commit, git_tree *new)
{
    git_tree *old = NULL;
    int error = borrow_objects(repository, first);
    if (!error && git_tree_lookup(&old, repository, git_commit_tree_id(commit)) != 0)
        error = fail_git(ERR_NOT_FOUND, "cannot compare the code");
    if (!error)
        error = make_diff(diff, repository, old, new);
    git_tree_free(old);
    return error;
}

int code_diff(const struct code_of *a, const struct code_of *b,
              int (*line)(void *context, enum code_line_kind kind, const char *text, size_t length),
              void *context, int *changed_files)
{
    struct printer printer = { .line = line, .context = context };
    git_repository *first = NULL, *second = NULL;
    git_commit *commit = NULL;
    git_tree *new = NULL;
    git_diff *diff = NULL;
    int error = snapshot_open(&first, &commit, a, NULL);
    if (!error)
        error = open_second(&second, &new, a, b);
    if (!error)
        error = find_diff(&diff, second, first, commit, new);
    if (!error && changed_files)
        *changed_files = (int)git_diff_num_deltas(diff);
    if (!error && git_diff_print(diff, GIT_DIFF_FORMAT_PATCH, print_line, &printer) != 0 &&
        printer.result == 0)
        error = fail_git(ERR_INVALID, "cannot show what differs");
    git_diff_free(diff);
    git_tree_free(new);
    git_commit_free(commit);
    git_repository_free(second);
    git_repository_free(first);
    return printer.result ? printer.result : error;
}
