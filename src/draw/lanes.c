#include "draw/lanes.h"

#include <string.h>

#include "base/text.h"

enum { FREE = -1, ENDING = -2 /* only its node is left of it */ };

struct lanes {
    struct arena *arena;
    int *expected; /* (room) the node that a lane leads to; FREE */
    int count, room;
};

static const char vertical[] = "│", node_sign[] = "●", gap_sign[] = "⋮";

static int find_lane(const struct lanes *lanes, int node)
{
    for (int i = 0; i < lanes->count; i++)
        if (lanes->expected[i] == node)
            return i;
    return -1;
}

/* The first free lane, a new one if need be. */
static int take_lane(struct lanes *lanes, int node)
{
    int lane = find_lane(lanes, FREE);
    if (lane < 0) {
        if (lanes->count == lanes->room) {
            int room = lanes->room ? 2 * lanes->room : 8;
            int *more = arena_alloc(lanes->arena, (size_t)room, sizeof *more);
            if (lanes->count > 0)
                memcpy(more, lanes->expected, (size_t)lanes->count * sizeof *more);
            lanes->expected = more;
            lanes->room = room;
        }
        lane = lanes->count++;
    }
    lanes->expected[lane] = node;
    return lane;
}

static void free_lane(struct lanes *lanes, int lane)
{
    lanes->expected[lane] = FREE;
    while (lanes->count > 0 && lanes->expected[lanes->count - 1] == FREE)
        lanes->count--;
}

/* Lanes that are in use, with `sign` in one of them (-1: in none). */
static const char *row_text(const struct lanes *lanes, int at, const char *sign)
{
    char *text = arena_strdup(lanes->arena, "");
    int width = lanes->count;
    while (width > 0 && lanes->expected[width - 1] < 0)
        width--;
    for (int i = 0; i < MAX(width, at + 1); i++) {
        bool is_used = i < width && lanes->expected[i] >= 0;
        text = arena_printf(lanes->arena, "%s%s%s", text, i > 0 ? " " : "",
                            i == at   ? sign
                            : is_used ? vertical
                                      : " ");
    }
    return text;
}

/* A connection between two lanes, which begins or ends `right` unless that goes on. */
static const char *link_text(const struct lanes *lanes, int left, int right, const char *corner)
{
    char *text = arena_strdup(lanes->arena, "");
    for (int i = 0; i < MAX(lanes->count, right + 1); i++) {
        bool is_used = i < lanes->count && lanes->expected[i] >= 0;
        bool is_inside = i > left && i<right, is_linked = i> left && i <= right;
        const char *sign = i == left    ? "├"
                           : i == right ? corner
                           : is_inside  ? (is_used ? "┼" : "─")
                           : is_used    ? vertical
                                        : " ";
        text = arena_printf(lanes->arena, "%s%s%s", text,
                            i == 0      ? ""
                            : is_linked ? "─"
                                        : " ",
                            sign);
    }
    return text;
}

static void add_link(struct lanes *lanes, struct lane_rows *rows, const char *text)
{
    const char **more = arena_alloc(lanes->arena, (size_t)rows->link_count + 1, sizeof *more);
    if (rows->link_count > 0)
        memcpy(more, rows->links, (size_t)rows->link_count * sizeof *more);
    more[rows->link_count++] = text;
    rows->links = more;
}

/* The second parent of a merge and those after it: each in a lane of its own, or one that leads
 * there already. */
static void branch_off(struct lanes *lanes, struct lane_rows *rows, int lane, int parent)
{
    int other = find_lane(lanes, parent);
    if (other == lane)
        return;
    if (other >= 0) {
        add_link(lanes, rows, link_text(lanes, MIN(lane, other), MAX(lane, other), "┤"));
        return;
    }
    other = take_lane(lanes, parent);
    bool is_right = other > lane;
    add_link(lanes, rows,
             is_right ? link_text(lanes, lane, other, "╮") : link_text(lanes, other, lane, "┤"));
}

/* Two lanes that lead to one node become one. */
static void join(struct lanes *lanes, struct lane_rows *rows)
{
    for (int right = 1; right < lanes->count; right++) {
        if (lanes->expected[right] < 0)
            continue;
        int left = find_lane(lanes, lanes->expected[right]);
        if (left < right) {
            const char *text = link_text(lanes, left, right, "╯");
            add_link(lanes, rows, text);
            free_lane(lanes, right);
        }
    }
}

static void lay_out(struct lanes *lanes, const struct lane_node *node, int place,
                    struct lane_rows *rows)
{
    int lane = find_lane(lanes, place);
    if (lane < 0)
        lane = take_lane(lanes, place);
    rows->node = row_text(lanes, lane, node->is_gap ? gap_sign : node_sign);
    int first = node->parent_count > 0 ? node->parents[0] : -1;
    lanes->expected[lane] = first >= 0 ? first : ENDING;
    rows->beside = row_text(lanes, -1, "");
    for (int i = 1; i < node->parent_count; i++)
        if (node->parents[i] >= 0)
            branch_off(lanes, rows, lane, node->parents[i]);
    if (first < 0)
        free_lane(lanes, lane);
    join(lanes, rows);
}

struct lane_rows *lanes_layout(struct arena *arena, const struct lane_node *nodes, int count)
{
    struct lanes lanes = { .arena = arena };
    struct lane_rows *rows = arena_alloc(arena, (size_t)count + 1, sizeof *rows);
    for (int i = 0; i < count; i++)
        lay_out(&lanes, &nodes[i], i, &rows[i]);
    return rows;
}
