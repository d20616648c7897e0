#define _GNU_SOURCE
#include "launch_slurm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/host.h"
#include "base/text.h"
#include "run/code.h"
#include "run/journal.h"
#include "run/slurm.h"

enum { OPTION_LIMIT = 32, MAP_LIMIT = 1 << 20 };

/* Words between blanks, in the arena. */
static int add_words(struct arena *arena, const char *text, const char **list, int count)
{
    for (; text && *text; text += strcspn(text, " \t")) {
        text += strspn(text, " \t");
        if (*text && count < OPTION_LIMIT)
            list[count++] = arena_strndup(arena, text, strcspn(text, " \t"));
    }
    return count;
}

static const char *options_of(const struct config *config, const char *experiment)
{
    const struct config_pairs *pairs = &config->slurm_options.any;
    for (int i = 0; i < pairs->count; i++)
        if (strcmp(pairs->items[i].name, experiment) == 0)
            return pairs->items[i].text;
    return NULL;
}

static int journal_queued(const char *directory, const struct handover *hand, const char *job)
{
    struct line_writer journal;
    struct worker_identity self = { .host = host_name(),
                                    .settings = hand->settings,
                                    .setting_count = hand->setting_count,
                                    .slurm = job };
    int error = worker_open(&journal, directory);
    if (error)
        return error;
    error = worker_put_queued(&journal, wall_clock(), &self, NULL);
    line_writer_close(&journal);
    return error;
}

/* What config.ini says of jobs, and what holds for all of ours. */
static void fill(struct arena *arena, struct slurm_submission *what, const struct config *config,
                 const char *experiment)
{
    const char **extra = arena_alloc(arena, OPTION_LIMIT + 1, sizeof *extra);
    int count = add_words(arena, config->slurm.options, extra, 0);
    add_words(arena, options_of(config, experiment), extra, count);
    what->partition = config->slurm.partition;
    what->time = config->slurm.time;
    what->account = config->slurm.account;
    what->extra = extra;
    what->warning = config->slurm.warning;
    what->requeues = true;
}

static int take_note(const struct handover *hand, const char *job)
{
    struct arena arena = { 0 };
    const char *directory = store_run_directory(&arena, hand->store, hand->number);
    int error = journal_queued(directory, hand, job);
    if (!error)
        error = slurm_note_job(hand->store, hand->number, job);
    arena_release(&arena);
    return error;
}

/* What was said of the failure holds. */
static int cancel_for(int error, const char *job)
{
    char *sentence = xstrdup(error_text());
    slurm_cancel(job);
    fail(error, "%s", sentence);
    free(sentence);
    return error;
}

int launch_submit(const struct handover *hand, const struct config *config)
{
    struct arena arena = { 0 };
    char *job;
    const char *directory = store_run_directory(&arena, hand->store, hand->number);
    const char *number = arena_printf(&arena, "%lld", (long long)hand->number);
    const char *const words[] = {
        program_file(&arena), "worker", "--store", hand->store->path, "--slurm", number, NULL
    };
    struct slurm_submission what = {
        .name = arena_printf(&arena, "gander-%s", number),
        .words = words,
        .output = path_join(&arena, directory, "log.txt"),
        .cpus = hand->threads,
    };
    fill(&arena, &what, config, hand->experiment);
    int error = slurm_submit(&arena, &what, &job);
    if (!error && (error = take_note(hand, job)) < 0)
        error = cancel_for(error, job);
    arena_release(&arena);
    return error;
}

/* --- arrays --- */

