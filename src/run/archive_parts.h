/* What the files src/run/archive_*.c share. */
#ifndef GANDER_RUN_ARCHIVE_PARTS_H
#define GANDER_RUN_ARCHIVE_PARTS_H

#include <time.h>

#include "base/base.h"
#include "base/hash.h"
#include "base/memory.h"
#include "run/archive.h"
#include "run/rundir.h"

#define ARCHIVE_INDEX_NAME "gander-export.json"
#define ARCHIVE_SUMS_NAME "SHA256SUMS"
#define ARCHIVE_CODE_NAME "code.pack"

enum {
    ARCHIVE_RUNS_LIMIT = 10000,
    ARCHIVE_FILES_LIMIT = 500000,  /* of all runs together */
    ARCHIVE_INDEX_LIMIT = 8 << 20, /* bytes */
    ARCHIVE_SUMS_LIMIT = 128 << 20,
    ARCHIVE_CHUNK = 1 << 17,
};

/* --- archive_names.c --- */

/* May a run of an archive have a file of that name, "samples/00001000.png"? */
bool archive_knows(const char *name);
/* The files of a run that are not in folders, NULL-terminated; code.pack left out. */
extern const char *const archive_files[];
extern const char *const archive_folders[];

/* --- archive_index.c --- */

struct archive_index {
    const char *store, *host;
    double exported;
    struct archived_run *runs; /* by ascending number */
    int count;
};

/* The text of gander-export.json, malloc'ed. */
char *index_text(const struct archive_index *index);
/* From what comes from outside. ERR_INVALID. */
int index_parse(struct arena *arena, struct archive_index *out, const char *text, size_t size);
/* NULL: it is not in it. */
const struct archived_run *index_find(const struct archive_index *index, int64_t number);

/* --- archive_cut.c --- */

struct cut_file {
    const char *name; /* in the run's directory */
    const char *path;
    int64_t size; /* bytes that travel */
    struct timespec modified;
    int fd; /* open from the cut on, as it may be removed soon; -1: not */
};

/* What of a run travels. */
struct cut {
    struct archived_run run;
    struct run_facts facts;
    struct cut_file *files;
    int count, room;
};

/* Strings are in the arena. Close it in any case. */
int cut_open(struct arena *arena, struct cut *out, const struct store *store, int64_t number,
             const struct archive_wish *wish);
void cut_close(struct cut *cut);
/* One more. ERR_NOT_FOUND, ERR_INVALID for what is no plain file. */
int cut_add(struct arena *arena, struct cut *cut, const char *name, const char *path);

/* --- archive_stage.c --- */

struct staged_file {
    const char *name; /* "runs/42/run.json" */
    int64_t number;
    char hash[HASH_TEXT_SIZE];
    bool is_good; /* SHA256SUMS says the same */
};

/* What has come of a run. */
struct staged_run {
    int files;
    const char *bad; /* one that is not as SHA256SUMS says; or NULL */
};

struct import {
    struct archive *reader;
    struct archive_entry *entry; /* met, and not yet taken; NULL: none */
    struct arena arena;
    const char *path; /* for people */
    int fd;
    char *block;       /* read from there */
    const char *stage; /* the directory that runs are put together in */
    bool has_index, has_sums;
    struct archive_index index;
    int64_t claimed;           /* bytes that it says are in runs/ … */
    int64_t bytes;             /* … and have come */
    int64_t allowed;           /* to come before the index */
    struct staged_file *files; /* malloc'ed; in the end sorted by name */
    int count, room;
    struct staged_run *found; /* one for each of the index */
    char *sums;               /* the text of SHA256SUMS; malloc'ed */
};

/* Reads all of it into import->stage, an empty directory: runs/42/run.json becomes 42/run.json. */
int stage_archive(struct import *import);
/* Does what came for that run agree with what the archive says of it? ERR_INVALID. */
int stage_check(const struct import *import, const struct archived_run *run);

/* --- archive_origin.c --- */

/* Which runs are here, by what they began as. */
struct origin {
    char store[STORE_ID_SIZE];
    int64_t number; /* there */
    int64_t here;
};
struct origin_table {
    struct origin *origins;
    int count, room;
};
int origin_table_read(struct origin_table *out, const struct store *store);
void origin_table_release(struct origin_table *table);
void origin_add(struct origin_table *table, const struct origin *origin);
/* The number that it has here; 0: it is not. The newest, where there are several. */
int64_t origin_find(const struct origin_table *table, const char *store, int64_t number);

/* What a run began as, if it is run `number` of `store` now; from its run.json. */
void origin_of(struct origin *out, const struct json *facts, const char *store, int64_t number);

#endif
