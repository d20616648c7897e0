#define _GNU_SOURCE
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "outcome.h"
#include "progress.h"
#include "run/control.h"
#include "run/interrupt.h"
#include "run/rundir.h"

enum { LOOK_MS = 50, LAST_LINES = 10 };

int option_picture_mode(const struct arguments *arguments, enum picture_mode *mode)
{
    const char *word = option_text(arguments, "as");
    *mode = PICTURE_AUTO;
    if (word && picture_mode_parse(mode, word) < 0)
        return fail_prefix("option '--as'");
    return 0;
}

struct watch {
    const struct watch_wish *wish;
    struct arena arena;
    const char *directory;
    struct run_facts facts;
    struct worker_story story;
    struct run_status status;
    struct events_place place;
    struct progress progress;
    int attempts; /* how many of the story are in the curves */
    int sample_count;
    char *sample;  /* path of the newest, not yet shown; malloc'ed */
    int log;       /* descriptor; -1: not there yet */
    char *line;    /* of the log, as far as it has come; malloc'ed */
    size_t length; /* of it */
    bool was_asked, was_asked_again;
};

/* --- what is new --- */

static int note_event(void *context, const struct event *event)
{
    struct watch *watch = context;
    if (event->is_superseded)
        return 0;
    progress_add(&watch->progress, event);
    if (event->sample) {
        free(watch->sample);
        watch->sample = xstrdup(event->sample);
    }
    return 0;
}

/* How many steps the run means to take, and images on a sheet, from its recipe. */
static void read_recipe(struct watch *watch)
{
    struct recipe recipe;
    const char *path = path_join(&watch->arena, watch->directory, "recipe.ini");
    if (!watch->facts.command && recipe_read(&recipe, path, watch->story.worker.settings,
                                             watch->story.worker.setting_count) == 0) {
        watch->progress.steps = recipe.training.steps;
        watch->sample_count = recipe.samples.count;
        recipe_release(&recipe);
    }
}

/* Another attempt supersedes what the one before it drew. */
static void begin_again(struct watch *watch)
{
    const struct attempt *newest = &watch->story.attempts[watch->story.attempt_count - 1];
    watch->attempts = watch->story.attempt_count;
    watch->place = (struct events_place){ .offset = 0 };
    progress_restart(&watch->progress, newest->from_step, newest->time);
    read_recipe(watch);
}

static void show_newest_sample(struct watch *watch)
{
    struct arena arena = { 0 };
    if (watch->sample && watch->progress.terminal.moves)
        progress_set_images(&watch->progress, path_join(&arena, watch->directory, watch->sample),
                            watch->sample_count);
    arena_release(&arena);
    free(watch->sample);
    watch->sample = NULL;
}

static int look(struct watch *watch)
{
    int error =
        worker_look(&watch->arena, &watch->story, watch->directory, wall_clock(), &watch->status);
    if (error)
        return error;
    if (watch->story.attempt_count > watch->attempts)
        begin_again(watch);
    error = events_read(watch->directory, &watch->story, &watch->place, 0, note_event, watch);
    show_newest_sample(watch);
    return error;
}

/* --- the log --- */

/* Beside the block of a built-in training only what it has to remark; of a command everything. */
static bool is_worth_saying(const struct watch *watch, const char *line)
{
    return !watch->progress.terminal.moves || watch->facts.command ||
           strncmp(line, "note: ", 6) == 0 || strncmp(line, "gander: ", 8) == 0;
}

static void say_line(struct watch *watch)
{
    struct arena arena = { 0 };
    watch->line[watch->length] = '\0';
    if (is_worth_saying(watch, watch->line))
        progress_say(&watch->progress, text_log_line(&arena, watch->line));
    watch->length = 0;
    arena_release(&arena);
}

static void take_for_terminal(struct watch *watch, const char *bytes, size_t count)
{
    enum { LONGEST = 4096 };
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n')
            say_line(watch);
        else if (watch->length < LONGEST)
            watch->line[watch->length++] = bytes[i];
    }
}

