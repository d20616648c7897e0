/* What the Sweep view is made of; for sweep_draw.c and view_sweep.c. */
#ifndef GANDER_UI_SWEEP_STATE_H
#define GANDER_UI_SWEEP_STATE_H

#include "draw/parallel.h"
#include "draw/scatter.h"
#include "draw/table.h"
#include "show/swept.h"
#include "ui/view.h"

struct sweep_state {
    char *name;
    struct swept swept;
    bool is_loaded, needs_load, is_new;
    char why[512];           /* it cannot be read; "": it can */
    int cursor, first, rows; /* of the table */
    int64_t wanted;          /* the run that it was opened on: the cursor goes to its point */
    struct table table;
    struct parallel parallel;
    struct arena arena; /* of the table and the axes */
};

/* Table and axes from what was read. */
void sweep_make(struct sweep_state *state);
/* Rows of points that have room. */
int sweep_rows(struct rect rect, const struct sweep_state *state);
void sweep_draw(const struct sweep_state *state, struct frame *frame, struct rect rect);

#endif
