/* What a person sees of a run that works: on a terminal a block that is rewritten in place (samples,
 * a bar, curves), above it what is said once; elsewhere plain lines. */
#ifndef GANDER_CLI_PROGRESS_H
#define GANDER_CLI_PROGRESS_H

#include "cli/command.h"
#include "draw/live.h"
#include "draw/picture.h"
#include "history.h"
#include "run/journal.h"

enum { PROGRESS_SERIES = 4, PROGRESS_NAME_SIZE = 64 };

struct progress_series {
    char name[PROGRESS_NAME_SIZE]; /* of the metric; "" while there is none */
    struct history history;
};

struct progress {
    enum picture_mode mode; /* PICTURE_AUTO: what the terminal shows best */
    struct terminal terminal;
    struct live live;
    struct progress_series series[PROGRESS_SERIES];
    int64_t from_step, step, steps; /* steps 0: unknown */
    double epoch, rate;             /* NaN: unknown; images a second */
    double begun;                   /* the attempt, seconds since 1970; 0: not yet */
    const char *note;               /* instead of epoch, rate and times; NULL: none; borrowed */
    uint8_t *images;                /* (count, height, width) of the newest sheet; owned; or NULL */
    int image_count, image_height, image_width;
    struct canvas sheet; /* it, drawn */
    int sheet_columns, sheet_rows;
    bool is_sheet_new, is_changed;
    double drawn; /* seconds of the monotonic clock; 0: never */
};

void progress_begin(struct progress *progress, enum picture_mode mode);

/* A new attempt, or a first look: forgets what curves were there. */
void progress_restart(struct progress *progress, int64_t from_step, double begun);

void progress_add(struct progress *progress, const struct event *event);

/* The newest sheet of samples. */
void progress_set_images(struct progress *progress, const char *path, int count);

/* Draws the block again if something has changed, or a second is over. `now` as `begun`. */
void progress_show(struct progress *progress, double now);

/* A line that stays, above the block. Its control characters become '?'. */
void progress_say(struct progress *progress, const char *line);

/* Gives the terminal back; the block stays. */
void progress_end(struct progress *progress, double now);

#endif
