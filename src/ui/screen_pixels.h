/* Pictures in true pixels on a terminal that has them: which ones stand there, and the bytes that
 * make those of a canvas stand there instead.
 *
 * Sixel pictures are part of the cells: whatever is written there takes them away, and nothing else
 * does. Pictures of the Kitty protocol lie above the cells and have ids. */
#ifndef GANDER_UI_SCREEN_PIXELS_H
#define GANDER_UI_SCREEN_PIXELS_H

#include "base/base.h"
#include "draw/canvas.h"

enum pixel_protocol { PIXELS_NONE, PIXELS_SIXEL, PIXELS_KITTY };

struct sent_picture {
    struct rect cells;
    uint64_t hash;
    uint32_t id;
};

struct screen_pixels { /* all zero: none can be shown */
    enum pixel_protocol protocol;
    int cell_width, cell_height; /* in pixels */
    struct sent_picture *sent;
    int count;
    char *leaving; /* bytes to come before all others; malloc'ed or NULL */
    uint32_t last_id;
};

void screen_pixels_release(struct screen_pixels *pixels);

/* Another protocol, or other sizes; pictures of the old one are taken away with the next bytes. */
void screen_pixels_set(struct screen_pixels *pixels, enum pixel_protocol protocol, int cell_width,
                       int cell_height);

/* All cells are sent again: no picture stands there any more. */
void screen_pixels_forget(struct screen_pixels *pixels);

/* Which rows must be sent again, since a picture stood there that the canvas has not: sets
 * rows[y] = 0, the first column to be sent; others are left. */
void screen_pixels_uncover(struct screen_pixels *pixels, const struct canvas *canvas, int *rows);

/* After the cells, of which those of row y from column rows[y] on were sent: the bytes for what is new
 * and what they took away; malloc'ed, NULL if there is nothing to send. *cells is how many cells
 * new pictures cover. */
char *screen_pixels_update(struct screen_pixels *pixels, const struct canvas *canvas,
                           const int *rows, size_t *size, int64_t *cells);

/* Takes all pictures away before the terminal is left; malloc'ed or NULL. */
char *screen_pixels_leave(struct screen_pixels *pixels);

#endif
