/* The state of a repository, and its work tree as a commit. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "git_parts.h"

/* --- what there is besides the work tree --- */

static void look_at_branch(struct arena *arena, struct code_state *out, git_repository *repository)
{
    git_reference *head = NULL;
    if (git_repository_head_detached(repository) == 1 ||
        git_reference_lookup(&head, repository, "HEAD") != 0)
        return;
    /* of an unborn branch, too, which git_repository_head does not give */
    const char *target = git_reference_symbolic_target(head);
    static const char prefix[] = "refs/heads/";
    if (target && strncmp(target, prefix, sizeof prefix - 1) == 0)
        out->branch = arena_strdup(arena, target + sizeof prefix - 1);
    git_reference_free(head);
}

/* HEAD's commit; NULL on an unborn branch. */
static int look_at_head(struct arena *arena, struct code_state *out, git_repository *repository,
                        git_commit **head)
{
    git_oid id;
    char text[CODE_ID_SIZE];
    *head = NULL;
    look_at_branch(arena, out, repository);
    int code = git_reference_name_to_id(&id, repository, "HEAD");
    if (code == GIT_ENOTFOUND && git_repository_head_unborn(repository) == 1)
        return 0;
    if (code != 0 || git_commit_lookup(head, repository, &id) != 0)
        return fail_git(ERR_INVALID, "cannot read HEAD");
    out->commit = arena_strdup(arena, git_oid_tostr(text, sizeof text, &id));
    const char *summary = git_commit_summary(*head);
    out->subject = arena_strdup(arena, summary ? summary : "");
    return 0;
}

/* "v1.0-3-g1a2b3c4", or a short id where no tag is in reach (of a shallow clone's history, too), with
 * "-dirty" behind it. */
static void describe(struct arena *arena, struct code_state *out, git_commit *head, bool is_dirty)
{
    git_describe_options options;
    git_describe_format_options format;
    git_describe_result *result = NULL;
    git_buf text = { 0 };
    git_describe_options_init(&options, GIT_DESCRIBE_OPTIONS_VERSION);
    git_describe_format_options_init(&format, GIT_DESCRIBE_FORMAT_OPTIONS_VERSION);
    options.describe_strategy = GIT_DESCRIBE_TAGS;
    options.show_commit_oid_as_fallback = 1;
    if ((git_describe_commit(&result, (git_object *)head, &options) == 0 &&
         git_describe_format(&text, result, &format) == 0) ||
        git_object_short_id(&text, (git_object *)head) == 0)
        out->describe = arena_printf(arena, "%s%s", text.ptr, is_dirty ? "-dirty" : "");
    git_buf_dispose(&text);
    git_describe_result_free(result);
}

/* --- the commit --- */

static int make_commit(git_oid *id, git_repository *repository, git_tree *tree, git_commit *parent,
                       const char *message)
{
    git_signature *who = NULL;
    const git_commit *parents[] = { parent };
    int error = signature_now(&who, repository);
    if (!error && git_commit_create(id, repository, NULL, who, who, NULL, message, tree,
                                    parent ? 1 : 0, parents) != 0)
        error = fail_git(ERR_IO, "cannot store a commit in the git repository");
    git_signature_free(who);
    return error;
}

static bool is_empty(git_repository *repository, const git_oid *tree_id)
{
    git_tree *tree;
    if (git_tree_lookup(&tree, repository, tree_id) != 0)
        return false;
    bool is_empty = git_tree_entrycount(tree) == 0;
    git_tree_free(tree);
    return is_empty;
}

static int make_snapshot(struct arena *arena, struct code_state *out, git_repository *repository,
                         const git_oid *tree_id, git_commit *head, const char *message)
{
    git_tree *tree = NULL;
    git_oid id;
    char text[CODE_ID_SIZE];
    int error = git_tree_lookup(&tree, repository, tree_id) == 0
                    ? make_commit(&id, repository, tree, head, message)
                    : fail_git(ERR_IO, "cannot store a commit in the git repository");
    if (!error)
        out->snapshot = arena_strdup(arena, git_oid_tostr(text, sizeof text, &id));
    git_tree_free(tree);
    return error;
}

