/* What was searched for, where it stands on the screen. */
#ifndef GANDER_UI_FOUND_H
#define GANDER_UI_FOUND_H

#include "ui/view.h"

/* Lets it stand out wherever the row of the canvas shows it, in capital letters or small ones.
 * `is_reversed`: the row is, since a cursor is on it. "" and NULL are found nowhere. */
void found_draw(struct frame *frame, struct rect row, const char *text, bool is_reversed);

#endif
