#include "graph.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "draw/lanes.h"
#include "graph_nodes.h"
#include "record/metric.h"

enum {
    HISTORY_LIMIT_COMMITS = 100000,
    RUNS_A_COMMIT = 8,
    LANE_COLUMNS_LIMIT = 24, /* up to which all text begins in one column */
    SHORT_ID = 7,
};

/* The runs of one store, and the history of their code. */
struct graph {
    struct index *index;
    const struct listed_run *runs;
    int run_count;
    int *commit_of; /* (runs) place in the history; -1 */
    struct code_commit *commits;
    int commit_count;
    struct graph_node *nodes;
    struct lane_rows *rows;
    int node_count;
    struct table table; /* of all runs */
    int *widths;
    int indent; /* columns of the lanes */
    struct canvas line;
    struct terminal terminal;
};

/* --- the table beside the lanes --- */

/* "min(frechet)": the best of what has a better end, else the last. */
static const char *score_column(struct index *index, const char *metric)
{
    enum direction direction = metric_direction(metric, &index->config);
    const char *function = direction == DIRECTION_SMALLER  ? "min"
                           : direction == DIRECTION_LARGER ? "max"
                                                           : "last";
    return arena_printf(&index->arena, "%s(%s)", function, metric);
}

static const char *usual_score(struct index *index, const struct listed_run *runs, int count)
{
    enum { CHIEFS = 32 };
    int chief_count;
    const char **chiefs = run_chief_metrics(index, runs, count, CHIEFS, &chief_count);
    for (int i = 0; i < chief_count; i++)
        if (metric_direction(chiefs[i], &index->config) != DIRECTION_NONE)
            return chiefs[i];
    return chief_count > 0 ? chiefs[0] : NULL;
}

static const char *usual_columns(struct index *index, const struct listed_run *runs, int count,
                                 const char *score)
{
    if (!score)
        score = usual_score(index, runs, count);
    bool has_names = false, has_changes = false;
    for (int i = 0; i < count; i++) {
        has_names |= runs[i].row.name != NULL;
        has_changes |= runs[i].row.is_dirty;
    }
    return arena_printf(&index->arena, "run%s,state,exp%s,age%s%s", has_changes ? ",changes" : "",
                        has_names ? ",name" : "", score ? "," : "",
                        score ? score_column(index, score) : "");
}

static int make_table(struct graph *graph, const struct graph_wish *wish)
{
    struct run_column *columns;
    int count;
    const char *names =
        wish->columns ? wish->columns
                      : usual_columns(graph->index, graph->runs, graph->run_count, wish->score);
    int error =
        run_columns_choose(graph->index, names, graph->runs, graph->run_count, &columns, &count);
    if (error)
        return error;
    graph->table = run_table_make(graph->index, columns, count, graph->runs, graph->run_count,
                                  graph->terminal.utf8);
    return 0;
}

/* --- the history --- */

static void mark_runs(struct graph *graph, bool *counts)
{
    struct arena *arena = &graph->index->arena;
    struct graph_order order = graph_order(arena, graph->commits, graph->commit_count);
    for (int i = 0; i < graph->run_count; i++) {
        const char *commit = graph->runs[i].row.commit;
        graph->commit_of[i] = commit ? graph_find(&order, commit) : -1;
        if (graph->commit_of[i] >= 0)
            counts[graph->commit_of[i]] = true;
    }
    for (int i = 0; i < graph->commit_count; i++)
        counts[i] |= strncmp(graph->commits[i].refs, "HEAD", 4) == 0;
}

static void lay_out(struct graph *graph)
{
    struct arena *arena = &graph->index->arena;
    bool *counts = arena_alloc(arena, (size_t)graph->commit_count + 1, sizeof *counts);
    mark_runs(graph, counts);
    graph->nodes =
        graph_nodes(arena, graph->commits, graph->commit_count, counts, &graph->node_count);
    struct lane_node *lanes = arena_alloc(arena, (size_t)graph->node_count + 1, sizeof *lanes);
    for (int i = 0; i < graph->node_count; i++)
        lanes[i] = (struct lane_node){ graph->nodes[i].parents, graph->nodes[i].parent_count,
                                       graph->nodes[i].left_out > 0 };
    graph->rows = lanes_layout(arena, lanes, graph->node_count);
    for (int i = 0; i < graph->node_count; i++)
        graph->indent = MAX(graph->indent, text_columns(graph->rows[i].node));
    graph->indent = MIN(graph->indent, LANE_COLUMNS_LIMIT);
}

static int read_history(struct graph *graph, const char *top)
{
    struct arena *arena = &graph->index->arena;
    const char **ids = arena_alloc(arena, (size_t)graph->run_count + 1, sizeof *ids);
    int count = 0;
    graph->commit_of = arena_alloc(arena, (size_t)graph->run_count + 1, sizeof *graph->commit_of);
    for (int i = 0; i < graph->run_count; i++) {
        graph->commit_of[i] = -1;
        if (graph->runs[i].row.commit)
            ids[count++] = graph->runs[i].row.commit;
    }
    int error = code_history(arena, top, ids, count, HISTORY_LIMIT_COMMITS, &graph->commits,
                             &graph->commit_count);
    if (!error)
        lay_out(graph);
    return error;
}

/* --- printing --- */

/* Begins a line with its lanes; the column where text goes on. */
static int begin_line(struct graph *graph, const char *lanes)
{
    struct style style = { .foreground = colour_ansi(4) };
    canvas_fill(&graph->line, canvas_bounds(&graph->line), ' ', (struct style){ 0 });
    int columns = canvas_text(&graph->line, canvas_bounds(&graph->line), lanes, style);
    return MAX(columns, graph->indent) + 1;
}

