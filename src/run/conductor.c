#define _GNU_SOURCE
#include "run/conductor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/host.h"
#include "base/process.h"
#include "conductor_state.h"
#include "lines.h"
#include "run/control.h"
#include "run/queue.h"
#include "run/settings.h"
#include "run/slurm.h"

/* --- what it says --- */

void conductor_log(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dprintf(STDOUT_FILENO, "%s\n", text);
}

int conductor_say(struct conductor *conductor, struct json *line)
{
    struct json *whole = json_new_object();
    json_set_number(whole, "t", (double)(int64_t)(wall_clock() * 1000) / 1000);
    json_merge(whole, line);
    char *text = json_text(whole, 0);
    int error = line_writer_put(&conductor->journal, text);
    free(text);
    json_free(whole);
    return error;
}

static int say_begin(struct conductor *conductor)
{
    struct json *line = json_new_object();
    json_set_bool(line, "begin", true);
    json_set_integer(line, "pid", getpid());
    json_set_string(line, "host", host_name());
    return conductor_say(conductor, line);
}

static int say_end(struct conductor *conductor, const char *end, const char *why)
{
    struct json *line = json_new_object();
    json_set_string(line, "end", end);
    if (why)
        json_set_string(line, "why", why);
    return conductor_say(conductor, line);
}

/* --- signals --- */

static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int signal)
{
    (void)signal;
    stop_asked = 1;
}

