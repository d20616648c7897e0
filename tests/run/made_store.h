/* Stores whose runs are written by hand, for tests of what reads them:
 *
 *     made_store();                                  .gander, with no runs
 *     made_run(1, "{\"experiment\":\"a\"}");         .gander/runs/1, with that run.json
 *     made_append(1, "events.jsonl", "{…}\n");
 *     made_ended(1, "finished");
 *
 * and the catalogue of it as text, all but the numbers of metric and block ids. */
#ifndef GANDER_TESTS_MADE_STORE_H
#define GANDER_TESTS_MADE_STORE_H

#include <fcntl.h>
#include <string.h>

#include "../../src/run/sql.h"
#include "base/file.h"
#include "base/memory.h"
#include "run/catalogue.h"
#include "testing.h"

#define MADE_NOW 1796000000.0

static inline void made_write(const char *path, const char *text)
{
    assert_int_equal(file_replace(path, text, strlen(text)), 0);
}

static inline char *made_read(const char *path)
{
    char *text;
    size_t size;
    assert_int_equal(file_read(path, SIZE_MAX, &text, &size), 0);
    return text;
}

static inline void made_store_at(const char *path)
{
    struct store store;
    unsetenv("GANDER_DIR");
    assert_int_equal(store_open(&store, path, STORE_MAKE), 0);
    store_release(&store);
}

static inline void made_store(void)
{
    made_store_at(".gander");
}

/* Of the present format, until the next call. */
static inline const char *made_path(int64_t run, const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof path, ".gander/runs/%lld/%s", (long long)run, name);
    return path;
}

static inline void made_run(int64_t run, const char *facts)
{
    assert_int_equal(make_directories(made_path(run, "samples")), 0);
    assert_int_equal(make_directories(made_path(run, "checkpoints")), 0);
    made_write(made_path(run, "lock"), "");
    made_write(made_path(run, "command.lock"), "");
    made_write(made_path(run, "run.json"), facts);
}

static inline void made_append_bytes(int64_t run, const char *name, const char *data, size_t size)
{
    int fd = open(made_path(run, name), O_WRONLY | O_CREAT | O_APPEND, 0666);
    assert_true(fd >= 0);
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        assert_true(written > 0);
        data += written;
        size -= (size_t)written;
    }
    close(fd);
}

static inline void made_append(int64_t run, const char *name, const char *text)
{
    made_append_bytes(run, name, text, strlen(text));
}

/* Begun at MADE_NOW - 1000, ended a minute later. */
static inline void made_ended(int64_t run, const char *state)
{
    char *text = xasprintf("{\"t\":%.0f,\"state\":\"running\",\"pid\":1,\"worker\":1,"
                           "\"from_step\":0,\"events\":0}\n"
                           "{\"t\":%.0f,\"state\":\"%s\",\"step\":1,\"exit\":0}\n",
                           MADE_NOW - 1000, MADE_NOW - 940, state);
    made_append(run, "worker.jsonl", text);
    free(text);
}

/* --- the catalogue as text --- */

/* "quote(t.a) || '|' || quote(t.b)" of a table, without the numbers of metrics and blocks. */
static inline char *made_columns(struct sql *db, struct arena *arena, const char *table)
{
    char *columns = NULL;
    struct sql_query *query =
        sql_query(db, "SELECT name FROM pragma_table_info(?1) WHERE name <> 'metric'"
                      " AND (name <> 'id' OR ?1 = 'store') ORDER BY cid");
    sql_bind_text(query, 1, table);
    while (sql_step(query))
        columns = arena_printf(arena, "%s%squote(t.%s)", columns ? columns : "",
                               columns ? " || '|' || " : "", sql_text(query, 0));
    assert_int_equal(sql_done(query), 0);
    return columns;
}

static inline void made_dump_table(struct sql *db, FILE *stream, const char *table)
{
    struct arena arena = { 0 };
    bool is_of_metric = strcmp(table, "block") == 0 || strcmp(table, "bucket") == 0;
    const char *metric = is_of_metric ? "m.run || ' ' || m.name || ' ' || " : "";
    const char *join = is_of_metric ? "JOIN metric m ON m.id = t.metric" : "";
    struct sql_query *query =
        sql_query_once(db, arena_printf(&arena, "SELECT %s%s FROM %s t %s ORDER BY 1", metric,
                                        made_columns(db, &arena, table), table, join));
    fprintf(stream, "== %s\n", table);
    while (sql_step(query))
        fprintf(stream, "%s\n", sql_text(query, 0));
    assert_int_equal(sql_done(query), 0);
    sql_forget(query);
    arena_release(&arena);
}

/* All tables of a database; free it. */
static inline char *made_dump(const char *path)
{
    struct arena arena = { 0 };
    struct sql *db;
    char *text = NULL, *tables[64];
    size_t size;
    int count = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(sql_open(&db, path, true), 0);
    struct sql_query *query =
        sql_query(db, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
    while (sql_step(query) && count < 64)
        tables[count++] = sql_copy(&arena, query, 0);
    assert_int_equal(sql_done(query), 0);
    for (int i = 0; i < count; i++)
        made_dump_table(db, stream, tables[i]);
    sql_close(db);
    fclose(stream);
    arena_release(&arena);
    return text;
}

/* One whole number that a statement gives. */
static inline int64_t made_number(const char *path, const char *statement)
{
    struct sql *db;
    assert_int_equal(sql_open(&db, path, true), 0);
    struct sql_query *query = sql_query(db, statement);
    assert_true(sql_step(query));
    int64_t number = sql_integer(query, 0);
    assert_int_equal(sql_done(query), 0);
    sql_close(db);
    return number;
}

#endif
