/* Reels: the saved sheets of runs, in their order, and the moments at which one stops when going
 * through them. Loaded beside the screen. */
#ifndef GANDER_UI_SAMPLES_REELS_H
#define GANDER_UI_SAMPLES_REELS_H

#include "sheets.h"

enum { REELS_LIMIT = 4, REEL_LOSSES = 2 };

struct reel_file {
    struct file_row row;
    double worked; /* seconds that the run had been training; NaN: not known */
};

struct reel {
    struct listed_run run;
    const char *title;
    const char *problem; /* why there is nothing to see; NULL: there is */
    struct sheet_source source;
    struct attempt_row *attempts;
    int attempt_count;
    int classes; /* of a conditional generator: image i is of class i % classes; 0: it is none */
    struct reel_file *files;
    int count;
};

enum reel_lock { LOCK_STEP, LOCK_TIME, LOCK_COUNT };

struct reel_loss {
    double *moments[LOCK_COUNT];
    double *values;
    int count; /* 0: the run has none */
};

struct reels {
    struct reel reels[REELS_LIMIT];
    int count;
    double *stops[LOCK_COUNT]; /* ascending, each once: steps, or seconds of training */
    int stop_count[LOCK_COUNT];
    struct reel_loss losses[REEL_LOSSES]; /* of the first run: G's and D's */
    struct arena arena;                   /* owns all of it */
};

/* Of at most REELS_LIMIT runs. */
void reels_load(struct view *view, const int64_t *runs, int count,
                void (*done)(struct view *view, struct job *job));
/* False, with a sentence set, when nothing could be loaded; the old ones stay then. */
bool reels_take(struct reels *reels, struct job *job);
void reels_release(struct reels *reels);

/* The last sheet of a reel at or before a moment; -1: none. */
int reel_at(const struct reel *reel, enum reel_lock lock, double moment);
/* The stop at or before a moment, else the first; -1: there are none. */
int reels_stop(const struct reels *reels, enum reel_lock lock, double moment);

#endif
