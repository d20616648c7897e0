/* Tables of text that fit a width: columns are as wide as what is in them, and where there is not
 * room for all, cells are cut ('…'), and then columns left out, those of the highest `rank` first.
 *
 * Text is taken as hostile, as everything that is drawn (draw/canvas.h). */
#ifndef GANDER_DRAW_TABLE_H
#define GANDER_DRAW_TABLE_H

#include <stdio.h>

#include "base/base.h"
#include "base/memory.h"
#include "draw/canvas.h"

struct table_column {
    const char *title;
    bool is_right;   /* numbers stand at the right of their column */
    int least, most; /* columns of the terminal; `most` 0: as many as it takes. With least < most
                        cells may be cut to `least` before a column is left out */
    int rank;        /* 0: never left out */
};

struct table_cell {
    const char *text; /* NULL: nothing */
    struct style style;
};

struct table {
    const struct table_column *columns;
    int column_count;
    const struct table_cell *cells; /* (row_count, column_count) */
    int row_count;
};

enum { TABLE_GAP = 1 /* columns between two */ };

/* The width of each column in `width` columns of a terminal (0: no limit); 0 for those that are left
 * out. In the arena. */
int *table_widths(struct arena *arena, const struct table *table, int width);

/* Makes widths fit so many columns of a terminal: what the columns would like becomes what they get. */
void table_fit(const struct table *table, int *widths, int width);

/* Draws one row in the first line of `rect`; row -1 is the titles. */
void table_draw_row(struct canvas *canvas, struct rect rect, const struct table *table,
                    const int *widths, int row);

/* Prints titles and rows. */
void table_print(FILE *stream, const struct table *table, const struct terminal *terminal);

#endif