static const char *copy(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

int launch_array_add(struct launch_array *array, const struct handover *hand, int lock)
{
    struct arena *arena = &array->arena;
    if (array->count == LAUNCH_ARRAY_LIMIT)
        return fail(ERR_BUSY, "an array holds at most %d runs", LAUNCH_ARRAY_LIMIT);
    if (!array->hands) {
        array->hands = arena_alloc(arena, LAUNCH_ARRAY_LIMIT, sizeof *array->hands);
        array->locks = arena_alloc(arena, LAUNCH_ARRAY_LIMIT, sizeof *array->locks);
    }
    const char **settings = arena_alloc(arena, (size_t)hand->setting_count + 1, sizeof *settings);
    for (int i = 0; i < hand->setting_count; i++)
        settings[i] = arena_strdup(arena, hand->settings[i]);
    struct handover *kept = &array->hands[array->count];
    *kept = *hand;
    kept->settings = settings;
    kept->experiment = copy(arena, hand->experiment);
    kept->top = copy(arena, hand->top);
    array->locks[array->count++] = lock;
    return 0;
}

static void let_go(struct launch_array *array)
{
    for (int i = 0; i < array->count; i++)
        close(array->locks[i]);
    arena_release(&array->arena);
    *array = (struct launch_array){ .count = 0 };
}

void launch_take_back(const struct store *store, int64_t number, const char *top)
{
    struct arena arena = { 0 };
    remove_tree(store->path, arena_printf(&arena, "runs/%lld", (long long)number));
    code_unpin(store, top, number);
    arena_release(&arena);
}

void launch_array_give_up(struct launch_array *array)
{
    for (int i = 0; i < array->count; i++)
        if (array->hands[i].top)
            launch_take_back(array->hands[i].store, array->hands[i].number, array->hands[i].top);
    let_go(array);
}

/* Named after its first run: a line for each task. */
static int write_map(struct arena *arena, const struct launch_array *array, const char *folder,
                     const char **path)
{
    enum { LINE = 24 };
    size_t size = 0, room = (size_t)array->count * LINE;
    char *text = arena_alloc(arena, room, 1);
    for (int i = 0; i < array->count; i++)
        size +=
            (size_t)snprintf(text + size, room - size, "%lld\n", (long long)array->hands[i].number);
    *path = path_join(arena, folder,
                      arena_printf(arena, "array-%lld-%lld", (long long)array->hands[0].number,
                                   (long long)wall_clock()));
    int error = make_directories(folder);
    return error ? error : file_replace(*path, text, size);
}

/* All of them wait now, as tasks of it. Those that cannot be journalled are not begun. */
static int take_notes(const struct launch_array *array, const char *job)
{
    int error = 0;
    for (int i = 0; i < array->count && !error; i++) {
        struct arena arena = { 0 };
        error = take_note(&array->hands[i], arena_printf(&arena, "%s_%d", job, i));
        arena_release(&arena);
    }
    return error;
}

int launch_array_submit(struct launch_array *array, const struct array_wish *wish,
                        const struct config *config)
{
    struct arena arena = { 0 };
    const char *map;
    char *job;
    int cpus = 0;
    for (int i = 0; i < array->count; i++)
        cpus = MAX(cpus, array->hands[i].threads);
    int error = write_map(&arena, array, wish->folder, &map);
    const char *const words[] = { program_file(&arena),
                                  "worker",
                                  "--store",
                                  wish->store->path,
                                  "--slurm",
                                  "--array",
                                  map,
                                  "%a",
                                  NULL };
    struct slurm_submission what = {
        .name = wish->name,
        .words = words,
        .output = path_join(&arena, wish->folder, "slurm.txt"),
        .cpus = cpus,
        .array = wish->at_once > 0
                     ? arena_printf(&arena, "0-%d%%%d", array->count - 1, wish->at_once)
                     : arena_printf(&arena, "0-%d", array->count - 1),
    };
    fill(&arena, &what, config, array->hands[0].experiment);
    if (!error && (error = slurm_submit(&arena, &what, &job)) < 0)
        unlink(map);
    if (!error) {
        error = take_notes(array, job);
        if (error)
            error = cancel_for(error, job);
        let_go(array);
    }
    arena_release(&arena);
    return error;
}

int launch_array_run(const char *file, int64_t task, int64_t *number)
{
    char *text;
    size_t size;
    int error = file_read(file, MAP_LIMIT, &text, &size);
    if (error)
        return error;
    char *line = text;
    for (int64_t i = 0; i < task && line; i++) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    if (line)
        line[strcspn(line, "\n")] = '\0';
    if (!line || task < 0 || parse_integer(line, number) < 0 || *number < 1)
        error = fail(ERR_INVALID, "'%s' has no run for task %lld", file, (long long)task);
    free(text);
    return error;
}
