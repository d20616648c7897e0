/* Where runs came from. */
#include <stdlib.h>
#include <string.h>

#include "archive_parts.h"
#include "base/file.h"
#include "base/json.h"

enum { FACTS_LIMIT = 1 << 22 };

void origin_add(struct origin_table *table, const struct origin *origin)
{
    if (table->count == table->room) {
        table->room = table->room ? 2 * table->room : 64;
        table->origins = xrealloc(table->origins, (size_t)table->room, sizeof *table->origins);
    }
    table->origins[table->count++] = *origin;
}

int64_t origin_find(const struct origin_table *table, const char *store, int64_t number)
{
    for (int i = table->count - 1; i >= 0; i--)
        if (table->origins[i].number == number && strcmp(table->origins[i].store, store) == 0)
            return table->origins[i].here;
    return 0;
}

void origin_table_release(struct origin_table *table)
{
    free(table->origins);
    *table = (struct origin_table){ .count = 0 };
}

void origin_of(struct origin *out, const struct json *facts, const char *store, int64_t number)
{
    const struct json *origin = json_member(facts, "origin"), *before;
    *out = (struct origin){ .number = number };
    while ((before = json_member(origin, "before")) && json_is_object(before))
        origin = before;
    const char *first = json_get_string(json_member(origin, "store"));
    if (!first || strlen(first) != STORE_ID_SIZE - 1 ||
        !json_get_integer(json_member(origin, "number"), &out->number))
        first = store;
    memcpy(out->store, first, STORE_ID_SIZE);
}

/* Of a run that is here. Most never left, and are not parsed. */
static void add_run(struct origin_table *table, const struct store *store, int64_t number)
{
    struct arena arena = { 0 };
    struct origin origin = { .number = number, .here = number };
    struct json *facts = NULL;
    char *text;
    size_t size;
    const char *path = path_join(&arena, store_run_directory(&arena, store, number), "run.json");
    memcpy(origin.store, store->id, sizeof origin.store);
    if (file_read(path, FACTS_LIMIT, &text, &size) == 0) {
        if (strstr(text, "\"origin\"") && json_parse(&facts, text, size) == 0)
            origin_of(&origin, facts, store->id, number);
        origin.here = number;
        json_free(facts);
        free(text);
    }
    origin_add(table, &origin);
    arena_release(&arena);
}

int origin_table_read(struct origin_table *out, const struct store *store)
{
    int64_t *numbers;
    int count;
    *out = (struct origin_table){ .count = 0 };
    int error = store_runs(store, &numbers, &count);
    for (int i = 0; i < count && !error; i++)
        add_run(out, store, numbers[i]);
    free(numbers);
    return error;
}
