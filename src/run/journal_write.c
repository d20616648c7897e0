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

static struct json *values_of(const struct metric *metrics, int count)
{
    struct json *values = json_new_object();
    for (int i = 0; i < count; i++)
        json_set_number(values, metrics[i].name, metrics[i].value);
    return values;
}

int events_put_metrics(struct line_writer *writer, double time, int64_t step,
                       const struct metric *metrics, int count)
{
    struct json *line = new_line(time);
    json_set_integer(line, "step", step);
    json_set(line, "metrics", values_of(metrics, count));
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

int events_put(struct line_writer *writer, double time, int64_t step, struct json *members)
{
    struct json *line = new_line(time);
    json_set_integer(line, "step", step);
    json_merge(line, members);
    return put(writer, line);
}

static void set_identity(struct json *line, const struct worker_identity *self)
{
    json_set_integer(line, "worker", self->pid);
    json_set_string(line, "host", self->host);
    if (self->slurm)
        json_set_string(line, "slurm", self->slurm);
    if (self->setting_count == 0)
        return;
    struct json *settings = json_new_array();
    for (int i = 0; i < self->setting_count; i++)
        json_push_string(settings, self->settings[i]);
    json_set(line, "settings", settings);
}

int worker_put_queued(struct line_writer *writer, double time, const struct worker_identity *self,
                      const char *reason)
{
    struct json *line = new_line(time);
    json_set_string(line, "state", run_state_name(RUN_QUEUED));
    set_identity(line, self);
    if (reason)
        json_set_string(line, "reason", reason);
    return put(writer, line);
}

int worker_put_attempt(struct line_writer *writer, const struct worker_identity *self,
                       const struct attempt *attempt)
{
    struct json *line = new_line(attempt->time);
    json_set_string(line, "state", run_state_name(RUN_RUNNING));
    json_set_integer(line, "pid", attempt->pid);
    json_set_integer(line, "from_step", attempt->from_step);
    json_set_integer(line, "events", attempt->events);
    if (attempt->checkpoint)
        json_set_string(line, "checkpoint", attempt->checkpoint);
    if (attempt->place)
        json_set_string(line, "place", attempt->place);
    set_identity(line, self);
    return put(writer, line);
}

int worker_put_state(struct line_writer *writer, double time, enum run_state state)
{
    struct json *line = new_line(time);
    json_set_string(line, "state", run_state_name(state));
    return put(writer, line);
}

int worker_put_end(struct line_writer *writer, double time, const struct run_end *end)
{
    struct json *line = new_line(time);
    json_set_string(line, "state", run_state_name(end->state));
    if (end->step >= 0)
        json_set_integer(line, "step", end->step);
    if (end->exit_status >= 0)
        json_set_integer(line, "exit", end->exit_status);
    if (end->signal > 0)
        json_set_integer(line, "signal", end->signal);
    if (end->reason)
        json_set_string(line, "reason", end->reason);
    return put(writer, line);
}

int worker_put_health(struct line_writer *writer, double time, int64_t step, const char *health,
                      const char *why, const char *remedy)
{
    struct json *line = new_line(time), *advice = json_new_object();
    json_set_integer(line, "step", step);
    json_set_string(line, "health", health);
    json_set_string(line, "why", why);
    json_set_string(advice, "words", remedy);
    if (remedy)
        json_set(line, "advice", advice);
    else
        json_free(advice);
    return put(writer, line);
}

int worker_put_use(struct line_writer *writer, double time, int64_t step,
                   const struct metric *values, int count)
{
    struct json *line = new_line(time);
    json_set_integer(line, "step", step);
    json_set(line, "use", values_of(values, count));
    return put(writer, line);
}
