/* The cells of the lines that are shown. A line's cells are made once and stay while it is scrolled;
 * columns only grow while they do, so that nothing jumps. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "runs.h"

/* --- columns --- */

/* Columns that stay where others are scrolled away. */
static bool is_fixed(const struct runs_table *table, int column)
{
    return strcmp(table->names[column], "run") == 0 || strcmp(table->names[column], "sign") == 0;
}

static bool is_curve(const char *name)
{
    return strncmp(name, "spark(", 6) == 0;
}

static bool is_sorted_by(const struct runs *runs, const char *name)
{
    struct arena arena = { 0 };
    const char *sort = run_column_sort(&arena, name);
    bool is_drawn = is_curve(name) || strcmp(name, "bar") == 0;
    bool is = sort && !is_drawn && strcmp(sort, runs->sort ? runs->sort : "run") == 0;
    arena_release(&arena);
    return is;
}

static void read_names(struct runs *runs)
{
    struct runs_table *table = &runs->table;
    const char *signature = "";
    table->names = arena_alloc(&table->arena, (size_t)table->column_count + 1, sizeof(char *));
    for (int i = 0; i < table->column_count; i++) {
        table->names[i] = run_column_text(&table->arena, runs->list.columns, i);
        signature = arena_printf(&table->arena, "%s,%s", signature, table->names[i]);
    }
    if (table->signature && strcmp(signature, table->signature) == 0)
        return;
    runs_set(&table->signature, signature);
    size_t count = (size_t)table->column_count + 1;
    table->full = xrealloc(table->full, count, sizeof *table->full);
    table->widths = xrealloc(table->widths, count, sizeof *table->widths);
    memset(table->full, 0, count * sizeof *table->full);
    table->skipped = 0;
}

static void make_heads(struct view *view)
{
    struct runs *runs = view->state;
    struct runs_table *table = &runs->table;
    struct index index = *app_index(view->app);
    arena_release(&table->arena);
    index.arena = (struct arena){ 0 };
    bool has_signs = app_look(view->app)->terminal.utf8;
    struct table empty =
        run_table_make(&index, runs->list.columns, runs->list.column_count, NULL, 0, false);
    table->arena = index.arena;
    table->column_count = empty.column_count;
    table->heads = arena_alloc(&table->arena, (size_t)empty.column_count + 1, sizeof *table->heads);
    read_names(runs);
    for (int i = 0; i < empty.column_count; i++) {
        table->heads[i] = empty.columns[i];
        if (is_sorted_by(runs, table->names[i]))
            table->heads[i].title = arena_printf(&table->arena, "%s%s%s", empty.columns[i].title,
                                                 has_signs ? "" : " ", /* "runv" is no word */
                                                 runs->is_ascending ? "▲" : "▼");
        table->full[i] = MAX(table->full[i], MAX(text_columns(table->heads[i].title), 1));
    }
}

/* --- rows --- */

/* Full blocks of two rows would run into each other: they become a little lower. */
static const char *lowered(struct arena *arena, const char *curve)
{
    static const char full[] = "\xe2\x96\x88", lower[] = "\xe2\x96\x87";
    char *text = arena_strdup(arena, curve);
    for (char *at = strstr(text, full); at; at = strstr(at, full))
        memcpy(at, lower, sizeof lower - 1);
    return text;
}

static void make_row(struct view *view, struct runs_row *row, int run)
{
    struct runs *runs = view->state;
    struct index index = *app_index(view->app);
    index.arena = (struct arena){ 0 };
    index.now = runs->list.now;
    const struct table table =
        run_table_make(&index, runs->list.columns, runs->list.column_count, &runs->list.runs[run],
                       1, app_look(view->app)->terminal.utf8);
    struct table_cell *cells =
        arena_alloc(&index.arena, (size_t)table.column_count + 1, sizeof *cells);
    *row = (struct runs_row){ .run = run, .arena = index.arena, .cells = cells };
    for (int i = 0, look = 1; i < table.column_count; i++) {
        cells[i] = table.cells[i];
        if (is_curve(runs->table.names[i])) { /* coloured as in the preview */
            cells[i].style = chart_style(look++);
            cells[i].text = cells[i].text ? lowered(&row->arena, cells[i].text) : NULL;
        }
        if (cells[i].text)
            runs->table.full[i] = MAX(runs->table.full[i], text_columns(cells[i].text));
    }
}

