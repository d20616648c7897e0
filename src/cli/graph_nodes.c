#include "graph_nodes.h"

#include <stdlib.h>
#include <string.h>

/* --- finding commits --- */

static int by_id(const void *a, const void *b)
{
    const struct code_commit *const *left = a, *const *right = b;
    return strcmp((*left)->id, (*right)->id);
}

struct graph_order graph_order(struct arena *arena, const struct code_commit *commits, int count)
{
    struct graph_order order = { .commits = commits, .count = count };
    order.by_id = arena_alloc(arena, (size_t)count + 1, sizeof(const struct code_commit *));
    for (int i = 0; i < count; i++)
        order.by_id[i] = &commits[i];
    qsort(order.by_id, (size_t)count, sizeof(const struct code_commit *), by_id);
    return order;
}

int graph_find(const struct graph_order *order, const char *id)
{
    struct code_commit wanted = { .time = 0 };
    const struct code_commit *key = &wanted;
    if (strlen(id) >= sizeof wanted.id)
        return -1;
    memcpy(wanted.id, id, strlen(id) + 1);
    const struct code_commit **found = bsearch(&key, order->by_id, (size_t)order->count,
                                               sizeof(const struct code_commit *), by_id);
    return found ? (int)(*found - order->commits) : -1;
}

/* --- what is left of a history --- */

struct vertex {
    int *parents; /* those that are left */
    int parent_count;
    int children;    /* shown ones */
    const int *near; /* the nearest commits that count, itself included, ascending */
    int near_count;
    bool counts, is_shown;
    int place; /* among the nodes; -1: inside of a gap */
};

static bool is_within(const struct vertex *a, const struct vertex *b)
{
    int j = 0;
    for (int i = 0; i < a->near_count; i++) {
        while (j < b->near_count && b->near[j] < a->near[i])
            j++;
        if (j == b->near_count || b->near[j] != a->near[i])
            return false;
    }
    return true;
}

/* Parents by which nothing is reached that another one does not reach, are left out. */
static void drop_parents(const struct vertex *all, struct vertex *vertex)
{
    int left = 0;
    for (int i = 0; i < vertex->parent_count; i++) {
        const struct vertex *parent = &all[vertex->parents[i]];
        bool is_idle = false;
        for (int j = 0; j < left && !is_idle; j++)
            is_idle = is_within(parent, &all[vertex->parents[j]]);
        for (int j = i + 1; j < vertex->parent_count && !is_idle; j++) {
            const struct vertex *later = &all[vertex->parents[j]];
            is_idle = is_within(parent, later) && !is_within(later, parent);
        }
        if (!is_idle)
            vertex->parents[left++] = vertex->parents[i];
    }
    vertex->parent_count = left;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void unite_near(struct arena *arena, const struct vertex *all, struct vertex *vertex)
{
    int total = 0, count = 0;
    for (int i = 0; i < vertex->parent_count; i++)
        total += all[vertex->parents[i]].near_count;
    int *near = arena_alloc(arena, (size_t)total + 1, sizeof *near);
    for (int i = 0, k = 0; i < vertex->parent_count; i++)
        for (int j = 0; j < all[vertex->parents[i]].near_count; j++)
            near[k++] = all[vertex->parents[i]].near[j];
    qsort(near, (size_t)total, sizeof *near, by_number);
    for (int i = 0; i < total; i++)
        if (i == 0 || near[i] != near[i - 1])
            near[count++] = near[i];
    vertex->near = near;
    vertex->near_count = count;
}

static void find_near(struct arena *arena, const struct vertex *all, struct vertex *vertex)
{
    if (vertex->counts) {
        int *self = arena_alloc(arena, 1, sizeof *self);
        *self = (int)(vertex - all);
        vertex->near = self;
        vertex->near_count = 1;
    } else if (vertex->parent_count == 1) {
        vertex->near = all[vertex->parents[0]].near;
        vertex->near_count = all[vertex->parents[0]].near_count;
    } else if (vertex->parent_count > 1)
        unite_near(arena, all, vertex);
}

/* From the oldest on, since what is near depends on parents. */
static struct vertex *reduce(struct arena *arena, const struct code_commit *commits, int count,
                             const bool *counts)
{
    struct graph_order order = graph_order(arena, commits, count);
    struct vertex *all = arena_alloc(arena, (size_t)count + 1, sizeof *all);
    for (int i = count - 1; i >= 0; i--) {
        struct vertex *vertex = &all[i];
        vertex->counts = vertex->is_shown = counts[i];
        vertex->parents =
            arena_alloc(arena, (size_t)commits[i].parent_count + 1, sizeof *vertex->parents);
        for (int k = 0; k < commits[i].parent_count; k++) {
            int parent = graph_find(&order, commits[i].parents[k]);
            if (parent > i)
                vertex->parents[vertex->parent_count++] = parent;
        }
        drop_parents(all, vertex);
        find_near(arena, all, vertex);
    }
    for (int i = 0; i < count; i++)
        for (int k = 0; all[i].is_shown && k < all[i].parent_count; k++) {
            all[all[i].parents[k]].is_shown = true;
            all[all[i].parents[k]].children++;
        }
    return all;
}

/* In the middle of a line, or at its end. */
static bool is_plain(const struct vertex *vertex)
{
    return !vertex->counts && vertex->parent_count <= 1 && vertex->children == 1;
}

/* How many plain ones stand in a row from this one on; *last is the end of them. */
static int row_length(const struct vertex *all, int first, int *last)
{
    int length = 1;
    *last = first;
    while (all[*last].parent_count == 1 && is_plain(&all[all[*last].parents[0]])) {
        *last = all[*last].parents[0];
        length++;
    }
    return length;
}

struct graph_node *graph_nodes(struct arena *arena, const struct code_commit *commits, int count,
                               const bool *counts, int *node_count)
{
    struct vertex *all = reduce(arena, commits, count, counts);
    struct graph_node *nodes = arena_alloc(arena, (size_t)count + 1, sizeof *nodes);
    int used = 0;
    for (int i = 0; i < count; i++) {
        int last = i, length = 0;
        if (!all[i].is_shown || all[i].place < 0)
            continue;
        if (is_plain(&all[i]) && (length = row_length(all, i, &last)) > 1)
            for (int k = i; k != last; k = all[k].parents[0])
                all[all[k].parents[0]].place = -1;
        all[i].place = used;
        nodes[used++] = (struct graph_node){ .commit = i,
                                             .left_out = length > 1 ? length : 0,
                                             .is_cut = all[last].parent_count == 0 &&
                                                       commits[last].parent_count > 0,
                                             .parents = all[last].parents,
                                             .parent_count = all[last].parent_count };
    }
    for (int i = 0; i < used; i++) {
        int *places = arena_alloc(arena, (size_t)nodes[i].parent_count + 1, sizeof *places);
        for (int k = 0; k < nodes[i].parent_count; k++)
            places[k] = all[nodes[i].parents[k]].place;
        nodes[i].parents = places;
    }
    *node_count = used;
    return nodes;
}
