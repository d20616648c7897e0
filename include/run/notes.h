/* What people say of a run: notes.jsonl, appended under notes.lock.
 *
 *     {"t":1732370000.1,"by":"ada","tag":"good"}
 *     {"t":1732370001,"by":"ada","untag":"good"}
 *     {"t":1732370002,"by":"ada","note":"the first that draws a 7\nworth keeping"}
 *     {"t":1732370003,"by":"ada","name":"baseline"}       an empty name takes it away
 *     {"t":1732370004,"by":"ada","archived":true}
 *
 * N1. The last word holds: names, archive and tags are what the lines come to in their order.
 * N2. A change holds notes.lock, tells STORE/changes, and then is made (K3 of run/catalogue.h). */
#ifndef GANDER_RUN_NOTES_H
#define GANDER_RUN_NOTES_H

#include "base/base.h"
#include "base/json.h"
#include "base/memory.h"
#include "run/store.h"

enum notes_kind { NOTES_TAG, NOTES_UNTAG, NOTES_NOTE, NOTES_NAME, NOTES_ARCHIVE, NOTES_UNARCHIVE };

/* Checks and appends one. `text` is the tag, the note or the name; NULL for the archive. ERR_INVALID
 * with what is wrong with it. `now`: seconds since 1970. */
int notes_put(const struct store *store, int64_t number, enum notes_kind kind, const char *text,
              double now);

/* The first tag of a run whose directory nobody sees yet. */
int notes_begin(const char *directory, const char *tag, double now);

/* A tag: letters, digits, '.', '_', '-', '/', ':' and '+', 64 at most. */
int notes_check_tag(const char *tag);

/* Calls back for each line that has a sense, in the order of the file. Text dies with the call. */
struct notes_line {
    enum notes_kind kind;
    double time; /* NaN: not said */
    const char *by, *text;
};
int notes_read(const char *directory, void (*visit)(void *context, const struct notes_line *line),
               void *context);

#endif
