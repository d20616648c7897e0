/* The words of one layer in a layer list: a cursor that layers read their arguments from. */
#ifndef GANDER_NN_WORDS_H
#define GANDER_NN_WORDS_H

#include "base/base.h"
#include "base/memory.h"

enum { WORDS_LIMIT = 8 };

struct layer_words {
    const char *list[WORDS_LIMIT];
    int count, next;
    bool overflow; /* there were more */
};

void words_split(struct layer_words *words, struct arena *arena, const char *text,
                 size_t length);                         /* copies into the arena */
const char *words_peek(const struct layer_words *words); /* NULL at the end */
void words_skip(struct layer_words *words);
bool words_take(struct layer_words *words, const char *word); /* false: the next word is another */
bool words_take_real(struct layer_words *words,
                     double *out); /* false: the next word is no number */

/* ERR_INVALID with "needs WHAT …" unless the next word is such a number. */
int words_need_integer(struct layer_words *words, const char *what, int minimum, int maximum,
                       int *out);

/* "K/S" or "K/S/P"; *pad is -1 where none is written. */
int words_need_kernel(struct layer_words *words, int *kernel, int *stride, int *pad);

/* "CxHxW", none of them 0. */
int words_need_sizes(struct layer_words *words, int *channels, int *height, int *width);

#endif
