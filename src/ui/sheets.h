/* Sample sheets: decoded beside the screen. What the preview, the run view, the samples view and the
 * comparison share. */
#ifndef GANDER_UI_SHEETS_H
#define GANDER_UI_SHEETS_H

#include "draw/picture.h"
#include "run/catalogue.h"
#include "ui/view.h"

enum {
    SHEET_SIDE = 4096 /* pixels of a PNG, at most */,
    SHOWN_SIDE = 1024 /* of what is kept of one image */
};

struct sheet { /* all zero: there is none */
    int64_t run, step;
    double time;     /* seconds since 1970 when it was drawn; NaN: not said */
    uint8_t *images; /* (count, height, width); malloc'ed */
    int count, height, width;
    int group; /* as of picture_sheet */
};

/* A run's directory and how many images its sheets have, for jobs. */
struct sheet_source {
    int64_t run;
    const char *directory;
    int count; /* 0: nothing tells */
    int group; /* images of a sheet that belong together; 0: each is by itself */
    bool is_command;
};
/* In the arena of the index. */
int sheet_find_source(struct sheet_source *out, struct index *index, int64_t run);

/* The sheets that a run has, by step; those of commands need not be journalled. In the arena of the
 * index; paths are relative to the run's directory. */
int sheet_list(struct index *index, const struct sheet_source *source, struct file_row **files,
               int *count);

/* Loads the sheet of a step, or the newest one of at most that step (`is_near`); step -1: the newest
 * of all. */
void sheet_load(struct view *view, int64_t run, int64_t step, bool is_near,
                void (*done)(struct view *view, struct job *job));
/* Moves it into *sheet, whose old images are freed; false, with a sentence set, when there is none. */
bool sheet_take(struct sheet *sheet, struct job *job);
void sheet_release(struct sheet *sheet);

/* Of one file of a run, for jobs: images in the arena. Not a sheet of the run's samples.count: one
 * image. */
int sheet_read(struct sheet *out, struct arena *arena, const struct sheet_source *source,
               const struct file_row *file);

#define IMAGES_LOOK_S                                                                              \
    1 /* between two looks for images of a live command, which no journal tells of */

/* As many of its images as fit, as `look` says pictures are drawn. */
void sheet_draw(const struct sheet *sheet, struct frame *frame, struct rect rect);

#endif
