/* Runs of a sweep that are jobs: made one by one, submitted together. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "conductor_state.h"
#include "run/journal.h"
#include "run/slurm.h"

enum { TRY_AGAIN_SECONDS = 15 };

/* With halving, arrays follow each other, and no array knows how many tasks of others work. */
static int at_once(const struct sweep *sweep)
{
    return sweep->halving ? 0 : sweep->jobs;
}

/* A controller that is away is waited for: the runs stay in hand meanwhile. */
int conductor_submit(struct conductor *conductor)
{
    struct arena arena = { 0 };
    if (conductor->array.count == 0 || monotonic_clock() < conductor->submits_at)
        return 0;
    int count = conductor->array.count;
    int error = launch_array_submit(&conductor->array,
                                    &(struct array_wish){
                                        .store = conductor->store,
                                        .name = arena_printf(&arena, "gander-%s", conductor->name),
                                        .folder = path_join(&arena, conductor->directory, "jobs"),
                                        .at_once = at_once(&conductor->sweep),
                                    },
                                    &conductor->config);
    char *sentence = error ? arena_strdup(&arena, error_text()) : NULL;
    if (!error) {
        conductor_log("%d run%s submitted", count, count == 1 ? "" : "s");
    } else if (conductor->array.count > 0 && !slurm_answers()) {
        conductor_log("%s; trying again in %d s", sentence, TRY_AGAIN_SECONDS);
        conductor->submits_at = monotonic_clock() + TRY_AGAIN_SECONDS;
        error = 0;
    } else {
        conductor->why_failed = xstrdup(sentence);
        error = fail(error, "%s", sentence);
    }
    arena_release(&arena);
    return error;
}

/* --- taken out of the queue --- */

/* "123" of "123_4" */
static const char *array_of(struct arena *arena, const char *job)
{
    return arena_strndup(arena, job, strcspn(job, "_"));
}

static bool is_in(const char *const *list, int count, const char *text)
{
    for (int i = 0; i < count; i++)
        if (strcmp(list[i], text) == 0)
            return true;
    return false;
}

/* The job of a run that waits; NULL for any other. */
static const char *waiting_job(struct arena *arena, const struct store *store, int64_t run)
{
    struct worker_story story = { .size = 0 };
    int error = worker_read(arena, &story, store_run_directory(arena, store, run), NULL, NULL);
    return !error && story.state == RUN_QUEUED ? story.worker.slurm : NULL;
}

int sweep_cancel_waiting(const struct store *store, const int64_t *runs, int count, int *cancelled)
{
    struct arena arena = { 0 };
    const char **arrays = arena_alloc(&arena, (size_t)count + 1, sizeof *arrays);
    int array_count = 0, error = 0;
    for (int i = 0; i < count; i++) {
        const char *job = waiting_job(&arena, store, runs[i]);
        const char *array = job ? array_of(&arena, job) : NULL;
        if (array && !is_in(arrays, array_count, array))
            arrays[array_count++] = array;
    }
    for (int i = 0; i < array_count && !error; i++)
        error = slurm_cancel_pending(arrays[i]);
    for (int i = 0; i < count && !error; i++)
        if (array_count > 0 && waiting_job(&arena, store, runs[i]) &&
            slurm_drop(store, runs[i], NULL) == 0)
            ++*cancelled; /* one that is not dropped has just begun */
    arena_release(&arena);
    return error;
}

void conductor_cancel_waiting(struct conductor *conductor)
{
    const struct trials *trials = &conductor->trials;
    int64_t *runs = xcalloc((size_t)trials->count + 1, sizeof *runs);
    int count = 0, cancelled = 0;
    for (int i = 0; i < trials->count; i++)
        if (trials->list[i].standing == TRIAL_LIVE)
            runs[count++] = trials->list[i].run;
    if (sweep_cancel_waiting(conductor->store, runs, count, &cancelled) < 0)
        conductor_log("%s", error_text());
    else
        conductor_log("%d runs were taken out of Slurm's queue", cancelled);
    free(runs);
}
