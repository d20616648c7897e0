#include "run_json.h"

#include <math.h>

static void set_known_number(struct json *object, const char *key, double value)
{
    if (isnan(value))
        json_set_string(object, key, NULL);
    else
        json_set_number(object, key, value);
}

static void set_known_integer(struct json *object, const char *key, int64_t value, bool is_known)
{
    if (is_known)
        json_set_integer(object, key, value);
    else
        json_set_string(object, key, NULL);
}

static void set_metrics(struct json *object, struct index *index, const struct listed_run *run)
{
    struct run_metric *rows;
    int count = 0;
    struct json *last = json_new_object(), *low = json_new_object(), *high = json_new_object();
    catalogue_metrics(run->place->catalogue, &index->arena, &run->row.number, 1, NULL, &rows,
                      &count);
    for (int i = 0; i < count; i++) {
        json_set_number(last, rows[i].name, rows[i].last);
        if (isnan(rows[i].low))
            continue;
        json_set_number(low, rows[i].name, rows[i].low);
        json_set_number(high, rows[i].name, rows[i].high);
    }
    json_set(object, "metrics", last);
    json_set(object, "min", low);
    json_set(object, "max", high);
}

static void set_state(struct json *object, const struct run_row *row)
{
    json_set_string(object, "state", run_state_name(row->state));
    json_set_bool(object, "orphan", row->is_orphan);
    json_set_bool(object, "stalled", row->is_stalled);
    json_set_string(object, "reason", row->reason);
    set_known_integer(object, "exit", row->exit_status, row->exit_status >= 0);
    set_known_integer(object, "signal", row->signal, row->signal > 0);
    json_set_string(object, "health", row->health);
}

static void set_code(struct json *object, const struct run_row *row)
{
    json_set_string(object, "commit", row->commit);
    json_set_string(object, "snapshot", row->snapshot);
    json_set_string(object, "branch", row->branch);
    json_set_string(object, "subject", row->subject);
    json_set_bool(object, "dirty", row->is_dirty);
}

static void set_times(struct json *object, const struct run_row *row)
{
    set_known_number(object, "created", row->created);
    set_known_number(object, "started", row->started);
    set_known_number(object, "ended", row->ended);
    json_set_number(object, "took", row->took);
    json_set_integer(object, "step", row->step);
    set_known_integer(object, "steps", row->steps, row->steps > 0);
}

struct json *run_json(struct index *index, const struct listed_run *run)
{
    const struct run_row *row = &run->row;
    struct json *object = json_new_object(), *tags = json_new_array();
    json_set_integer(object, "number", row->number);
    json_set_string(object, "experiment", row->experiment);
    json_set_string(object, "name", row->name);
    set_state(object, row);
    set_code(object, row);
    set_times(object, row);
    set_metrics(object, index, run);
    for (int i = 0; i < row->tag_count; i++)
        json_push_string(tags, row->tags[i]);
    json_set(object, "tags", tags);
    json_set_integer(object, "notes", row->note_count);
    json_set_bool(object, "archived", row->is_archived);
    json_set_string(object, "host", row->host);
    json_set_string(object, "user", row->user);
    json_set_string(object, "data", row->data);
    json_set_string(object, "command", row->command);
    set_known_integer(object, "parent", row->parent, row->parent > 0);
    set_known_integer(object, "seed", row->seed, row->seed >= 0);
    json_set_string(object, "store", run->place->store.path);
    if (row->broken)
        json_set_string(object, "broken", row->broken);
    return object;
}