/* HEAD itself where nothing differs from it. *is_dirty as `git describe` means it. */
static int take_snapshot(struct arena *arena, struct code_state *out, const struct store *store,
                         git_repository *repository, git_commit *head, const char *message,
                         bool *is_dirty)
{
    struct worktree worktree = { 0 };
    int error = worktree_scan(&worktree, repository, arena, store, false);
    const git_oid *head_tree = head ? git_commit_tree_id(head) : NULL;
    out->left_out = worktree.left_out;
    out->left_out_count = worktree.left_out_count;
    if (error)
        return error;
    bool is_head = head && git_oid_equal(&worktree.all, head_tree);
    *is_dirty = worktree.has_unpinned || !head || !git_oid_equal(&worktree.tracked, head_tree);
    out->is_dirty = !is_head || worktree.left_out_count > 0;
    if (is_head)
        out->snapshot = out->commit;
    else if (head || !is_empty(repository, &worktree.all))
        error = make_snapshot(arena, out, repository, &worktree.all, head, message);
    else
        out->is_dirty = false;
    return error;
}

static int look(struct arena *arena, struct code_state *out, const struct store *store,
                const char *directory, const char *message)
{
    git_repository *repository;
    git_commit *head = NULL;
    bool is_dirty = false;
    int error = repository_open(&repository, directory);
    if (error)
        return error;
    out->top = top_of(arena, repository);
    error = look_at_head(arena, out, repository, &head);
    if (!error)
        error = take_snapshot(arena, out, store, repository, head, message, &is_dirty);
    if (head)
        describe(arena, out, head, is_dirty);
    git_commit_free(head);
    git_repository_free(repository);
    return error;
}

void code_snapshot(struct arena *arena, struct code_state *out, const struct store *store,
                   const char *directory, const char *message)
{
    *out = (struct code_state){ 0 };
    if (look(arena, out, store, directory, message) < 0)
        out->missing = arena_printf(arena, "%s: the code of this run is not pinned", error_text());
}

/* --- as JSON --- */

static struct json *left_out_json(const struct code_state *code)
{
    struct json *list = json_new_array();
    for (int i = 0; i < code->left_out_count; i++) {
        const struct code_left_out *file = &code->left_out[i];
        struct json *item = json_new_object();
        json_set_string(item, "path", file->path);
        json_set_string(item, "reason", file->reason);
        if (file->size >= 0) {
            json_set_integer(item, "size", file->size);
            json_set_integer(item, "modified", file->modified);
        }
        json_push(list, item);
    }
    return list;
}

struct json *code_json(const struct code_state *code)
{
    struct json *object = json_new_object();
    json_set_string(object, "top", code->top);
    json_set_string(object, "commit", code->commit);
    json_set_string(object, "subject", code->subject);
    json_set_string(object, "branch", code->branch);
    json_set_string(object, "describe", code->describe);
    json_set_string(object, "snapshot", code->snapshot);
    json_set_bool(object, "dirty", code->is_dirty);
    if (code->left_out_count > 0)
        json_set(object, "left_out", left_out_json(code));
    if (code->missing)
        json_set_string(object, "missing", code->missing);
    return object;
}

static const char *string(struct arena *arena, const struct json *object, const char *key)
{
    const char *text = json_get_string(json_member(object, key));
    return text ? arena_strdup(arena, text) : NULL;
}

/* NULL for what is no id: it becomes part of commands and of sentences. */
static const char *object_id(struct arena *arena, const struct json *object, const char *key)
{
    const char *text = string(arena, object, key);
    bool is_id = text && strlen(text) == CODE_ID_SIZE - 1 &&
                 strspn(text, "0123456789abcdef") == CODE_ID_SIZE - 1;
    return is_id ? text : NULL;
}

static void read_left_out(struct arena *arena, struct code_state *out, const struct json *list)
{
    size_t length = json_is_array(list) ? json_length(list) : 0;
    struct code_left_out *files = arena_alloc(arena, length, sizeof *files);
    for (size_t i = 0; i < length; i++) {
        const struct json *item = json_item(list, i);
        struct code_left_out file = { .path = string(arena, item, "path"),
                                      .reason = string(arena, item, "reason"),
                                      .size = -1 };
        json_get_integer(json_member(item, "size"), &file.size);
        json_get_integer(json_member(item, "modified"), &file.modified);
        if (file.path && file.reason)
            files[out->left_out_count++] = file;
    }
    out->left_out = files;
}

void code_read(struct arena *arena, struct code_state *out, const struct json *object)
{
    *out = (struct code_state){ .top = string(arena, object, "top"),
                                .commit = object_id(arena, object, "commit"),
                                .subject = string(arena, object, "subject"),
                                .branch = string(arena, object, "branch"),
                                .describe = string(arena, object, "describe"),
                                .snapshot = object_id(arena, object, "snapshot"),
                                .missing = string(arena, object, "missing") };
    json_get_bool(json_member(object, "dirty"), &out->is_dirty);
    read_left_out(arena, out, json_member(object, "left_out"));
}
