/* The catalogue: the SQLite index of all runs of a store. See gander-store(5) for its tables.
 *
 *     catalogue_open(&catalogue, &store);       made or mended if need be
 *     catalogue_refresh(catalogue, now);        what the directories have to say since
 *     catalogue_list(catalogue, …);
 *     catalogue_close(catalogue);
 *
 * K1. It is an index and holds nothing of its own: from the run directories alone the same rows come
 *     again (all but the numbers of metric and block ids).
 * K2. Whoever looks takes in what is new, exactly once: the offset in a journal and the rows that came
 *     before it are committed together, in short transactions.
 * K3. A run that has ended, and whose locks are free, is settled: it is not looked at again until
 *     STORE/changes names it. Whoever changes such a run (resume, notes) holds a lock of it first,
 *     then appends its number there, then makes the change.
 * K4. It lies in the store; on a network or read-only file system, or where it is not ours to write,
 *     in $XDG_CACHE_HOME/gander (~/.cache/gander), which GANDER_CATALOGUE=cache or catalogue = cache
 *     in config.ini forces; in memory where nothing can be written.
 * K5. A damaged catalogue, or one of a later version, is set aside beside itself and made again.
 */
#ifndef GANDER_RUN_CATALOGUE_H
#define GANDER_RUN_CATALOGUE_H

#include "base/base.h"
#include "base/memory.h"
#include "record/filter.h"
#include "run/journal.h"
#include "run/store.h"

struct catalogue;

/* The store must outlive it. */
int catalogue_open(struct catalogue **out, const struct store *store);
void catalogue_close(struct catalogue *catalogue);

const char *catalogue_path(const struct catalogue *catalogue); /* ":memory:" if it has none */
/* A sentence about what was found and done at opening; NULL: nothing worth one. */
const char *catalogue_remark(const struct catalogue *catalogue);

/* Takes in what is new in the store. `now`: seconds since 1970. */
int catalogue_refresh(struct catalogue *catalogue, double now);
/* For who reads what another handle brings up to date: opens the file again when it was replaced. One
 * in memory is nobody else's, and is refreshed. */
int catalogue_follow(struct catalogue *catalogue, double now);
/* Makes it anew from the directories. */
int catalogue_rebuild(struct catalogue *catalogue, double now);

/* The runs that are not settled (K3): those that may still change by themselves. In the arena. */
int catalogue_unsettled(struct catalogue *catalogue, struct arena *arena, int64_t **numbers,
                        int *count);

/* --- runs --- */

struct run_row {
    int64_t number;
    const char *experiment, *name; /* name may be NULL, as may all strings below */
    enum run_state state;
    bool is_orphan, is_stalled;
    const char *reason;      /* of its end */
    int exit_status, signal; /* -1 and 0: none */
    const char *health;
    double created, started, ended; /* NaN: not yet */
    double took;                    /* seconds of running, up to now */
    int64_t step, steps;            /* steps 0: unknown */
    const char *commit, *snapshot, *branch, *subject;
    bool is_dirty;
    const char *host, *user, *data, *command;
    bool is_command, is_archived, is_binned;
    int64_t parent, seed; /* 0, -1: none */
    const char *const *tags;
    int tag_count, note_count;
    const char *broken;    /* why its run.json cannot be read */
    double sort_number;    /* what the list was sorted by: NaN where that is text … */
    const char *sort_text; /* … which stands here; both empty: it has no such value */
};

enum run_order { ORDER_ASCENDING, ORDER_DESCENDING };

struct catalogue_query {
    const struct filter *filter; /* NULL: all */
    const char *sort; /* a column of `sort_columns`, a recipe value, or a metric, of which
                                    the last value counts, or min(x), max(x), last(x); NULL: by
                                    number */
    enum run_order order;
    int64_t limit;      /* 0: none */
    bool with_archived; /* archived ones, too */
    bool from_bin;      /* those in the bin instead */
    size_t behind;      /* bytes behind each row of the list, for the caller's own: all zero */
};

/* Rows in the arena. ERR_INVALID for a sort that is none. Runs without the value come last. `total`
 * (or NULL) is how many there are without the limit. */
int catalogue_list(struct catalogue *catalogue, struct arena *arena,
                   const struct catalogue_query *query, double now, struct run_row **rows,
                   int *count, int64_t *total);

/* Splits "min(d_loss)" as sorts and columns write it; what has no function is FILTER_PLAIN. The name
 * is in the arena. */
enum filter_function catalogue_split_key(struct arena *arena, const char *key, const char **name);

/* One run, wherever it is; ERR_NOT_FOUND. */
int catalogue_run(struct catalogue *catalogue, struct arena *arena, int64_t number, double now,
                  struct run_row *row);

/* A number that is another one once something new of these runs is taken in, whatever became of others.
 * 0: it cannot be read. */
uint64_t catalogue_mark(struct catalogue *catalogue, const int64_t *runs, int count);

/* What is sorted by besides metrics and recipe values, NULL-terminated. */
extern const char *const catalogue_sort_columns[];

/* The newest run with that name or experiment, and how many have it; *number 0 if none. */
int catalogue_find(struct catalogue *catalogue, const char *name, const char *experiment,
                   int64_t *number, int64_t *matches);

