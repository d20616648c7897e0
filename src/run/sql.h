/* SQLite, as far as the catalogue needs it. sqlite3.h is included in src/run/sql_*.c only.
 *
 * Statements are prepared once and kept with their database:
 *
 *     struct sql_query *q = sql_query(db, "SELECT step FROM run WHERE number = ?");
 *     sql_bind_integer(q, 1, 42);
 *     while (sql_step(q))
 *         step = sql_integer(q, 0);
 *     if (sql_done(q) < 0) …
 *
 * Errors stay with the database (sql_error) until a transaction is begun: so a chain of statements
 * is checked once, at its end. SQL is ours and never made of outside text: that is bound. */
#ifndef GANDER_RUN_SQL_H
#define GANDER_RUN_SQL_H

#include "base/base.h"
#include "base/memory.h"

struct sql;
struct sql_query;

enum sql_problem {
    SQL_FINE,
    SQL_FAILED,  /* the disk is full, it cannot be read … */
    SQL_CORRUPT, /* no database, or a damaged one */
    SQL_READ_ONLY,
};

/* `path` ":memory:" is one that dies with the process. ERR_INVALID when it is corrupt, ERR_IO. */
int sql_open(struct sql **out, const char *path, bool is_read_only);
void sql_close(struct sql *db);

/* Several statements without values. */
int sql_run(struct sql *db, const char *text);

/* Makes `to` a copy of `from` in one transaction: who reads it sees all of the old or all of the new. */
int sql_copy_all(struct sql *to, struct sql *from);

/* Begins to write at once, so that it waits for other writers here and nowhere else. */
int sql_begin(struct sql *db);
/* Commits, or takes all back if `error`, or one of its statements, was an error; that code. */
int sql_end(struct sql *db, int error);

/* From here to sql_join_end what is begun and ended is joined to transactions of many, which are
 * committed every SQL_JOIN_SECONDS: hundreds of small ones cost as much as a few. One that ends with
 * an error is taken back alone. sql_join_end commits the last of them. */
#define SQL_JOIN_SECONDS 0.05
void sql_join_begin(struct sql *db);
int sql_join_end(struct sql *db);

/* Around many reads: they see one state, and locks are taken once. Clears errors. */
void sql_begin_reading(struct sql *db);
int sql_end_reading(struct sql *db);

/* The code of what went wrong since sql_begin (or the last sql_clear), with its sentence; 0. */
int sql_error(struct sql *db);
enum sql_problem sql_problem(const struct sql *db);
void sql_clear(struct sql *db);

/* Ready to bind, whatever was done with it before. Never NULL: one that cannot be prepared gives no
 * rows and leaves an error. */
struct sql_query *sql_query(struct sql *db, const char *text);
/* The same for text that is put together at run time, and not kept beyond sql_forget. */
struct sql_query *sql_query_once(struct sql *db, const char *text);
void sql_forget(struct sql_query *query);

void sql_bind_integer(struct sql_query *query, int index, int64_t value);
void sql_bind_real(struct sql_query *query, int index, double value); /* NaN is NULL */
/* Borrowed until the query is done. NULL is NULL. */
void sql_bind_text(struct sql_query *query, int index, const char *text);
void sql_bind_text_n(struct sql_query *query, int index, const char *text, size_t length);
void sql_bind_blob(struct sql_query *query, int index, const void *data, size_t size);

bool sql_step(struct sql_query *query); /* true with a row */
/* Resets it; the code of what went wrong. */
int sql_done(struct sql_query *query);
/* sql_step and sql_done of what gives no rows. */
void sql_do(struct sql_query *query);

int64_t sql_integer(struct sql_query *query, int column);
double sql_real(struct sql_query *query, int column); /* NaN for NULL */
bool sql_is_null(struct sql_query *query, int column);
bool sql_is_text(struct sql_query *query, int column);
const char *sql_text(struct sql_query *query, int column); /* NULL for NULL; until the next step */
const void *sql_blob(struct sql_query *query, int column, size_t *size);
char *sql_copy(struct arena *arena, struct sql_query *query, int column); /* NULL for NULL */

int64_t sql_changes(const struct sql *db); /* rows that the last statement changed */

#endif
