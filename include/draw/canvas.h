/* A grid of character cells, and how it is printed.
 *
 * Whatever draws (charts, pictures, bars, views) draws here, clipped; nothing here knows a screen.
 * Cells hold Unicode and full colour; printing reduces them to what the terminal can show: to fewer
 * colours, to ASCII where UTF-8 does not arrive. Text is taken as hostile: a control character or a
 * bad byte becomes '?', so no text can move the cursor. */
#ifndef GANDER_DRAW_CANVAS_H
#define GANDER_DRAW_CANVAS_H

#include <stdio.h>

#include "base/base.h"
#include "draw/colour.h"
#include "draw/terminal.h"

enum { STYLE_BOLD = 1, STYLE_DIM = 2, STYLE_ITALIC = 4, STYLE_UNDERLINE = 8, STYLE_REVERSE = 16 };

struct style { /* all zero: the terminal's own */
    uint32_t foreground, background;
    uint32_t attributes; /* STYLE_… */
};

struct cell {
    uint32_t character; /* Unicode; 0 in the right half of a wide one */
    struct style style;
};

struct rect {
    int x, y, width, height; /* in cells, from the top left; width or height <= 0 is empty */
};

/* A grey picture that stands in a rectangle of cells in true pixels, above what the cells show. Only
 * a screen that has such graphics shows it (draw/pixels.h); printing leaves it out. */
struct canvas_pixels {
    struct rect cells; /* wholly on the canvas */
    int width, height;
    uint8_t *pixels; /* (height, width), 0 black … 255 white; owned */
    bool is_signed;  /* 128 is none, black; what is less or more has a colour (draw/picture.h) */
};

struct canvas {
    int width, height;
    struct cell *cells;           /* (height, width); owned */
    struct canvas_pixels *pixels; /* owned */
    int pixels_count;
};

void canvas_init(struct canvas *canvas, int width, int height); /* blank; sizes < 0 count as 0 */
void canvas_release(struct canvas *canvas);

struct rect canvas_bounds(const struct canvas *canvas);
const struct cell *canvas_at(const struct canvas *canvas, int x, int y); /* NULL outside */
struct rect rect_intersect(struct rect a, struct rect b); /* width and height 0 if they are apart */

/* Draws one character; outside the canvas nothing happens. A wide one takes the next cell as well
 * and becomes a blank where that is outside. A combining one is left out. */
void canvas_put(struct canvas *canvas, int x, int y, uint32_t character, struct style style);

/* Draws one line of UTF-8 at the top left of `rect`, cut to its width; what was cut shows as '…' in
 * the last column. Returns the columns drawn. */
int canvas_text(struct canvas *canvas, struct rect rect, const char *text, struct style style);
int canvas_printf(struct canvas *canvas, struct rect rect, struct style style, const char *format,
                  ...) PRINTF_LIKE(4, 5);

/* Filling takes away the pixel pictures that it touches, and so does copying. */
void canvas_fill(struct canvas *canvas, struct rect rect, uint32_t character, struct style style);
/* Adds a style to what stands there: its colours where it has any, and its attributes. One that is
 * reversed, as of the row that a cursor is on, takes the place of whatever style was there. */
void canvas_restyle(struct canvas *canvas, struct rect rect, struct style style);
void canvas_frame(struct canvas *canvas, struct rect rect, struct style style); /* a thin border */

/* Copies the `part` of `from` to (x, y) of `to`, clipped; a wide character cut in two becomes a
 * blank. Pixel pictures come along if they are wholly inside on both sides. */
void canvas_copy(struct canvas *to, int x, int y, const struct canvas *from, struct rect part);

/* Records a pixel picture (height, width), which is copied, for these cells; nothing happens unless
 * they are wholly on the canvas. */
void canvas_add_pixels(struct canvas *canvas, struct rect cells, const uint8_t *pixels, int height,
                       int width, bool is_signed);

/* Takes away the pixel pictures that touch `rect`. */
void canvas_clear_pixels(struct canvas *canvas, struct rect rect);

/* What stands for a character on a terminal without UTF-8; '?' where nothing comes near. */
char canvas_ascii(uint32_t character);

/* The columns of row `y` up to the last cell that shows there. */
int canvas_row_columns(const struct canvas *canvas, int y, const struct terminal *terminal);

/* Prints a row without its newline: trailing blanks left out, as few escapes as do, colours reset
 * at its end; no escape at all at COLOUR_NONE. */
void canvas_print_row(const struct canvas *canvas, int y, FILE *stream,
                      const struct terminal *terminal);

/* All rows, a newline after each. */
void canvas_print(const struct canvas *canvas, FILE *stream, const struct terminal *terminal);

#endif
