#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/host.h"
#include "event_line.h"
#include "lines.h"
#include "run/journal.h"
#include "run/slurm.h"

enum { HEARTBEAT_LIMIT = 60 /* seconds */ };

static const char *const state_names[RUN_STATES] = {
    [RUN_QUEUED] = "queued",     [RUN_RUNNING] = "running",   [RUN_PAUSED] = "paused",
    [RUN_FINISHED] = "finished", [RUN_STOPPED] = "stopped",   [RUN_FAILED] = "failed",
    [RUN_KILLED] = "killed",     [RUN_DIVERGED] = "diverged", [RUN_LOST] = "lost",
};

const char *run_state_name(enum run_state state)
{
    return state_names[state];
}

bool run_state_parse(const char *name, enum run_state *out)
{
    for (int i = 0; name && i < RUN_STATES; i++)
        if (strcmp(name, state_names[i]) == 0) {
            *out = (enum run_state)i;
            return true;
        }
    return false;
}

bool run_state_is_end(enum run_state state)
{
    return state >= RUN_FINISHED;
}

/* --- worker.jsonl --- */

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

static void read_settings(struct arena *arena, const struct json *list,
                          struct worker_identity *worker)
{
    size_t length = json_is_array(list) ? json_length(list) : 0;
    const char **texts = arena_alloc(arena, length, sizeof *texts);
    worker->setting_count = 0;
    for (size_t i = 0; i < length; i++) {
        const char *text = json_get_string(json_item(list, i));
        if (text)
            texts[worker->setting_count++] = arena_strdup(arena, text);
    }
    worker->settings = texts;
}

static void read_worker(struct arena *arena, const struct json *line,
                        struct worker_identity *worker)
{
    worker->pid = integer_or(line, "worker", 0);
    worker->host = string_or_null(arena, line, "host");
    worker->slurm = string_or_null(arena, line, "slurm");
    if (worker->slurm && !slurm_is_job(worker->slurm))
        worker->slurm = NULL;
    read_settings(arena, json_member(line, "settings"), worker);
}

/* Grows in the arena by doubling; what is outgrown dies with it. */
static void add_attempt(struct arena *arena, struct worker_story *story,
                        const struct attempt *attempt)
{
    int count = story->attempt_count;
    struct attempt *attempts = (struct attempt *)(uintptr_t)story->attempts;
    if ((count & (count - 1)) == 0) {
        struct attempt *grown = arena_alloc(arena, count ? 2 * (size_t)count : 1, sizeof *grown);
        if (attempts)
            memcpy(grown, attempts, (size_t)count * sizeof *grown);
        story->attempts = attempts = grown;
    }
    attempts[count] = *attempt;
    story->attempt_count++;
}

static void read_attempt(struct arena *arena, const struct json *line, struct worker_story *story)
{
    add_attempt(arena, story,
                &(struct attempt){
                    .time = number_or(line, "t", 0),
                    .worked = story->worked,
                    .pid = integer_or(line, "pid", 0),
                    .from_step = integer_or(line, "from_step", 0),
                    .events = integer_or(line, "events", 0),
                    .checkpoint = string_or_null(arena, line, "checkpoint"),
                    .place = string_or_null(arena, line, "place"),
                });
}

static void read_end(struct arena *arena, const struct json *line, struct worker_story *story)
{
    story->end = (struct run_end){
        .state = story->state,
        .step = integer_or(line, "step", -1),
        .exit_status = (int)integer_or(line, "exit", -1),
        .signal = (int)integer_or(line, "signal", 0),
        .reason = string_or_null(arena, line, "reason"),
    };
}

/* The time spent running, whatever stands between. A stretch without an end was lost: it lasted at
 * least to the line before this one. */
static void count_work(struct worker_story *story, enum run_state state, double time)
{
    if (state == RUN_QUEUED)
        time = story->seen;
    if (story->working_since > 0)
        story->worked += MAX(time - story->working_since, 0);
    story->working_since = state == RUN_RUNNING ? time : 0;
}

static void read_state(struct arena *arena, const struct json *line, enum run_state state,
                       struct worker_story *story)
{
    bool is_attempt = state == RUN_RUNNING && json_member(line, "from_step");
    story->state = state;
    story->time = number_or(line, "t", 0);
    story->end = (struct run_end){ .step = -1, .exit_status = -1 };
    count_work(story, state, story->time);
    if (state == RUN_QUEUED || is_attempt)
        read_worker(arena, line, &story->worker);
    if (state == RUN_QUEUED)
        story->queued = story->time;
    if (is_attempt)
        read_attempt(arena, line, story);
    if (run_state_is_end(state) || state == RUN_QUEUED)
        read_end(arena, line, story);
}

/* Of a line as workers write it, without parsing the rest. */
static double time_of(const struct line *text, double otherwise)
{
    static const char head[] = "{\"t\":";
    bool has_time = text->length > sizeof head && strncmp(text->text, head, sizeof head - 1) == 0;
    return has_time ? strtod(text->text + sizeof head - 1, NULL) : otherwise;
}

