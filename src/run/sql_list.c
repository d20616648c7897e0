/* Runs out of the catalogue. */
#define _GNU_SOURCE
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "catalogue_parts.h"
#include "sql_condition.h"

/* Sorted by besides metrics and recipe values. */
static const struct {
    const char *name, *expression;
} columns[] = {
    { "run", "r.number" },
    { "state", "r.state" },
    { "exp", "r.experiment" },
    { "name", "r.name" },
    { "commit", "r.commit_id" },
    { "created", "r.created" },
    { "age", "-r.created" },
    { "took", NULL },
    { "step", "r.step" },
    { "health", "r.health" },
    { "host", "r.host" },
    { "data", "r.data" },
    { "branch", "r.branch" },
    { "seed", "r.seed" },
    { "parent", "r.parent" },
    { "user", "r.user" },
    { "command", "nullif(r.command, '')" },
    { "reason", "r.reason" },
    { "changes", "r.dirty" },
    { "progress", "CASE WHEN r.steps > 0 THEN 1.0 * r.step / r.steps END" },
    { "tags", "(SELECT group_concat(t.tag, ' ') FROM tag t WHERE t.run = r.number)" },
    { "notes", "(SELECT count(*) FROM note n WHERE n.run = r.number)" },
};

const char *const catalogue_sort_columns[] = {
    "run",     "state",  "exp",     "name",     "commit", "created", "age",    "took",
    "step",    "health", "host",    "data",     "branch", "seed",    "parent", "user",
    "command", "reason", "changes", "progress", "tags",   "notes",   NULL,
};
_Static_assert(ARRAY_SIZE(catalogue_sort_columns) == ARRAY_SIZE(columns) + 1, "one list, twice");

#define ROW_COLUMNS                                                                                \
    "SELECT r.number, r.experiment, r.name, r.state, r.orphan, r.stalled, r.reason, r.exit,"       \
    " r.signal, r.health, r.created, r.started, r.ended, r.worked, r.working_since, r.step,"       \
    " r.steps, r.commit_id, r.snapshot, r.branch, r.subject, r.dirty, r.host, r.user, r.data,"     \
    " r.command, r.is_command, r.archived, r.place, r.parent, r.seed, r.broken,"                   \
    " (SELECT group_concat(t.tag, char(10)) FROM tag t WHERE t.run = r.number),"                   \
    " (SELECT count(*) FROM note n WHERE n.run = r.number)"

static int64_t integer_or(struct sql_query *query, int column, int64_t fallback)
{
    return sql_is_null(query, column) ? fallback : sql_integer(query, column);
}

/* Lines of one text. */
static void read_tags(struct arena *arena, const char *text, struct run_row *row)
{
    static const char *const none[] = { NULL };
    int count = 1;
    row->tags = none;
    if (!text)
        return;
    for (const char *at = text; *at; at++)
        count += *at == '\n';
    const char **tags = arena_alloc(arena, (size_t)count + 1, sizeof *tags);
    char *copy = arena_strdup(arena, text), *tag;
    while (copy && (tag = strsep(&copy, "\n")))
        tags[row->tag_count++] = tag;
    row->tags = tags;
}

/* What a row says as the one before it did is kept once: of ten thousand rows that is most of them. */
static const char *copy_or_share(struct arena *arena, struct sql_query *query, int column,
                                 const char *before)
{
    const char *text = sql_text(query, column);
    if (!text)
        return NULL;
    return before && strcmp(before, text) == 0 ? before : arena_strdup(arena, text);
}

