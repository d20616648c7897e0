/* Is the catalogue sound? For the doctor. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "catalogue_parts.h"
#include "sql_schema.h"

int catalogue_version(void)
{
    return schema_version();
}

int64_t catalogue_run_count(struct catalogue *catalogue)
{
    sql_clear(catalogue->db);
    struct sql_query *query =
        sql_query(catalogue->db, "SELECT count(*) FROM run WHERE place = 'runs'");
    int64_t count = sql_step(query) ? sql_integer(query, 0) : 0;
    sql_done(query);
    return count;
}

/* Rows of `text` that are not "ok", the first of them; with foreign keys any row is one. */
static const char *first_wrong(struct sql *db, struct arena *arena, const char *text)
{
    struct sql_query *query = sql_query(db, text);
    const char *wrong = NULL;
    if (sql_step(query))
        wrong = sql_copy(arena, query, 0);
    sql_done(query);
    return wrong && strcmp(wrong, "ok") != 0 ? wrong : NULL;
}

int catalogue_check(struct catalogue *catalogue, struct arena *arena, bool is_deep,
                    const char **wrong)
{
    struct sql *db = catalogue->db;
    sql_clear(db);
    *wrong = NULL;
    if (is_deep) {
        *wrong = first_wrong(db, arena, "PRAGMA integrity_check(1)");
        if (!*wrong && first_wrong(db, arena, "PRAGMA foreign_key_check"))
            *wrong = "rows of runs that it does not have";
    } else {
        /* the tables that are small, through their indexes */
        *wrong = first_wrong(db, arena, "PRAGMA quick_check(run)");
    }
    return sql_error(db);
}

int catalogue_peek_id(const char *path, char id[STORE_ID_SIZE])
{
    struct sql *db = NULL;
    int error = file_exists(path) ? sql_open(&db, path, true)
                                  : fail(ERR_NOT_FOUND, "there is no '%s'", path);
    if (!error) {
        struct sql_query *query = sql_query(db, "SELECT id FROM store");
        const char *text = sql_step(query) ? sql_text(query, 0) : NULL;
        if (text && strlen(text) == STORE_ID_SIZE - 1)
            memcpy(id, text, STORE_ID_SIZE);
        else
            error = fail(ERR_NOT_FOUND, "'%s' names no store", path);
        sql_done(query);
    }
    sql_close(db);
    return error;
}

int catalogue_bad_lines(struct catalogue *catalogue, struct bad_lines *rows, int most, int *count)
{
    sql_clear(catalogue->db);
    struct sql_query *query =
        sql_query(catalogue->db, "SELECT number, bad, count(*) OVER () FROM run"
                                 " WHERE bad > 0 AND place = 'runs' ORDER BY bad DESC, number");
    *count = 0;
    while (*count < most && sql_step(query))
        rows[(*count)++] = (struct bad_lines){ sql_integer(query, 0), sql_integer(query, 1),
                                               sql_integer(query, 2) };
    return sql_done(query);
}
