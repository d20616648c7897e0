/* Which checkpoint of a run is the best. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "run/journal.h"
#include "run/rundir.h"

#define BEST_BY "frechet"

struct hunt {
    const struct run_file *files; /* checkpoints, by ascending step */
    int count;
    double *distances; /* (count) NaN: not evaluated */
};

static int note_evaluation(void *context, const struct event *event)
{
    struct hunt *hunt = context;
    for (int i = 0; i < event->metric_count && !event->is_superseded; i++)
        if (strcmp(event->metrics[i].name, BEST_BY) == 0)
            for (int k = 0; k < hunt->count; k++)
                if (hunt->files[k].step == event->step)
                    hunt->distances[k] = event->metrics[i].value;
    return 0;
}

/* The place of the smallest, the first of equal ones; -1: there is none. */
static int smallest(const double *values, int count)
{
    int best = -1;
    for (int i = 0; i < count; i++)
        if (isfinite(values[i]) && (best < 0 || values[i] < values[best]))
            best = i;
    return best;
}

int run_best_checkpoint(struct arena *arena, const char *directory, struct run_best *out)
{
    struct run_file *files;
    struct worker_story story = { .size = 0 };
    struct events_place place = { .offset = 0 };
    int count, best;
    int error = run_list_checkpoints(arena, directory, &files, &count);
    if (error)
        return error;
    struct hunt hunt = { files, count,
                         arena_alloc(arena, (size_t)count + 1, sizeof *hunt.distances) };
    for (int i = 0; i < count; i++)
        hunt.distances[i] = NAN;
    error = worker_read(arena, &story, directory, NULL, NULL);
    if (!error)
        error = events_read(directory, &story, &place, 0, note_evaluation, &hunt);
    if (error)
        return error;
    while ((best = smallest(hunt.distances, count)) >= 0) {
        if (run_checkpoint_is_whole(files[best].path)) {
            *out = (struct run_best){ files[best], hunt.distances[best] };
            return 0;
        }
        hunt.distances[best] = NAN;
    }
    return fail(ERR_NOT_FOUND,
                "no checkpoint in '%s/checkpoints' was evaluated: which is the best is not known "
                "(training.evaluate_every has them evaluated)",
                directory);
}