/* `before` is the row that was read last into the same arena; NULL: none. */
static void read_row(struct arena *arena, struct sql_query *query, double now, struct run_row *row,
                     const struct run_row *before)
{
    static const struct run_row none;
    before = before ? before : &none;
    *row = (struct run_row){
        .number = sql_integer(query, 0),
        .experiment = copy_or_share(arena, query, 1, before->experiment),
        .name = copy_or_share(arena, query, 2, before->name),
        .is_orphan = sql_integer(query, 4),
        .is_stalled = sql_integer(query, 5),
        .reason = copy_or_share(arena, query, 6, before->reason),
        .exit_status = (int)integer_or(query, 7, -1),
        .signal = (int)integer_or(query, 8, 0),
        .health = copy_or_share(arena, query, 9, before->health),
        .created = sql_real(query, 10),
        .started = sql_real(query, 11),
        .ended = sql_real(query, 12),
        .took =
            sql_real(query, 13) + (sql_is_null(query, 14) ? 0 : fmax(now - sql_real(query, 14), 0)),
        .step = sql_integer(query, 15),
        .steps = sql_integer(query, 16),
        .commit = copy_or_share(arena, query, 17, before->commit),
        .snapshot = copy_or_share(arena, query, 18, before->snapshot),
        .branch = copy_or_share(arena, query, 19, before->branch),
        .subject = copy_or_share(arena, query, 20, before->subject),
        .is_dirty = sql_integer(query, 21),
        .host = copy_or_share(arena, query, 22, before->host),
        .user = copy_or_share(arena, query, 23, before->user),
        .data = copy_or_share(arena, query, 24, before->data),
        .command = copy_or_share(arena, query, 25, before->command),
        .is_command = sql_integer(query, 26),
        .is_archived = sql_integer(query, 27),
        .is_binned = sql_text(query, 28)[0] == 'b',
        .parent = sql_integer(query, 29),
        .seed = integer_or(query, 30, -1),
        .broken = copy_or_share(arena, query, 31, before->broken),
        .note_count = (int)sql_integer(query, 33),
    };
    run_state_parse(sql_text(query, 3), &row->state);
    read_tags(arena, sql_text(query, 32), row);
}

/* Everything that one can sort by, to find what was meant. */
static int refuse_sort(struct catalogue *catalogue, const char *sort)
{
    struct arena arena = { 0 };
    char **metrics, **settings;
    int metric_count = 0, setting_count = 0, count = 0;
    catalogue_metric_names(catalogue, &arena, &metrics, &metric_count);
    catalogue_setting_names(catalogue, &arena, &settings, &setting_count);
    size_t most = ARRAY_SIZE(columns) + (size_t)metric_count + (size_t)setting_count;
    const char **names = arena_alloc(&arena, most, sizeof *names);
    for (int i = 0; i < ARRAY_SIZE(columns); i++)
        names[count++] = columns[i].name;
    for (int i = 0; i < metric_count; i++)
        names[count++] = metrics[i];
    for (int i = 0; i < setting_count; i++)
        names[count++] = settings[i];
    const char *nearest = text_nearest(sort, names, count, sizeof names[0]);
    const char *hint = nearest ? arena_printf(&arena, " (did you mean '%s'?)", nearest) : "";
    fail(ERR_INVALID, "no run has a metric or recipe value '%.80s'%s", sort, hint);
    arena_release(&arena);
    return ERR_INVALID;
}

/* The expression that the list is sorted by. */
static int add_sort(struct catalogue *catalogue, struct sql_text *sql,
                    const struct catalogue_query *query, double now)
{
    const char *name;
    if (!query->sort) {
        sql_add(sql, "r.number");
        return 0;
    }
    if (strcmp(query->sort, "took") == 0) {
        sql_add(sql, "r.worked + coalesce(");
        sql_add_number(sql, now);
        sql_add(sql, " - r.working_since, 0)");
        return 0;
    }
    for (int i = 0; i < ARRAY_SIZE(columns); i++)
        if (strcmp(columns[i].name, query->sort) == 0) {
            sql_add(sql, "%s", columns[i].expression);
            return 0;
        }
    enum filter_function function = catalogue_split_key(sql->arena, query->sort, &name);
    if (!catalogue_has(catalogue, KEY_METRIC, name) && !catalogue_has(catalogue, KEY_SETTING, name))
        return refuse_sort(catalogue, name);
    sql_add_key(sql, name, function);
    return 0;
}

