/* One run's directory on its way into the catalogue. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "ingest.h"
#include "story.h"

enum { BATCH_BYTES = 4 << 20 };

static struct sql_query *of_run(struct ingest *in, const char *text)
{
    struct sql_query *query = sql_query(in->db, text);
    sql_bind_integer(query, 1, in->number);
    return query;
}

static const char *inside(struct ingest *in, const char *name)
{
    return path_join(&in->arena, in->directory, name);
}

/* --- what the catalogue knows of it --- */

static bool load_row(struct ingest *in)
{
    struct sql_query *query =
        of_run(in, "SELECT worker, events_size, events_step, lines, superseded, bad, step, reports,"
                   " health FROM run JOIN reading ON run = number WHERE number = ?");
    bool found = sql_step(query);
    if (found) {
        story_unpack(&in->arena, &in->story, sql_text(query, 0));
        in->events.offset = sql_integer(query, 1);
        in->events.step = sql_integer(query, 2);
        in->events.counts.read = sql_integer(query, 3);
        in->events.counts.superseded = sql_integer(query, 4);
        in->events.counts.bad = sql_integer(query, 5) - in->story.bad_lines;
        in->step = sql_integer(query, 6);
        in->reports = sql_integer(query, 7);
        in->health = sql_copy(&in->arena, query, 8);
    }
    sql_done(query);
    in->attempts_before = in->story.attempt_count;
    in->settings_before = in->story.worker.setting_count;
    return found;
}

static void insert_row(struct ingest *in)
{
    sql_do(of_run(in, "INSERT INTO run(number, place, settled, experiment, state, orphan, stalled,"
                      " worked, step, is_command, dirty, archived, lines, superseded, bad)"
                      " VALUES(?, 'runs', 0, '', 'queued', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)"));
    sql_do(of_run(in, "INSERT INTO reading(run, worker_size, events_size, notes_size, events_step,"
                      " reports) VALUES(?, 0, 0, 0, 0, 0)"));
    in->story = (struct worker_story){ .size = 0 };
    in->events = (struct events_place){ .offset = 0 };
    in->step = in->reports = 0;
    in->attempts_before = in->settings_before = 0;
    in->health = NULL;
    in->is_new = true;
}

/* --- worker.jsonl --- */

struct use_values {
    struct ingest *in;
    const struct use_line *line;
};

static void put_use_value(void *context, const char *key, const struct json *value)
{
    const struct use_values *values = context;
    char name[128], text[32];
    double number;
    if (!json_get_number(value, &number))
        return;
    snprintf(name, sizeof name, "use.%s", key);
    snprintf(text, sizeof text, "%.17g", number);
    points_put(values->in->points, name, values->line->step, values->line->time, number, text);
}

/* `line`: of either journal. */
static void put_health(struct ingest *in, double time, int64_t step, const struct json *line,
                       bool is_of_worker)
{
    const struct json *advice = json_member(line, "advice");
    const char *health = json_get_string(json_member(line, "health"));
    char *advice_text = json_is_object(advice) ? json_text(advice, 0) : NULL;
    struct sql_query *query = of_run(
        in, "INSERT INTO health(run, change, step, time, state, why, advice, worker) SELECT ?1,"
            " coalesce(max(change), 0) + 1, ?2, ?3, ?4, ?5, ?6, ?7 FROM health WHERE run = ?1");
    sql_bind_integer(query, 2, step);
    sql_bind_real(query, 3, time);
    sql_bind_text(query, 4, health);
    sql_bind_text(query, 5, json_get_string(json_member(line, "why")));
    sql_bind_text(query, 6, advice_text);
    sql_bind_integer(query, 7, is_of_worker);
    sql_do(query);
    free(advice_text);
    in->health = arena_strdup(&in->arena, health);
}

static void put_use(void *context, const struct use_line *line)
{
    struct use_values values = { context, line };
    struct ingest *in = context;
    if (line->health)
        put_health(in, line->time, line->step, line->health, true);
    json_each(line->values, put_use_value, &values);
}

