#include "show/same.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "record/metric.h"
#include "run/journal.h"
#include "run/rundir.h"

/* --- what they said --- */

struct value {
    int64_t step, place; /* `place` in the journal, of values of one step */
    double value;
    int name;
};

struct names {
    const char **all;
    bool *are_skipped;
    int count, room;
    int last; /* that was asked for: lines repeat each other */
};

struct values {
    struct value *all;
    int64_t count, room, last;
    struct names *names; /* of both runs */
    struct arena *arena;
};

static int name_place(struct values *values, const char *name)
{
    struct names *names = values->names;
    for (int i = 1; i <= names->count; i++) {
        int at = (names->last + i) % names->count;
        if (strcmp(names->all[at], name) == 0)
            return names->last = at;
    }
    if (names->count == names->room) {
        names->room = names->room ? 2 * names->room : 16;
        names->all = xrealloc(names->all, (size_t)names->room, sizeof *names->all);
        names->are_skipped =
            xrealloc(names->are_skipped, (size_t)names->room, sizeof *names->are_skipped);
    }
    names->all[names->count] = arena_strdup(values->arena, name);
    names->are_skipped[names->count] = metric_is_of_machine(name);
    return names->last = names->count++;
}

static int take_event(void *context, const struct event *event)
{
    struct values *values = context;
    if (event->is_superseded)
        return 0;
    for (int i = 0; i < event->metric_count; i++) {
        int name = name_place(values, event->metrics[i].name);
        if (values->names->are_skipped[name])
            continue;
        if (values->count == values->room) {
            values->room = values->room ? 2 * values->room : 1024;
            values->all = xrealloc(values->all, (size_t)values->room, sizeof *values->all);
        }
        values->all[values->count] =
            (struct value){ event->step, values->count, event->metrics[i].value, name };
        values->count++;
        values->last = MAX(values->last, event->step);
    }
    return 0;
}

