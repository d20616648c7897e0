/* Pictures as text: grey images drawn with characters.
 *
 * - PICTURE_ASCII: each character is chosen by the shape it covers: the one whose coverage, measured
 *   on 4 x 8 points of the cell, comes nearest to the picture's.
 * - PICTURE_HALF: two pixels a cell with U+2580 and 24 greys (or true colour).
 * - PICTURE_SEXTANT: two by three dots a cell (U+1FB00 …), in the two greys that suit them best.
 *   Only where it is asked for: few fonts and terminals have them.
 * - PICTURE_BRAILLE: two by four dots a cell.
 * - PICTURE_PIXELS: the picture itself, for screens that show pixels (canvas_add_pixels); its cells
 *   are left blank. Never on a stream.
 *
 * A cell is taken to be twice as high as wide. Pictures keep their proportions. Images are (height,
 * width) bytes, 0 black … 255 white. Pictures bring their own black background, so that they look
 * the same on dark and light terminals. */
#ifndef GANDER_DRAW_PICTURE_H
#define GANDER_DRAW_PICTURE_H

#include <stdio.h>

#include "base/base.h"
#include "draw/canvas.h"
#include "draw/terminal.h"

enum picture_mode {
    PICTURE_AUTO,
    PICTURE_ASCII,
    PICTURE_HALF,
    PICTURE_SEXTANT,
    PICTURE_BRAILLE,
    PICTURE_PIXELS
};

/* From a word, one of the names of what a stream can show: all but PICTURE_PIXELS. ERR_INVALID
 * suggests the nearest. */
int picture_mode_parse(enum picture_mode *out, const char *word);
const char *const *picture_mode_names(void); /* NULL-terminated, in the order of the enum */
const char *picture_mode_name(enum picture_mode mode); /* also of PICTURE_PIXELS: "pixels" */

/* What shows pictures best there: half blocks with at least 256 colours, braille where UTF-8
 * arrives and a person looks, else ASCII. Never PICTURE_AUTO or PICTURE_PIXELS. */
enum picture_mode picture_mode_for(const struct terminal *terminal);
enum picture_mode picture_mode_best(FILE *stream); /* of terminal_probe(stream) */

/* Draws one image as large as `rect` allows, centred, its proportions kept. `mode` is not AUTO. */
void picture_draw(struct canvas *canvas, struct rect rect, const uint8_t *pixels, int height,
                  int width, enum picture_mode mode);

/* The greys with which half blocks show an image in columns x rows cells, its own size there, of
 * `levels` evenly spaced ones: (2 rows, columns) bytes, to be drawn as an image of that size. Where
 * `is_held`, those in `held` stay unless they are clearly wrong by now: so of pictures that follow
 * one another only those cells change in which something happens. False, and nothing done, when the
 * image has another size there. */
bool picture_hold(uint8_t *held, bool is_held, int columns, int rows, const uint8_t *pixels,
                  int height, int width, int levels);

/* out[i] = a[i] - b[i], -255 … 255. */
void picture_difference(const uint8_t *a, const uint8_t *b, size_t count, int16_t *out);

/* Draws differences (height, width) as picture_draw does an image: orange where they are above 0,
 * blue below, black at 0. In ASCII and braille '+' and '#' stand above 0, '-' and '=' below, so that
 * colour does not tell alone. Pixels show them in those colours; all others are drawn as half
 * blocks. */
void picture_draw_signed(struct canvas *canvas, struct rect rect, const int16_t *difference,
                         int height, int width, enum picture_mode mode);

/* Images in rows, each of the same size. */
struct picture_sheet {
    const uint8_t *images; /* (count, height, width) */
    int count, height, width;
    const char *const *labels; /* a short text below each image, cut to its width; or NULL */
    int group; /* so many that belong together share a row, where they fit; 0: each by itself */
};

struct picture_layout {
    int shown;         /* how many of the images: the first ones */
    int across, down;  /* images in a row, rows of images */
    int columns, rows; /* cells of one image, without its label */
    int gap;           /* columns between two images */
    int width, height; /* cells of the whole */
};

/* The best use of `columns` x `rows` cells, never more:
 * - If all images fit while each stays legible (10 columns, or a pixel a column if that is smaller;
 *   sextants, braille and pixels: 7, or 2, 2 and 4 pixels a column), all are shown, as large as they
 *   fit, up to two cells a pixel (braille: one).
 * - Else as many as fit at the smallest legible size, or one, however small.
 * - rows 0 is no limit: all are shown, in about as many rows as there are images in a row.
 * A column stands between two images where there is room. All zero if there is nothing to show or
 * no cell to show it in. */
struct picture_layout picture_sheet_layout(const struct picture_sheet *sheet, int columns, int rows,
                                           enum picture_mode mode);

/* Draws the sheet so laid out at the top left of `rect`; returns the layout. */
struct picture_layout picture_sheet_draw(struct canvas *canvas, struct rect rect,
                                         const struct picture_sheet *sheet, enum picture_mode mode);

/* Prints a sheet as picture_sheet_layout lays it out in `columns` x `rows` cells, as `stream` can
 * show it. Returns the number of lines written. */
int picture_print_sheet(FILE *stream, const struct picture_sheet *sheet, int columns, int rows,
                        enum picture_mode mode);

#endif
