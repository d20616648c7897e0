#define _GNU_SOURCE
#include "exchange/follow.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "event_code.h"
#include "event_folders.h"
#include "exchange/tensorboard.h"
#include "name_map.h"
#include "records.h"
#include "sink.h"
#include "tag_names.h"

enum { BATCH_BYTES = 1 << 15, LOOK_BYTES = 1 << 24 /* of files, in one look */ };

/* One file that is followed. */
struct followed {
    int64_t offset;  /* read up to there … */
    int64_t told;    /* … and so journalled */
    bool is_damaged; /* the rest cannot be told */
    bool is_read;    /* something of it, in this attempt */
    bool is_foreign; /* it was there before the run */
};

struct follow {
    const char *root; /* where the files are; absolute */
    struct line_writer events;
    struct sink sink;
    struct name_map names; /* of files, as seen from the root */
    struct followed *files;
    int room;
    struct tag_names tags;
    struct tensorboard_counts counts;
    int64_t looked; /* bytes, in this look */
    struct arena arena;
};

static struct followed *file_of(struct follow *follow, const char *name)
{
    int number = name_number(&follow->names, name);
    if (number >= follow->room) {
        int room = MAX(2 * follow->room, 16);
        follow->files = xrealloc(follow->files, (size_t)room, sizeof *follow->files);
        memset(follow->files + follow->room, 0,
               (size_t)(room - follow->room) * sizeof *follow->files);
        follow->room = room;
    }
    return &follow->files[number];
}

/* As seen from the root, and fit for a journal. */
static const char *name_below(struct arena *arena, const struct follow *follow, const char *path)
{
    size_t length = strlen(follow->root);
    bool is_below = strncmp(path, follow->root, length) == 0 && path[length] == '/';
    return text_clean(arena, is_below ? path + length + 1 : path, strlen(path));
}

/* --- how far it has come --- */

static int put_marks(struct follow *follow)
{
    struct json *marks = json_new_object(), *line = json_new_object();
    const char **names = xcalloc((size_t)follow->names.count + 1, sizeof *names);
    name_list(&follow->names, names);
    for (int i = 0; i < follow->names.count; i++) {
        struct followed *file = &follow->files[i];
        if (file->offset > file->told)
            json_set_integer(marks, names[i], file->offset);
        file->told = file->offset;
    }
    free(names);
    if (json_length(marks) == 0) {
        json_free(marks);
        json_free(line);
        return sink_flush(&follow->sink);
    }
    json_set(line, "tensorboard", marks);
    int error = sink_line(&follow->sink, line);
    return error ? error : sink_flush(&follow->sink);
}

static void read_mark(void *context, const char *key, const struct json *value)
{
    int64_t offset;
    if (json_get_integer(value, &offset) && offset >= 0) {
        struct followed *file = file_of(context, key);
        file->offset = file->told = offset;
    } else {
        file_of(context, key)->is_foreign = true;
    }
}

static int read_marks(void *context, const struct event *event)
{
    const struct json *marks = json_member(event->line, "tensorboard");
    if (marks)
        json_each(marks, read_mark, context);
    return 0;
}

/* --- events --- */

static int take_value(struct follow *follow, const struct event_folder *folder,
                      const struct tb_event *event, const struct event_value *value)
{
    struct arena arena = { 0 };
    int error = 0;
    const char *name =
        value->kind == EVENT_OTHER ? NULL : tag_name(&follow->tags, &arena, folder, value->tag);
    if (!name) {
        follow->counts.others++;
    } else if (value->kind == EVENT_SCALAR) {
        follow->counts.scalars++;
        error = sink_metric(&follow->sink, event->time, event->step, name, value->number);
    } else {
        error = sink_images(&follow->sink, event->time, event->step, name, value->images,
                            value->image_count);
        if (error == ERR_INVALID) {
            follow->counts.unreadable += value->image_count;
            error = 0;
        } else {
            follow->counts.images += value->image_count;
        }
    }
    arena_release(&arena);
    return error;
}

static int take_record(struct follow *follow, const struct event_folder *folder,
                       const struct record_reader *records)
{
    struct tb_event event;
    struct event_decoded *decoded;
    int error = 0;
    if (event_decode(&event, &decoded, records->data, records->length) < 0) {
        follow->counts.bad++;
        return 0;
    }
    for (int i = 0; i < event.count && !error; i++)
        error = take_value(follow, folder, &event, &event.values[i]);
    event_decoded_free(decoded);
    return error;
}

