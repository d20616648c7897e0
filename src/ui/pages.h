/* Lines of text in a pane: scrolled in both directions, searched, folded or cut. Help, logs, diffs
 * and what commands print are made of it. */
#ifndef GANDER_UI_PAGES_H
#define GANDER_UI_PAGES_H

#include "ui/view.h"

enum { SEARCHED_SIZE = 128 };

struct page_line {
    const char *text; /* clean; borrowed from the pages' arena */
    enum role role;
};

struct pages {
    struct page_line *lines;
    int count, room;
    int first, column; /* of what is shown */
    int rows, columns; /* of the pane, as of pages_resize */
    bool follows;      /* stays at the end when lines come */
    char searched[SEARCHED_SIZE];
    int found; /* line; -1: none */
    struct arena arena;
};

void pages_init(struct pages *pages);
void pages_release(struct pages *pages);
void pages_clear(struct pages *pages);
void pages_resize(struct pages *pages, int columns, int rows);

void pages_add(struct pages *pages, enum role role, const char *text); /* copies one line */
void pages_printf(struct pages *pages, enum role role, const char *format, ...) PRINTF_LIKE(3, 4);
/* Lines that somebody else owns. */
void pages_add_lines(struct pages *pages, const struct page_line *lines, int count);
/* One line, folded at blanks to the width of the pane, a column in. `head` stands in the indent of
 * the first part; the further ones are indented by `further`. */
void pages_add_folded(struct pages *pages, enum role role, const char *head, int indent,
                      int further, const char *text);
/* Text of many lines. */
void pages_add_all(struct pages *pages, enum role role, const char *text);

/* Moves, as all such views do alike. IGNORED for the rest. */
enum reaction pages_act(struct pages *pages, enum action action);
/* As a view's `search`, which takes notice of what is found in `pages`. */
void pages_search(struct pages *pages, struct view *view, const char *text, int by);

void pages_draw(const struct pages *pages, struct frame *frame, struct rect rect);

/* "12-34 of 567", for the header; in the arena. */
const char *pages_status(const struct pages *pages, struct arena *arena);

#endif