/* Different words that runs out of the bin have in one place, sorted, at most `most`. */
enum catalogue_word {
    WORD_EXPERIMENT,
    WORD_NAME,
    WORD_TAG,
    WORD_HEALTH,
    WORD_HOST,
    WORD_BRANCH,
    WORD_DATA,
};
int catalogue_words(struct catalogue *catalogue, struct arena *arena, enum catalogue_word which,
                    int most, char ***words, int *count);

/* --- what runs hold --- */

struct run_metric {
    int64_t run;
    const char *name;
    int64_t points;
    double last, low, high; /* NaN where there is none */
    int64_t last_step, low_step, high_step;
    const double *spark; /* means of equal shares of its values, at most POINTS_SPARK */
    int spark_count;
};
/* All of a run, in the order in which they came, those about resources last; or those called `name` (NULL: all) of all `runs`, in
 * the order of the runs. */
int catalogue_metrics(struct catalogue *catalogue, struct arena *arena, const int64_t *runs,
                      int run_count, const char *name, struct run_metric **rows, int *count);

/* Names of all metrics that any run has, sorted. */
int catalogue_metric_names(struct catalogue *catalogue, struct arena *arena, char ***names,
                           int *count);

struct setting_row {
    int64_t run;
    const char *key, *value;
    double number; /* NaN: it is none */
};
/* Of these runs, by key and then in the order of `runs`; `key` NULL: all. */
int catalogue_settings(struct catalogue *catalogue, struct arena *arena, const int64_t *runs,
                       int run_count, const char *key, struct setting_row **rows, int *count);
/* Names of all recipe values that any run has. */
int catalogue_setting_names(struct catalogue *catalogue, struct arena *arena, char ***names,
                            int *count);

/* Does any run have a metric or a recipe value of that name? False after an error, too. */
enum catalogue_key { KEY_METRIC, KEY_SETTING };
bool catalogue_has(struct catalogue *catalogue, enum catalogue_key kind, const char *name);

struct note_row {
    double time;
    const char *author, *text;
};
int catalogue_notes(struct catalogue *catalogue, struct arena *arena, int64_t run,
                    struct note_row **rows, int *count);

struct file_row {
    int64_t step;
    double time; /* NaN: not said */
    const char *path;
};
/* `kind` is "sample" or "checkpoint"; superseded ones are left out. By ascending step. */
int catalogue_files(struct catalogue *catalogue, struct arena *arena, int64_t run, const char *kind,
                    struct file_row **rows, int *count);

struct health_row {
    int64_t step;
    double time;
    const char *state, *why, *advice;
};
int catalogue_health(struct catalogue *catalogue, struct arena *arena, int64_t run,
                     struct health_row **rows, int *count);

/* What a classifier has read in the samples of a run, the last time they were evaluated. */
struct evaluation_row {
    int64_t step;    /* -1: never */
    int64_t samples; /* that were read */
    int classes;
    double *counts; /* (classes) samples read as each */
};
int catalogue_evaluation(struct catalogue *catalogue, struct arena *arena, int64_t run,
                         struct evaluation_row *out);

/* One stretch of work, by ascending time. */
struct attempt_row {
    double time;   /* when it began; NaN: not said */
    double worked; /* seconds that all before it worked */
    int64_t from_step;
};
int catalogue_attempts(struct catalogue *catalogue, struct arena *arena, int64_t run,
                       struct attempt_row **rows, int *count);

/* What an attempt worked with: "cpu", "blas", "data.hash" …; the last attempt that said. */
struct fact_row {
    const char *key, *value;
};
int catalogue_engine(struct catalogue *catalogue, struct arena *arena, int64_t run,
                     struct fact_row **rows, int *count);

/* Lines of a journal. */
struct journal_counts {
    int64_t lines, superseded, bad;
};
int catalogue_journal(struct catalogue *catalogue, int64_t run, struct journal_counts *out);

/* --- is it sound? (run/doctor.h) --- */

int catalogue_version(void);                              /* of its tables: PRAGMA user_version */
int64_t catalogue_run_count(struct catalogue *catalogue); /* as it stands, the bin left out */
/* *wrong (in the arena) is what is found, NULL for nothing. A quick look takes the table of runs, a
 * deep one every page. */
int catalogue_check(struct catalogue *catalogue, struct arena *arena, bool is_deep,
                    const char **wrong);
/* The store's id as a catalogue file has it; the file is only read. ERR_NOT_FOUND. */
int catalogue_peek_id(const char *path, char id[STORE_ID_SIZE]);

/* Runs whose journals have lines that were skipped, most lines first; `runs` is how many such
 * runs there are. */
struct bad_lines {
    int64_t run, bad, runs;
};
int catalogue_bad_lines(struct catalogue *catalogue, struct bad_lines *rows, int most, int *count);

/* --- curves --- */

/* `low` and `high` are the smallest and largest of the values that `mean` stands for; all three are
 * NaN where none of them is finite. */
struct series {
    double *step, *time; /* of the last value in it; time NaN: not said */
    double *mean, *low, *high;
    int count;
};

/* A metric of a run between two steps (NaN: no bound), in as few points as still give at least
 * `resolution` of them, if there are as many: one indexed read, at any zoom. In the arena. A metric
 * that the run does not have is an empty series. */
int catalogue_series(struct catalogue *catalogue, struct arena *arena, int64_t run,
                     const char *metric, double first_step, double last_step, int resolution,
                     struct series *out);

#endif
