#include "draw/table.h"

#include "base/text.h"

static int gaps(const int *widths, int count)
{
    int total = 0, shown = 0;
    for (int i = 0; i < count; i++) {
        total += widths[i];
        shown += widths[i] > 0;
    }
    return total + (shown > 0 ? (shown - 1) * TABLE_GAP : 0);
}

/* What each column would like. */
static void measure(const struct table *table, int *widths)
{
    for (int i = 0; i < table->column_count; i++)
        widths[i] = MAX(text_columns(table->columns[i].title), 1);
    for (int row = 0; row < table->row_count; row++)
        for (int i = 0; i < table->column_count; i++) {
            const char *text =
                table->cells[(size_t)row * (size_t)table->column_count + (size_t)i].text;
            if (text)
                widths[i] = MAX(widths[i], text_columns(text));
        }
    for (int i = 0; i < table->column_count; i++)
        if (table->columns[i].most > 0)
            widths[i] = MIN(widths[i], table->columns[i].most);
}

/* The column that can best give up some of its width: the widest of those that may be cut. -1. */
static int find_widest(const struct table *table, const int *widths)
{
    int found = -1;
    for (int i = 0; i < table->column_count; i++) {
        int least = table->columns[i].least;
        if (widths[i] > 0 && least > 0 && widths[i] > least &&
            (found < 0 || widths[i] > widths[found]))
            found = i;
    }
    return found;
}

/* The last of the highest rank that is shown; -1 when only those are left that always are. */
static int find_least_wanted(const struct table *table, const int *widths)
{
    int found = -1;
    for (int i = 0; i < table->column_count; i++)
        if (widths[i] > 0 && table->columns[i].rank > 0 &&
            (found < 0 || table->columns[i].rank >= table->columns[found].rank))
            found = i;
    return found;
}

/* The least that the shown columns can do with. */
static int least_width(const struct table *table, const int *widths)
{
    int total = 0, shown = 0;
    for (int i = 0; i < table->column_count; i++) {
        int least = table->columns[i].least;
        if (widths[i] == 0)
            continue;
        shown++;
        total += least > 0 ? MIN(least, widths[i]) : widths[i];
    }
    return total + (shown > 0 ? (shown - 1) * TABLE_GAP : 0);
}

void table_fit(const struct table *table, int *widths, int width)
{
    int dropped, widest;
    while (least_width(table, widths) > width && (dropped = find_least_wanted(table, widths)) >= 0)
        widths[dropped] = 0;
    while (gaps(widths, table->column_count) > width && (widest = find_widest(table, widths)) >= 0)
        widths[widest]--;
}

int *table_widths(struct arena *arena, const struct table *table, int width)
{
    int *widths = arena_alloc(arena, (size_t)table->column_count, sizeof *widths);
    measure(table, widths);
    if (width > 0)
        table_fit(table, widths, width);
    return widths;
}

void table_draw_row(struct canvas *canvas, struct rect rect, const struct table *table,
                    const int *widths, int row)
{
    int x = rect.x;
    for (int i = 0; i < table->column_count; i++) {
        if (widths[i] == 0)
            continue;
        struct table_cell title = { table->columns[i].title, { .attributes = STYLE_BOLD } };
        const struct table_cell *cell =
            row < 0 ? &title : &table->cells[(size_t)row * (size_t)table->column_count + (size_t)i];
        if (cell->text) {
            int shift = table->columns[i].is_right ? widths[i] - text_columns(cell->text) : 0;
            struct rect place = { x + MAX(shift, 0), rect.y, widths[i] - MAX(shift, 0), 1 };
            canvas_text(canvas, rect_intersect(place, rect), cell->text, cell->style);
        }
        x += widths[i] + TABLE_GAP;
    }
}

void table_print(FILE *stream, const struct table *table, const struct terminal *terminal)
{
    struct arena arena = { 0 };
    struct canvas line;
    int *widths = table_widths(&arena, table, terminal->columns);
    canvas_init(&line, gaps(widths, table->column_count), 1);
    for (int row = -1; row < table->row_count; row++) {
        canvas_fill(&line, canvas_bounds(&line), ' ', (struct style){ 0 });
        table_draw_row(&line, canvas_bounds(&line), table, widths, row);
        canvas_print(&line, stream, terminal);
    }
    canvas_release(&line);
    arena_release(&arena);
}
