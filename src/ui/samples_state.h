/* What the samples view is made of, for the files samples_*.c and view_samples.c. */
#ifndef GANDER_UI_SAMPLES_STATE_H
#define GANDER_UI_SAMPLES_STATE_H

#include "samples_cache.h"
#include "samples_reels.h"

enum samples_difference { DIFFERENCE_NONE, DIFFERENCE_BEFORE, DIFFERENCE_RUNS, DIFFERENCE_COUNT };

enum { SPEED_LEAST = 1, SPEED_MOST = 30 /* stops a second */ };

/* What a run shows now. */
struct samples_pane {
    struct sheet sheet;
    int16_t *difference; /* as many as the sheet has pixels; NULL: the sheet itself is shown */
    /* What half blocks show of the first `held_count` images from `held_first` on, each (2 rows,
     * columns) bytes, so that few cells change from step to step. NULL: not in use. */
    uint8_t *held;
    int held_first, held_count, held_columns, held_rows;
    int64_t against;   /* the step, or the run, that it differs from */
    char problem[160]; /* why there is nothing; "": there is */
};

struct samples {
    int64_t runs[REELS_LIMIT];
    int run_count;
    struct reels reels;
    struct sheet_cache cache;
    struct samples_pane panes[REELS_LIMIT];
    bool is_loaded, must_load, is_stale;
    uint64_t mark; /* of their news */
    char problem[160];
    enum reel_lock lock;
    int stop;      /* of those of the lock; -1: there are none */
    double moment; /* of that stop; NaN: the last one, whatever it is */
    bool is_playing;
    int speed;
    double played; /* steady seconds of the last stop that was played */
    int image;     /* that is chosen; -1: none */
    int first;     /* image that is shown */
    int limit;     /* images to show; 0: as many as can be read */
    int fits;      /* of the last layout */
    bool is_enlarged;
    double looked; /* steady seconds of the last look for images that no journal tells of */
    enum samples_difference difference;
};

/* Where what is drawn. */
struct samples_places {
    struct rect panes[REELS_LIMIT]; /* each with its title */
    struct rect curves, timeline;   /* a row a curve; empty where there is no room */
};
struct samples_places samples_places(const struct samples *samples, struct rect rect);

/* The images of a pane as they are laid out below its title. */
struct picture_layout samples_layout(const struct samples *samples, int pane, struct rect rect,
                                     const struct look *look);

/* The first image that is laid out. */
int samples_first(const struct samples *samples, int pane);

/* The column of a moment on the timeline, and the moment of a column. */
int samples_column(const struct samples *samples, struct rect timeline, double moment);
double samples_moment(const struct samples *samples, struct rect timeline, int x);

/* Brings what half blocks show up to date. `is_other`: another sheet than before. */
void samples_hold(struct samples *samples, int pane, struct rect rect, const struct look *look,
                  bool is_other);

void samples_draw(const struct samples *samples, struct frame *frame, struct rect rect);

#endif
