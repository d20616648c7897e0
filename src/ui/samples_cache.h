/* Sheets that were decoded, the latest used ones kept; decoded ahead beside the screen. */
#ifndef GANDER_UI_SAMPLES_CACHE_H
#define GANDER_UI_SAMPLES_CACHE_H

#include "samples_reels.h"

enum {
    CACHE_BYTES =
        16 << 20 /* what one stop shows, and as much again: 4 runs, each with the step before */,
    CACHE_SHEETS = 256,
    AHEAD_LIMIT = 64
};

struct cached_sheet {
    struct sheet sheet;
    char problem[160]; /* why it cannot be shown; "": it can */
    uint64_t used;
};

struct sheet_cache { /* all zero is an empty one */
    struct cached_sheet *sheets;
    int count;
    size_t bytes;
    uint64_t clock;
};

/* A sheet that is wanted, the most urgent one first. */
struct wanted_sheet {
    int reel, file;
};

/* NULL if it is not there; borrowed until the next cache_take. */
const struct cached_sheet *cache_find(struct sheet_cache *cache, const struct reel *reel, int file);
void cache_release(struct sheet_cache *cache);
/* What could not be shown may be there by now. */
void cache_forget_problems(struct sheet_cache *cache);

/* Decodes what is not there yet of `count` wanted ones, at most AHEAD_LIMIT. */
void cache_load(struct view *view, struct sheet_cache *cache, const struct reels *reels,
                const struct wanted_sheet *wanted, int count,
                void (*done)(struct view *view, struct job *job));
void cache_take(struct sheet_cache *cache, struct job *job);

#endif
