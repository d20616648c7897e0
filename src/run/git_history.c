#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "git_parts.h"

/* A walk of its own, since git_revwalk looks at all of a history before the first commit where the
 * order matters, and gives up where a shallow clone ends. */
struct node {
    git_commit *commit;
    int children; /* kept ones that are not out yet */
    bool is_kept;
};

struct walk {
    git_repository *repository;
    struct node *nodes;
    int count, room;
    struct id_table table; /* from ids to nodes */
    int *heap;             /* of nodes, the newest on top */
    int heap_count, heap_room;
};

static bool is_newer(const struct walk *walk, int a, int b)
{
    git_time_t left = git_commit_time(walk->nodes[a].commit);
    git_time_t right = git_commit_time(walk->nodes[b].commit);
    return left != right ? left > right : a < b;
}

static void push(struct walk *walk, int node)
{
    if (walk->heap_count == walk->heap_room) {
        walk->heap_room = walk->heap_room ? walk->heap_room * 2 : 64;
        walk->heap = xrealloc(walk->heap, (size_t)walk->heap_room, sizeof *walk->heap);
    }
    int place = walk->heap_count++;
    for (; place > 0 && is_newer(walk, node, walk->heap[(place - 1) / 2]); place = (place - 1) / 2)
        walk->heap[place] = walk->heap[(place - 1) / 2];
    walk->heap[place] = node;
}

static int pop(struct walk *walk)
{
    int top = walk->heap[0], last = walk->heap[--walk->heap_count], place = 0;
    for (;;) {
        int child = 2 * place + 1;
        if (child >= walk->heap_count)
            break;
        if (child + 1 < walk->heap_count &&
            is_newer(walk, walk->heap[child + 1], walk->heap[child]))
            child++;
        if (!is_newer(walk, walk->heap[child], last))
            break;
        walk->heap[place] = walk->heap[child];
        place = child;
    }
    walk->heap[place] = last;
    return top;
}

/* Meets a commit for the first time. What is not there, or is none, is nothing. */
static void meet(struct walk *walk, const git_oid *id)
{
    git_commit *commit;
    if (id_table_find(&walk->table, id) >= 0 ||
        git_commit_lookup(&commit, walk->repository, id) < 0)
        return;
    if (walk->count == walk->room) {
        walk->room = walk->room ? walk->room * 2 : 64;
        walk->nodes = xrealloc(walk->nodes, (size_t)walk->room, sizeof *walk->nodes);
    }
    walk->nodes[walk->count] = (struct node){ .commit = commit };
    id_table_add(&walk->table, id, walk->count);
    push(walk, walk->count++);
}

/* The `limit` newest become kept. */
static int keep_newest(struct walk *walk, int limit)
{
    int kept = 0;
    while (walk->heap_count > 0 && kept < limit) {
        int node = pop(walk);
        git_commit *commit = walk->nodes[node].commit;
        walk->nodes[node].is_kept = true;
        kept++;
        for (unsigned i = 0; i < git_commit_parentcount(commit); i++)
            meet(walk, git_commit_parent_id(commit, i));
    }
    walk->heap_count = 0;
    return kept;
}

/* The node of a parent, if that is kept; -1. */
static int kept_parent(const struct walk *walk, const git_commit *commit, unsigned index)
{
    int node = id_table_find(&walk->table, git_commit_parent_id(commit, index));
    return node >= 0 && walk->nodes[node].is_kept ? node : -1;
}

static void count_children(struct walk *walk)
{
    for (int i = 0; i < walk->count; i++) {
        const git_commit *commit = walk->nodes[i].commit;
        for (unsigned k = 0; walk->nodes[i].is_kept && k < git_commit_parentcount(commit); k++) {
            int parent = kept_parent(walk, commit, k);
            if (parent >= 0)
                walk->nodes[parent].children++;
        }
    }
    for (int i = 0; i < walk->count; i++)
        if (walk->nodes[i].is_kept && walk->nodes[i].children == 0)
            push(walk, i);
}

