/* Sample sheets: decoded beside the screen. What the preview, the run view, the samples view and the
 * comparison share. */
#ifndef GANDER_UI_SHEETS_H
#define GANDER_UI_SHEETS_H

#include "draw/picture.h"
#include "ui/view.h"

struct sheet { /* all zero: there is none */
    int64_t run, step;
    double time;     /* seconds since 1970 when it was drawn; NaN: not said */
    uint8_t *images; /* (count, height, width); malloc'ed */
    int count, height, width;
};

/* Loads the sheet of a step, or the newest one of at most that step (`is_near`); step -1: the newest
 * of all. */
void sheet_load(struct view *view, int64_t run, int64_t step, bool is_near,
                void (*done)(struct view *view, struct job *job));
/* Moves it into *sheet, whose old images are freed; false, with a sentence set, when there is none. */
bool sheet_take(struct sheet *sheet, struct job *job);
void sheet_release(struct sheet *sheet);

/* As many of its images as fit, as `look` says pictures are drawn. */
void sheet_draw(const struct sheet *sheet, struct frame *frame, struct rect rect);

#endif