/* " FROM run r WHERE …". */
static void add_where(struct sql_text *sql, const struct catalogue_query *query, double now)
{
    sql_add(sql, " FROM run r WHERE r.place = ");
    sql_add_text(sql, query->from_bin ? "bin" : "runs");
    if (!query->with_archived)
        sql_add(sql, " AND r.archived = 0");
    if (query->filter && query->filter->kind != FILTER_ALL) {
        sql_add(sql, " AND ");
        sql_add_filter(sql, query->filter, now);
    }
}

static int count_rows(struct catalogue *catalogue, const struct catalogue_query *query, double now,
                      int64_t *total)
{
    struct arena arena = { 0 };
    struct sql_text sql = { .arena = &arena };
    sql_add(&sql, "SELECT count(*)");
    add_where(&sql, query, now);
    struct sql_query *statement = sql_query_once(catalogue->db, sql.text);
    sql_bind_all(statement, &sql);
    *total = sql_step(statement) ? sql_integer(statement, 0) : 0;
    int error = sql_done(statement);
    sql_forget(statement);
    arena_release(&arena);
    return error;
}

/* Numbers first, and what each is sorted by: so only rows that are shown are read whole. */
struct found {
    int64_t number;
    double sort_number;
    char *sort_text; /* in the arena */
};

static int find_rows(struct catalogue *catalogue, struct arena *arena, const struct sql_text *sql,
                     struct found **found, int *count)
{
    struct sql_query *statement = sql_query_once(catalogue->db, sql->text);
    int room = 0;
    *found = NULL;
    *count = 0;
    sql_bind_all(statement, sql);
    while (sql_step(statement)) {
        if (*count == room) {
            room = room ? 2 * room : 256;
            *found = xrealloc(*found, (size_t)room, sizeof **found);
        }
        bool is_text = sql_is_text(statement, 1);
        (*found)[(*count)++] =
            (struct found){ sql_integer(statement, 0), is_text ? NAN : sql_real(statement, 1),
                            is_text ? sql_copy(arena, statement, 1) : NULL };
    }
    int error = sql_done(statement);
    sql_forget(statement);
    return error;
}

static bool load_row(struct catalogue *catalogue, struct arena *arena, int64_t number, double now,
                     struct run_row *row, const struct run_row *before)
{
    struct sql_query *query =
        sql_query(catalogue->db, ROW_COLUMNS " FROM run r WHERE r.number = ?");
    sql_bind_integer(query, 1, number);
    bool found = sql_step(query);
    if (found)
        read_row(arena, query, now, row, before);
    sql_done(query);
    return found;
}

/* Rows as they are read, each with room behind it. */
struct row_list {
    char *rows;
    size_t size; /* of one */
    int count;
};

static struct run_row *row_at(const struct row_list *list, int at)
{
    return (struct run_row *)(void *)(list->rows + (size_t)at * list->size);
}

/* The one that was read last, to share what it says. */
static const struct run_row *last_row(const struct row_list *list)
{
    return list->count > 0 ? row_at(list, list->count - 1) : NULL;
}

/* The wanted rows of all that are found, one by one. */
static int list_found(struct catalogue *catalogue, struct arena *arena, const struct sql_text *sql,
                      double now, struct row_list *list)
{
    struct found *found = NULL;
    int found_count = 0;
    int error = find_rows(catalogue, arena, sql, &found, &found_count);
    list->rows = arena_alloc(arena, (size_t)found_count, list->size);
    for (int i = 0; i < found_count; i++) {
        struct run_row *row = row_at(list, list->count);
        if (load_row(catalogue, arena, found[i].number, now, row, last_row(list))) {
            row->sort_number = found[i].sort_number;
            row->sort_text = found[i].sort_text;
            list->count++;
        }
    }
    free(found);
    return error;
}

