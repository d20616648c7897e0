/* What people say of a run, on its way into the catalogue. */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "ingest.h"
#include "run/notes.h"

static struct sql_query *of_run(struct ingest *in, const char *text)
{
    struct sql_query *query = sql_query(in->db, text);
    sql_bind_integer(query, 1, in->number);
    return query;
}

static void put_text(struct ingest *in, const char *statement, const char *text)
{
    struct sql_query *query = of_run(in, statement);
    sql_bind_text(query, 2, text);
    sql_do(query);
}

static void put_note(struct ingest *in, const struct notes_line *line)
{
    struct sql_query *query =
        of_run(in, "INSERT INTO note(run, note, time, author, text) SELECT ?1,"
                   " coalesce(max(note), 0) + 1, ?2, ?3, ?4 FROM note WHERE run = ?1");
    sql_bind_real(query, 2, line->time);
    sql_bind_text(query, 3, line->by);
    sql_bind_text(query, 4, line->text);
    sql_do(query);
}

static void put_line(void *context, const struct notes_line *line)
{
    struct ingest *in = context;
    switch (line->kind) {
    case NOTES_TAG:
        put_text(in, "INSERT OR IGNORE INTO tag(run, tag) VALUES(?, ?)", line->text);
        break;
    case NOTES_UNTAG:
        put_text(in, "DELETE FROM tag WHERE run = ? AND tag = ?", line->text);
        break;
    case NOTES_NOTE:
        put_note(in, line);
        break;
    case NOTES_NAME:
        put_text(in, "UPDATE run SET name = nullif(?2, '') WHERE number = ?1", line->text);
        break;
    case NOTES_ARCHIVE:
        sql_do(of_run(in, "UPDATE run SET archived = 1 WHERE number = ?"));
        break;
    case NOTES_UNARCHIVE:
        sql_do(of_run(in, "UPDATE run SET archived = 0 WHERE number = ?"));
        break;
    }
}

/* The file is small, and its lines take back what others said: so all of it is read again. */
void ingest_notes(struct ingest *in)
{
    const char *path = path_join(&in->arena, in->directory, "notes.jsonl");
    struct sql_query *query = of_run(in, "SELECT notes_size FROM reading WHERE run = ?");
    int64_t known = sql_step(query) ? sql_integer(query, 0) : 0, size = file_size(path);
    sql_done(query);
    if (size == known)
        return;
    sql_do(of_run(in, "DELETE FROM tag WHERE run = ?"));
    sql_do(of_run(in, "DELETE FROM note WHERE run = ?"));
    sql_do(of_run(in, "UPDATE run SET archived = 0 WHERE number = ?"));
    notes_read(in->directory, put_line, in);
    query = of_run(in, "UPDATE reading SET notes_size = ?2 WHERE run = ?1");
    sql_bind_integer(query, 2, size);
    sql_do(query);
}
