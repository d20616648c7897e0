/* What the terminal behind a stream can show: size, characters, colours, moving the cursor.
 *
 * Nothing is asked of the terminal itself (no reply could be lost, no key eaten): the kernel tells
 * the size, the locale the character set, the environment the rest:
 *
 *   NO_COLOR            not empty: no colours (https://no-color.org)
 *   CLICOLOR_FORCE      not empty, not 0: colours even where the stream is no terminal; as many as
 *                       TERM promises and 256 at least
 *   COLORTERM           truecolor or 24bit: 16 million colours
 *   TERM                "dumb" or nothing: plain text; …-direct: 16 million; …256color…, or a
 *                       terminal known to have them: 256; "linux" and others: 16
 *   COLUMNS, LINES      the size where the kernel does not know it
 *
 * tmux and screen stand between: tmux passes 24-bit colours on or reduces them itself, screen
 * before 5 loses them, and there COLORTERM is only the outer terminal's word, so that screen gets
 * 256. */
#ifndef GANDER_DRAW_TERMINAL_H
#define GANDER_DRAW_TERMINAL_H

#include <stdio.h>

#include "base/base.h"

enum colour_depth { COLOUR_NONE, COLOUR_16, COLOUR_256, COLOUR_TRUE };

struct terminal {
    bool is_terminal; /* somebody looks at it: not a file, not a pipe */
    bool moves;       /* the cursor can be moved and lines erased */
    bool utf8;        /* characters beyond ASCII arrive */
    bool braille;     /* its font has U+2800 … (that of the Linux console has not) */
    bool reflows;     /* wraps lines anew when it gets narrower (xterm and screen cut them) */
    enum colour_depth colours;
    int columns, rows; /* > 0; 80 x 24 where nothing tells them */
};

/* What `stream` can show now; call it again after a resize (it is cheap). Needs no setlocale. */
void terminal_probe(struct terminal *out, FILE *stream);

/* The same from facts, for tests: `lookup` answers as getenv does, `columns` and `rows` are the
 * kernel's (0: it does not know), `codeset` is the locale's ("UTF-8"). */
struct terminal_facts {
    bool is_terminal;
    int columns, rows;
    const char *codeset;
    const char *(*lookup)(const void *context, const char *name); /* NULL if not set */
    const void *context;
};
void terminal_judge(struct terminal *out, const struct terminal_facts *facts);

#endif
