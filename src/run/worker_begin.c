/* An attempt begins: what to go on from, where to run, and the training itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/host.h"
#include "base/process.h"
#include "worker_state.h"

enum { VARIABLES = 9, WORDS_LIMIT = 16 };

static const char *inside(struct worker *worker, const char *name)
{
    return path_join(&worker->arena, worker->directory, name);
}

/* --- what to go on from --- */

/* The path as the journal has it: relative to the run's directory. */
static const char *journal_path(const struct worker *worker, const char *path)
{
    size_t length = strlen(worker->directory);
    bool is_inside = strncmp(path, worker->directory, length) == 0 && path[length] == '/';
    return is_inside ? path + length + 1 : path;
}

static int choose_native(struct worker *worker)
{
    struct run_file newest;
    const char *const *skipped;
    int error = run_newest_checkpoint(&worker->arena, worker->directory, -1, &newest, &skipped);
    if (error && error != ERR_NOT_FOUND)
        return error;
    for (; *skipped; skipped++)
        worker_log("%s", *skipped);
    if (error && worker->story.attempt_count > 0)
        worker_log("no checkpoint: the run begins again");
    if (!error) {
        worker->attempt.checkpoint = journal_path(worker, newest.path);
        worker->attempt.from_step = newest.step;
    }
    return 0;
}

static int last_step(void *context, const struct event *event)
{
    if (!event->is_superseded)
        *(int64_t *)context = event->step;
    return 0;
}

/* A command that knows no checkpoint begins again, and all that it said before is superseded. One
 * whose checkpoint has no step goes on where its journal ends. */
static int choose_foreign(struct worker *worker)
{
    struct events_place place = { .offset = 0 };
    int64_t step;
    char *path = run_newest_foreign_checkpoint(&worker->arena, worker->directory, &step);
    worker->attempt.from_step = -1;
    if (!path) {
        if (worker->story.attempt_count == 0)
            worker->attempt.from_step = 0;
        else
            worker_log("no checkpoint: the command begins again");
        return 0;
    }
    worker->attempt.checkpoint = journal_path(worker, path);
    worker->attempt.from_step = step;
    if (step >= 0)
        return 0;
    worker->attempt.from_step = 0;
    return events_read(worker->directory, &worker->story, &place, 0, last_step,
                       &worker->attempt.from_step);
}

/* --- where to run --- */

static void say(void *context, const char *sentence)
{
    (void)context;
    worker_log("%s", sentence);
}

/* The command's directory, in the checkout as it was in the work tree. */
static const char *directory_in(struct worker *worker, const char *checkout)
{
    const char *top = worker->facts.code.top, *cwd = worker->facts.cwd;
    size_t length = top ? strlen(top) : 0;
    if (!top || !cwd || strncmp(cwd, top, length) != 0 || (cwd[length] && cwd[length] != '/'))
        return NULL;
    return cwd[length] ? path_join(&worker->arena, checkout, cwd + length + 1) : checkout;
}

/* A checkout of the pinned code in runs/N/tree; what an earlier attempt left there stays, since it
 * may be what the command goes on with. */
static int make_checkout(struct worker *worker, const char **directory)
{
    const struct code_of code = { worker->store, worker->number, &worker->facts.code };
    const char *tree = inside(worker, "tree");
    bool is_work_tree;
    if (!directory_exists(tree)) {
        int error = code_checkout(&code, tree, NULL, &is_work_tree);
        if (!error)
            error = code_link(&code, tree, worker->config.code.link.items,
                              worker->config.code.link.count, say, NULL);
        if (error)
            return fail_prefix("cannot check out the code of run %lld", (long long)worker->number);
    }
    *directory = directory_in(worker, tree);
    if (!*directory)
        *directory = worker->facts.cwd;
    worker->attempt.place = "checkout";
    worker_log("running in a checkout of the pinned code, '%s'", *directory);
    return directory_exists(*directory)
               ? 0
               : fail(ERR_NOT_FOUND,
                      "'%s' is not in the pinned code (code.link in config.ini can "
                      "link it)",
                      *directory);
}

/* Only what starts at once, as it was launched, runs in the work tree itself (rule 4). */
static int choose_place(struct worker *worker, const char **directory)
{
    bool is_at_once = !worker->waited && !worker->self.slurm && worker->story.attempt_count == 0 &&
                      !worker->facts.is_pinned_place;
    *directory = worker->facts.cwd;
    if (is_at_once)
        return 0;
    if (worker->facts.code.snapshot)
        return make_checkout(worker, directory);
    worker_log("the code of this run is not pinned: running what is in '%s' now", *directory);
    return 0;
}

/* --- the training --- */

/* The command as it is typed for the training; NULL-terminated, in the arena. */
static const char *const *training_words(struct worker *worker)
{
    const char **words = arena_alloc(&worker->arena, WORDS_LIMIT, sizeof *words);
    int count = 0;
    words[count++] = "gander";
    words[count++] = "train";
    words[count++] = "--store";
    words[count++] = worker->store->path;
    words[count++] = "--words";
    words[count++] = arena_printf(&worker->arena, "%d", worker->words);
    words[count++] = arena_printf(&worker->arena, "%lld", (long long)worker->number);
    return words;
}