/* Where to begin, so that the last lines are shown. */
static off_t last_lines(int fd)
{
    enum { TAIL = 4096 };
    char tail[TAIL];
    struct stat status;
    off_t size = fstat(fd, &status) == 0 ? status.st_size : 0;
    off_t begin = MAX(size - TAIL, 0);
    ssize_t count = pread(fd, tail, TAIL, begin);
    int lines = 0;
    for (ssize_t i = count - 1; i > 0; i--)
        if (tail[i - 1] == '\n' && ++lines == LAST_LINES)
            return begin + i;
    return begin;
}

static void open_log(struct watch *watch)
{
    const char *path = path_join(&watch->arena, watch->directory, "log.txt");
    watch->log = open(path, O_RDONLY | O_CLOEXEC);
    if (watch->log < 0)
        return;
    int64_t from = watch->wish->log_from;
    lseek(watch->log, from >= 0 ? (off_t)from : last_lines(watch->log), SEEK_SET);
}

static void follow_log(struct watch *watch)
{
    char bytes[4096];
    ssize_t count;
    if (watch->log < 0)
        open_log(watch);
    while (watch->log >= 0 && (count = read(watch->log, bytes, sizeof bytes)) > 0) {
        if (watch->progress.terminal.is_terminal)
            take_for_terminal(watch, bytes, (size_t)count);
        else
            fwrite(bytes, 1, (size_t)count, stdout);
    }
    if (!watch->progress.terminal.is_terminal)
        fflush(stdout);
}

/* --- asking the run --- */

/* ^C once: stop, after a checkpoint; twice: at once. */
static void pass_on_signals(struct watch *watch)
{
    const struct watch_wish *wish = watch->wish;
    if (interrupt_is_repeated() && !watch->was_asked_again) {
        watch->was_asked_again = true;
        control_ask(wish->store, wish->number, CONTROL_STOP_NOW, wall_clock());
    } else if (!watch->was_asked) {
        watch->was_asked = true;
        if (control_ask(wish->store, wish->number, CONTROL_STOP, wall_clock()) < 0)
            progress_say(&watch->progress, error_text());
    }
}

/* A connection that breaks is no reason to stop. */
static bool is_to_leave(const struct watch *watch)
{
    int signal = interrupt_signal();
    return signal && (!watch->wish->owns_run || signal == SIGHUP);
}

static const char *note_of(const struct watch *watch)
{
    if (watch->was_asked)
        return "stopping: one more step and a checkpoint (^C again: at once)";
    if (watch->status.is_orphan)
        return "its worker is gone, the training works on alone";
    if (watch->status.state == RUN_QUEUED)
        return "queued: waits until one of the runs that work has ended";
    if (watch->status.state == RUN_PAUSED)
        return "paused: gander resume lets it go on";
    return NULL;
}

/* --- the end --- */

/* How this program was called: a path, or the name that a shell finds. */
static const char *program_name(struct arena *arena, const struct arguments *arguments)
{
    bool has_path = arguments->argc > 0 && strchr(arguments->argv[0], '/');
    return has_path ? text_clean(arena, arguments->argv[0], 4096) : "gander";
}

static void suggest(struct watch *watch)
{
    struct arena *arena = &watch->arena;
    const char *program = program_name(arena, watch->wish->arguments);
    const char *store = option_text(watch->wish->arguments, "store");
    char *run = arena_printf(arena, "%lld", (long long)watch->wish->number);
    enum run_state state = watch->status.state;
    bool goes_on =
        state == RUN_STOPPED || state == RUN_FAILED || state == RUN_KILLED || state == RUN_LOST;
    struct run_file newest;
    if (store)
        run = arena_printf(arena, "%s --store %s", run, text_clean(arena, store, 4096));
    if (goes_on)
        printf("go on   %s resume %s\n", program, run);
    if (watch->facts.command) {
        printf("look    %s show %s\n", program, run);
        return;
    }
    if (run_newest_checkpoint(arena, watch->directory, -1, &newest, NULL) == 0)
        printf("draw    %s generate %s\n", program, run);
    printf("look    %s samples %s\n", program, run);
}

