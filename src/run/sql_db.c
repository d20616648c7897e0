#define _GNU_SOURCE
#include "sql.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "run/library.h"

enum { BUSY_MS = 60000, QUERY_LIMIT = 128, SENTENCE = 512 };

struct sql_query {
    struct sql *db;
    const char *text; /* of one that is kept: a literal, known by its address */
    sqlite3_stmt *statement;
};

struct sql {
    sqlite3 *handle;
    struct sql_query kept[QUERY_LIMIT];
    int kept_count;
    int error; /* since sql_begin or sql_clear */
    bool joins;
    double joined_since; /* when the present transaction of many was begun */
    enum sql_problem problem;
    char sentence[SENTENCE];
};

static enum sql_problem problem_of(int code)
{
    switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return SQL_CORRUPT;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return SQL_READ_ONLY;
    default:
        return SQL_FAILED;
    }
}

/* Keeps the first error: what follows it often follows from it. */
static int note_error(struct sql *db, int code)
{
    if (db->error)
        return db->error;
    db->problem = problem_of(code);
    db->error = db->problem == SQL_CORRUPT ? ERR_INVALID : ERR_IO;
    snprintf(db->sentence, sizeof db->sentence, "the catalogue: %s",
             db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
    return db->error;
}

int sql_open(struct sql **out, const char *path, bool is_read_only)
{
    struct sql *db = xcalloc(1, sizeof *db);
    int flags = is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    *out = db;
    if (code != SQLITE_OK) {
        note_error(db, code);
        return sql_error(db);
    }
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    return 0;
}

void sql_close(struct sql *db)
{
    if (!db)
        return;
    for (int i = 0; i < db->kept_count; i++)
        sqlite3_finalize(db->kept[i].statement);
    sqlite3_close(db->handle);
    free(db);
}

int sql_error(struct sql *db)
{
    return db->error ? fail(db->error, "%s", db->sentence) : 0;
}

enum sql_problem sql_problem(const struct sql *db)
{
    return db->problem;
}

void sql_clear(struct sql *db)
{
    db->error = 0;
    db->problem = SQL_FINE;
}

int sql_run(struct sql *db, const char *text)
{
    int code = sqlite3_exec(db->handle, text, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        note_error(db, code);
    return sql_error(db);
}

int sql_copy_all(struct sql *to, struct sql *from)
{
    sql_clear(to);
    sqlite3_backup *copy = sqlite3_backup_init(to->handle, "main", from->handle, "main");
    if (copy) {
        sqlite3_backup_step(copy, -1);
        sqlite3_backup_finish(copy);
    }
    int code = sqlite3_errcode(to->handle);
    if (code != SQLITE_OK)
        note_error(to, code);
    return sql_error(to);
}

static bool is_open(const struct sql *db)
{
    return !sqlite3_get_autocommit(db->handle);
}

int sql_begin(struct sql *db)
{
    sql_clear(db);
    if (!is_open(db)) {
        db->joined_since = monotonic_clock();
        int error = sql_run(db, "BEGIN IMMEDIATE");
        if (error)
            return error;
    }
    return db->joins ? sql_run(db, "SAVEPOINT one") : 0;
}

/* Of one that is well. */
static int commit(struct sql *db)
{
    if (!db->joins)
        return sql_run(db, "COMMIT");
    int error = sql_run(db, "RELEASE one");
    bool is_long = monotonic_clock() - db->joined_since > SQL_JOIN_SECONDS;
    return error || !is_long ? error : sql_run(db, "COMMIT");
}

static void take_back(struct sql *db)
{
    if (!is_open(db)) /* some errors have rolled it back already */
        return;
    bool is_one =
        db->joins && sqlite3_exec(db->handle, "ROLLBACK TO one", NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_exec(db->handle, is_one ? "RELEASE one" : "ROLLBACK", NULL, NULL, NULL);
}

void sql_join_begin(struct sql *db)
{
    db->joins = true;
}

int sql_join_end(struct sql *db)
{
    db->joins = false;
    if (!is_open(db))
        return 0;
    sql_clear(db);
    return sql_end(db, 0);
}

int sql_end(struct sql *db, int error)
{
    if (!error && !db->error)
        return commit(db) < 0 ? sql_end(db, db->error) : 0;
    char *sentence = xstrdup(error ? error_text() : db->sentence);
    int code = error ? error : db->error;
    take_back(db);
    fail(code, "%s", sentence);
    free(sentence);
    return code;
}

void sql_begin_reading(struct sql *db)
{
    sql_clear(db);
    sql_run(db, "BEGIN");
}

int sql_end_reading(struct sql *db)
{
    if (is_open(db))
        sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL);
    return sql_error(db);
}

static void prepare(struct sql_query *query, struct sql *db, const char *text, unsigned flags)
{
    *query = (struct sql_query){ .db = db, .text = text };
    int code = sqlite3_prepare_v3(db->handle, text, -1, flags, &query->statement, NULL);
    if (code != SQLITE_OK)
        note_error(db, code);
}

struct sql_query *sql_query(struct sql *db, const char *text)
{
    for (int i = 0; i < db->kept_count; i++)
        if (db->kept[i].text == text) {
            sqlite3_reset(db->kept[i].statement);
            sqlite3_clear_bindings(db->kept[i].statement);
            return &db->kept[i];
        }
    if (db->kept_count == QUERY_LIMIT)
        die_out_of_memory(0); /* the program has fewer statements than that */
    struct sql_query *query = &db->kept[db->kept_count];
    prepare(query, db, text, SQLITE_PREPARE_PERSISTENT);
    db->kept_count += query->statement != NULL;
    return query;
}

struct sql_query *sql_query_once(struct sql *db, const char *text)
{
    struct sql_query *query = xcalloc(1, sizeof *query);
    prepare(query, db, text, 0);
    return query;
}

void sql_forget(struct sql_query *query)
{
    sqlite3_finalize(query->statement);
    free(query);
}

static void check(struct sql_query *query, int code)
{
    if (code != SQLITE_OK && query->statement)
        note_error(query->db, code);
}

void sql_bind_integer(struct sql_query *query, int index, int64_t value)
{
    check(query, sqlite3_bind_int64(query->statement, index, value));
}

void sql_bind_real(struct sql_query *query, int index, double value)
{
    check(query, sqlite3_bind_double(query->statement, index, value));
}

void sql_bind_text(struct sql_query *query, int index, const char *text)
{
    check(query, sqlite3_bind_text(query->statement, index, text, -1, SQLITE_STATIC));
}

void sql_bind_text_n(struct sql_query *query, int index, const char *text, size_t length)
{
    check(query,
          sqlite3_bind_text64(query->statement, index, text, length, SQLITE_STATIC, SQLITE_UTF8));
}

void sql_bind_blob(struct sql_query *query, int index, const void *data, size_t size)
{
    check(query, sqlite3_bind_blob64(query->statement, index, data, size, SQLITE_STATIC));
}

bool sql_step(struct sql_query *query)
{
    if (!query->statement)
        return false;
    int code = sqlite3_step(query->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        note_error(query->db, code);
    return code == SQLITE_ROW;
}

int sql_done(struct sql_query *query)
{
    sqlite3_reset(query->statement);
    return sql_error(query->db);
}

void sql_do(struct sql_query *query)
{
    while (sql_step(query))
        ;
    sqlite3_reset(query->statement);
}

int64_t sql_integer(struct sql_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

bool sql_is_null(struct sql_query *query, int column)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

bool sql_is_text(struct sql_query *query, int column)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_TEXT;
}

double sql_real(struct sql_query *query, int column)
{
    return sql_is_null(query, column) ? NAN : sqlite3_column_double(query->statement, column);
}

const char *sql_text(struct sql_query *query, int column)
{
    return (const char *)sqlite3_column_text(query->statement, column);
}

const void *sql_blob(struct sql_query *query, int column, size_t *size)
{
    const void *data = sqlite3_column_blob(query->statement, column);
    *size = (size_t)sqlite3_column_bytes(query->statement, column);
    return data;
}

char *sql_copy(struct arena *arena, struct sql_query *query, int column)
{
    const char *text = sql_text(query, column);
    return text ? arena_strdup(arena, text) : NULL;
}

int64_t sql_changes(const struct sql *db)
{
    return sqlite3_changes64(db->handle);
}

const char *library_sqlite(void)
{
    return sqlite3_libversion();
}
