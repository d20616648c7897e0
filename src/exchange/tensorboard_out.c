/* A run becomes an event file. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "event_code.h"
#include "event_folders.h"
#include "exchange/tensorboard.h"
#include "records.h"
#include "run/journal.h"
#include "run/rundir.h"

enum { IMAGE_LIMIT = RECORD_LIMIT / 2 /* bytes */ };

struct writing {
    const char *directory; /* of the run */
    struct file_writer file;
    struct tensorboard_counts *counts;
    double time; /* of the last event that had one */
    struct arena *lasting;
};

static int put_event(struct writing *writing, const struct event_out *event)
{
    size_t size;
    uint8_t *data = event_encode(event, &size);
    uint8_t *record = xmalloc(RECORD_HEAD + size + RECORD_TAIL);
    memcpy(record + RECORD_HEAD, data, size);
    record_frame(data, size, record, record + RECORD_HEAD + size);
    int error = file_writer_put(&writing->file, record, RECORD_HEAD + size + RECORD_TAIL);
    free(record);
    free(data);
    return error;
}

static int put_metrics(struct writing *writing, const struct event *event)
{
    struct arena arena = { 0 };
    struct event_value *values = arena_alloc(&arena, (size_t)event->metric_count, sizeof *values);
    for (int i = 0; i < event->metric_count; i++)
        values[i] = (struct event_value){ .kind = EVENT_SCALAR,
                                          .tag = event->metrics[i].name,
                                          .number = event->metrics[i].value };
    int error = put_event(writing, &(struct event_out){ .time = writing->time,
                                                        .step = event->step,
                                                        .values = values,
                                                        .count = event->metric_count });
    writing->counts->scalars += event->metric_count;
    arena_release(&arena);
    return error;
}

/* "Fake-images" from "samples/Fake-images-00000200.png". */
static const char *tag_of(struct arena *arena, const struct event *event)
{
    const char *said = json_get_string(json_member(event->line, "tag"));
    char *stem = arena_strdup(arena, path_base(event->sample));
    size_t length = strlen(stem);
    if (length > 4)
        stem[length -= 4] = '\0';
    while (length > 0 && strchr("0123456789-", stem[length - 1]))
        stem[--length] = '\0';
    return said ? said : *stem ? stem : "samples";
}

/* What a journal names may be anything, and may be gone. */
static int read_sample(struct arena *arena, const struct writing *writing, const char *sample,
                       char **data, size_t *size)
{
    struct stat status;
    const char *path = path_join(arena, writing->directory, sample);
    if (!path_is_below(sample) || stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ERR_NOT_FOUND, "'%s' is gone", sample);
    int error = file_read(path, IMAGE_LIMIT, data, size);
    if (!error && (*size < 8 || memcmp(*data, "\x89PNG\r\n\x1a\n", 8) != 0)) {
        free(*data);
        *data = NULL;
        error = fail(ERR_INVALID, "'%s' is no PNG file", sample);
    }
    return error;
}

static int put_sample(struct writing *writing, const struct event *event)
{
    struct arena arena = { 0 };
    char *data = NULL;
    size_t size = 0;
    if (read_sample(&arena, writing, event->sample, &data, &size) < 0) {
        writing->counts->unreadable++;
        if (!writing->counts->why)
            writing->counts->why = text_clean(writing->lasting, error_text(), 300);
        arena_release(&arena);
        return 0;
    }
    const struct event_bytes png = { (const uint8_t *)data, size };
    const struct event_value value = {
        .kind = EVENT_IMAGES, .tag = tag_of(&arena, event), .images = &png, .image_count = 1
    };
    int error = put_event(
        writing, &(struct event_out){
                     .time = writing->time, .step = event->step, .values = &value, .count = 1 });
    writing->counts->images++;
    free(data);
    arena_release(&arena);
    return error;
}

static int put_line(void *context, const struct event *event)
{
    struct writing *writing = context;
    int error = 0;
    if (event->is_superseded)
        return 0;
    if (!isnan(event->time))
        writing->time = event->time;
    if (event->metric_count > 0)
        error = put_metrics(writing, event);
    if (!error && event->sample)
        error = put_sample(writing, event);
    return error;
}

static int write_all(struct arena *arena, struct writing *writing, const struct run_facts *facts)
{
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    writing->time = facts->created;
    int error = put_event(
        writing, &(struct event_out){ .time = facts->created, .version = "brain.Event:2" });
    if (!error)
        error = worker_read(arena, &story, writing->directory, NULL, NULL);
    if (!error)
        error = events_read(writing->directory, &story, &place, 0, put_line, writing);
    return error;
}

/* TensorBoard would show them as one run with this one. */
static int check_place(struct arena *arena, const char *directory, const char *path, bool force)
{
    char **names;
    int count = 0;
    if (list_directory(arena, directory, "", &names, &count) < 0 || force)
        return 0;
    for (int i = 0; i < count; i++)
        if (strstr(names[i], "tfevents"))
            return fail(ERR_EXISTS, "'%s' is there already (--force %s)",
                        path_join(arena, directory, names[i]),
                        strcmp(names[i], path_base(path)) == 0 ? "replaces it"
                                                               : "writes another beside it");
    return 0;
}

int tensorboard_export(struct arena *arena, const struct store *store, int64_t number,
                       const struct tensorboard_wish *wish, struct tensorboard_counts *counts,
                       char **path)
{
    struct run_facts facts;
    struct writing writing = { .directory = store_run_directory(arena, store, number),
                               .file = { .fd = -1 },
                               .counts = counts,
                               .lasting = arena };
    const char *directory =
        *wish->sub ? path_join(arena, wish->directory, wish->sub) : wish->directory;
    *counts = (struct tensorboard_counts){ .files = 1 };
    int error = run_read_facts(arena, &facts, store, number);
    if (error)
        return error;
    *path = arena_printf(arena, "%s/events.out.tfevents.%010lld.%s.gander.%lld", directory,
                         (long long)facts.created, host_name(), (long long)number);
    error = check_place(arena, directory, *path, wish->force);
    if (!error)
        error = make_directories(directory);
    if (!error)
        error = file_writer_open(&writing.file, *path);
    if (error)
        return error;
    error = write_all(arena, &writing, &facts);
    if (!error)
        error = file_writer_commit(&writing.file);
    file_writer_abandon(&writing.file);
    return error;
}
