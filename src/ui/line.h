/* A line that somebody types: text with a cursor, edited as shells do. */
#ifndef GANDER_UI_LINE_H
#define GANDER_UI_LINE_H

#include "base/base.h"
#include "draw/canvas.h"
#include "ui/keys.h"

enum { LINE_LIMIT = 4000 /* bytes */ };

struct line {
    char text[LINE_LIMIT + 8];
    int length, cursor; /* bytes */
};

void line_set(struct line *line, const char *text);    /* the cursor behind it */
void line_insert(struct line *line, const char *text); /* control characters become blanks */
/* Replaces the bytes from `from` to the cursor. */
void line_replace(struct line *line, int from, const char *text);

/* An input that edits; false for one that does not. */
bool line_input(struct line *line, const struct input *input);

/* In the first row of `rect`, scrolled so that the cursor is in it. */
void line_draw(const struct line *line, struct canvas *canvas, struct rect rect, struct style style,
               bool has_cursor);

#endif