static void fill_commit(struct arena *arena, struct code_commit *out, const git_commit *commit)
{
    const git_signature *author = git_commit_author(commit);
    const char *message = git_commit_message_raw(commit);
    int parents = (int)git_commit_parentcount(commit);
    *out = (struct code_commit){ .time = git_commit_time(commit), .parent_count = parents };
    git_oid_tostr(out->id, sizeof out->id, git_commit_id(commit));
    out->subject = arena_strndup(arena, message, strcspn(message, "\n"));
    out->author = arena_strdup(arena, author && author->name ? author->name : "");
    out->refs = "";
    char(*list)[CODE_ID_SIZE] = arena_alloc(arena, (size_t)parents, sizeof *list);
    for (int i = 0; i < parents; i++)
        git_oid_tostr(list[i], sizeof list[i], git_commit_parent_id(commit, (unsigned)i));
    out->parents = (const char(*)[CODE_ID_SIZE])list;
}

/* Children before parents, and of those that are free the newest. Children come to hold the place
 * in `out`. */
static void fill_commits(struct arena *arena, struct walk *walk, struct code_commit *out)
{
    for (int place = 0; walk->heap_count > 0; place++) {
        int node = pop(walk);
        const git_commit *commit = walk->nodes[node].commit;
        fill_commit(arena, &out[place], commit);
        walk->nodes[node].children = place;
        for (unsigned i = 0; i < git_commit_parentcount(commit); i++) {
            int parent = kept_parent(walk, commit, i);
            if (parent >= 0 && --walk->nodes[parent].children == 0)
                push(walk, parent);
        }
    }
}

static void add_name(struct arena *arena, struct walk *walk, struct code_commit *out,
                     const char *reference, const char *name)
{
    git_reference *found = NULL;
    git_object *object = NULL;
    if (git_reference_lookup(&found, walk->repository, reference) == 0 &&
        git_reference_peel(&object, found, GIT_OBJECT_COMMIT) == 0) {
        int node = id_table_find(&walk->table, git_object_id(object));
        if (node >= 0 && walk->nodes[node].is_kept) {
            struct code_commit *commit = &out[walk->nodes[node].children];
            commit->refs =
                arena_printf(arena, "%s%s%s", commit->refs, *commit->refs ? ", " : "", name);
        }
    }
    git_object_free(object);
    git_reference_free(found);
}

static void fill_names(struct arena *arena, struct walk *walk, struct code_commit *out)
{
    static const char *const kinds[] = { "refs/heads/", "refs/tags/", "refs/remotes/" };
    add_name(arena, walk, out, "HEAD", "HEAD");
    for (int i = 0; i < ARRAY_SIZE(kinds); i++) {
        git_reference_iterator *iterator = NULL;
        const char *name;
        char *all = xasprintf("%s*", kinds[i]);
        if (git_reference_iterator_glob_new(&iterator, walk->repository, all) == 0)
            while (git_reference_next_name(&name, iterator) == 0)
                add_name(arena, walk, out, name, name + strlen(kinds[i]));
        git_reference_iterator_free(iterator);
        free(all);
    }
}

int code_history(struct arena *arena, const char *top, const char *const *ids, int id_count,
                 int limit, struct code_commit **commits, int *count)
{
    struct walk walk = { 0 };
    git_oid id;
    *commits = NULL;
    *count = 0;
    int error = repository_open(&walk.repository, top);
    if (error)
        return error;
    if (git_reference_name_to_id(&id, walk.repository, "HEAD") == 0)
        meet(&walk, &id);
    for (int i = 0; i < id_count; i++)
        if (git_oid_fromstr(&id, ids[i]) == 0)
            meet(&walk, &id);
    *count = keep_newest(&walk, limit);
    *commits = arena_alloc(arena, (size_t)*count + 1, sizeof **commits);
    count_children(&walk);
    fill_commits(arena, &walk, *commits);
    fill_names(arena, &walk, *commits);
    for (int i = 0; i < walk.count; i++)
        git_commit_free(walk.nodes[i].commit);
    free(walk.nodes);
    free(walk.heap);
    id_table_release(&walk.table);
    git_repository_free(walk.repository);
    return 0;
}

