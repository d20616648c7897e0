/* Text for people: suggestions for typos, human units, and text from outside made harmless. */
#ifndef GANDER_BASE_TEXT_H
#define GANDER_BASE_TEXT_H

#include "base/base.h"
#include "base/memory.h"

/* The candidate with the smallest edit distance to `word` if it is near enough to be what was
 * meant, else NULL. `stride` is the distance in bytes between two `const char *` members, so that
 * tables of structs can be searched. */
const char *text_nearest(const char *word, const char *const *candidates, int count, size_t stride);

/* A copy in which control characters, escape sequences and bytes that are not UTF-8 became '?', so
 * that it cannot move a terminal's cursor. At most `limit` bytes are read. */
char *text_clean(struct arena *arena, const char *text, size_t limit);

/* One line of a log as a terminal would have shown it in the end: what was written over with a
 * carriage return and escape sequences (colours, mostly) are left out, tabs are blanks; made harmless
 * as by text_clean. */
char *text_log_line(struct arena *arena, const char *line);

/* A line of code: tabs are blanks, else as text_clean. */
char *text_code_line(struct arena *arena, const char *line);

/* True for what moves a cursor or turns the direction of text: C0, C1, line separators,
 * bidirectional controls. */
bool text_is_control(uint32_t character);

/* Terminal columns that `text` (UTF-8) takes. */
int text_columns(const char *text);

/* How many bytes of `text` fit a line of `columns`: up to a blank where there is one, else in the middle
 * of a word, one character at least. *next is what the line after it begins with, blanks left out. */
size_t text_fitting(const char *text, int columns, const char **next);

/* Decodes one character of UTF-8 at *text and moves past it; 0xFFFD for a bad byte, 0 at the end.
 */
uint32_t text_next(const char **text);

/* Writes `character` as UTF-8 into `out` (5 bytes, closed with 0); returns its length. */
int text_encode(uint32_t character, char out[5]);

char *format_duration(struct arena *arena,
                      double seconds); /* "48 s", "3:07", "2:15:09", "3 d 4 h"; "?" if not finite */
char *format_age(struct arena *arena,
                 double seconds); /* "5s", "12m", "3h", "2d", "6w", "2y"; "?" if not finite */
/* "2026-11-24 14:03", local time; "?" if not finite. */
char *format_moment(struct arena *arena, double time);
char *format_bytes(struct arena *arena, double bytes); /* "812 B", "1.4 MB" (powers of 1000) */
char *format_count(struct arena *arena, double count); /* "1,024", with thousands separated */

/* The fewest digits that read back as the same double: "0.1", "1e-07", "nan". */
char *format_real(struct arena *arena, double value);

/* Strict numbers: the whole text must be one. 0, or ERR_INVALID with a sentence. */
int parse_real(const char *text, double *out); /* finite only */
int parse_integer(const char *text, int64_t *out);

#endif