static void read_line(struct arena *arena, struct line *text, struct worker_story *story,
                      void (*visit_use)(void *context, const struct use_line *use), void *context)
{
    static const char use_key[] = "\"use\":";
    enum run_state state;
    struct json *line = NULL;
    if (text->length == 0 && !text->is_too_long)
        return;
    /* a run of weeks has a million of them, which most readers do not want */
    if (!visit_use && memmem(text->text, text->length, use_key, sizeof use_key - 1) &&
        !memmem(text->text, text->length, "\"state\"", 7)) {
        story->seen = time_of(text, story->seen);
        return;
    }
    if (text->is_too_long || json_parse(&line, text->text, text->length) < 0 ||
        !json_is_object(line)) {
        story->bad_lines++;
    } else if (run_state_parse(json_get_string(json_member(line, "state")), &state)) {
        read_state(arena, line, state, story);
    } else if (visit_use && json_is_object(json_member(line, "use"))) {
        visit_use(context, &(struct use_line){ .time = number_or(line, "t", 0),
                                               .step = integer_or(line, "step", 0),
                                               .values = json_member(line, "use") });
    } else if (visit_use && json_get_string(json_member(line, "health"))) {
        visit_use(context, &(struct use_line){ .time = number_or(line, "t", 0),
                                               .step = integer_or(line, "step", 0),
                                               .health = line });
    }
    story->seen = number_or(line, "t", story->seen);
    json_free(line);
}

int worker_read(struct arena *arena, struct worker_story *story, const char *directory,
                void (*visit_use)(void *context, const struct use_line *use), void *context)
{
    struct arena scratch = { 0 }; /* reading on is done again and again, in one arena */
    struct line_reader reader;
    struct line text;
    struct stat status;
    const char *path = path_join(&scratch, directory, "worker.jsonl");
    bool is_shorter = stat(path, &status) == 0 && status.st_size < story->size;
    if (story->size == 0 || is_shorter)
        *story =
            (struct worker_story){ .state = RUN_QUEUED, .end = { .step = -1, .exit_status = -1 } };
    int error = line_reader_open(&reader, path, story->size);
    while (!error && line_reader_next(&reader, &text)) {
        read_line(arena, &text, story, visit_use, context);
        story->size = text.next;
    }
    line_reader_close(&reader);
    arena_release(&scratch);
    return error == ERR_NOT_FOUND ? 0 : error;
}

/* --- what is true now --- */

static bool is_held(const char *directory, const char *name)
{
    struct arena arena = { 0 };
    bool held = lock_is_held(path_join(&arena, directory, name));
    arena_release(&arena);
    return held;
}

static bool has_heartbeat(const char *directory, double now)
{
    struct arena arena = { 0 };
    struct stat status;
    bool beats = stat(path_join(&arena, directory, "worker.jsonl"), &status) == 0 &&
                 now - (double)status.st_mtime < HEARTBEAT_LIMIT;
    arena_release(&arena);
    return beats;
}

struct run_status worker_status(const struct worker_story *story, const char *directory, double now)
{
    struct run_status status = { .state = story->state };
    if (run_state_is_end(story->state) || is_held(directory, "lock"))
        return status;
    if (is_held(directory, "command.lock")) {
        status.is_orphan = story->attempt_count > 0;
        return status;
    }
    if (story->state == RUN_QUEUED && story->worker.slurm)
        return status;
    const char *host = story->worker.host;
    bool is_elsewhere = host && strcmp(host, host_name()) != 0;
    /* what became of a job is Slurm's to say, which takes seconds */
    bool may_live = is_elsewhere || (story->worker.slurm && slurm_has_job(directory));
    if (!may_live || !has_heartbeat(directory, now))
        status.state = RUN_LOST;
    return status;
}

int worker_look(struct arena *arena, struct worker_story *story, const char *directory, double now,
                struct run_status *status)
{
    enum { LOOKS = 2 };
    int error = 0;
    for (int i = 0; i < LOOKS && !error; i++) {
        error = worker_read(arena, story, directory, NULL, NULL);
        *status = worker_status(story, directory, now);
        if (status->state != RUN_LOST)
            break;
    }
    return error;
}

/* --- events.jsonl --- */

/* J3. */
static bool is_superseded(const struct worker_story *story, int64_t offset, int64_t step)
{
    for (int i = story->attempt_count - 1; i >= 0 && story->attempts[i].events > offset; i--)
        if (step > story->attempts[i].from_step)
            return true;
    return false;
}

static int visit_line(struct line *text, struct event_line *line, const struct worker_story *story,
                      struct events_place *place,
                      int (*visit)(void *context, const struct event *event), void *context)
{
    int64_t offset = text->offset;
    if (!event_line_read(line, text, &place->counts.bad))
        return 0;
    struct event *event = &line->event;
    if (!line->has_step)
        event->step = place->step + (event->metric_count > 0); /* J6 */
    place->step = event->step;
    event->offset = offset;
    event->is_superseded = is_superseded(story, offset, event->step);
    place->counts.read += !event->is_superseded;
    place->counts.superseded += event->is_superseded;
    return visit(context, event);
}

int events_read(const char *directory, const struct worker_story *story, struct events_place *place,
                int64_t limit, int (*visit)(void *context, const struct event *event),
                void *context)
{
    struct arena arena = { 0 };
    struct line_reader reader;
    struct line text;
    struct event_line *line = xcalloc(1, sizeof *line);
    int64_t begun = place->offset;
    int result =
        line_reader_open(&reader, path_join(&arena, directory, "events.jsonl"), place->offset);
    if (result == ERR_NOT_FOUND)
        result = 0;
    while (!result && (limit == 0 || place->offset - begun < limit) &&
           line_reader_next(&reader, &text)) {
        result = visit_line(&text, line, story, place, visit, context);
        place->offset = text.next;
    }
    line_reader_close(&reader);
    event_line_release(line);
    free(line);
    arena_release(&arena);
    return result;
}
