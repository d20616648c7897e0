/* What a run's health advises: the newest word on it, as settings that can be typed. */
#ifndef GANDER_SHOW_ADVICE_H
#define GANDER_SHOW_ADVICE_H

#include "run/catalogue.h"

enum { ADVICE_LIMIT = 8 };

struct advice {
    int64_t run, step;
    const char *state, *why;            /* NULL: nothing is known of its health */
    const char *settings[ADVICE_LIMIT]; /* "training.d_rate=0.0001": each a remedy by itself */
    int count;
    const char *words; /* instead, of a run that has no recipe; or NULL */
};

/* Of the last change of its health; the texts are harmless, and in the arena. */
int advice_read(struct advice *out, struct catalogue *catalogue, struct arena *arena, int64_t run);

/* The same from a change that is known already. */
struct advice advice_of(struct arena *arena, int64_t run, const struct health_row *change);

/* "try training.d_rate=0.0001, or training.penalty=r1"; NULL where nothing is advised. */
char *advice_text(struct arena *arena, const struct advice *advice);

#endif