static void say_end(struct watch *watch)
{
    struct arena *arena = &watch->arena;
    const struct progress *progress = &watch->progress;
    const char *steps = "";
    if (progress->steps > 0)
        steps = arena_printf(arena, " of %s", format_count(arena, (double)progress->steps));
    printf("run %lld %s: step %s%s, %s\n", (long long)watch->wish->number,
           run_state_name(watch->status.state), format_count(arena, (double)progress->step), steps,
           format_duration(arena, watch->story.worked));
    printf("files   %s\n", text_clean(arena, watch->directory, 4096));
    suggest(watch);
    fflush(stdout);
}

/* The exit status; the reason goes to standard error unless all went as it should. */
static int end_watching(struct watch *watch)
{
    enum run_state state = watch->status.state;
    say_end(watch);
    int status = outcome_status(state, &watch->story.end);
    bool is_expected = state == RUN_FINISHED || (state == RUN_STOPPED && watch->was_asked);
    if (!is_expected)
        fprintf(stderr, "gander %s: run %lld %s\n", watch->wish->arguments->command->name,
                (long long)watch->wish->number,
                outcome_text(&watch->arena, state, &watch->story.end));
    return status;
}

/* The moment that is shown: of a run that has ended, its end, however long ago that was. */
static double moment_of(const struct watch *watch)
{
    return run_state_is_end(watch->status.state) ? watch->story.seen : wall_clock();
}

/* Until it has ended (true), or the watching has. */
static bool watch_to_the_end(struct watch *watch, int *error)
{
    for (;;) {
        bool has_ended = run_state_is_end(watch->status.state);
        *error = look(watch); /* once more after the end: what was said last */
        follow_log(watch);
        watch->progress.note = note_of(watch);
        progress_show(&watch->progress, moment_of(watch));
        if (*error || has_ended)
            return !*error;
        if (is_to_leave(watch))
            return false;
        if (interrupt_signal())
            pass_on_signals(watch);
        pause_ms(LOOK_MS);
    }
}

static void release(struct watch *watch)
{
    if (watch->log >= 0)
        close(watch->log);
    free(watch->sample);
    free(watch->line);
    arena_release(&watch->arena);
}

static int watch_opened(struct watch *watch)
{
    int error, status = STATUS_FAILED;
    progress_begin(&watch->progress, watch->wish->mode);
    read_recipe(watch);
    bool has_ended = watch_to_the_end(watch, &error);
    watch->progress.note = NULL;
    progress_end(&watch->progress, moment_of(watch));
    if (error)
        command_failed(watch->wish->arguments);
    else if (has_ended)
        status = end_watching(watch);
    else
        printf("run %lld goes on; 'gander watch %lld' comes back to it\n",
               (long long)watch->wish->number, (long long)watch->wish->number);
    return status;
}

int watch_run(const struct watch_wish *wish)
{
    struct watch watch = { .wish = wish, .log = -1, .line = xmalloc(4096 + 1) };
    watch.directory = store_run_directory(&watch.arena, wish->store, wish->number);
    int status = STATUS_FAILED;
    if (run_read_facts(&watch.arena, &watch.facts, wish->store, wish->number) < 0)
        command_failed(wish->arguments);
    else
        status = watch_opened(&watch);
    bool is_ended_by_signal =
        interrupt_signal() &&
        (!wish->owns_run || watch.status.state == RUN_STOPPED || interrupt_signal() == SIGHUP);
    release(&watch);
    if (is_ended_by_signal && (wish->owns_run || interrupt_signal() != SIGINT))
        interrupt_die(interrupt_signal());
    return is_ended_by_signal ? STATUS_DONE : status;
}
