/* A sweep that is there goes on, is stopped, is waited for. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "run/conductor.h"
#include "run/control.h"
#include "run/trials.h"
#include "sweeps.h"

struct opened {
    struct store store;
    struct sweep sweep;
};

static enum exit_status open_sweep(struct arguments *arguments, struct opened *out)
{
    *out = (struct opened){ .sweep = { .name = NULL } };
    int error = store_open(&out->store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = sweep_read(&out->sweep, &out->store, arguments->operands[1]);
    if (!error)
        return STATUS_DONE;
    command_failed(arguments);
    return error == ERR_NOT_FOUND ? STATUS_NO_RUN : STATUS_FAILED;
}

static void close_sweep(struct opened *opened)
{
    sweep_release(&opened->sweep);
    store_release(&opened->store);
}

/* All trials, looked at. */
static int look(struct opened *opened, struct trials *trials, struct arena *arena)
{
    trials_init(trials, &opened->sweep);
    int error = trials_find(trials, &opened->store, &opened->sweep);
    for (int i = 0; i < trials->count && !error; i++)
        error = trial_look(arena, &trials->list[i], &opened->store, &opened->sweep, wall_clock());
    return error;
}

/* --- resume --- */

static void print_counts(const struct trials *trials)
{
    int counts[TRIAL_BROKEN + 1] = { 0 };
    for (int i = 0; i < trials->count; i++)
        counts[trials->list[i].standing]++;
    printf("%d missing, %d broken off, %d at work, %d done\n", counts[TRIAL_MISSING],
           counts[TRIAL_BROKEN], counts[TRIAL_LIVE], counts[TRIAL_REACHED] + counts[TRIAL_OUT]);
}

enum exit_status sweep_resume(struct arguments *arguments)
{
    struct opened opened;
    struct trials trials = { .count = 0 };
    enum exit_status status = open_sweep(arguments, &opened);
    if (status == STATUS_DONE) {
        int error = look(&opened, &trials, &arguments->arena);
        if (!error)
            error = conductor_start(&opened.store, opened.sweep.name);
        if (error) {
            status = command_failed(arguments);
        } else {
            printf("sweep %s goes on: ", opened.sweep.name);
            print_counts(&trials);
        }
    }
    trials_release(&trials);
    close_sweep(&opened);
    return status;
}

/* --- stop --- */

/* All that wait in Slurm, by one command an array. */
static int stop_waiting(struct arguments *arguments, struct opened *opened, struct trials *trials,
                        int *asked)
{
    int64_t *runs = arena_alloc(&arguments->arena, (size_t)trials->count + 1, sizeof *runs);
    int count = 0;
    for (int i = 0; i < trials->count; i++)
        if (trials->list[i].standing == TRIAL_LIVE)
            runs[count++] = trials->list[i].run;
    int error = sweep_cancel_waiting(&opened->store, runs, count, asked);
    for (int i = 0; i < trials->count && !error; i++)
        error = trial_look(&arguments->arena, &trials->list[i], &opened->store, &opened->sweep,
                           wall_clock());
    return error;
}

static int stop_runs(struct arguments *arguments, struct opened *opened, int *asked)
{
    struct trials trials;
    enum control_request request = option_given(arguments, "now") ? CONTROL_STOP_NOW : CONTROL_STOP;
    int error = look(opened, &trials, &arguments->arena), failed = 0;
    if (!error && opened->sweep.is_on_slurm)
        error = stop_waiting(arguments, opened, &trials, asked);
    /* the last first, so that none of the queue begins meanwhile */
    for (int i = trials.count - 1; i >= 0 && !error; i--) {
        if (trials.list[i].standing != TRIAL_LIVE)
            continue;
        if (control_ask(&opened->store, trials.list[i].run, request, wall_clock()) == 0)
            ++*asked;
        else if (command_failed(arguments) != STATUS_DONE)
            failed = ERR_INVALID;
    }
    trials_release(&trials);
    if (error)
        command_failed(arguments);
    return error ? error : failed;
}

enum exit_status sweep_stop(struct arguments *arguments)
{
    struct opened opened;
    int asked = 0;
    enum exit_status status = open_sweep(arguments, &opened);
    if (status == STATUS_DONE) {
        if (conductor_stop(&opened.store, opened.sweep.name) < 0)
            status = command_failed(arguments);
        else if (stop_runs(arguments, &opened, &asked) < 0)
            status = STATUS_FAILED;
        else
            printf("sweep %s begins no more; %d run%s asked to stop\n", opened.sweep.name, asked,
                   asked == 1 ? " was" : "s were");
    }
    close_sweep(&opened);
    return status;
}

/* --- wait --- */

/* Sleeps on its lock. */
static int wait_for_end(struct arguments *arguments, const struct opened *opened,
                        struct conductor_story *story)
{
    const char *lock = path_join(&arguments->arena, opened->sweep.directory, "lock");
    int error = 0;
    while (!error && lock_is_held(lock))
        error = lock_wait(lock);
    return error ? error
                 : conductor_look(&arguments->arena, story, &opened->store, opened->sweep.name);
}

enum exit_status sweep_wait(struct arguments *arguments)
{
    struct opened opened;
    struct conductor_story story;
    enum exit_status status = open_sweep(arguments, &opened);
    if (status == STATUS_DONE) {
        int error = wait_for_end(arguments, &opened, &story);
        if (error) {
            status = command_failed(arguments);
        } else {
            printf("sweep %s %s%s%s\n", opened.sweep.name, story.end ? story.end : "was broken off",
                   story.why ? ": " : "", story.why ? story.why : "");
            status = story.end && strcmp(story.end, "done") == 0 ? STATUS_DONE : STATUS_FAILED;
        }
    }
    close_sweep(&opened);
    return status;
}