static void end_line(struct graph *graph)
{
    canvas_print(&graph->line, stdout, &graph->terminal);
}

static struct rect rest_from(const struct graph *graph, int column)
{
    return (struct rect){ column, 0, graph->line.width - column, 1 };
}

static void print_commit(struct graph *graph, const struct graph_node *node, const char *lanes)
{
    static const struct style id = { .foreground = COLOUR_TAG_ANSI | 3 },
                              refs = { .foreground = COLOUR_TAG_ANSI | 6 },
                              gap = { .attributes = STYLE_DIM };
    struct arena *arena = &graph->index->arena;
    const struct code_commit *commit = &graph->commits[node->commit];
    int x = begin_line(graph, lanes);
    if (node->left_out > 0)
        canvas_printf(&graph->line, rest_from(graph, x), gap, "%s commits%s",
                      format_count(arena, node->left_out), node->is_cut ? ", and older ones" : "");
    else {
        x += canvas_printf(&graph->line, rest_from(graph, x), id, "%.*s ", SHORT_ID, commit->id);
        if (*commit->refs)
            x += canvas_printf(&graph->line, rest_from(graph, x), refs, "(%s) ", commit->refs);
        canvas_text(&graph->line, rest_from(graph, x), text_clean(arena, commit->subject, 500),
                    (struct style){ 0 });
    }
    end_line(graph);
}

static void print_run(struct graph *graph, int run, const char *lanes)
{
    int x = begin_line(graph, lanes) + 1;
    table_draw_row(&graph->line, rest_from(graph, x), &graph->table, graph->widths, run);
    end_line(graph);
}

static bool is_of(const struct graph *graph, int run, int commit, const char *id)
{
    const char *own = graph->runs[run].row.commit;
    bool is_same_id = own && id ? strcmp(own, id) == 0 : own == id;
    return graph->commit_of[run] == commit && (commit >= 0 || is_same_id);
}

/* The runs of a commit; of one that is not in the history, by its id (NULL: without any). */
static void print_runs(struct graph *graph, int first, int commit, const char *id,
                       const char *lanes)
{
    int count = 0;
    for (int i = first; i < graph->run_count; i++)
        if (is_of(graph, i, commit, id) && ++count <= RUNS_A_COMMIT)
            print_run(graph, i, lanes);
    if (count > RUNS_A_COMMIT) {
        int x = begin_line(graph, lanes) + 1;
        canvas_printf(&graph->line, rest_from(graph, x), (struct style){ .attributes = STYLE_DIM },
                      "and %d more runs", count - RUNS_A_COMMIT);
        end_line(graph);
    }
}

/* Runs whose commit this repository does not have, and those that have none. */
static void print_strangers(struct graph *graph)
{
    for (int i = 0; i < graph->run_count; i++) {
        const struct run_row *row = &graph->runs[i].row;
        bool is_done = graph->commit_of[i] >= 0;
        for (int j = 0; j < i && !is_done; j++)
            is_done = is_of(graph, j, -1, row->commit);
        if (is_done)
            continue;
        int x = begin_line(graph, "");
        const char *subject =
            row->subject ? text_clean(&graph->index->arena, row->subject, 500) : "";
        if (row->commit)
            canvas_printf(&graph->line, rest_from(graph, x), (struct style){ 0 },
                          "%.*s (not in this history) %s", SHORT_ID, row->commit, subject);
        else
            canvas_text(&graph->line, rest_from(graph, x), "without a commit", (struct style){ 0 });
        end_line(graph);
        print_runs(graph, i, -1, row->commit, "");
    }
}

static void print_all(struct graph *graph)
{
    canvas_init(&graph->line, graph->terminal.columns, 1);
    graph->widths = table_widths(&graph->index->arena, &graph->table,
                                 MAX(graph->terminal.columns - graph->indent - 2, 1));
    print_run(graph, -1, "");
    for (int i = 0; i < graph->node_count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        print_commit(graph, node, graph->rows[i].node);
        print_runs(graph, 0, node->commit, NULL, graph->rows[i].beside);
        for (int k = 0; k < graph->rows[i].link_count; k++) {
            begin_line(graph, graph->rows[i].links[k]);
            end_line(graph);
        }
    }
    print_strangers(graph);
    canvas_release(&graph->line);
}

static int print_place(struct index *index, const struct index_place *place,
                       const struct listed_run *runs, int count, const struct graph_wish *wish)
{
    struct graph graph = { .index = index };
    struct listed_run *own = arena_alloc(&index->arena, (size_t)count + 1, sizeof *own);
    for (int i = 0; i < count; i++)
        if (runs[i].place == place)
            own[graph.run_count++] = runs[i];
    if (graph.run_count == 0)
        return 0;
    graph.runs = own;
    terminal_probe(&graph.terminal, stdout);
    int error = make_table(&graph, wish);
    if (error)
        return error;
    if (read_history(&graph, place->store.top) < 0)
        fprintf(stderr, "note: no history to show: %s\n", error_text());
    if (index->count > 1)
        printf("%s\n", place->label);
    print_all(&graph);
    return 0;
}

int graph_print(struct index *index, const struct listed_run *runs, int count,
                const struct graph_wish *wish)
{
    int error = 0;
    for (int i = 0; i < index->count && !error; i++)
        error = print_place(index, &index->places[i], runs, count, wish);
    return error;
}
