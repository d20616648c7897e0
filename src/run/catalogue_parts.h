/* What the files of the catalogue share. */
#ifndef GANDER_RUN_CATALOGUE_PARTS_H
#define GANDER_RUN_CATALOGUE_PARTS_H

#include "run/catalogue.h"
#include "run/journal.h"
#include "run/store.h"
#include "sql.h"

struct catalogue {
    struct sql *db;
    const struct store *store;
    struct arena arena;   /* owns path and remark */
    const char *path;     /* ":memory:" where no disk would have it */
    const char *remark;   /* what happened at opening; NULL: nothing worth a word */
    int64_t device, file; /* of the database, to see that somebody has replaced it */
};

/* --- reading one run in (sql_ingest.c) --- */

/* Takes in what is new of the run's directory, in transactions of a few megabytes of journal each.
 * `place` is "runs" or "bin". */
int ingest_run(struct catalogue *catalogue, int64_t number, const char *place, double now);

/* --- points (sql_points.c) --- */

/* Where points of one run go, for the length of one transaction. */
struct point_writer;
struct point_writer *points_open(struct sql *db, int64_t run);
void points_put(struct point_writer *writer, const char *name, int64_t step, double time,
                double value, const char *text);
int64_t points_dropped(const struct point_writer *writer); /* names too long or too many */
/* Writes what is left and frees; errors stay with the database. */
void points_close(struct point_writer *writer);

#endif