/* Who launches a run may itself be one that went on: its checkpoint is not this one's. */
static const char *const *environment(struct worker *worker)
{
    struct arena *arena = &worker->arena;
    const char **all = arena_alloc(arena, VARIABLES + 1, sizeof *all);
    int count = 0;
    all[count++] = arena_printf(arena, "GANDER_RUN=%lld", (long long)worker->number);
    all[count++] = arena_printf(arena, "GANDER_DIR=%s", worker->store->path);
    if (!worker->feed)
        all[count++] = arena_printf(arena, "GANDER_JOURNAL=%s", inside(worker, "events.jsonl"));
    else
        unsetenv("GANDER_JOURNAL"); /* of a run that launched this one */
    all[count++] = arena_printf(arena, "GANDER_SAMPLES=%s", inside(worker, "samples"));
    all[count++] = arena_printf(arena, "GANDER_CHECKPOINTS=%s", inside(worker, "checkpoints"));
    unsetenv("GANDER_SEED");
    if (worker->facts.seed >= 0)
        all[count++] = arena_printf(arena, "GANDER_SEED=%lld", (long long)worker->facts.seed);
    unsetenv("GANDER_RESUME");
    if (worker->attempt.checkpoint)
        all[count++] =
            arena_printf(arena, "GANDER_RESUME=%s", inside(worker, worker->attempt.checkpoint));
    if (!getenv("PYTHONUNBUFFERED"))
        all[count++] = "PYTHONUNBUFFERED=1";
    return all;
}

/* Held back until its gate opens. */
static int start_training(struct worker *worker, const char *directory, int command_lock, int gate,
                          int words)
{
    bool is_native = !worker->facts.command;
    int inherited[3] = { command_lock }, inherited_count = 1;
    if (worker->queue)
        inherited[inherited_count++] = queue_slot(worker->queue);
    if (is_native)
        inherited[inherited_count++] = words;
    worker->words = words;
    struct process what = {
        .argv = is_native ? training_words(worker) : worker->facts.command,
        .program = is_native ? program_path() : NULL,
        .directory = is_native ? NULL : directory,
        .environment = environment(worker),
        .output = STDOUT_FILENO,
        .inherited = inherited,
        .inherited_count = inherited_count,
        .gate = gate,
    };
    worker->words = -1;
    return process_start(&worker->training, &what);
}

static int journal_begin(struct worker *worker)
{
    struct stat status;
    bool has_events = stat(inside(worker, "events.jsonl"), &status) == 0;
    worker->attempt.time = wall_clock();
    worker->attempt.pid = worker->training;
    worker->attempt.events = has_events ? status.st_size : 0;
    worker->place = (struct events_place){ .offset = worker->attempt.events,
                                           .step = MAX(worker->attempt.from_step, 0) };
    return worker_put_attempt(&worker->journal, &worker->self, &worker->attempt);
}

/* With the training behind its gate: it begins only once the journal says so. */
static int open_gate(struct worker *worker, int gate)
{
    int error = journal_begin(worker);
    if (!error && write(gate, "g", 1) != 1)
        error = fail(ERR_IO, "cannot start the training: %s", strerror(errno));
    return error;
}

static int start_behind_gate(struct worker *worker, const char *directory, int command_lock)
{
    int gate[2] = { -1, -1 }, words[2] = { -1, -1 };
    int error = 0;
    if (pipe2(gate, O_CLOEXEC) < 0 || pipe2(words, O_CLOEXEC | O_NONBLOCK) < 0)
        error = fail(ERR_IO, "cannot start the training: %s", strerror(errno));
    if (!error)
        error = start_training(worker, directory, command_lock, gate[0], words[1]);
    if (!error) {
        setpgid(worker->training, worker->training); /* whoever of us two is first */
        error = open_gate(worker, gate[1]);
    }
    for (int i = 0; i < 2; i++)
        if (gate[i] >= 0)
            close(gate[i]); /* a training whose gate never opened ends */
    if (words[1] >= 0)
        close(words[1]);
    worker->words = words[0];
    return error;
}

/* The files of a command that does not journal itself are followed from before it begins. */
static int begin_feed(struct worker *worker, const char *directory)
{
    const char *source = worker->facts.tensorboard;
    if (!source || !worker->reader || !directory)
        return 0;
    return worker->reader->begin(&worker->feed, worker->directory,
                                 path_join(&worker->arena, directory, source),
                                 worker->story.attempt_count == 0);
}

int worker_begin_attempt(struct worker *worker)
{
    const char *directory = NULL;
    int command_lock = -1;
    bool is_native = !worker->facts.command;
    int error = is_native ? choose_native(worker) : choose_place(worker, &directory);
    if (!error)
        error = run_make_reserve(worker->directory);
    if (!error)
        error = lock_take(inside(worker, "command.lock"), &command_lock);
    if (error == ERR_BUSY)
        fail(error, "an earlier training of run %lld still works", (long long)worker->number);
    if (!error)
        error = begin_feed(worker, directory); /* it may have to catch up, in the attempt before */
    if (!error && !is_native)
        error = choose_foreign(worker);
    worker->kills_before = usage_memory_kills();
    worker_listen(worker); /* who reads that it runs may ask it at once to pause */
    if (!error)
        error = start_behind_gate(worker, directory, command_lock);
    if (command_lock >= 0)
        close(command_lock); /* from now on the training's alone */
    return error;
}
