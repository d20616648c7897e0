#define _GNU_SOURCE
#include "story.h"

#include <string.h>

static struct json *pack_attempt(const struct attempt *attempt)
{
    struct json *object = json_new_object();
    json_set_number(object, "t", attempt->time);
    json_set_number(object, "worked", attempt->worked);
    json_set_integer(object, "pid", attempt->pid);
    json_set_integer(object, "from_step", attempt->from_step);
    json_set_integer(object, "events", attempt->events);
    json_set_string(object, "checkpoint", attempt->checkpoint);
    json_set_string(object, "place", attempt->place);
    return object;
}

static struct json *pack_worker(const struct worker_identity *worker)
{
    struct json *object = json_new_object(), *settings = json_new_array();
    json_set_integer(object, "pid", worker->pid);
    json_set_string(object, "host", worker->host);
    json_set_string(object, "slurm", worker->slurm);
    for (int i = 0; i < worker->setting_count; i++)
        json_push_string(settings, worker->settings[i]);
    json_set(object, "settings", settings);
    return object;
}

char *story_pack(const struct worker_story *story)
{
    struct json *root = json_new_object(), *attempts = json_new_array();
    for (int i = 0; i < story->attempt_count; i++)
        json_push(attempts, pack_attempt(&story->attempts[i]));
    json_set(root, "attempts", attempts);
    json_set(root, "worker", pack_worker(&story->worker));
    json_set_string(root, "state", run_state_name(story->state));
    json_set_number(root, "t", story->time);
    json_set_integer(root, "step", story->end.step);
    json_set_integer(root, "exit", story->end.exit_status);
    json_set_integer(root, "signal", story->end.signal);
    json_set_string(root, "reason", story->end.reason);
    json_set_number(root, "queued", story->queued);
    json_set_number(root, "worked", story->worked);
    json_set_number(root, "working_since", story->working_since);
    json_set_number(root, "seen", story->seen);
    json_set_integer(root, "size", story->size);
    json_set_integer(root, "bad", story->bad_lines);
    char *text = json_text(root, 0);
    json_free(root);
    return text;
}

static const char *string(struct arena *arena, const struct json *object, const char *key)
{
    const char *text = json_get_string(json_member(object, key));
    return text ? arena_strdup(arena, text) : NULL;
}

static int64_t integer(const struct json *object, const char *key)
{
    int64_t value = 0;
    json_get_integer(json_member(object, key), &value);
    return value;
}

static double number(const struct json *object, const char *key)
{
    double value = 0;
    json_get_number(json_member(object, key), &value);
    return value;
}

/* Room as read_attempt (journal_read.c) wants it, which doubles at each power of two. */
static void unpack_attempts(struct arena *arena, const struct json *list, struct worker_story *out)
{
    size_t count = json_length(list), room = 1;
    while (room < count)
        room *= 2;
    struct attempt *attempts = arena_alloc(arena, room, sizeof *attempts);
    for (size_t i = 0; i < count; i++) {
        const struct json *object = json_item(list, i);
        attempts[i] = (struct attempt){
            .time = number(object, "t"),
            .worked = number(object, "worked"),
            .pid = integer(object, "pid"),
            .from_step = integer(object, "from_step"),
            .events = integer(object, "events"),
            .checkpoint = string(arena, object, "checkpoint"),
            .place = string(arena, object, "place"),
        };
    }
    out->attempts = attempts;
    out->attempt_count = (int)count;
}

static void unpack_worker(struct arena *arena, const struct json *object, struct worker_story *out)
{
    const struct json *list = json_member(object, "settings");
    size_t count = json_length(list);
    const char **settings = arena_alloc(arena, count, sizeof *settings);
    for (size_t i = 0; i < count; i++) {
        const char *text = json_get_string(json_item(list, i));
        settings[i] = arena_strdup(arena, text ? text : "");
    }
    out->worker = (struct worker_identity){ .pid = integer(object, "pid"),
                                            .host = string(arena, object, "host"),
                                            .slurm = string(arena, object, "slurm"),
                                            .settings = settings,
                                            .setting_count = (int)count };
}

bool story_unpack(struct arena *arena, struct worker_story *out, const char *text)
{
    struct json *root = NULL;
    *out = (struct worker_story){ .end = { .step = -1, .exit_status = -1 } };
    if (!text || json_parse(&root, text, strlen(text)) < 0)
        return false;
    unpack_attempts(arena, json_member(root, "attempts"), out);
    unpack_worker(arena, json_member(root, "worker"), out);
    bool is_story = run_state_parse(json_get_string(json_member(root, "state")), &out->state);
    out->time = number(root, "t");
    out->end = (struct run_end){ .state = out->state,
                                 .step = integer(root, "step"),
                                 .exit_status = (int)integer(root, "exit"),
                                 .signal = (int)integer(root, "signal"),
                                 .reason = string(arena, root, "reason") };
    out->queued = number(root, "queued");
    out->worked = number(root, "worked");
    out->working_since = number(root, "working_since");
    out->seen = number(root, "seen");
    out->size = integer(root, "size");
    out->bad_lines = integer(root, "bad");
    json_free(root);
    if (!is_story)
        *out = (struct worker_story){ .end = { .step = -1, .exit_status = -1 } };
    return is_story;
}
