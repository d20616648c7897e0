/* Stores with their catalogues, brought up to date: what commands and the dashboard look at.
 *
 *     struct index index = { 0 };
 *     index_open_stores(&index, NULL, 0, INDEX_NOW, now);      the usual store
 *     index_resolve(&index, "best", &run);
 *     index_list(&index, &run, 1, &listed);
 *     index_close(&index);
 *
 * All that is made of an index lies in its arena, and its places stay where they are. So whoever
 * looks again and again can take a copy of the struct with an empty arena, look through that, and
 * keep or release that arena alone. */
#ifndef GANDER_SHOW_INDEX_H
#define GANDER_SHOW_INDEX_H

#include "base/memory.h"
#include "record/config.h"
#include "run/catalogue.h"

struct index_place {
    struct store store;
    struct catalogue *catalogue; /* NULL until it is asked for */
    const char *label;           /* for people: the last part of the path that holds the store */
};

struct index {
    struct index_place *places;
    int count; /* at least one */
    struct config config;
    double now; /* seconds since 1970, as whoever looks takes it */
    /* What catalogues say of themselves when they are opened, as it is; NULL: nobody hears it. */
    void (*remark)(const void *context, const char *sentence);
    const void *context;
    struct arena arena;
};

/* The stores of these directories; of none (count 0) the usual one. What means a run or two by
 * number needs no catalogue: INDEX_LATER opens one when somebody asks for it. `out` is all zero but
 * for `remark` and `context`; after an error it is closed. */
enum index_when { INDEX_NOW, INDEX_LATER };
int index_open_stores(struct index *out, const char *const *directories, int count,
                      enum index_when when, double now);
/* The catalogue of a place, brought up to date when it is first asked for. */
int index_catalogue(struct index *index, struct index_place *place, struct catalogue **out);
void index_close(struct index *index); /* it is all zero again */

/* --- runs that people mean --- */

/* A run that an operand means: RUN, or with several stores K:RUN, K being which of them, from 1. */
struct index_run {
    struct index_place *place;
    int64_t number;
    const char *title; /* "7", "2:7"; in the arena */
};
/* ERR_NOT_FOUND, ERR_INVALID. */
int index_resolve(struct index *index, const char *text, struct index_run *out);

/* All of these, ranges ("3..7") included, each run once. */
int index_resolve_words(struct index *index, const char *const *words, int word_count,
                        struct index_run **runs, int *count);

/* --- runs as the catalogue has them --- */

/* A run, and where it is from. */
struct listed_run {
    struct run_row row;
    struct index_place *place;
};

/* The rows of runs that were resolved. */
int index_list(struct index *index, const struct index_run *runs, int count,
               struct listed_run **out);

/* "12", or with several stores "2:12"; and with the name, if it has one. In the index's arena. */
const char *run_title(struct index *index, const struct listed_run *run);
const char *run_long_title(struct index *index, const struct listed_run *run);

/* Where it is: in the bin, or not. In the arena. */
char *run_place(struct arena *arena, const struct listed_run *run);

#endif
