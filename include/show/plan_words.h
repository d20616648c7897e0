/* What a plan says, in words. */
#ifndef GANDER_SHOW_PLAN_WORDS_H
#define GANDER_SHOW_PLAN_WORDS_H

#include "base/memory.h"
#include "run/plan.h"

/* "128x7x7", or "6272" for a flat vector. */
char *plan_shape_words(struct arena *arena, const struct plan_layer *layer);

/* "37.5 MFLOP" */
char *plan_flop_words(struct arena *arena, double flop);

#endif