static void save_attempts(struct ingest *in)
{
    struct sql_query *query;
    for (int i = in->attempts_before; i < in->story.attempt_count; i++) {
        const struct attempt *attempt = &in->story.attempts[i];
        query = of_run(in, "INSERT OR REPLACE INTO attempt(run, attempt, time, worked, pid,"
                           " from_step, events, checkpoint, place)"
                           " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)");
        sql_bind_integer(query, 2, i + 1);
        sql_bind_real(query, 3, attempt->time);
        sql_bind_real(query, 4, attempt->worked);
        sql_bind_integer(query, 5, attempt->pid);
        sql_bind_integer(query, 6, attempt->from_step);
        sql_bind_integer(query, 7, attempt->events);
        sql_bind_text(query, 8, attempt->checkpoint);
        sql_bind_text(query, 9, attempt->place);
        sql_do(query);
    }
}

/* Has an attempt that is new superseded lines that are taken in? */
static bool supersedes(const struct ingest *in)
{
    for (int i = in->attempts_before; i < in->story.attempt_count; i++)
        if (in->story.attempts[i].events > 0 && in->story.attempts[i].from_step < in->step)
            return true;
    return false;
}

/* The last word on it. */
static void read_health(struct ingest *in)
{
    struct sql_query *query =
        of_run(in, "SELECT state FROM health WHERE run = ? ORDER BY change DESC LIMIT 1");
    in->health = sql_step(query) ? sql_copy(&in->arena, query, 0) : NULL;
    sql_done(query);
}

/* What a worker found at steps that a later attempt does again. */
static void forget_health(struct ingest *in)
{
    sql_do(of_run(in, "DELETE FROM health WHERE run = ?1 AND worker = 1 AND EXISTS (SELECT 1 FROM"
                      " attempt WHERE run = ?1 AND attempt.time > health.time"
                      " AND attempt.from_step < health.step)"));
    read_health(in);
}

/* Forgets what the training said, to read it again. */
static void forget_events(struct ingest *in)
{
    static const char *const statements[] = {
        "DELETE FROM file WHERE run = ?",
        "DELETE FROM health WHERE run = ? AND worker = 0",
        "DELETE FROM evaluation WHERE run = ?",
        "DELETE FROM engine WHERE run = ?",
        "DELETE FROM setting WHERE run = ? AND source = 'journal'",
        "DELETE FROM metric WHERE run = ? AND name NOT LIKE 'use.%'",
    };
    for (int i = 0; i < ARRAY_SIZE(statements); i++)
        sql_do(of_run(in, statements[i]));
    in->events = (struct events_place){ .offset = 0 };
    in->step = 0;
    in->reports = 0;
    read_health(in);
}

/* Somebody has put an older copy of the directory in its place. */
static void forget_all(struct ingest *in)
{
    forget_events(in);
    sql_do(of_run(in, "DELETE FROM metric WHERE run = ?"));
    sql_do(of_run(in, "DELETE FROM health WHERE run = ?"));
    sql_do(of_run(in, "DELETE FROM attempt WHERE run = ?"));
    in->attempts_before = 0;
    in->settings_before = -1;
}

static int read_worker(struct ingest *in)
{
    bool is_shorter = file_size(inside(in, "worker.jsonl")) < in->story.size;
    if (is_shorter)
        forget_all(in);
    in->points = points_open(in->db, in->number);
    int error = worker_read(&in->arena, &in->story, in->directory, put_use, in);
    points_close(in->points);
    in->points = NULL;
    if (error)
        return error;
    if (supersedes(in))
        forget_events(in);
    if (in->story.attempt_count != in->attempts_before)
        in->reports = 0;
    bool is_further = in->story.attempt_count > MAX(in->attempts_before, 1);
    save_attempts(in);
    if (is_further)
        forget_health(in);
    if (in->is_new || in->story.worker.setting_count != in->settings_before)
        ingest_recipe(in);
    return 0;
}

/* Who lets go of the lock has said how it ended: see worker_look. */
static int look_at_worker(struct ingest *in)
{
    enum { LOOKS = 2 };
    int error = 0;
    for (int i = 0; i < LOOKS && !error; i++) {
        in->worker_until = file_size(inside(in, "worker.jsonl"));
        error = read_worker(in);
        in->status = worker_status(&in->story, in->directory, in->now);
        if (in->status.state != RUN_LOST)
            break;
    }
    return error;
}

