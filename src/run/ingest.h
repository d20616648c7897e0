/* What the reading of one run into the catalogue holds. */
#ifndef GANDER_RUN_INGEST_H
#define GANDER_RUN_INGEST_H

#include "catalogue_parts.h"
#include "run/rundir.h"

struct ingest {
    struct sql *db;
    const struct store *store;
    int64_t number;
    const char *place, *directory;
    double now;
    struct arena arena; /* for the length of a transaction */
    bool is_new;        /* the row has just been made */

    struct worker_story story;
    struct run_status status;                        /* what is true now */
    int64_t worker_until, events_until, notes_until; /* bytes that were there before reading */
    int attempts_before, settings_before;            /* of the story, as the catalogue knew it */
    struct events_place events;
    struct point_writer *points;
    int64_t step;          /* the highest that counts */
    int64_t reports;       /* lines of the last attempt */
    char *health;          /* in the arena; NULL: none was said */
    int64_t offset_before; /* events.offset before the last batch; -1 */
};

/* --- what run.json and recipe.ini say (sql_facts.c) --- */

/* Columns that are known when a run is made, and the arguments of its command. */
void ingest_facts(struct ingest *in);
/* The values of its recipe, with the settings of its last attempt. */
void ingest_recipe(struct ingest *in);
/* What a command says of its values in the journal. */
void ingest_config(struct ingest *in, const struct json *config);

/* --- what people say (sql_notes.c) --- */

/* All of notes.jsonl, again, if it has grown. */
void ingest_notes(struct ingest *in);

#endif
