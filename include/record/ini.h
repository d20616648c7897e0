/* INI text, read through inih into a list of entries.
 *
 *     [section]
 *     key = value        ; a comment, also after '#'
 *         more of the same value
 *
 * A comment begins with ';' or '#' at the start of a line or after a blank. An indented line
 * without '=' continues the value above it, joined by one blank; comment lines may stand between.
 * Blanks around sections, keys and values do not count; a tab is a blank. The text is UTF-8, with
 * or without byte order mark, its lines end in LF or CRLF.
 *
 * A value that is one text in double quotes, on the line of its key, is taken as it is: no comment
 * begins in it. It keeps the quotes, and \" and \\ inside; ini_unquote takes them away. On an
 * indented line that needs '=' behind the key, not ':'.
 *
 * inih reads lines of at most 200 bytes (as most systems build it) and takes the rest of a longer
 * one for a line of its own. Here it gets long lines in pieces, so length does not matter. What it
 * would skip in silence is refused: text behind a section's bracket, control characters, bytes that
 * are not UTF-8. */
#ifndef GANDER_RECORD_INI_H
#define GANDER_RECORD_INI_H

#include "base/base.h"
#include "base/memory.h"

struct ini_entry {
    const char *section; /* "" before any header */
    const char *key;     /* NULL: the header of a section itself */
    const char *value;
    int line; /* counted from 1 */
};

/* Entries in the order of the text, all in the arena. `label` begins the sentence of an error
 * ("recipe 'a.ini'", which becomes "recipe 'a.ini' line 7: …"). Same keys are not looked for. */
int ini_read(struct arena *arena, const char *label, const char *text, size_t size,
             struct ini_entry **entries, int *count);

/* What is in the double quotes of a value that is one quoted text; a copy of any other value. */
char *ini_unquote(struct arena *arena, const char *value);

#endif