/* --- events.jsonl --- */

/* 1 for the first; 0 for a line that stands before all. */
static int attempt_of(const struct ingest *in, int64_t offset)
{
    int attempt = in->story.attempt_count;
    while (attempt > 0 && in->story.attempts[attempt - 1].events > offset)
        attempt--;
    return attempt;
}

static void put_file(struct ingest *in, const struct event *event, const char *kind,
                     const char *path)
{
    struct sql_query *query =
        of_run(in, "INSERT INTO file(run, kind, step, path, time, superseded)"
                   " VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(run, kind, step, path) DO UPDATE"
                   " SET time = excluded.time, superseded = min(superseded, excluded.superseded)");
    sql_bind_text(query, 2, kind);
    sql_bind_integer(query, 3, event->step);
    sql_bind_text(query, 4, path);
    sql_bind_real(query, 5, event->time);
    sql_bind_integer(query, 6, event->is_superseded);
    sql_do(query);
}

/* What a classifier read in samples. */
static void put_evaluation(struct ingest *in, const struct event *event)
{
    const struct json *classes = json_member(event->line, "classes");
    int64_t samples = 0;
    if (!json_is_array(classes) || event->health || event->metric_count == 0)
        return;
    json_get_integer(json_member(event->line, "samples"), &samples);
    char *text = json_text(classes, 0);
    struct sql_query *query =
        of_run(in, "INSERT OR REPLACE INTO evaluation(run, step, samples, classes)"
                   " VALUES(?, ?, ?, ?)");
    sql_bind_integer(query, 2, event->step);
    sql_bind_integer(query, 3, samples);
    sql_bind_text(query, 4, text);
    sql_do(query);
    free(text);
}

/* Members of "engine" and "data", the latter as "data.hash" …. */
struct engine_values {
    struct ingest *in;
    int attempt;
    const char *prefix;
};

static void put_engine_value(void *context, const char *key, const struct json *value)
{
    const struct engine_values *values = context;
    struct arena arena = { 0 };
    double number;
    int64_t whole;
    const char *text = json_get_string(value);
    if (!text && json_get_integer(value, &whole))
        text = arena_printf(&arena, "%lld", (long long)whole);
    else if (!text && json_get_number(value, &number))
        text = format_real(&arena, number);
    struct sql_query *query =
        of_run(values->in, "INSERT OR REPLACE INTO engine(run, attempt, key, value)"
                           " VALUES(?, ?, ?, ?)");
    sql_bind_integer(query, 2, values->attempt);
    sql_bind_text(query, 3, arena_printf(&arena, "%s%s", values->prefix, key));
    sql_bind_text(query, 4, text);
    sql_do(query);
    arena_release(&arena);
}

static void put_engine(struct ingest *in, const struct event *event)
{
    static const char *const members[][2] = { { "engine", "" }, { "data", "data." } };
    for (int i = 0; i < ARRAY_SIZE(members); i++) {
        const struct json *object = json_member(event->line, members[i][0]);
        struct engine_values values = { in, attempt_of(in, event->offset), members[i][1] };
        if (json_is_object(object))
            json_each(object, put_engine_value, &values);
    }
}

static void put_metrics(struct ingest *in, const struct event *event)
{
    for (int i = 0; i < event->metric_count; i++)
        points_put(in->points, event->metrics[i].name, event->step, event->time,
                   event->metrics[i].value, event->metrics[i].text);
}

static int visit_event(void *context, const struct event *event)
{
    struct ingest *in = context;
    if (event->sample)
        put_file(in, event, "sample", event->sample);
    if (event->checkpoint)
        put_file(in, event, "checkpoint", event->checkpoint);
    if (event->line)
        put_engine(in, event);
    if (event->is_superseded)
        return 0;
    put_metrics(in, event);
    if (event->health)
        put_health(in, event->time, event->step, event->line, false);
    if (event->line)
        put_evaluation(in, event);
    if (event->line)
        ingest_config(in, json_member(event->line, "config"));
    in->step = MAX(in->step, event->step);
    in->reports += attempt_of(in, event->offset) == in->story.attempt_count;
    return 0;
}

