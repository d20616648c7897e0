/* Loading for the curves view, and what it remembers. */
#ifndef GANDER_UI_CURVES_LOAD_H
#define GANDER_UI_CURVES_LOAD_H

#include "curves.h"

/* Starts what is needed and not yet under way. */
void curves_load(struct view *view);
/* Moves the cursor to `cursor_step`, if there is one and curves have come. */
void curves_place_cursor(struct curves *curves);
/* How a metric is chosen: its name, "losses" for those of one run together. */
const char *curves_metric_word(const struct curves *curves, int metric);

/* curves_keep.c */
void curves_keep(const struct view *view, struct json *object);
void curves_restore(struct view *view, const struct json *object);
extern const char *const curves_axis_names[];

#endif
