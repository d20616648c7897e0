/* A line of words, as a shell takes it apart: blanks between them, '…', "…" and \ keep them together.
 * No shell is involved: nothing else has a meaning. */
#ifndef GANDER_UI_WORDS_H
#define GANDER_UI_WORDS_H

#include "base/base.h"
#include "base/memory.h"

struct word {
    const char *text;
    bool is_plain; /* no quotes, no backslash */
    int from;      /* byte of the line at which it begins */
};

/* In the arena. ERR_INVALID for a quote that is not closed; the last word goes to the end then. */
int words_read(struct arena *arena, const char *line, struct word **words, int *count);

/* With a backslash before what words_read would take for more than a letter. */
char *word_quote(struct arena *arena, const char *text);

#endif
