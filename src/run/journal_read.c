#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "run/journal.h"

enum { LINE_LIMIT = 1 << 20, CHUNK = 1 << 16 };

static const char *const state_names[RUN_STATES] = {
    [RUN_QUEUED] = "queued",     [RUN_RUNNING] = "running",   [RUN_PAUSED] = "paused",
    [RUN_FINISHED] = "finished", [RUN_STOPPED] = "stopped",   [RUN_FAILED] = "failed",
    [RUN_KILLED] = "killed",     [RUN_DIVERGED] = "diverged", [RUN_LOST] = "lost",
};

const char *run_state_name(enum run_state state)
{
    return state_names[state];
}

bool run_state_is_end(enum run_state state)
{
    return state >= RUN_FINISHED;
}

/* Lines of a file, one after the other. */
struct line_reader {
    int fd;
    char *buffer;
    size_t used, next; /* bytes in the buffer; where the next line begins */
    int64_t offset;    /* of buffer[0] in the file */
    bool is_skipping;  /* in a line that is too long */
};

struct line {
    const char *text;
    size_t length;
    int64_t offset;
    bool is_too_long;
};

static int reader_open(struct line_reader *reader, const char *path)
{
    *reader = (struct line_reader){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
    if (reader->fd < 0)
        return fail(errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot open '%s': %s", path,
                    strerror(errno));
    reader->buffer = xmalloc(LINE_LIMIT + CHUNK);
    return 0;
}

static void reader_close(struct line_reader *reader)
{
    if (reader->fd >= 0)
        close(reader->fd);
    free(reader->buffer);
}

/* False at the end of the file, or where it cannot be read further. */
static bool reader_fill(struct line_reader *reader)
{
    memmove(reader->buffer, reader->buffer + reader->next, reader->used - reader->next);
    reader->offset += (int64_t)reader->next;
    reader->used -= reader->next;
    reader->next = 0;
    ssize_t count;
    do
        count = read(reader->fd, reader->buffer + reader->used, CHUNK);
    while (count < 0 && errno == EINTR);
    if (count <= 0)
        return false;
    reader->used += (size_t)count;
    return true;
}

/* False when no whole line is left; a torn last one is not there yet (J1). */
static bool reader_next(struct line_reader *reader, struct line *out)
{
    size_t searched = 0;
    while (reader->fd >= 0) {
        const char *start = reader->buffer + reader->next;
        const char *end = memchr(start + searched, '\n', reader->used - reader->next - searched);
        if (end) {
            *out = (struct line){ start, (size_t)(end - start),
                                  reader->offset + (int64_t)reader->next, reader->is_skipping };
            reader->next += out->length + 1;
            reader->is_skipping = false;
            return true;
        }
        searched = reader->used - reader->next;
        if (searched >= LINE_LIMIT) {
            reader->is_skipping = true;
            reader->next = reader->used;
            searched = 0;
        }
        if (!reader_fill(reader))
            return false;
    }
    return false;
}

/* The line as an object, or NULL: blank lines are none, and no mistake either. */
static struct json *parse_line(const struct line *line, int64_t *bad)
{
    struct json *root = NULL;
    if (line->length == 0 && !line->is_too_long)
        return NULL;
    if (!line->is_too_long && json_parse(&root, line->text, line->length) == 0 &&
        json_is_object(root))
        return root;
    json_free(root);
    ++*bad;
    return NULL;
}

static double number_or(const struct json *line, const char *key, double fallback)
{
    double value = fallback;
    json_get_number(json_member(line, key), &value);
    return value;
}

static int64_t integer_or(const struct json *line, const char *key, int64_t fallback)
{
    int64_t value = fallback;
    json_get_integer(json_member(line, key), &value);
    return value;
}

static char *string_or_null(struct arena *arena, const struct json *line, const char *key)
{
    const char *text = json_get_string(json_member(line, key));
    return text ? arena_strdup(arena, text) : NULL;
}

static bool find_state(const char *name, enum run_state *out)
{
    for (int i = 0; name && i < RUN_STATES; i++)
        if (strcmp(name, state_names[i]) == 0) {
            *out = (enum run_state)i;
            return true;
        }
    return false;
}

static void read_attempt(struct arena *arena, const struct json *line, struct attempt *out)
{
    const struct json *settings = json_member(line, "settings");
    size_t length = json_is_array(settings) ? json_length(settings) : 0;
    const char **texts = arena_alloc(arena, length, sizeof *texts);
    int count = 0;
    for (size_t i = 0; i < length; i++) {
        const char *text = json_get_string(json_item(settings, i));
        if (text)
            texts[count++] = arena_strdup(arena, text);
    }
    *out = (struct attempt){
        .time = number_or(line, "t", 0),
        .pid = integer_or(line, "pid", 0),
        .host = string_or_null(arena, line, "host"),
        .from_step = integer_or(line, "from_step", 0),
        .events = integer_or(line, "events", 0),
        .settings = texts,
        .setting_count = count,
    };
}

/* Grows in the arena by doubling; what is outgrown dies with it. */
static struct attempt *add_attempt(struct arena *arena, struct attempt *attempts, int count)
{
    if (count & (count - 1))
        return attempts;
    struct attempt *grown = arena_alloc(arena, count ? 2 * (size_t)count : 1, sizeof *grown);
    if (attempts)
        memcpy(grown, attempts, (size_t)count * sizeof *grown);
    return grown;
}

int worker_read(struct arena *arena, struct worker_story *out, const char *directory)
{
    *out = (struct worker_story){ .state = RUN_QUEUED, .step = -1 };
    struct line_reader reader;
    struct line text;
    struct attempt *attempts = NULL;
    int error = reader_open(&reader, path_join(arena, directory, "worker.jsonl"));
    while (reader_next(&reader, &text)) {
        struct json *line = parse_line(&text, &out->bad_lines);
        enum run_state state;
        if (find_state(json_get_string(json_member(line, "state")), &state)) {
            out->state = state;
            out->time = number_or(line, "t", 0);
            out->step = integer_or(line, "step", -1);
            out->reason = string_or_null(arena, line, "reason");
            if (state == RUN_RUNNING && json_member(line, "from_step")) {
                attempts = add_attempt(arena, attempts, out->attempt_count);
                read_attempt(arena, line, &attempts[out->attempt_count++]);
            }
        }
        json_free(line);
    }
    reader_close(&reader);
    out->attempts = attempts;
    return error == ERR_NOT_FOUND ? 0 : error;
}

enum run_state worker_state_now(const struct worker_story *story, const char *directory)
{
    if (run_state_is_end(story->state))
        return story->state;
    struct arena arena = { 0 };
    bool is_held = lock_is_held(path_join(&arena, directory, "lock")) ||
                   lock_is_held(path_join(&arena, directory, "command.lock"));
    arena_release(&arena);
    return is_held ? story->state : RUN_LOST;
}

/* J3. */
static bool is_superseded(const struct worker_story *story, int64_t offset, int64_t step)
{
    for (int i = story->attempt_count - 1; i >= 0 && story->attempts[i].events > offset; i--)
        if (step > story->attempts[i].from_step)
            return true;
    return false;
}

int events_read(const char *directory, const struct worker_story *story,
                int (*visit)(void *context, const struct event *event), void *context,
                struct event_counts *counts)
{
    struct event_counts own = { 0 };
    struct arena arena = { 0 };
    struct line_reader reader;
    struct line text;
    int result = reader_open(&reader, path_join(&arena, directory, "events.jsonl"));
    if (result == ERR_NOT_FOUND)
        result = 0;
    while (!result && reader_next(&reader, &text)) {
        struct json *line = parse_line(&text, &own.bad);
        if (!line)
            continue;
        const struct json *metrics = json_member(line, "metrics");
        struct event event = {
            .time = number_or(line, "t", 0),
            .step = integer_or(line, "step", 0),
            .metrics = json_is_object(metrics) ? metrics : NULL,
            .sample = json_get_string(json_member(line, "sample")),
            .checkpoint = json_get_string(json_member(line, "checkpoint")),
            .line = line,
        };
        bool is_old = is_superseded(story, text.offset, event.step);
        own.superseded += is_old;
        own.read += !is_old;
        if (!is_old)
            result = visit(context, &event);
        json_free(line);
    }
    reader_close(&reader);
    arena_release(&arena);
    if (counts)
        *counts = own;
    return result;
}