/* All rows, where nothing has to be sorted: in one scan. */
static int list_whole(struct catalogue *catalogue, struct arena *arena, const struct sql_text *sql,
                      double now, struct row_list *list)
{
    struct sql_query *statement = sql_query_once(catalogue->db, sql->text);
    int room = 0;
    sql_bind_all(statement, sql);
    while (sql_step(statement)) {
        if (list->count == room) {
            room = room ? 2 * room : 256;
            list->rows = xrealloc(list->rows, (size_t)room, list->size);
        }
        struct run_row *row = row_at(list, list->count);
        memset(row, 0, list->size);
        read_row(arena, statement, now, row, last_row(list));
        row->sort_number = (double)row->number;
        list->count++;
    }
    int error = sql_done(statement);
    sql_forget(statement);
    char *rows = arena_alloc(arena, (size_t)list->count, list->size);
    if (list->count > 0)
        memcpy(rows, list->rows, (size_t)list->count * list->size);
    free(list->rows);
    list->rows = rows;
    return error;
}

int catalogue_list(struct catalogue *catalogue, struct arena *arena,
                   const struct catalogue_query *query, double now, struct run_row **rows,
                   int *count, int64_t *total)
{
    struct arena scratch = { 0 };
    struct sql_text sql = { .arena = &scratch };
    const char *direction = query->order == ORDER_DESCENDING ? "DESC" : "ASC";
    bool is_whole = !query->sort && query->limit == 0;
    struct row_list list = { .size = sizeof **rows + query->behind };
    int error = 0;
    sql_begin_reading(catalogue->db);
    sql_add_constant(&sql, is_whole ? ROW_COLUMNS : "SELECT r.number, ");
    if (!is_whole)
        error = add_sort(catalogue, &sql, query, now);
    add_where(&sql, query, now);
    if (query->sort)
        sql_add(&sql, " ORDER BY 2 %s NULLS LAST, r.number DESC", direction);
    else
        sql_add(&sql, " ORDER BY r.number %s", direction);
    if (query->limit > 0)
        sql_add(&sql, " LIMIT %lld", (long long)query->limit);
    if (!error)
        error = (is_whole ? list_whole : list_found)(catalogue, arena, &sql, now, &list);
    *rows = list.count > 0 ? row_at(&list, 0) : NULL;
    *count = list.count;
    if (!error && total && query->limit > 0)
        error = count_rows(catalogue, query, now, total);
    else if (total)
        *total = *count;
    arena_release(&scratch);
    int ending = sql_end_reading(catalogue->db);
    return error ? error : ending;
}

int catalogue_run(struct catalogue *catalogue, struct arena *arena, int64_t number, double now,
                  struct run_row *row)
{
    sql_clear(catalogue->db);
    if (load_row(catalogue, arena, number, now, row, NULL))
        return 0;
    int error = sql_error(catalogue->db);
    return error ? error
                 : fail(ERR_NOT_FOUND, "there is no run %lld in '%s'", (long long)number,
                        catalogue->store->path);
}

int catalogue_find(struct catalogue *catalogue, const char *name, const char *experiment,
                   int64_t *number, int64_t *matches)
{
    struct sql_query *query =
        name ? sql_query(catalogue->db, "SELECT max(number), count(*) FROM run"
                                        " WHERE place = 'runs' AND name = ?")
             : sql_query(catalogue->db, "SELECT max(number), count(*) FROM run"
                                        " WHERE place = 'runs' AND experiment = ?");
    sql_clear(catalogue->db);
    sql_bind_text(query, 1, name ? name : experiment);
    *number = *matches = 0;
    if (sql_step(query)) {
        *number = sql_integer(query, 0);
        *matches = sql_integer(query, 1);
    }
    return sql_done(query);
}
