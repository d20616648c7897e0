/* What curses writes, on its way to the terminal: the same picture in fewer bytes.
 *
 * Curses names both colours of a cell wherever one of them changes, 24 bytes of 256 colours in front
 * of a character of 3. Here a colour is sent only where a character needs it and the terminal has
 * another one: none for the foreground of a blank. A half block whose two colours stand the other way
 * round is sent as the other half block where that costs less: it looks the same.
 *
 * O1. Of a sequence that is not known the colours that curses meant are in force, and it passes.
 * O2. Between two frames the terminal has the colours and attributes that curses thinks it has.
 *
 * Understands SGR as xterm's descriptions write it (ECMA-48 8.3.117, colours by 38;5;N and 38:2::R:G:B),
 * which is for the caller to know. */
#ifndef GANDER_UI_SCREEN_OUTPUT_H
#define GANDER_UI_SCREEN_OUTPUT_H

#include "base/base.h"

enum { OUTPUT_COLOUR = 32 };

/* The numbers of SGR behind its 3 or 4: "8;5;240" is that colour, "9" the terminal's own. */
struct output_colour {
    char text[OUTPUT_COLOUR];
};

/* How characters are written. */
struct output_style {
    struct output_colour foreground, background;
    unsigned attributes; /* a bit for each number of SGR from 1 to 9 */
    char letters;        /* the set of characters: 'B' is the usual one */
};

struct screen_output {
    struct output_style meant, sent; /* what curses has asked for, and what the terminal has */
    char *bytes;                     /* malloc'ed: what is to be sent */
    size_t size, room;
};

void screen_output_init(struct screen_output *output);
void screen_output_release(struct screen_output *output);

/* Takes a whole frame. What is to be sent stands in `bytes` until the next one. */
void screen_output_frame(struct screen_output *output, const char *bytes, size_t size);

#endif
