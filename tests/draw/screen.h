/* A small terminal for tests: takes the bytes that a program writes and shows what a person would
 * see. Knows what gander sends and fails the test on anything else. */
#ifndef GANDER_TESTS_DRAW_SCREEN_H
#define GANDER_TESTS_DRAW_SCREEN_H

#include <string.h>

#include "base/text.h"
#include "testing.h"

enum { SCREEN_COLUMNS = 240, SCREEN_ROWS = 80 };

struct screen {
    int columns, rows, x, y; /* x == columns: the last column is written, the next one wraps */
    bool wraps, shows_cursor;
    int scrolled; /* rows that went out at the top */
    uint32_t cells[SCREEN_ROWS][SCREEN_COLUMNS];
};

static inline void screen_blank(struct screen *screen, int y, int from)
{
    for (int x = from; x < SCREEN_COLUMNS; x++)
        screen->cells[y][x] = ' ';
}

static inline void screen_open(struct screen *screen, int columns, int rows)
{
    memset(screen, 0, sizeof *screen);
    screen->columns = columns, screen->rows = rows;
    screen->wraps = screen->shows_cursor = true;
    for (int y = 0; y < SCREEN_ROWS; y++)
        screen_blank(screen, y, 0);
}

static inline void screen_newline(struct screen *screen)
{
    if (screen->y < screen->rows - 1) {
        screen->y++;
        return;
    }
    memmove(screen->cells[0], screen->cells[1], sizeof screen->cells[0] * (SCREEN_ROWS - 1));
    screen_blank(screen, screen->rows - 1, 0);
    screen->scrolled++;
}

static inline void screen_character(struct screen *screen, uint32_t character)
{
    if (screen->x == screen->columns && screen->wraps) {
        screen->x = 0;
        screen_newline(screen);
    }
    screen->x = MIN(screen->x, screen->columns - 1);
    screen->cells[screen->y][screen->x++] = character;
}

static inline void screen_private(struct screen *screen, int mode, bool on)
{
    assert_true(mode == 7 || mode == 25 || mode == 2026);
    if (mode == 7)
        screen->wraps = on;
    if (mode == 25)
        screen->shows_cursor = on;
}

/* What follows ESC; returns the first byte after the sequence. */
static inline const char *screen_escape(struct screen *screen, const char *at)
{
    assert_int_equal(*at, '[');
    bool is_private = at[1] == '?';
    const char *first = at + 1 + is_private, *last = first + strspn(first, "0123456789;");
    int number = (int)strtol(first, NULL, 10);
    switch (*last) {
    case 'A':
        assert_true(number > 0); /* 0 means 1 */
        screen->y = MAX(screen->y - number, 0);
        screen->x = MIN(screen->x, screen->columns - 1);
        break;
    case 'K':
        screen_blank(screen, screen->y, MIN(screen->x, screen->columns - 1));
        break;
    case 'J':
        screen_blank(screen, screen->y, MIN(screen->x, screen->columns - 1));
        for (int y = screen->y + 1; y < screen->rows; y++)
            screen_blank(screen, y, 0);
        break;
    case 'h':
    case 'l':
        assert_true(is_private);
        screen_private(screen, number, *last == 'h');
        break;
    default:
        assert_int_equal(*last, 'm');
    }
    return last + 1;
}

/* "\n" is a line feed and a carriage return, as the kernel's terminal driver makes it. */
static inline void screen_feed(struct screen *screen, const char *bytes)
{
    while (*bytes) {
        uint32_t character = text_next(&bytes);
        if (character == '\033') {
            bytes = screen_escape(screen, bytes);
        } else if (character == '\n') {
            screen->x = 0;
            screen_newline(screen);
        } else if (character == '\r') {
            screen->x = 0;
        } else {
            assert_true(character >= ' ');
            screen_character(screen, character);
        }
    }
}

/* Row `y` as text without trailing blanks, in a buffer that the next call overwrites. */
static inline const char *screen_row(const struct screen *screen, int y)
{
    static char text[SCREEN_COLUMNS * 4 + 1];
    char *end = text, *shown = text;
    for (int x = 0; x < screen->columns; x++) {
        end += text_encode(screen->cells[y][x], end);
        if (screen->cells[y][x] != ' ')
            shown = end;
    }
    *shown = '\0';
    return text;
}

/* Another size: rows are wrapped anew if `reflows`, else cut, as the kinds of terminals do. */
static inline void screen_resize(struct screen *screen, int columns, int rows, bool reflows)
{
    static struct screen old;
    old = *screen;
    screen_open(screen, columns, rows);
    screen->scrolled = old.scrolled;
    screen->shows_cursor = old.shows_cursor;
    for (int y = 0; y < old.y; y++) {
        if (reflows)
            screen_feed(screen, screen_row(&old, y));
        else
            memcpy(screen->cells[screen->y], old.cells[y], sizeof old.cells[y]);
        screen_newline(screen);
        screen->x = 0;
    }
    screen->wraps = old.wraps;
}

#endif
