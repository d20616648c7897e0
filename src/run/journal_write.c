#define _GNU_SOURCE
#include <stdlib.h>

#include "run/journal.h"

static int open_in(struct line_writer *writer, const char *directory, const char *name)
{
    struct arena arena = { 0 };
    int error = line_writer_open(writer, path_join(&arena, directory, name));
    arena_release(&arena);
    return error;
}

int events_open(struct line_writer *writer, const char *directory)
{
    return open_in(writer, directory, "events.jsonl");
}

int worker_open(struct line_writer *writer, const char *directory)
{
    return open_in(writer, directory, "worker.jsonl");
}

static struct json *new_line(double time)
{
    struct json *line = json_new_object();
    json_set_number(line, "t", (double)(int64_t)(time * 1000) / 1000);
    return line;
}

/* Takes `line`. */
static int put(struct line_writer *writer, struct json *line)
{
    char *text = json_text(line, 0);
    int error = line_writer_put(writer, text);
    free(text);
    json_free(line);
    return error;
}

int events_put_metrics(struct line_writer *writer, double time, int64_t step,
                       const struct metric *metrics, int count)
{
    struct json *line = new_line(time), *values = json_new_object();
    for (int i = 0; i < count; i++)
        json_set_number(values, metrics[i].name, metrics[i].value);
    json_set_integer(line, "step", step);
    json_set(line, "metrics", values);
    return put(writer, line);
}

int events_put_file(struct line_writer *writer, double time, int64_t step, const char *kind,
                    const char *path)
{
    struct json *line = new_line(time);
    json_set_integer(line, "step", step);
    json_set_string(line, kind, path);
    return put(writer, line);
}

int worker_put_attempt(struct line_writer *writer, const struct attempt *attempt)
{
    struct json *line = new_line(attempt->time);
    json_set_string(line, "state", run_state_name(RUN_RUNNING));
    json_set_integer(line, "pid", attempt->pid);
    json_set_string(line, "host", attempt->host);
    json_set_integer(line, "from_step", attempt->from_step);
    json_set_integer(line, "events", attempt->events);
    if (attempt->setting_count > 0) {
        struct json *settings = json_new_array();
        for (int i = 0; i < attempt->setting_count; i++)
            json_push_string(settings, attempt->settings[i]);
        json_set(line, "settings", settings);
    }
    return put(writer, line);
}

int worker_put_state(struct line_writer *writer, double time, enum run_state state, int64_t step,
                     const char *reason)
{
    struct json *line = new_line(time);
    json_set_string(line, "state", run_state_name(state));
    if (step >= 0)
        json_set_integer(line, "step", step);
    if (reason)
        json_set_string(line, "reason", reason);
    return put(writer, line);
}
