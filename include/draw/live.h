/* A block of lines at the bottom of the terminal that is rewritten in place.
 *
 *     struct live live;
 *     live_init(&live);
 *     again and again:
 *         terminal_probe(&terminal, stdout);
 *         draw the block on a canvas, about terminal.columns x (terminal.rows - 1)
 *         bytes = live_update(&live, &canvas, &terminal, &size);
 *         write(1, bytes, size); free(bytes);
 *     a line that shall stay, above the block:   live_print_above(&live, "saved …", &terminal,
 * &size) at the end (also on ^C, before exit):      live_end(&live, keep, &terminal, &size)
 *     live_release(&live);
 *
 * Pure: bytes come back, malloc'ed, and the caller writes them with one write, so that nothing
 * flickers. Lines that did not change are not sent again. While the block is there the cursor is
 * hidden and stands at the beginning of the line below it; live_end shows it again.
 *
 * The block never gets wider or higher than the terminal: lines are cut at its width, and of a
 * block that is higher than its rows less one, only the lowest lines are shown (so put what matters
 * most at the bottom). After a resize the old block is taken for what the terminal made of it: a
 * terminal that reflows wrapped its lines, one that is lower pushed its top out of reach.
 *
 * Where the stream is no terminal or cannot move the cursor there is no block: live_update gives no
 * bytes, live_print_above the plain line. */
#ifndef GANDER_DRAW_LIVE_H
#define GANDER_DRAW_LIVE_H

#include "base/base.h"
#include "draw/canvas.h"
#include "draw/terminal.h"

struct live {
    int count;         /* lines of the block that are on the screen */
    char **lines;      /* their bytes */
    int *line_columns; /* their widths */
    int columns, rows; /* of the terminal when they were written */
    bool is_cursor_hidden;
};

void live_init(struct live *live);
void live_release(struct live *live); /* frees; writes nothing */

/* The bytes that turn what is on the screen into `block`. */
char *live_update(struct live *live, const struct canvas *block, const struct terminal *terminal,
                  size_t *size);

/* The bytes that put one or more lines of plain text above the block, where they stay and scroll.
 */
char *live_print_above(struct live *live, const char *text, const struct terminal *terminal,
                       size_t *size);

/* The bytes that leave the terminal as it was, cursor shown; the block stays as it is if `keep`,
 * else it is erased. Then a new block may begin. */
char *live_end(struct live *live, bool keep, const struct terminal *terminal, size_t *size);

#endif
