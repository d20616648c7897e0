/* A terminal of cells, as much of xterm as curses uses: what bytes look like, and what a frame changes.
 *
 *     struct cells *cells = cells_new(80, 24);
 *     cells_feed(cells, bytes, size);       all that came so far
 *     cells_note(cells);                    what is shown now is what is compared with
 *     cells_feed(cells, bytes, size);       the frame
 *     int changed = cells_changed(cells);   cells that look otherwise than when noted
 *
 * cells->unknown counts sequences that it does not know: it should be 0. */
#ifndef GANDER_TESTS_CELLS_H
#define GANDER_TESTS_CELLS_H

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"

enum { CELLS_PARAMETERS = 16, CELLS_SEQUENCE = 256 };

struct cells_look {
    uint32_t foreground, background; /* 0: the terminal's own; 1 and up: colour + 1 */
    unsigned flags;                  /* a bit for each SGR from 1 to 9 */
};

struct cells_place {
    uint32_t character;
    struct cells_look look;
};

struct cells {
    int columns, rows, x, y;
    struct cells_place *shown, *noted;
    struct cells_look look;
    uint32_t last; /* character, for REP */
    int unknown;
    char sequence[CELLS_SEQUENCE]; /* what is not whole yet */
    size_t held;
};

static inline struct cells *cells_new(int columns, int rows)
{
    struct cells *cells = xcalloc(1, sizeof *cells);
    size_t count = (size_t)columns * (size_t)rows;
    cells->columns = columns;
    cells->rows = rows;
    cells->shown = xcalloc(count, sizeof *cells->shown);
    cells->noted = xcalloc(count, sizeof *cells->noted);
    return cells;
}

static inline void cells_free(struct cells *cells)
{
    free(cells->shown);
    free(cells->noted);
    free(cells);
}

/* The colours of the two halves of a cell that is blank or a half block; false for other characters. */
static inline bool cells_halves(const struct cells_place *place, uint32_t halves[2])
{
    uint32_t front = place->look.foreground, back = place->look.background;
    uint32_t character = place->character ? place->character : ' ';
    bool is_half = character == 0x2580 || character == 0x2584;
    unsigned seen = place->look.flags & (is_half ? ~0U : 1U << 4 | 1U << 5 | 1U << 7 | 1U << 9);
    if ((character != ' ' && !is_half) || seen)
        return false;
    halves[0] = character == 0x2580 ? front : back;
    halves[1] = character == 0x2584 ? front : back;
    return !is_half || (front && back); /* one's own colour is another in front and behind */
}

/* Whatever is written there, as long as it looks the same. */
static inline bool cells_look_same(const struct cells_place *a, const struct cells_place *b)
{
    uint32_t left[2], right[2];
    if (cells_halves(a, left) && cells_halves(b, right))
        return left[0] == right[0] && left[1] == right[1];
    return a->character == b->character && a->look.flags == b->look.flags &&
           a->look.background == b->look.background && (a->look.foreground == b->look.foreground);
}

static inline void cells_note(struct cells *cells)
{
    size_t count = (size_t)cells->columns * (size_t)cells->rows;
    memcpy(cells->noted, cells->shown, count * sizeof *cells->noted);
}

static inline int cells_changed(const struct cells *cells)
{
    int changed = 0;
    for (int i = 0; i < cells->columns * cells->rows; i++)
        changed += !cells_look_same(&cells->shown[i], &cells->noted[i]);
    return changed;
}

/* --- what the terminal does --- */

static inline void cells_blank(struct cells *cells, int from, int to)
{
    for (int i = MAX(from, 0); i < MIN(to, cells->columns * cells->rows); i++)
        cells->shown[i] = (struct cells_place){ ' ', { 0, cells->look.background, 0 } };
}

static inline void cells_put(struct cells *cells, uint32_t character)
{
    if (cells->x >= cells->columns)
        cells->x = 0, cells->y = MIN(cells->y + 1, cells->rows - 1);
    cells->shown[cells->y * cells->columns + cells->x++] =
        (struct cells_place){ character, cells->look };
    cells->last = character;
}

static inline void cells_move(struct cells *cells, int x, int y)
{
    cells->x = MAX(MIN(x, cells->columns - 1), 0);
    cells->y = MAX(MIN(y, cells->rows - 1), 0);
}

/* `count` characters in or out at the cursor; those behind it move. */
static inline void cells_shift(struct cells *cells, int count, bool is_out)
{
    int x = MIN(cells->x, cells->columns - 1), left = cells->columns - x;
    struct cells_place *at = &cells->shown[cells->y * cells->columns + x];
    int from = cells->y * cells->columns + x;
    count = MIN(count, left);
    size_t kept = (size_t)(left - count) * sizeof *at;
    if (is_out) {
        memmove(at, at + count, kept);
        cells_blank(cells, from + left - count, from + left);
    } else {
        memmove(at + count, at, kept);
        cells_blank(cells, from, from + count);
    }
}

static inline void cells_erase(struct cells *cells, bool is_display, int how)
{
    int here = cells->y * cells->columns + MIN(cells->x, cells->columns - 1);
    int begin = is_display ? 0 : cells->y * cells->columns;
    int end = is_display ? cells->rows * cells->columns : begin + cells->columns;
    cells_blank(cells, how == 0 ? here : begin, how == 1 ? here + 1 : end);
}

