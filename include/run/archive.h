/* Runs on their way to another machine: a tar.gz that anybody can look into.
 *
 *     gander-export.json          what is in it, and how much
 *     runs/42/run.json            and recipe.ini, worker.jsonl, events.jsonl, notes.jsonl, log.txt,
 *     runs/42/samples/…           as they are in run/rundir.h
 *     runs/42/code.pack           the code that it pins, without history: a pack file of git
 *     runs/42/checkpoints/…
 *     SHA256SUMS                  of all files in runs/, for `sha256sum -c`
 *
 *     {"format":"gander-export","version":1,"gander":"0.1.0","store":"9f…","host":"ada",
 *      "exported":1732370000,"runs":[{"number":42,"experiment":"digits","name":null,
 *      "state":"finished","files":17,"bytes":1234567,"code":true,"code_missing":null}]}
 *
 * A1. A run that works is cut: its journals to whole lines of one moment, which hold all that the
 *     checkpoints beside them need (J5 of run/journal.h); what it writes later stays behind.
 * A2. An archive is hostile. Only the names above are taken, only plain files, each once, no more than
 *     gander-export.json says and the disk holds, and only if all that it says is there.
 * A3. A run is taken whole or not at all, under a new number (S1 and S2 of run/store.h). An archive
 *     that cannot be read to its end gives none.
 * A4. "origin" in run.json says where a run came from; {"before":…} in it, from where before that.
 *     What it began as, the innermost of them, tells whether it is here already.
 * A5. A run that had not ended when it was exported is lost here: nobody goes on with this copy. */
#ifndef GANDER_RUN_ARCHIVE_H
#define GANDER_RUN_ARCHIVE_H

#include "base/base.h"
#include "base/json.h"
#include "base/memory.h"
#include "run/journal.h"
#include "run/store.h"

/* --- out --- */

enum archive_checkpoints { ARCHIVE_ALL, ARCHIVE_NEWEST, ARCHIVE_NONE };

struct archive_wish {
    const int64_t *numbers; /* of the runs … */
    int count;              /* … at least one */
    enum archive_checkpoints checkpoints;
    bool without_code;
    double now;                                       /* seconds since 1970 */
    void (*say)(void *context, const char *sentence); /* what does not travel along, and why */
    void *context;
    bool (*is_unwanted)(
        void *context); /* asked now and then: true ends it, ERR_CANCELLED; or NULL */
};

struct archived_run {
    int64_t number;
    const char *experiment;
    enum run_state state;
    bool works; /* it goes on while a cut of it travels */
    int files;
    int64_t bytes;
    bool has_code;
    const char *code_missing; /* a sentence, where it has none */
};

/* These facts, as the archive and export --json have them. */
struct json *archived_run_json(const struct archived_run *run);

struct archived { /* all zero before */
    struct archived_run *runs;
    int count;
    int64_t bytes; /* of the archive */
    struct arena arena;
};

/* What an archive of these runs is called unless somebody says otherwise: "gander-digits-42.tar.gz",
 * "gander-digits-3-7.tar.gz", of several experiments "gander-runs-3-7.tar.gz". In the arena. */
char *archive_usual_name(struct arena *arena, const struct store *store, const int64_t *numbers,
                         int count);

/* "run 42, 23 files, 5.1 MB packed to 3.2 MB"; in the arena. */
char *archived_text(struct arena *arena, const struct archived *archived);

/* Packs runs into the file `path`, which appears whole or not at all, or writes them to `fd` where
 * `path` is NULL. A caught signal (run/interrupt.h) is ERR_CANCELLED. Release out->arena in any case. */
int archive_export(struct archived *out, const struct store *store, const struct archive_wish *wish,
                   const char *path, int fd);

/* --- in --- */

struct import;

/* Opens an archive, "-" being standard input, and reads as far as to see that it is one: before a
 * store is made for it. */
int import_open(struct import **out, const char *path);
void import_close(struct import *import);

struct import_wish {
    bool again;        /* also runs that are here already */
    bool without_code; /* and do not look at it */
    double now;
};

/* A run of an archive, and what has become of it. */
struct imported_run {
    int64_t original; /* its number there */
    int64_t number;   /* here; 0: it was not taken … */
    const char *why;  /* … a sentence on why not */
    int64_t already;  /* … the run here that it is already; 0: none */
    const char *experiment;
    enum run_state state;
    bool has_code;
    const char *code_missing; /* a sentence where it has none */
};

/* Takes them, once. A negative result: none was taken, and nothing is left of it; else each says what
 * became of it. `runs` live as long as the import. */
int import_take(struct import *import, const struct store *store, const struct import_wish *wish,
                struct imported_run **runs, int *count);

#endif