/* Up to where the file ended before worker.jsonl was read: so every attempt that wrote a line is known
 * before the line is. */
static int read_events(struct ingest *in)
{
    int64_t left = in->events_until - in->events.offset;
    if (left <= 0)
        return 0;
    in->points = points_open(in->db, in->number);
    int error = events_read(in->directory, &in->story, &in->events, MIN(left, BATCH_BYTES),
                            visit_event, in);
    in->events.counts.bad += points_dropped(in->points);
    points_close(in->points);
    in->points = NULL;
    return error;
}

/* --- what is true now --- */

/* Nothing for ten times as long as usual: resources are no progress, and pauses do not count. */
static bool is_stalled(struct ingest *in, const struct run_status *status)
{
    enum { LEAST_SECONDS = 5, TIMES = 10, LEAST_REPORTS = 3 };
    struct stat events;
    const struct worker_story *story = &in->story;
    if (status->state != RUN_RUNNING || in->reports < LEAST_REPORTS || story->attempt_count == 0 ||
        stat(inside(in, "events.jsonl"), &events) != 0)
        return false;
    double last = (double)events.st_mtim.tv_sec + (double)events.st_mtim.tv_nsec * 1e-9;
    double begun = story->attempts[story->attempt_count - 1].time;
    double interval = MAX(last - begun, 0) / (double)in->reports;
    double idle = in->now - MAX(last, story->working_since);
    return idle > MAX(TIMES * interval, LEAST_SECONDS);
}

/* Nobody is at work on it, and nobody is just about to be. */
static bool is_settled(struct ingest *in, const struct run_status *status)
{
    static const char *const locks[] = { "lock", "command.lock", "notes.lock" };
    const char *host = in->story.worker.host;
    bool may_come_back = host && strcmp(host, host_name()) != 0 && status->state == RUN_LOST &&
                         !run_state_is_end(in->story.state);
    if (!run_state_is_end(status->state) || may_come_back)
        return false;
    for (int i = 0; i < ARRAY_SIZE(locks); i++)
        if (lock_is_held(inside(in, locks[i])))
            return false;
    return true;
}

static void bind_optional(struct sql_query *query, int index, int64_t value, bool is_there)
{
    if (is_there)
        sql_bind_integer(query, index, value);
}

/* Has nothing been written since it was read? Asked when the locks are free. */
static bool is_read_to_end(struct ingest *in)
{
    return file_size(inside(in, "worker.jsonl")) == in->worker_until &&
           file_size(inside(in, "events.jsonl")) == in->events_until &&
           file_size(inside(in, "notes.jsonl")) == in->notes_until;
}

/* `has_more`: a part of the journal is still to be taken in, so that it is not settled yet. */
static void save_state(struct ingest *in, bool has_more)
{
    const struct worker_story *story = &in->story;
    struct run_status status = in->status;
    bool has_end = run_state_is_end(story->state);
    struct sql_query *query = of_run(
        in, "UPDATE run SET state = ?2, orphan = ?3, stalled = ?4, settled = ?5, reason = ?6,"
            " exit = ?7, signal = ?8, queued = ?9, started = ?10, ended = ?11, worked = ?12,"
            " working_since = ?13 WHERE number = ?1");
    sql_bind_text(query, 2, run_state_name(status.state));
    sql_bind_integer(query, 3, status.is_orphan);
    sql_bind_integer(query, 4, is_stalled(in, &status));
    sql_bind_integer(query, 5, !has_more && is_settled(in, &status) && is_read_to_end(in));
    sql_bind_text(query, 6, story->end.reason);
    bind_optional(query, 7, story->end.exit_status, has_end && story->end.exit_status >= 0);
    bind_optional(query, 8, story->end.signal, has_end && story->end.signal > 0);
    sql_bind_real(query, 9, story->queued > 0 ? story->queued : NAN);
    sql_bind_real(query, 10, story->attempt_count > 0 ? story->attempts[0].time : NAN);
    sql_bind_real(query, 11, has_end ? story->time : NAN);
    sql_bind_real(query, 12, story->worked);
    bool works = status.state == RUN_RUNNING && story->working_since > 0;
    sql_bind_real(query, 13, works ? story->working_since : NAN);
    sql_do(query);
}

