/* Pixel pictures of a canvas as what terminals with graphics understand: sixel (DEC STD 070,
 * chapter 9) and the Kitty graphics protocol.
 *
 * The cursor stands on the top left cell of the picture when the bytes are sent. Images fill the
 * picture's cells as far as their proportions allow, black beside them; a cell has `cell_width` x
 * `cell_height` pixels, cut to 1 … 128. All results are malloc'ed, end with a 0 that is not counted,
 * and hold no line feed. */
#ifndef GANDER_DRAW_PIXELS_H
#define GANDER_DRAW_PIXELS_H

#include "base/base.h"
#include "draw/canvas.h"

/* At most 64 greys, or colours of a signed picture. The image is never higher than its cells, rounded down to whole sixels, and ends
 * without a graphics line feed: so it does not scroll the screen, unless the picture's cells touch
 * its last row, where terminals scroll to make room for the cursor (xterm before the image ends).
 * Show no such picture. Where the cursor is left is up to the terminal. */
char *pixels_sixel(const struct canvas_pixels *picture, int cell_width, int cell_height,
                   size_t *size);

/* Sends the image under `id` (not 0) and shows it; the one that had the id is replaced. The cursor
 * stays, the terminal sends no answer. */
char *pixels_kitty(const struct canvas_pixels *picture, int cell_width, int cell_height,
                   uint32_t id, size_t *size);
char *pixels_kitty_delete(uint32_t id); /* takes it from the screen and frees it */

#endif
