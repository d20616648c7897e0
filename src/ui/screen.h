/* The terminal: the only place that knows curses.
 *
 * A canvas is put whole; what has changed since the last one is sent, and no more. Colours become
 * what the terminal has, characters ASCII where UTF-8 does not arrive. Pictures in pixels follow
 * their cells. */
#ifndef GANDER_UI_SCREEN_H
#define GANDER_UI_SCREEN_H

#include "base/base.h"
#include "draw/canvas.h"
#include "draw/terminal.h"
#include "screen_pixels.h"
#include "ui/keys.h"

struct screen;

/* ERR_INVALID when there is no terminal, or it can move no cursor. */
int screen_open(struct screen **out, bool takes_mouse);
void screen_close(struct screen *screen); /* leaves the terminal as it was; NULL is nothing */

/* What it can show; the size as of the last screen_resize. */
const struct terminal *screen_terminal(const struct screen *screen);
void screen_resize(struct screen *screen); /* takes notice of the present size */

/* Returns how many cells have changed. */
int64_t screen_put(struct screen *screen, const struct canvas *canvas);
void screen_redraw(struct screen *screen); /* the next put sends everything */

/* Gives the terminal to somebody else for a while, and takes it back. */
void screen_suspend(struct screen *screen);
void screen_resume(struct screen *screen);

/* Sends what the terminal is asked once, after the first screen; answers come as inputs. */
void screen_ask(struct screen *screen);
void screen_ask_cell_size(struct screen *screen); /* again: fonts change */
/* Asks for the cursor's place: the answer means that all before it has been shown. */
void screen_ask_cursor(struct screen *screen);
bool screen_is_asked(
    const struct screen *screen); /* does it answer such questions, as far as we know? */

void screen_set_pixels(struct screen *screen, enum pixel_protocol protocol, int cell_width,
                       int cell_height);

/* Sequences of its own keys, for the input reader. */
const char *const (*screen_sequences(const struct screen *screen))[2];

#endif
