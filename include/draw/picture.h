/* Pictures as text: grey images drawn on a terminal.
 *
 * PICTURE_ASCII chooses each character by the shape it covers, not by brightness alone;
 * PICTURE_HALF draws two pixels a cell with U+2580 and 24 greys (or true colour); PICTURE_BRAILLE
 * two by four dots a cell, dithered. */
#ifndef GANDER_DRAW_PICTURE_H
#define GANDER_DRAW_PICTURE_H

#include <stdio.h>

#include "base/base.h"
#include "base/image.h"

enum picture_mode { PICTURE_AUTO, PICTURE_ASCII, PICTURE_HALF, PICTURE_BRAILLE };

/* From a word ("auto", "ascii", "half", "braille"); ERR_INVALID suggests the nearest. */
int picture_mode_parse(enum picture_mode *out, const char *word);
const char *const *picture_mode_names(void); /* NULL-terminated, in the order of the enum */

/* What `stream` can show best, from its being a terminal, the locale's character set, TERM,
 * COLORTERM and NO_COLOR. */
enum picture_mode picture_mode_best(FILE *stream);

/* Lays `count` images of (height, width) bytes out in rows so that they fit `columns` x `rows`
 * cells (rows 0: no limit) with the right aspect (a cell is twice as high as wide), as large as
 * that allows and `scale_limit` permits, and writes lines. Returns the number of lines written.
 * `labels` (or NULL): a short text below each image. */
int picture_print_sheet(FILE *stream, const uint8_t *images, int count, int height, int width,
                        const char *const *labels, int columns, int rows, enum picture_mode mode);

#endif