/* --- between two --- */

static int walk_between(struct arena *arena, git_repository *repository, const git_oid *good,
                        const git_oid *bad, int limit, struct code_commit **commits, int *count)
{
    git_revwalk *walk = NULL;
    git_oid id;
    int room = 64, code = git_revwalk_new(&walk, repository);
    struct code_commit *list = xcalloc((size_t)room, sizeof *list);
    if (code == 0)
        code = git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME | GIT_SORT_REVERSE);
    if (code == 0)
        code = git_revwalk_push(walk, bad);
    if (code == 0)
        code = git_revwalk_hide(walk, good);
    *count = 0;
    while (code == 0 && *count <= limit && git_revwalk_next(&id, walk) == 0) {
        git_commit *commit = NULL;
        if (*count == room)
            list = xrealloc(list, (size_t)(room *= 2), sizeof *list);
        code = git_commit_lookup(&commit, repository, &id);
        if (code == 0)
            fill_commit(arena, &list[(*count)++], commit);
        git_commit_free(commit);
    }
    *commits = arena_alloc(arena, (size_t)*count + 1, sizeof **commits);
    memcpy(*commits, list, (size_t)*count * sizeof *list);
    free(list);
    git_revwalk_free(walk);
    if (code != 0)
        return fail_git(ERR_NOT_FOUND, "cannot list the commits");
    return *count <= limit ? 0 : fail(ERR_INVALID, "there are more than %d commits between", limit);
}

int code_between(struct arena *arena, const char *top, const char *good, const char *bad, int limit,
                 struct code_commit **commits, int *count)
{
    git_repository *repository;
    git_oid from, to;
    *commits = NULL;
    *count = 0;
    int error = repository_open(&repository, top);
    if (error)
        return error;
    if (git_oid_fromstr(&from, good) != 0 || git_oid_fromstr(&to, bad) != 0)
        error = fail(ERR_INVALID, "'%.40s' and '%.40s' are not both commits", good, bad);
    int descends = error ? 0 : git_graph_descendant_of(repository, &to, &from);
    if (!error && descends < 0)
        error = fail_git(ERR_NOT_FOUND, "cannot look at the commits around '%s'", top);
    else if (!error && descends == 0)
        error = git_oid_equal(&from, &to)
                    ? fail(ERR_INVALID, "both are of commit %.12s: nothing is between them", good)
                    : fail(ERR_INVALID, "commit %.12s is no ancestor of %.12s", good, bad);
    if (!error)
        error = walk_between(arena, repository, &from, &to, limit, commits, count);
    git_repository_free(repository);
    return error;
}

/* --- files --- */

static int read_blob(struct arena *arena, git_repository *repository, const char *commit,
                     const char *path, size_t limit, char **text, size_t *size)
{
    git_object *object = NULL;
    const char *name = arena_printf(arena, "%s:%s", commit, path);
    if (git_revparse_single(&object, repository, name) != 0 ||
        git_object_type(object) != GIT_OBJECT_BLOB) {
        git_object_free(object);
        return fail(ERR_NOT_FOUND, "commit %.12s has no file '%s'", commit, path);
    }
    const git_blob *blob = (const git_blob *)object;
    int error = 0;
    *size = (size_t)git_blob_rawsize(blob);
    if (*size > limit)
        error =
            fail(ERR_INVALID, "'%s' has more than %zu bytes in commit %.12s", path, limit, commit);
    else
        *text = arena_strndup(arena, git_blob_rawcontent(blob), *size);
    git_object_free(object);
    return error;
}

int code_file(struct arena *arena, const char *top, const char *commit, const char *path,
              size_t limit, char **text, size_t *size)
{
    git_repository *repository;
    int error = repository_open(&repository, top);
    if (error)
        return error;
    error = read_blob(arena, repository, commit, path, limit, text, size);
    git_repository_free(repository);
    return error;
}
