#define _GNU_SOURCE
#include "taking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/host.h"
#include "run/journal.h"
#include "run/resolve.h"

int taking_check(const struct store *store, const char *format, const struct take_wish *wish,
                 struct taken_run *out)
{
    struct arena arena = { 0 };
    int64_t *numbers;
    int count;
    out->already = 0;
    if (*out->path != '/')
        return 0; /* standard input: nobody knows what it was */
    int error = store_runs(store, &numbers, &count);
    for (int i = count - 1; i >= 0 && !error && !out->already; i--) {
        struct run_facts facts;
        if (run_read_facts(&arena, &facts, store, numbers[i]) < 0)
            continue;
        const struct run_origin *origin = &facts.origin;
        if (origin->format && origin->path && strcmp(origin->format, format) == 0 &&
            strcmp(origin->path, out->path) == 0)
            out->already = numbers[i];
        arena_release(&arena);
    }
    if (!error)
        free(numbers);
    arena_release(&arena);
    if (error || !out->already || wish->again)
        return error;
    return fail(ERR_EXISTS, "it is here already as run %lld; take it again with --again",
                (long long)out->already);
}

int taking_begin(struct taking *taking, const struct store *store, const struct take_wish *wish)
{
    int64_t number;
    *taking = (struct taking){
        .store = store, .wish = wish, .unborn = { .lock = -1 }, .events = { .fd = -1 }
    };
    int error = store_next_number(store, &number);
    if (!error)
        error = run_prepare(&taking->unborn, store, number);
    if (!error)
        error = events_open(&taking->events, taking->unborn.directory);
    if (!error)
        sink_open(&taking->sink, taking->unborn.directory, &taking->events);
    return error;
}

void taking_release(struct taking *taking)
{
    sink_close(&taking->sink);
    line_writer_close(&taking->events);
    run_unborn_release(&taking->unborn);
}

/* It worked from the first moment that was said to the last, and finished. */
static int put_story(const struct taking *taking)
{
    struct line_writer worker;
    const struct sink *sink = &taking->sink;
    const struct worker_identity nobody = { .host = host_name() };
    double first = isnan(sink->first) ? taking->wish->now : sink->first;
    double last = isnan(sink->last) ? first : sink->last;
    const struct attempt attempt = { .time = first };
    const struct run_end end = { .state = RUN_FINISHED,
                                 .step = sink->last_step,
                                 .exit_status = -1 };
    int error = worker_open(&worker, taking->unborn.directory);
    if (error)
        return error;
    error = worker_put_attempt(&worker, &nobody, &attempt);
    if (!error)
        error = worker_put_end(&worker, last, &end);
    line_writer_close(&worker);
    return error;
}

/* Its name is one that RUN can be told from, or none. */
static const char *name_of(struct arena *arena, const char *text)
{
    const char *name = text ? run_name_from(arena, text) : NULL;
    return name && run_name_check(name) == 0 ? name : NULL;
}

int taking_end(struct taking *taking, const char *format, struct taken_run *out)
{
    static const char *const nothing[] = { NULL };
    struct arena *arena = &taking->unborn.arena;
    struct code_state code = { .missing =
                                   arena_printf(arena, "the run was read from %s files", format) };
    struct run_origin origin = {
        .format = format, .path = out->path, .host = host_name(), .imported = taking->wish->now
    };
    const char *experiment = run_name_from(arena, out->experiment);
    const char *name = name_of(arena, out->name);
    int error = sink_flush(&taking->sink);
    if (!error && fdatasync(taking->events.fd) != 0)
        error = fail(ERR_IO, "cannot write to '%s'", taking->store->path);
    if (!error)
        error = put_story(taking);
    double first = taking->sink.first;
    const struct run_birth birth = { .command = nothing,
                                     .experiment = experiment ? experiment : format,
                                     .name = name,
                                     .argv = taking->wish->argv,
                                     .cwd = path_absolute(arena, "."),
                                     .created = isnan(first) ? taking->wish->now : first,
                                     .seed = -1,
                                     .origin = &origin,
                                     .code = &code };
    if (!error)
        error = run_appear(&taking->unborn, &birth);
    if (!error)
        out->number = taking->unborn.number;
    out->step = MAX(taking->sink.last_step, 0);
    return error;
}