static void save_progress(struct ingest *in)
{
    const struct event_counts *counts = &in->events.counts;
    struct sql_query *query =
        of_run(in, "UPDATE run SET place = ?2, lines = ?3, superseded = ?4, bad = ?5, step = ?6,"
                   " health = ?7 WHERE number = ?1");
    sql_bind_text(query, 2, in->place);
    sql_bind_integer(query, 3, counts->read);
    sql_bind_integer(query, 4, counts->superseded);
    sql_bind_integer(query, 5, counts->bad + in->story.bad_lines);
    sql_bind_integer(query, 6, in->step);
    sql_bind_text(query, 7, in->health);
    sql_do(query);
    query = of_run(in, "UPDATE reading SET worker = ?2, worker_size = ?3, events_size = ?4,"
                       " events_step = ?5, reports = ?6 WHERE run = ?1");
    char *worker = story_pack(&in->story);
    sql_bind_text(query, 2, worker);
    sql_bind_integer(query, 3, in->story.size);
    sql_bind_integer(query, 4, in->events.offset);
    sql_bind_integer(query, 5, in->events.step);
    sql_bind_integer(query, 6, in->reports);
    sql_do(query);
    free(worker);
}

/* --- the whole --- */

/* One transaction; *more tells that a part of the journal is left for another. */
static int ingest_batch(struct ingest *in, bool *more)
{
    int error = sql_begin(in->db);
    if (error)
        return error;
    in->is_new = false;
    if (!load_row(in))
        insert_row(in);
    if (in->is_new)
        ingest_facts(in);
    in->events_until = file_size(inside(in, "events.jsonl"));
    if (in->events_until < in->events.offset)
        forget_events(in);
    error = look_at_worker(in);
    if (!error)
        error = read_events(in);
    in->notes_until = file_size(inside(in, "notes.jsonl"));
    if (!error)
        ingest_notes(in);
    *more =
        !error && in->events.offset < in->events_until && in->events.offset != in->offset_before;
    save_progress(in);
    save_state(in, *more);
    in->offset_before = in->events.offset;
    return sql_end(in->db, error);
}

/* Would another look find anything new? Asked before a transaction is begun, since most runs say
 * nothing most of the time, and only one can write at once. */
static bool has_news(struct ingest *in)
{
    struct sql_query *query =
        of_run(in, "SELECT worker_size, events_size, notes_size, state, orphan,"
                   " stalled, settled, place, reports, worker"
                   " FROM run JOIN reading ON run = number WHERE number = ?");
    bool is_known = sql_step(query), is_same = false;
    if (is_known && strcmp(sql_text(query, 7), in->place) == 0 &&
        sql_integer(query, 0) == file_size(inside(in, "worker.jsonl")) &&
        sql_integer(query, 1) == file_size(inside(in, "events.jsonl")) &&
        sql_integer(query, 2) == file_size(inside(in, "notes.jsonl"))) {
        story_unpack(&in->arena, &in->story, sql_text(query, 9));
        in->reports = sql_integer(query, 8);
        struct run_status status = worker_status(&in->story, in->directory, in->now);
        is_same = strcmp(sql_text(query, 3), run_state_name(status.state)) == 0 &&
                  sql_integer(query, 4) == status.is_orphan &&
                  sql_integer(query, 5) == is_stalled(in, &status) &&
                  sql_integer(query, 6) == is_settled(in, &status);
    }
    sql_done(query);
    return !is_same;
}

int ingest_run(struct catalogue *catalogue, int64_t number, const char *place, double now)
{
    struct arena arena = { 0 };
    struct ingest in = { .db = catalogue->db,
                         .store = catalogue->store,
                         .number = number,
                         .place = place,
                         .now = now,
                         .offset_before = -1 };
    in.directory =
        arena_printf(&arena, "%s/%s/%lld", catalogue->store->path, place, (long long)number);
    sql_clear(in.db);
    bool more = has_news(&in);
    int error = 0;
    while (more && !error) {
        arena_release(&in.arena);
        error = ingest_batch(&in, &more);
    }
    arena_release(&in.arena);
    arena_release(&arena);
    return error ? fail_prefix("run %lld", (long long)number) : 0;
}
