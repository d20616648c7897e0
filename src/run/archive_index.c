/* gander-export.json, from and to. */
#include <stdlib.h>
#include <string.h>

#include "archive_parts.h"
#include "base/error.h"
#include "base/json.h"
#include "base/version.h"

#define FORMAT "gander-export"
#define BYTES_LIMIT (INT64_C(1) << 50)
#define NUMBER_LIMIT INT64_C(999999999)
enum { VERSION = 1 };

/* --- to --- */

struct json *archived_run_json(const struct archived_run *run)
{
    struct json *object = json_new_object();
    json_set_integer(object, "number", run->number);
    json_set_string(object, "experiment", run->experiment);
    json_set_string(object, "state", run_state_name(run->state));
    json_set_integer(object, "files", run->files);
    json_set_integer(object, "bytes", run->bytes);
    json_set_bool(object, "code", run->has_code);
    json_set_string(object, "code_missing", run->code_missing);
    return object;
}

char *index_text(const struct archive_index *index)
{
    struct json *root = json_new_object(), *runs = json_new_array();
    json_set_string(root, "format", FORMAT);
    json_set_integer(root, "version", VERSION);
    json_set_string(root, "gander", GANDER_VERSION);
    json_set_string(root, "store", index->store);
    json_set_string(root, "host", index->host);
    json_set_number(root, "exported", index->exported);
    for (int i = 0; i < index->count; i++)
        json_push(runs, archived_run_json(&index->runs[i]));
    json_set(root, "runs", runs);
    char *text = json_text(root, 2);
    json_free(root);
    return text;
}

/* --- from --- */

static const char *string_of(struct arena *arena, const struct json *object, const char *key)
{
    enum { LONGEST = 1000 };
    const char *text = json_get_string(json_member(object, key));
    return text ? arena_strndup(arena, text, LONGEST) : NULL;
}

static bool read_run(struct arena *arena, const struct json *object, struct archived_run *out)
{
    int64_t files;
    *out = (struct archived_run){ .experiment = string_of(arena, object, "experiment"),
                                  .code_missing = string_of(arena, object, "code_missing") };
    json_get_bool(json_member(object, "code"), &out->has_code);
    if (!json_get_integer(json_member(object, "number"), &out->number) || out->number < 1 ||
        out->number > NUMBER_LIMIT || !out->experiment ||
        !run_state_parse(json_get_string(json_member(object, "state")), &out->state) ||
        !json_get_integer(json_member(object, "files"), &files) || files < 1 ||
        files > ARCHIVE_FILES_LIMIT ||
        !json_get_integer(json_member(object, "bytes"), &out->bytes) || out->bytes < 0 ||
        out->bytes > BYTES_LIMIT)
        return false;
    out->files = (int)files;
    return true;
}

static int compare_runs(const void *a, const void *b)
{
    int64_t left = ((const struct archived_run *)a)->number;
    int64_t right = ((const struct archived_run *)b)->number;
    return (left > right) - (left < right);
}

static int read_runs(struct arena *arena, const struct json *list, struct archive_index *out)
{
    size_t count = json_is_array(list) ? json_length(list) : 0;
    int64_t files = 0, bytes = 0;
    if (count < 1 || count > ARCHIVE_RUNS_LIMIT)
        return fail(ERR_INVALID, "it names no runs, or more than %d", ARCHIVE_RUNS_LIMIT);
    out->runs = arena_alloc(arena, count, sizeof *out->runs);
    out->count = (int)count;
    for (size_t i = 0; i < count; i++) {
        if (!read_run(arena, json_item(list, i), &out->runs[i]))
            return fail(ERR_INVALID, "what it says of its run %zu makes no sense", i + 1);
        files += out->runs[i].files;
        bytes += out->runs[i].bytes;
    }
    if (files > ARCHIVE_FILES_LIMIT || bytes > BYTES_LIMIT)
        return fail(ERR_INVALID, "it holds too much");
    qsort(out->runs, count, sizeof *out->runs, compare_runs);
    for (size_t i = 1; i < count; i++)
        if (out->runs[i].number == out->runs[i - 1].number)
            return fail(ERR_INVALID, "it names run %lld twice", (long long)out->runs[i].number);
    return 0;
}

static int read_root(struct arena *arena, const struct json *root, struct archive_index *out)
{
    int64_t version = 0;
    const char *format = json_get_string(json_member(root, "format"));
    *out = (struct archive_index){ .store = string_of(arena, root, "store"),
                                   .host = string_of(arena, root, "host") };
    json_get_number(json_member(root, "exported"), &out->exported);
    if (!format || strcmp(format, FORMAT) != 0 ||
        !json_get_integer(json_member(root, "version"), &version) || version < 1)
        return fail(ERR_INVALID, "it is not what 'gander export' writes");
    if (version > VERSION)
        return fail(ERR_INVALID, "a later gander wrote it (format %lld, this one reads %d)",
                    (long long)version, VERSION);
    if (!out->store || strlen(out->store) != STORE_ID_SIZE - 1 ||
        strspn(out->store, "0123456789abcdef") != STORE_ID_SIZE - 1)
        return fail(ERR_INVALID, "it does not say which store it is from");
    return read_runs(arena, json_member(root, "runs"), out);
}

int index_parse(struct arena *arena, struct archive_index *out, const char *text, size_t size)
{
    struct json *root;
    int error = json_parse(&root, text, size);
    if (!error) {
        error = read_root(arena, root, out);
        json_free(root);
    }
    return error ? fail_prefix("'%s'", ARCHIVE_INDEX_NAME) : 0;
}

const struct archived_run *index_find(const struct archive_index *index, int64_t number)
{
    const struct archived_run key = { .number = number };
    return index->count > 0
               ? bsearch(&key, index->runs, (size_t)index->count, sizeof key, compare_runs)
               : NULL;
}