/* They come while it sleeps, and at no other time. */
static void listen_to_signals(struct conductor *conductor)
{
    struct sigaction action = { .sa_handler = ask_to_stop }, ignore = { .sa_handler = SIG_IGN };
    sigset_t heard;
    stop_asked = 0;
    sigemptyset(&heard);
    sigaddset(&heard, SIGTERM);
    sigaddset(&heard, SIGINT);
    sigprocmask(SIG_BLOCK, &heard, &conductor->while_asleep);
    sigdelset(&conductor->while_asleep, SIGTERM);
    sigdelset(&conductor->while_asleep, SIGINT);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

/* Until a run may have ended, the plan changed, or it is time to look at everybody's health. A lock is
 * let go of a moment after its file is closed. */
static void rest(struct conductor *conductor)
{
    enum { LOOK_MS = 2000, SLURM_LOOK_MS = 5000, SOON_MS = 20, SOON_LOOKS = 10 };
    char buffer[4096];
    static int looks;
    int seldom_ms = conductor->sweep.is_on_slurm ? SLURM_LOOK_MS : LOOK_MS;
    int wait_ms = conductor->is_busy || looks > 0 ? SOON_MS : seldom_ms;
    struct timespec time = { wait_ms / 1000, wait_ms % 1000 * 1000000L };
    struct pollfd told = { .fd = conductor->events, .events = POLLIN };
    int count = ppoll(&told, conductor->events >= 0, &time, &conductor->while_asleep);
    looks = count > 0 ? SOON_LOOKS : MAX(looks - 1, 0);
    while (count > 0 && read(conductor->events, buffer, sizeof buffer) > 0)
        ; /* whatever it tells */
    conductor->is_busy = false;
}

/* --- work --- */

/* Slurm says itself how many of its jobs work at once. */
static int jobs_of(const struct conductor *conductor)
{
    const struct sweep *sweep = &conductor->sweep;
    if (sweep->is_on_slurm)
        return sweep->jobs > 0 && sweep->halving ? sweep->jobs : INT32_MAX;
    int threads = sweep->has_recipe ? sweep->recipe.training.threads : 0;
    return sweep->jobs > 0 ? sweep->jobs : queue_limit(0, &conductor->config, threads);
}

/* Making hundreds of runs takes a while. */
static bool is_to_stop(const struct conductor *conductor)
{
    struct timespec none = { 0, 0 };
    ppoll(NULL, 0, &none, &conductor->while_asleep);
    return stop_asked;
}

/* As many as there is room for. Nothing left: *is_done. */
static int begin_all(struct conductor *conductor, bool *is_done)
{
    *is_done = conductor->live == 0;
    while (!is_to_stop(conductor) && !conductor->why_broken && !conductor->is_busy &&
           conductor->live < jobs_of(conductor) && conductor->array.count < LAUNCH_ARRAY_LIMIT) {
        struct choice choice = conductor_choose(conductor);
        if (choice.trial < 0)
            break;
        *is_done = false;
        int error = conductor_begin(conductor, &choice);
        if (error)
            return error;
    }
    if (!stop_asked && !conductor->why_broken)
        return conductor_submit(conductor);
    return 0;
}

static int work(struct conductor *conductor)
{
    bool is_done = false;
    for (;;) {
        int error = conductor_read_plan(conductor);
        if (!error && conductor->sweep.is_on_slurm)
            slurm_settle_here(conductor->store, false); /* what it cannot say now, it will say */
        if (!error)
            error = conductor_look_around(conductor);
        if (!error && !stop_asked)
            error = begin_all(conductor, &is_done);
        if (error || stop_asked || is_done)
            return error;
        rest(conductor);
    }
}

/* Halving needs a goal that runs report. */
static const char *why_nothing_went_on(const struct conductor *conductor)
{
    const struct sweep *sweep = &conductor->sweep;
    bool has_value = sweep->rung_count < 2;
    for (int i = 0; i < conductor->trials.count && !has_value; i++)
        has_value = conductor->hands[i].values[0] == conductor->hands[i].values[0];
    return has_value ? NULL : "no run has reported the goal: none could go on";
}

static int finish(struct conductor *conductor, int error)
{
    if (error)
        return say_end(conductor, "failed",
                       conductor->why_failed ? conductor->why_failed : error_text());
    if (stop_asked)
        return say_end(conductor, "stopped", NULL);
    if (conductor->why_broken)
        return say_end(conductor, "broken", conductor->why_broken);
    return say_end(conductor, "done", why_nothing_went_on(conductor));
}

static int take_lock(struct conductor *conductor, int given)
{
    const char *path = path_join(&conductor->arena, conductor->directory, "lock");
    struct stat wanted, had;
    if (given < 0) {
        int error = lock_take(path, &conductor->lock);
        return error == ERR_BUSY
                   ? fail(error, "sweep '%s' is being worked off already", conductor->name)
                   : error;
    }
    if (stat(path, &wanted) != 0 || fstat(given, &had) != 0 || wanted.st_dev != had.st_dev ||
        wanted.st_ino != had.st_ino || !lock_is_held(path) || fcntl(given, F_SETFD, FD_CLOEXEC) < 0)
        return fail(ERR_INVALID, "descriptor %d does not hold '%s'", given, path);
    conductor->lock = given;
    return 0;
}

static void release(struct conductor *conductor)
{
    launch_array_give_up(&conductor->array);
    sweep_release(&conductor->sweep);
    trials_release(&conductor->trials);
    free(conductor->hands);
    free(conductor->efforts);
    free(conductor->failure);
    free(conductor->why_broken);
    free(conductor->why_failed);
    config_release(&conductor->config);
    line_writer_close(&conductor->journal);
    if (conductor->events >= 0)
        close(conductor->events);
    if (conductor->lock >= 0)
        close(conductor->lock);
    arena_release(&conductor->arena);
}

int conductor_work(const struct store *store, const char *sweep, int lock)
{
    struct conductor conductor = {
        .store = store, .name = sweep, .lock = -1, .events = -1, .journal = { .fd = -1 }
    };
    conductor.directory = sweep_directory(&conductor.arena, store, sweep);
    listen_to_signals(&conductor);
    int error = take_lock(&conductor, lock);
    if (!error)
        error = config_read_for(&conductor.config, store);
    if (!error)
        error = line_writer_open(&conductor.journal,
                                 path_join(&conductor.arena, conductor.directory, "journal.jsonl"));
    if (!error)
        error = say_begin(&conductor);
    if (!error) {
        conductor.events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (conductor.events >= 0)
            inotify_add_watch(conductor.events, conductor.directory, IN_CLOSE_WRITE | IN_MOVED_TO);
        error = finish(&conductor, work(&conductor));
    }
    release(&conductor);
    return error;
}

/* --- from outside --- */

int conductor_start(const struct store *store, const char *sweep)
{
    struct arena arena = { 0 };
    pid_t pid;
    int lock = -1;
    const char *directory = sweep_directory(&arena, store, sweep);
    const char *path = path_join(&arena, directory, "log.txt");
    int error = lock_take(path_join(&arena, directory, "lock"), &lock);
    if (error == ERR_BUSY)
        fail(error, "sweep '%s' is being worked off already", sweep);
    int log = error ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (!error && log < 0)
        error = fail(ERR_IO, "cannot open '%s': %s", path, strerror(errno));
    const char *const words[] = { "gander",    "conductor", "--store",
                                  store->path, "--lock",    arena_printf(&arena, "%d", lock),
                                  sweep,       NULL };
    if (!error)
        error = process_start(&pid, &(struct process){ .argv = words,
                                                       .program = program_path(),
                                                       .directory = "/",
                                                       .output = log,
                                                       .inherited = &lock,
                                                       .inherited_count = 1,
                                                       .is_detached = true });
    if (log >= 0)
        close(log);
    if (lock >= 0)
        close(lock);
    arena_release(&arena);
    return error;
}

static void take_line(struct arena *arena, struct conductor_story *out, const struct json *line)
{
    const char *end = json_get_string(json_member(line, "end"));
    const char *why = json_get_string(json_member(line, "why"));
    bool begins = false;
    json_get_number(json_member(line, "t"), &out->time);
    if (json_get_bool(json_member(line, "begin"), &begins) && begins) {
        json_get_integer(json_member(line, "pid"), &out->pid);
        out->end = out->why = NULL;
    }
    if (end) {
        out->end = arena_strdup(arena, end);
        out->why = why ? arena_strdup(arena, why) : NULL;
    }
}

int conductor_look(struct arena *arena, struct conductor_story *out, const struct store *store,
                   const char *sweep)
{
    struct line_reader reader;
    struct line text;
    const char *directory = sweep_directory(arena, store, sweep);
    *out =
        (struct conductor_story){ .is_working = lock_is_held(path_join(arena, directory, "lock")) };
    int error = line_reader_open(&reader, path_join(arena, directory, "journal.jsonl"), 0);
    while (!error && line_reader_next(&reader, &text)) {
        struct json *line = NULL;
        if (!text.is_too_long && json_parse(&line, text.text, text.length) == 0)
            take_line(arena, out, line);
        json_free(line);
    }
    line_reader_close(&reader);
    return error == ERR_NOT_FOUND ? 0 : error;
}

int conductor_stop(const struct store *store, const char *sweep)
{
    enum { LOOKS = 600, LOOK_MS = 50 };
    struct arena arena = { 0 };
    struct conductor_story story = { .is_working = true };
    const char *lock = path_join(&arena, sweep_directory(&arena, store, sweep), "lock");
    int error = 0;
    /* one that has just been started has not said who it is yet */
    for (int i = 0; i < LOOKS && story.is_working && !error; i++) {
        error = conductor_look(&arena, &story, store, sweep);
        if (!error && story.is_working) {
            control_signal(lock, story.pid, SIGTERM);
            pause_ms(LOOK_MS);
        }
    }
    if (!error && story.is_working)
        error = fail(ERR_BUSY, "the conductor of sweep '%s' does not end", sweep);
    arena_release(&arena);
    return error;
}