static void release_rows(struct runs_table *table)
{
    for (int i = 0; i < table->row_count; i++)
        arena_release(&table->rows[i].arena);
    free(table->rows);
    table->rows = NULL;
    table->row_count = 0;
}

/* Takes it out of the rows that were there; false: it was not. */
static bool take_row(struct runs_table *table, int run, struct runs_row *row)
{
    for (int i = 0; i < table->row_count; i++)
        if (table->rows[i].run == run) {
            *row = table->rows[i];
            table->rows[i] = (struct runs_row){ .run = -1 };
            return true;
        }
    return false;
}

/* True if a line is shown that was not there. */
static bool make_rows(struct view *view)
{
    struct runs *runs = view->state;
    struct runs_table *table = &runs->table;
    int count = MAX(MIN(runs->rows, runs->line_count - runs->first), 0);
    bool is_changed = count != table->row_count;
    struct runs_row *rows = xcalloc((size_t)count + 1, sizeof *rows);
    for (int i = 0; i < count; i++) {
        int run = runs->lines[runs->first + i].run;
        if (i < table->row_count && table->rows[i].run != run)
            is_changed = true;
        if (run < 0)
            rows[i].run = -1;
        else if (!take_row(table, run, &rows[i]))
            make_row(view, &rows[i], run);
    }
    release_rows(table);
    table->rows = rows;
    table->row_count = count;
    return is_changed;
}

/* --- widths --- */

/* Scrolled: the fixed columns, then from the first that is not scrolled away as many as fit. */
static void fit_scrolled(struct runs_table *table, int width)
{
    int used = 0, moved = 0;
    table->has_more = false;
    for (int i = 0; i < table->column_count; i++)
        if (is_fixed(table, i))
            used += table->full[i] + TABLE_GAP;
    for (int i = 0; i < table->column_count; i++) {
        bool stays = is_fixed(table, i);
        table->widths[i] = table->full[i];
        if (stays || moved++ < table->skipped) {
            table->widths[i] = stays ? table->full[i] : 0;
            continue;
        }
        table->has_more = table->has_more || used + table->full[i] > width;
        table->widths[i] = MAX(MIN(table->full[i], width - used), 0);
        used += table->full[i] + TABLE_GAP;
    }
}

static void fit(struct runs *runs)
{
    struct runs_table *table = &runs->table;
    struct table shown = { .columns = table->heads, .column_count = table->column_count };
    int width = runs->place.width - RUNS_MARGIN - 1, used = 0;
    if (table->skipped > 0) {
        fit_scrolled(table, width);
        return;
    }
    for (int i = 0; i < table->column_count; i++) {
        int most = table->heads[i].most;
        table->widths[i] = most > 0 ? MIN(table->full[i], most) : table->full[i];
    }
    table_fit(&shown, table->widths, width);
    table->has_more = false;
    for (int i = 0; i < table->column_count; i++) {
        table->has_more = table->has_more || table->widths[i] == 0;
        used += table->widths[i] > 0 ? table->widths[i] + TABLE_GAP : 0;
    }
    table->has_more = table->has_more || used - TABLE_GAP > width;
}

void runs_table_scroll(struct runs *runs, int by)
{
    struct runs_table *table = &runs->table;
    if (by > 0 && !table->has_more)
        return;
    table->skipped = MAX(table->skipped + by, 0);
    if (by > 1) /* not past the last column */
        table->skipped = MIN(table->skipped, MAX(table->column_count - 3, 1));
}

int runs_table_column_at(const struct runs *runs, int x)
{
    const struct runs_table *table = &runs->table;
    int left = runs->place.x + RUNS_MARGIN;
    for (int i = 0; i < table->column_count; i++) {
        if (table->widths[i] == 0)
            continue;
        if (x >= left && x < left + table->widths[i] + TABLE_GAP)
            return i;
        left += table->widths[i] + TABLE_GAP;
    }
    return -1;
}

bool runs_table_update(struct view *view)
{
    struct runs *runs = view->state;
    struct runs_table *table = &runs->table;
    bool is_stale = table->is_stale;
    if (is_stale) {
        release_rows(table);
        make_heads(view);
        table->is_stale = false;
    }
    bool is_changed = make_rows(view);
    fit(runs);
    return is_stale || is_changed;
}

void runs_table_release(struct runs *runs)
{
    struct runs_table *table = &runs->table;
    release_rows(table);
    arena_release(&table->arena);
    free(table->signature);
    free(table->full);
    free(table->widths);
}