/* 38;5;N and 38;2;R;G;B; returns how many numbers it took. */
static inline int cells_take_colour(const int *numbers, int count, uint32_t *colour)
{
    if (count >= 3 && numbers[1] == 5) {
        *colour = (uint32_t)numbers[2] + 1;
        return 3;
    }
    if (count >= 5 && numbers[1] == 2) {
        *colour = (uint32_t)(1 << 24 | numbers[2] << 16 | numbers[3] << 8 | numbers[4]) + 1;
        return 5;
    }
    return count;
}

static inline void cells_set_look(struct cells *cells, const int *numbers, int count)
{
    struct cells_look *look = &cells->look;
    for (int i = 0; i < count; i++) {
        int n = numbers[i];
        if (n == 0)
            *look = (struct cells_look){ 0 };
        else if (n < 10)
            look->flags |= 1U << n;
        else if (n >= 22 && n < 30)
            look->flags &= n == 22 ? ~6U : ~(1U << (n - 20));
        else if (n == 38 || n == 48)
            i += cells_take_colour(numbers + i, count - i,
                                   n == 38 ? &look->foreground : &look->background) -
                 1;
        else if (n >= 30 && n < 40)
            look->foreground = n == 39 ? 0 : (uint32_t)(n - 30) + 1;
        else if (n >= 40 && n < 50)
            look->background = n == 49 ? 0 : (uint32_t)(n - 40) + 1;
        else if (n >= 90 && n < 98)
            look->foreground = (uint32_t)(n - 82) + 1;
        else if (n >= 100 && n < 108)
            look->background = (uint32_t)(n - 92) + 1;
        else
            cells->unknown++;
    }
}

static inline void cells_control(struct cells *cells, char what, const int *numbers, int count)
{
    int first = numbers[0], n = MAX(first, 1), second = count > 1 ? MAX(numbers[1], 1) : 1;
    switch (what) {
    case 'H':
    case 'f':
        cells_move(cells, second - 1, n - 1);
        break;
    case 'A':
    case 'B':
        cells_move(cells, cells->x, cells->y + (what == 'A' ? -n : n));
        break;
    case 'C':
    case 'D':
        cells_move(cells, cells->x + (what == 'D' ? -n : n), cells->y);
        break;
    case 'G':
        cells_move(cells, n - 1, cells->y);
        break;
    case 'd':
        cells_move(cells, cells->x, n - 1);
        break;
    case 'J':
    case 'K':
        cells_erase(cells, what == 'J', first);
        break;
    case 'X':
        cells_blank(cells, cells->y * cells->columns + cells->x,
                    cells->y * cells->columns + MIN(cells->x + n, cells->columns));
        break;
    case 'P':
    case '@':
        cells_shift(cells, n, what == 'P');
        break;
    case 'b':
        for (int i = 0; i < n; i++)
            cells_put(cells, cells->last);
        break;
    case 'm':
        cells_set_look(cells, numbers, count);
        break;
    default: /* modes, questions, the region that scrolls: nothing that is seen */
        cells->unknown += strchr("hlcntrq", what) == NULL;
    }
}

/* --- what comes --- */

static inline void cells_take_control(struct cells *cells, const char *text, size_t size)
{
    int numbers[CELLS_PARAMETERS] = { 0 }, count = 1;
    for (size_t i = 2; i + 1 < size; i++) {
        if (text[i] >= '0' && text[i] <= '9')
            numbers[count - 1] = numbers[count - 1] * 10 + text[i] - '0';
        else if ((text[i] == ';' || text[i] == ':') && count < CELLS_PARAMETERS)
            count++;
    }
    cells_control(cells, text[size - 1], numbers, count);
}

static inline void cells_take_plain(struct cells *cells, char byte)
{
    switch (byte) {
    case '\r':
        cells->x = 0;
        break;
    case '\n':
        cells_move(cells, cells->x, cells->y + 1);
        break;
    case '\b':
        cells_move(cells, cells->x - 1, cells->y);
        break;
    default:
        if (byte >= ' ')
            cells_put(cells, (uint32_t)byte);
    }
}

/* How long what begins with these bytes is, as far as they tell; 0: not whole. */
static inline size_t cells_whole(const char *text, size_t size)
{
    unsigned char first = (unsigned char)text[0];
    if (first >= 0xC0) {
        size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        return size >= length ? length : 0;
    }
    if (first != 27)
        return 1;
    if (size < 2)
        return 0;
    if (text[1] == '[') {
        size_t at = 2;
        while (at < size && !(text[at] >= '@' && text[at] <= '~'))
            at++;
        return at < size ? at + 1 : 0;
    }
    if (text[1] == ']' || text[1] == '_' || text[1] == 'P') {
        const char *end = memmem(text, size, "\033\\", 2);
        return end ? (size_t)(end - text) + 2 : 0;
    }
    size_t length = strchr("()*+", text[1]) ? 3 : 2;
    return size >= length ? length : 0;
}

static inline void cells_take(struct cells *cells, const char *text, size_t size)
{
    if (text[0] == 27) {
        if (text[1] == '[')
            cells_take_control(cells, text, size);
    } else if (size > 1) {
        uint32_t character = (unsigned char)text[0] & (0x7FU >> size);
        for (size_t i = 1; i < size; i++)
            character = character << 6 | ((unsigned char)text[i] & 0x3F);
        cells_put(cells, character);
    } else {
        cells_take_plain(cells, text[0]);
    }
}

static inline void cells_feed(struct cells *cells, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (cells->held == CELLS_SEQUENCE) {
            cells->unknown++;
            cells->held = 0;
        }
        cells->sequence[cells->held++] = bytes[i];
        size_t length = cells_whole(cells->sequence, cells->held);
        if (length == 0)
            continue;
        cells_take(cells, cells->sequence, length);
        cells->held = 0;
    }
}

#endif
