#define _GNU_SOURCE
#include "run/notes.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "lines.h"
#include "run/resolve.h"
#include "run/rundir.h"

enum { TAG_LIMIT = 64, NOTE_LIMIT = 1 << 16 };

static const struct {
    const char *key;
    bool is_flag, value; /* of a member that is true or false */
} kinds[] = {
    [NOTES_TAG] = { "tag", false, false },        [NOTES_UNTAG] = { "untag", false, false },
    [NOTES_NOTE] = { "note", false, false },      [NOTES_NAME] = { "name", false, false },
    [NOTES_ARCHIVE] = { "archived", true, true }, [NOTES_UNARCHIVE] = { "archived", true, false },
};

int notes_check_tag(const char *tag)
{
    bool is_sound = *tag && strlen(tag) <= TAG_LIMIT;
    for (const char *letter = tag; *letter; letter++)
        is_sound = is_sound && ((unsigned char)*letter >= 0x80 || isalnum((unsigned char)*letter) ||
                                strchr("._-/:+", *letter));
    struct arena arena = { 0 };
    const char *clean = text_clean(&arena, tag, 200);
    is_sound = is_sound && strcmp(clean, tag) == 0 && tag[0] != '-';
    if (!is_sound)
        fail(ERR_INVALID,
             "tag '%s': use letters, digits, '.', '_', '-', '/', ':' and '+', at most %d, and no "
             "'-' "
             "at its start",
             clean, TAG_LIMIT);
    arena_release(&arena);
    return is_sound ? 0 : ERR_INVALID;
}

static int check(enum notes_kind kind, const char *text)
{
    switch (kind) {
    case NOTES_TAG:
    case NOTES_UNTAG:
        return notes_check_tag(text);
    case NOTES_NAME:
        return *text ? run_name_check(text) : 0;
    case NOTES_NOTE:
        if (strspn(text, " \t\r\n") == strlen(text))
            return fail(ERR_INVALID, "a note needs words");
        return strlen(text) <= NOTE_LIMIT ? 0
                                          : fail(ERR_INVALID, "a note may have %d bytes, not %zu",
                                                 NOTE_LIMIT, strlen(text));
    default:
        return 0;
    }
}

static int append(const char *directory, enum notes_kind kind, const char *text, double now)
{
    struct arena arena = { 0 };
    struct line_writer writer;
    int error = line_writer_open(&writer, path_join(&arena, directory, "notes.jsonl"));
    if (!error) {
        struct json *line = json_new_object();
        json_set_number(line, "t", (double)(int64_t)(now * 1000) / 1000);
        json_set_string(line, "by", user_name(getuid()));
        if (kinds[kind].is_flag)
            json_set_bool(line, kinds[kind].key, kinds[kind].value);
        else
            json_set_string(line, kinds[kind].key, text);
        char *words = json_text(line, 0);
        error = line_writer_put(&writer, words);
        free(words);
        json_free(line);
        line_writer_close(&writer);
    }
    arena_release(&arena);
    return error;
}

int notes_put(const struct store *store, int64_t number, enum notes_kind kind, const char *text,
              double now)
{
    struct arena arena = { 0 };
    int lock = -1;
    const char *directory = store_run_directory(&arena, store, number);
    int error = check(kind, text);
    if (!error && !directory_exists(directory))
        error = fail(ERR_NOT_FOUND, "there is no run %lld in '%s'", (long long)number, store->path);
    if (!error)
        error = run_check_ours(directory, number);
    if (!error)
        error = lock_take_patiently(path_join(&arena, directory, "notes.lock"), &lock);
    if (!error)
        error = store_tell_change(store, number);
    if (!error)
        error = append(directory, kind, text, now);
    if (lock >= 0)
        close(lock);
    arena_release(&arena);
    return error;
}

int notes_begin(const char *directory, const char *tag, double now)
{
    int error = notes_check_tag(tag);
    return error ? error : append(directory, NOTES_TAG, tag, now);
}

static bool read_member(const struct json *root, enum notes_kind kind, struct notes_line *out)
{
    const struct json *value = json_member(root, kinds[kind].key);
    bool truth;
    if (kinds[kind].is_flag && json_get_bool(value, &truth) && truth == kinds[kind].value) {
        out->kind = kind;
        return true;
    }
    out->text = kinds[kind].is_flag ? NULL : json_get_string(value);
    out->kind = kind;
    return out->text;
}

static bool read_line(const struct json *root, struct notes_line *out)
{
    *out = (struct notes_line){ .time = NAN, .by = json_get_string(json_member(root, "by")) };
    json_get_number(json_member(root, "t"), &out->time);
    for (int kind = 0; kind < ARRAY_SIZE(kinds); kind++)
        if (read_member(root, (enum notes_kind)kind, out))
            return true;
    return false;
}

int notes_read(const char *directory, void (*visit)(void *context, const struct notes_line *line),
               void *context)
{
    struct arena arena = { 0 };
    struct line_reader reader;
    struct line text;
    int error = line_reader_open(&reader, path_join(&arena, directory, "notes.jsonl"), 0);
    while (!error && line_reader_next(&reader, &text)) {
        struct json *root = NULL;
        struct notes_line line;
        if (!text.is_too_long && json_parse(&root, text.text, text.length) == 0 &&
            read_line(root, &line))
            visit(context, &line);
        json_free(root);
    }
    line_reader_close(&reader);
    arena_release(&arena);
    return error == ERR_NOT_FOUND ? 0 : error;
}
