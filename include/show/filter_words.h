/* What may follow in a filter (record/filter.h) that is being typed: fields, and what they may hold. */
#ifndef GANDER_SHOW_FILTER_WORDS_H
#define GANDER_SHOW_FILTER_WORDS_H

#include "run/catalogue.h"

struct filter_word {
    const char *text; /* as it is typed, in quotes where the language needs them */
    const char *help; /* "" where there is nothing to say */
};

/* Of those that may stand at the end of `typed`, the ones that begin with what stands there; *from is
 * the byte of `typed` that they replace. Values are those that runs of the catalogue have; NULL: none.
 * In the arena. Returns how many. */
int filter_words_after(struct catalogue *catalogue, struct arena *arena, const char *typed,
                       int *from, struct filter_word **words);

/* A value as it is typed: in quotes where the language needs them. In the arena. */
char *filter_value_text(struct arena *arena, const char *value);

#endif
