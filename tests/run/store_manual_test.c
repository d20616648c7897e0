/* gander-store(5) has every table and column of the catalogue, and its queries work. */
#define _GNU_SOURCE
#include "testing.h"

#include <string.h>

#include "../../src/run/sql_schema.h"
#include "base/file.h"
#include "run/catalogue.h"

static const char manual[] = "man/gander-store.5";

/* From the top of the source, wherever the test works. */
static void read_manual(char **text)
{
    enum { LIMIT = 1 << 20 };
    char path[PATH_MAX + sizeof manual + 1];
    snprintf(path, sizeof path, "%s%s%s", scratch_home, *scratch_home ? "/" : "", manual);
    size_t size;
    if (file_read(path, LIMIT, text, &size) < 0)
        fail_msg("%s", error_text());
}

/* A list of texts "TABLE.COLUMN TYPE" that is sorted to be compared. */
struct list {
    const char *items[512];
    int count;
};

static void add(struct list *list, const char *item)
{
    assert_true(list->count < ARRAY_SIZE(list->items));
    list->items[list->count++] = item;
}

static int compare_items(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *text_of(struct arena *arena, struct list *list)
{
    const char *text = "";
    qsort(list->items, (size_t)list->count, sizeof list->items[0], compare_items);
    for (int i = 0; i < list->count; i++)
        text = arena_printf(arena, "%s%s\n", text, list->items[i]);
    return text;
}

/* "name , other Pq TEXT" behind ".It Cm ". */
static void add_columns(struct arena *arena, struct list *list, const char *table, char *line)
{
    char *type = strstr(line, " Pq "), *rest = line, *word;
    if (type) {
        *type = '\0';
        type += strlen(" Pq ");
    }
    while ((word = strsep(&rest, " ,")))
        if (*word)
            add(list, arena_printf(arena, "%s.%s %s", table, word, type ? type : ""));
}

/* What the section CATALOGUE says, table by table. */
static void list_described(struct arena *arena, struct list *list, char *text)
{
    static const char item[] = ".It Cm ", heading[] = ".Ss ", section[] = ".Sh ";
    const char *table = NULL;
    char *rest = strstr(text, "\n.Sh CATALOGUE\n"), *line;
    assert_non_null(rest);
    rest += strlen("\n.Sh CATALOGUE\n");
    while ((line = strsep(&rest, "\n")) && strncmp(line, section, strlen(section)) != 0) {
        if (strncmp(line, heading, strlen(heading)) == 0)
            table = line + strlen(heading);
        else if (table && strncmp(line, item, strlen(item)) == 0)
            add_columns(arena, list, table, line + strlen(item));
    }
}

static void list_real(struct arena *arena, struct list *list, struct sql *db)
{
    struct sql_query *query =
        sql_query(db, "SELECT t.name, c.name, iif(t.type = 'view', '', c.type) FROM sqlite_schema t"
                      " JOIN pragma_table_info(t.name) c WHERE t.type IN ('table', 'view')"
                      " AND t.name NOT LIKE 'sqlite_%'");
    while (sql_step(query))
        add(list, arena_printf(arena, "%s.%s %s", sql_text(query, 0), sql_text(query, 1),
                               sql_text(query, 2)));
    sql_done(query);
    assert_int_equal(sql_error(db), 0);
}

static void manual_has_every_table_and_column_with_its_type(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct list described = { .count = 0 }, real = { .count = 0 };
    struct sql *db;
    bool is_newer;
    char *text;
    read_manual(&text);
    assert_int_equal(sql_open(&db, ":memory:", false), 0);
    assert_int_equal(schema_migrate(db, &is_newer), 0);
    list_described(&arena, &described, text);
    list_real(&arena, &real, db);
    assert_true(real.count > 50);
    assert_string_equal(text_of(&arena, &described), text_of(&arena, &real));
    sql_close(db);
    free(text);
    arena_release(&arena);
}

/* A run that has all that the queries ask for. */
static void make_run(void)
{
    static const struct {
        const char *path, *text;
    } files[] = {
        { ".gander/store.json", "{\"id\":\"0123456789abcdef0123456789abcdef\",\"highest\":1}\n" },
        { ".gander/runs/1/run.json",
          "{\"number\":1,\"experiment\":\"digits\",\"argv\":[\"gander\"],\"cwd\":\"/\","
          "\"command\":[\"train\",\"--training.rate\",\"1e-4\"],\"created\":1795000000,"
          "\"git\":{\"commit\":\"1234567890123456789012345678901234567890\"}}\n" },
        { ".gander/runs/1/worker.jsonl",
          "{\"t\":1795000000,\"state\":\"running\",\"worker\":1,\"host\":\"h\",\"from_step\":0,"
          "\"events\":0}\n{\"t\":1795000060,\"state\":\"finished\",\"step\":2,\"exit\":0}\n" },
        { ".gander/runs/1/events.jsonl",
          "{\"t\":1795000001,\"step\":1,\"metrics\":{\"d_loss\":1.5,\"g_loss\":0.5}}\n"
          "{\"t\":1795000002,\"step\":2,\"metrics\":{\"d_loss\":\"NaN\",\"g_loss\":0.25}}\n"
          "{\"t\":1795000002,\"step\":2,\"sample\":\"samples/2.png\"}\n" },
        { ".gander/runs/1/notes.jsonl", "{\"t\":1795000070,\"by\":\"ada\",\"tag\":\"good\"}\n" },
        { ".gander/runs/1/lock", "" },
        { ".gander/runs/1/command.lock", "" },
    };
    assert_int_equal(make_directories(".gander/runs/1"), 0);
    for (int i = 0; i < ARRAY_SIZE(files); i++)
        assert_int_equal(file_replace(files[i].path, files[i].text, strlen(files[i].text)), 0);
}

/* The next query of the page, ended in place; moves *text behind it. NULL: no more. */
static const char *next_query(char **text)
{
    static const char mark[] = "\n.\\\" query\n", end[] = "\n.Ed\n";
    char *begin = strstr(*text, mark);
    if (!begin)
        return NULL;
    begin = strchr(begin + strlen(mark), '\n') + 1; /* behind ".Bd …" */
    char *last = strstr(begin, end);
    assert_non_null(last);
    *last = '\0';
    *text = last + 1;
    return begin;
}

static void queries_of_the_manual_find_what_they_ask_for(void **state)
{
    (void)state;
    struct store store;
    struct catalogue *catalogue;
    struct sql *db;
    char *text, *rest;
    const char *query_text;
    int count = 0;
    read_manual(&text);
    rest = text;
    make_run();
    assert_int_equal(store_open(&store, ".gander", STORE_FIND), 0);
    assert_int_equal(catalogue_open(&catalogue, &store), 0);
    assert_int_equal(catalogue_refresh(catalogue, 1795000100), 0);
    assert_int_equal(sql_open(&db, catalogue_path(catalogue), true), 0);
    for (; (query_text = next_query(&rest)); count++) {
        struct sql_query *query = sql_query_once(db, query_text);
        if (!sql_step(query) || sql_is_null(query, 0) || sql_error(db))
            fail_msg("nothing comes of: %s", query_text);
        sql_forget(query);
    }
    assert_int_equal(count, 7);
    sql_close(db);
    catalogue_close(catalogue);
    store_release(&store);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(manual_has_every_table_and_column_with_its_type),
        IN_SCRATCH(queries_of_the_manual_find_what_they_ask_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