/* What a file has got since the last look. */
static int follow_file(struct follow *follow, struct arena *arena,
                       const struct event_folder *folder, const char *path)
{
    struct followed *file = file_of(follow, name_below(arena, follow, path));
    struct record_reader records = { .file = NULL };
    int code = 0, error = 0;
    if (file->is_foreign || file->is_damaged || file_size(path) <= file->offset)
        return 0;
    error = records_open(&records, path, file->offset);
    while (!error && follow->looked < LOOK_BYTES && (code = records_next(&records)) > 0) {
        follow->looked += records.place - file->offset;
        file->offset = records.place;
        file->is_read = true;
        error = take_record(follow, folder, &records);
        if (!error && follow->sink.used >= BATCH_BYTES)
            error = put_marks(follow);
    }
    if (!error && code == 0 && follow->looked < LOOK_BYTES)
        file->offset = records.place; /* with what was passed over at the end */
    file->is_damaged = records.is_damaged;
    follow->counts.bad += records.bad;
    follow->counts.too_long += records.too_long;
    follow->counts.damaged += records.is_damaged;
    records_close(&records);
    if (!error && code < 0)
        error = code;
    return error == ERR_NOT_FOUND ? 0 : error; /* it was taken away meanwhile */
}

/* --- the feed --- */

static int look(void *feed, bool *has_more)
{
    struct follow *follow = feed;
    struct arena arena = { 0 };
    struct event_folders all;
    follow->looked = 0;
    int error = event_folders_find(&arena, follow->root, &all);
    if (error == ERR_NOT_FOUND) {
        arena_release(&arena);
        *has_more = false;
        return 0;
    }
    for (int i = 0; i < all.count && !error; i++)
        for (int k = 0; k < all.folders[i].file_count && !error; k++)
            error = follow_file(follow, &arena, &all.folders[i], all.folders[i].files[k]);
    if (!error)
        error = put_marks(follow);
    *has_more = !error && follow->looked >= LOOK_BYTES;
    arena_release(&arena);
    return error;
}

/* What is there when a run begins is not its own, and never will be: writers make files anew. */
static int pass_over(struct follow *follow)
{
    struct arena arena = { 0 };
    struct event_folders all;
    struct json *marks = json_new_object(), *line = json_new_object();
    int error = event_folders_find(&arena, follow->root, &all);
    for (int i = 0; i < all.count; i++)
        for (int k = 0; k < all.folders[i].file_count; k++) {
            const char *name = name_below(&arena, follow, all.folders[i].files[k]);
            file_of(follow, name)->is_foreign = true;
            json_set_string(marks, name, NULL);
        }
    bool has_marks = json_length(marks) > 0;
    json_set(line, "tensorboard", marks);
    if (has_marks)
        error = sink_line(&follow->sink, line);
    else
        json_free(line);
    arena_release(&arena);
    if (error == ERR_NOT_FOUND) /* it is not there yet */
        error = 0;
    return error ? error : sink_flush(&follow->sink);
}

static void release(void *feed)
{
    struct follow *follow = feed;
    sink_close(&follow->sink);
    line_writer_close(&follow->events);
    tag_names_release(&follow->tags);
    name_map_release(&follow->names);
    free(follow->files);
    arena_release(&follow->arena);
    free(follow);
}

/* Of an attempt that is not the first, what the one before it left is taken in as its own. */
static int begin(void **out, const char *directory, const char *source, bool is_first)
{
    const struct worker_story none = { .attempt_count = 0 };
    struct follow *follow = xcalloc(1, sizeof *follow);
    struct events_place place = { .offset = 0 };
    bool has_more = !is_first;
    follow->events.fd = -1;
    follow->root = arena_strdup(&follow->arena, source);
    int error = events_read(directory, &none, &place, 0, read_marks, follow);
    if (!error)
        error = events_open(&follow->events, directory);
    if (!error)
        sink_open(&follow->sink, arena_strdup(&follow->arena, directory), &follow->events);
    if (!error && is_first)
        error = pass_over(follow);
    while (!error && has_more)
        error = look(follow, &has_more);
    tag_names_release(&follow->tags); /* each attempt names its tags anew */
    for (int i = 0; i < follow->names.count; i++)
        follow->files[i].is_read = false;
    follow->counts = (struct tensorboard_counts){ .files = 0 };
    if (error)
        release(follow);
    else
        *out = follow;
    return error;
}

static char *tell(void *feed)
{
    struct follow *follow = feed;
    struct arena arena = { 0 };
    follow->counts.files = 0;
    for (int i = 0; i < follow->names.count; i++)
        follow->counts.files += follow->files[i].is_read;
    const char *const *words = tensorboard_words(&arena, &follow->counts);
    char *text = xasprintf("journalled %s in '%s'", words[0], follow->root);
    for (words++; *words; words++) {
        char *longer = xasprintf("%s; %s", text, *words);
        free(text);
        text = longer;
    }
    arena_release(&arena);
    return text;
}

const struct worker_feed tensorboard_feed = { begin, look, tell, release };