static int compare_values(const void *a, const void *b)
{
    const struct value *x = a, *y = b;
    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static int read_values(struct values *values, const struct store *store, int64_t number)
{
    struct arena scratch = { 0 };
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    const char *directory = store_run_directory(&scratch, store, number);
    int error = worker_read(&scratch, &story, directory, NULL, NULL);
    if (!error)
        error = events_read(directory, &story, &place, 0, take_event, values);
    if (values->count > 0)
        qsort(values->all, (size_t)values->count, sizeof *values->all, compare_values);
    arena_release(&scratch);
    return error;
}

/* --- beside each other --- */

/* Either may be NULL: the run has none there. */
static void part(struct same_metric *metric, int64_t step, const struct value *a,
                 const struct value *b)
{
    if (metric->parts >= 0)
        return;
    metric->parts = step;
    metric->has_a = a != NULL;
    metric->has_b = b != NULL;
    metric->first_a = a ? a->value : NAN;
    metric->first_b = b ? b->value : NAN;
}

/* Bits, so that 0 and -0 are two; all that are no number are one. */
static bool is_equal(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

static void compare_two(struct same_metric *metric, const struct value *a, const struct value *b)
{
    double difference = fabs(a->value - b->value);
    metric->compared++;
    if (is_equal(a->value, b->value))
        return;
    metric->differing++;
    part(metric, a->step, a, b);
    if (isnan(difference))
        difference = INFINITY;
    if (difference > metric->most || metric->most_step < 0) {
        metric->most = difference;
        metric->most_step = a->step;
    }
}

/* Of one metric, both sorted by step. `end`: after which step what only b has is no difference. */
static void compare_metric(struct same_metric *metric, const struct value *a, int64_t a_count,
                           const struct value *b, int64_t b_count, int64_t end)
{
    int64_t i = 0, k = 0;
    while (i < a_count || k < b_count) {
        bool has_both = i < a_count && k < b_count && a[i].step == b[k].step;
        if (has_both) {
            compare_two(metric, &a[i++], &b[k++]);
        } else if (k == b_count || (i < a_count && a[i].step < b[k].step)) {
            metric->only_a++;
            part(metric, a[i].step, &a[i], NULL);
            i++;
        } else {
            if (b[k].step <= end) {
                metric->only_b++;
                part(metric, b[k].step, NULL, &b[k]);
            }
            k++;
        }
    }
}

static int64_t count_of(const struct values *values, int64_t from, int name)
{
    int64_t to = from;
    while (to < values->count && values->all[to].name == name)
        to++;
    return to - from;
}

static void compare_all(struct arena *arena, const struct values *a, const struct values *b,
                        int64_t end, struct same *out)
{
    int64_t i = 0, k = 0;
    for (int name = 0; name < a->names->count; name++) {
        int64_t a_count = count_of(a, i, name), b_count = count_of(b, k, name);
        if (a->names->are_skipped[name])
            continue;
        struct same_metric *metric = &out->metrics[out->count++];
        *metric = (struct same_metric){ .name = arena_strdup(arena, a->names->all[name]),
                                        .parts = -1,
                                        .most_step = -1 };
        compare_metric(metric, a->all + i, a_count, b->all + k, b_count, end);
        out->compared += metric->compared;
        if (metric->parts >= 0 && (out->parts < 0 || metric->parts < out->parts))
            out->parts = metric->parts;
        i += a_count;
        k += b_count;
    }
}

static const char *const *skipped_of(struct arena *arena, const struct names *names)
{
    const char **skipped = arena_alloc(arena, (size_t)names->count + 1, sizeof *skipped);
    int count = 0;
    for (int i = 0; i < names->count; i++)
        if (names->are_skipped[i])
            skipped[count++] = arena_strdup(arena, names->all[i]);
    return skipped;
}

int same_compare(struct arena *arena, const struct store *store, int64_t a, int64_t b,
                 bool is_prefix, struct same *out)
{
    struct names names = { .count = 0 };
    struct values left = { .last = -1, .names = &names, .arena = arena }, right = left;
    *out = (struct same){ .parts = -1 };
    int error = read_values(&left, store, a);
    if (!error)
        error = read_values(&right, store, b);
    if (!error) {
        out->metrics = arena_alloc(arena, (size_t)names.count + 1, sizeof *out->metrics);
        compare_all(arena, &left, &right, is_prefix ? left.last : INT64_MAX, out);
        out->skipped = skipped_of(arena, &names);
        out->last_a = left.last;
        out->last_b = right.last;
    }
    free(left.all);
    free(right.all);
    free(names.all);
    free(names.are_skipped);
    return error;
}

/* --- what they ran on --- */

enum { FACTS = 9 };
static const char *const engine_keys[] = { "build", "blas", "kernel", "cpu", "threads" };

struct engine {
    struct arena *arena;
    const char *values[FACTS]; /* engine_keys, then the hash of the data */
};

static const char *text_of(struct arena *arena, const struct json *value)
{
    int64_t number;
    const char *text = json_get_string(value);
    if (json_get_integer(value, &number))
        return arena_printf(arena, "%lld", (long long)number);
    return text ? arena_strdup(arena, text) : NULL;
}

/* Of the last attempt that said. */
static int take_engine(void *context, const struct event *event)
{
    struct engine *engine = context;
    const struct json *said = json_member(event->line, "engine");
    if (!said)
        return 0;
    for (int i = 0; i < ARRAY_SIZE(engine_keys); i++)
        engine->values[i] = text_of(engine->arena, json_member(said, engine_keys[i]));
    engine->values[ARRAY_SIZE(engine_keys)] =
        text_of(engine->arena, json_member(json_member(event->line, "data"), "hash"));
    return 0;
}

static int read_engine(struct arena *arena, const struct store *store, int64_t number,
                       struct engine *out)
{
    struct run_facts facts;
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    const char *directory = store_run_directory(arena, store, number);
    *out = (struct engine){ .arena = arena };
    int error = run_read_facts(arena, &facts, store, number);
    if (!error)
        error = worker_read(arena, &story, directory, NULL, NULL);
    if (!error)
        error = events_read(directory, &story, &place, 0, take_engine, out);
    if (error)
        return error;
    int at = ARRAY_SIZE(engine_keys) + 1;
    if (facts.command)
        out->values[3] = facts.cpu;
    out->values[at++] = facts.host;
    out->values[at++] =
        facts.code.snapshot ? arena_printf(arena, "%.12s", facts.code.snapshot) : NULL;
    return 0;
}

int same_facts(struct arena *arena, const struct store *store, int64_t a, int64_t b,
               struct same_fact **facts, int *count)
{
    static const char *const names[] = { "build",   "BLAS", "kernel", "CPU",
                                         "threads", "data", "host",   "code" };
    struct engine left, right;
    *facts = arena_alloc(arena, ARRAY_SIZE(names), sizeof **facts);
    *count = 0;
    int error = read_engine(arena, store, a, &left);
    if (!error)
        error = read_engine(arena, store, b, &right);
    for (int i = 0; !error && i < ARRAY_SIZE(names); i++)
        if (left.values[i] || right.values[i])
            (*facts)[(*count)++] = (struct same_fact){ names[i], left.values[i], right.values[i] };
    return error;
}
