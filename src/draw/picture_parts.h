/* What the sources of pictures share: points, resampling, one painter a mode. */
#ifndef GANDER_DRAW_PICTURE_PARTS_H
#define GANDER_DRAW_PICTURE_PARTS_H

#include "base/base.h"
#include "draw/canvas.h"
#include "draw/picture.h"

/* A picture as points of brightness 0 … 1 on black, so many a cell as its painter wants. */
struct points {
    int width, height; /* multiples of the cell's */
    float *values;     /* (height, width) */
};

enum picture_kernel {
    KERNEL_SMOOTH, /* the mean of the area that a point covers where the image shrinks, Catmull-Rom
                        cubics where it grows */
    KERNEL_CONTRAST, /* the same, but an image that shrinks is averaged nearer to light than to bytes
                        (byte^1.5) and its peak is kept: else thin strokes fade */
    KERNEL_BOX       /* the mean of the area, always: pixels stay squares */
};

/* Writes the image (height, width), 0 … 255, as (out_height, out_width) points, `stride` floats
 * from row to row. */
void picture_resample(const uint8_t *pixels, int height, int width, enum picture_kernel kernel,
                      float *out, int out_height, int out_width, int stride);

/* Each draws the points from cell (x, y) on; the points fill whole cells. */
void picture_paint_ascii(struct canvas *canvas, int x, int y, const struct points *points);
void picture_paint_half(struct canvas *canvas, int x, int y, const struct points *points);
void picture_paint_sextant(struct canvas *canvas, int x, int y, const struct points *points);
void picture_paint_braille(struct canvas *canvas, int x, int y, const struct points *points);

/* Points a cell is wide and high. */
enum {
    ASCII_ACROSS = 4,
    ASCII_DOWN = 8,
    HALF_ACROSS = 1,
    HALF_DOWN = 2,
    SEXTANT_ACROSS = 2,
    SEXTANT_DOWN = 3,
    BRAILLE_ACROSS = 2,
    BRAILLE_DOWN = 4
};

/* Cells and square units of an image in a rectangle; a cell has `units` x 2 `units` of them. */
struct picture_size {
    int columns, rows; /* in cells; 0 if there is no room */
    int width, height; /* in units, without what fills the last cells up */
};

/* The largest size in `columns` x `rows` cells (rows 0: no limit) that keeps the proportions. */
struct picture_size picture_fit(int height, int width, int units, int columns, int rows);
int picture_units(enum picture_mode mode);

/* The image as points of the mode's kind, whole cells; free the values. */
struct points picture_points(const struct picture_size *size, const uint8_t *pixels, int height,
                             int width, enum picture_mode mode);

/* Black cells with a pixel picture above them. */
void picture_add_pixels(struct canvas *canvas, struct rect cells, const uint8_t *pixels, int height,
                        int width, bool is_signed);

/* Red, green and blue of a difference, -1 … 1. */
void picture_signed_parts(float difference, uint8_t parts[3]);

/* The cells of a picture in the middle of a rectangle. */
struct rect picture_place(struct rect rect, const struct picture_size *size);

/* Coverage of each printable ASCII character, see picture_glyphs.c. */
enum {
    GLYPH_FIRST = ' ',
    GLYPH_COUNT = 95,
    GLYPH_ACROSS = 4,
    GLYPH_DOWN = 8,
    GLYPH_POINTS = GLYPH_ACROSS * GLYPH_DOWN
};
extern const char picture_glyphs[GLYPH_COUNT][GLYPH_POINTS + 1];

#endif
