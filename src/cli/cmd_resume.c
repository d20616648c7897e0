#include <stdlib.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "launching.h"
#include "open_run.h"
#include "run/again.h"
#include "run/interrupt.h"
#include "run/journal.h"
#include "run/launch.h"
#include "run/rundir.h"
#include "watch.h"

static const struct command_option options[] = {
    { 'f', "foreground", NULL, "Stay, watch it, and stop it with ^C.", false },
    { 's', "set", "KEY=VALUE",
      "Change training.steps or threads, or how often is reported, drawn and saved.", true },
    { 0, "on", "WHERE", "Go on here (local) or as a job of Slurm (slurm); else as it was.", false },
    { 0, "queued", NULL, "Start all runs that were queued and are lost, in their order.", false },
    PICTURE_MODE_OPTION,
};

/* --- one run --- */

static int64_t log_size(const struct open_run *place)
{
    struct arena arena = { 0 };
    int64_t size = file_size(path_join(&arena, place->directory, "log.txt"));
    arena_release(&arena);
    return size;
}

static enum exit_status watch(struct arguments *arguments, const struct open_run *place,
                              int64_t log_from, enum picture_mode mode)
{
    return (enum exit_status)watch_run(&(struct watch_wish){ .arguments = arguments,
                                                             .store = &place->store,
                                                             .number = place->number,
                                                             .mode = mode,
                                                             .owns_run = true,
                                                             .log_from = log_from });
}

static enum exit_status resume_one(struct arguments *arguments, enum picture_mode mode,
                                   enum launch_place on)
{
    struct open_run place;
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    bool stays = option_given(arguments, "foreground");
    int setting_count;
    const char *const *settings = option_texts(arguments, "set", &setting_count);
    int64_t log_from = log_size(&place);
    if (stays)
        interrupt_catch(INTERRUPT_IS_NOTED);
    if (run_go_on(&place.store, place.number, settings, setting_count, on) < 0)
        status = command_failed(arguments);
    else if (stays)
        status = watch(arguments, &place, log_from, mode);
    else
        printf("run %lld goes on; 'gander watch %lld' shows it\n", (long long)place.number,
               (long long)place.number);
    close_run(&place);
    return status;
}

/* --- all that were queued --- */

struct queued {
    int64_t number;
    double time;
};

static int compare_times(const void *a, const void *b)
{
    const struct queued *left = a, *right = b;
    if (left->time != right->time)
        return left->time < right->time ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

/* A run whose launcher was killed before its worker said anything was queued when it was made. */
static double queued_time(const struct store *store, int64_t number,
                          const struct worker_story *story)
{
    struct arena arena = { 0 };
    struct run_facts facts = { .created = 0 };
    double time = story->queued;
    if (time == 0 && run_read_facts(&arena, &facts, store, number) == 0)
        time = facts.created;
    arena_release(&arena);
    return time;
}

/* Runs that said "queued" last and are lost, the oldest first. */
static int find_queued(const struct store *store, struct arena *arena, struct queued **out,
                       int *count)
{
    int64_t *numbers;
    int number_count;
    int error = store_runs(store, &numbers, &number_count);
    if (error)
        return error;
    *out = arena_alloc(arena, (size_t)number_count, sizeof **out);
    *count = 0;
    for (int i = 0; i < number_count && !error; i++) {
        struct arena scratch = { 0 };
        struct worker_story story = { .size = 0 };
        const char *directory = store_run_directory(&scratch, store, numbers[i]);
        struct run_status status;
        error = worker_look(&scratch, &story, directory, wall_clock(), &status);
        if (!error && story.state == RUN_QUEUED && status.state == RUN_LOST)
            (*out)[(*count)++] =
                (struct queued){ numbers[i], queued_time(store, numbers[i], &story) };
        arena_release(&scratch);
    }
    free(numbers);
    if (*count > 0)
        qsort(*out, (size_t)*count, sizeof **out, compare_times);
    return error;
}

static enum exit_status resume_queued(struct arguments *arguments, enum launch_place on)
{
    struct store store;
    struct queued *queued;
    int count = 0;
    enum exit_status status = STATUS_DONE;
    int error = store_open(&store, option_text(arguments, "store"), STORE_FIND);
    if (!error)
        error = find_queued(&store, &arguments->arena, &queued, &count);
    if (error)
        status = command_failed(arguments);
    for (int i = 0; i < count; i++) {
        if (launch_again(&store, queued[i].number, NULL, 0, on) < 0)
            status = command_failed(arguments);
        else
            printf("run %lld is queued again\n", (long long)queued[i].number);
    }
    if (!error && count == 0)
        printf("no run was queued and is lost\n");
    store_release(&store);
    return status;
}

static enum exit_status run(struct arguments *arguments)
{
    enum picture_mode mode;
    enum launch_place on;
    bool queued = option_given(arguments, "queued");
    if (option_picture_mode(arguments, &mode) < 0 || option_place(arguments, &on) < 0)
        return command_misused(arguments);
    if (queued == (arguments->operand_count > 0)) {
        fail(ERR_INVALID,
             queued ? "--queued means all that were queued: it takes no RUN" : "RUN is missing");
        return command_misused(arguments);
    }
    return queued ? resume_queued(arguments, on) : resume_one(arguments, mode, on);
}

const struct command command_resume = {
    .name = "resume",
    .summary = "Go on with a run from its newest checkpoint",
    .operands = "[RUN]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Let a paused run go on; or go on in the background with one that was stopped, failed, was "
        "killed or is lost, from its newest checkpoint that is whole: the built-in training bit "
        "for bit as if it had never stopped. Where another CPU, build or number of threads makes "
        "that impossible, its log says so. A command is started again with GANDER_RESUME in its "
        "environment, in a checkout of its pinned code.\n\n"
        "A run that has done all its steps goes on when training.steps is raised.\n\n"
        "After a reboot, --queued starts what was waiting for a slot.",
    .run = run,
};
