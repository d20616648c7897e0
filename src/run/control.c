#define _GNU_SOURCE
#include "run/control.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/host.h"
#include "run/interrupt.h"
#include "run/rundir.h"
#include "run/slurm.h"

/* --- who holds a lock --- */

/* Does the process have the file open, and its lock? Who only looks has it open, too. */
static bool holds(const char *pid, const struct stat *file)
{
    struct arena arena = { 0 };
    char **fds;
    int count = 0;
    bool found = false;
    const char *directory = arena_printf(&arena, "/proc/%s/fd", pid);
    if (list_directory(&arena, directory, "", &fds, &count) < 0)
        count = 0; /* another user's, or gone */
    for (int i = 0; i < count && !found; i++) {
        struct stat status;
        if (stat(path_join(&arena, directory, fds[i]), &status) != 0 ||
            status.st_dev != file->st_dev || status.st_ino != file->st_ino)
            continue;
        char *info;
        size_t size;
        const char *path = arena_printf(&arena, "/proc/%s/fdinfo/%s", pid, fds[i]);
        if (file_read(path, 1 << 16, &info, &size) < 0)
            continue;
        found = strstr(info, "OFDLCK") && strstr(info, "WRITE");
        free(info);
    }
    arena_release(&arena);
    return found;
}

/* Calls back for each process that holds the lock, by a descriptor of it that cannot come to mean
 * another one, until that returns true. */
static bool each_holder(const char *path, bool (*visit)(void *context, pid_t pid, int process),
                        void *context)
{
    struct stat file;
    bool is_done = false;
    DIR *all = stat(path, &file) == 0 ? opendir("/proc") : NULL;
    struct dirent *entry;
    while (all && !is_done && (entry = readdir(all))) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        int process = (int)syscall(SYS_pidfd_open, pid, 0);
        if (process < 0 && errno == ESRCH)
            continue;
        if (holds(entry->d_name, &file))
            is_done = visit(context, pid, process);
        if (process >= 0)
            close(process);
    }
    if (all)
        closedir(all);
    return is_done;
}

/* By the descriptor where the kernel has them (from 5.3 on). */
static int send_signal(pid_t pid, int process, int signal)
{
    return process >= 0 ? (int)syscall(SYS_pidfd_send_signal, process, signal, NULL, 0)
                        : kill(pid, signal);
}

struct message {
    int64_t worker;
    int signal;
    int error; /* of sending */
};

static bool send_to_worker(void *context, pid_t pid, int process)
{
    struct message *message = context;
    if (pid != message->worker)
        return false;
    message->error = send_signal(pid, process, message->signal) == 0 ? 0 : errno;
    return true;
}

static bool kill_holder(void *context, pid_t pid, int process)
{
    if (pid != getpid() && send_signal(pid, process, SIGKILL) == 0)
        ++*(int *)context;
    return false;
}

int control_signal(const char *lock, int64_t pid, int signal)
{
    struct message message = { .worker = pid, .signal = signal };
    if (!each_holder(lock, send_to_worker, &message))
        return fail(ERR_NOT_FOUND, "process %lld does not hold '%s'", (long long)pid, lock);
    return message.error ? fail(ERR_IO, "cannot signal process %lld: %s", (long long)pid,
                                strerror(message.error))
                         : 0;
}

/* --- requests --- */

struct target {
    struct arena arena;
    const struct store *store;
    const char *directory;
    int64_t number;
    struct worker_story story;
    struct run_status status;
};

/* Again and again of the same target: reads only what is new. */
static int look(struct target *target, double now)
{
    return worker_look(&target->arena, &target->story, target->directory, now, &target->status);
}

static void aim(struct target *target, const struct store *store, int64_t number)
{
    *target = (struct target){ .store = store, .number = number };
    target->directory = store_run_directory(&target->arena, store, number);
}

static int check_owner(const struct target *target)
{
    struct stat status;
    if (stat(target->directory, &status) != 0 || status.st_uid == geteuid() || geteuid() == 0)
        return 0;
    return run_fail_owner(target->number, status.st_uid);
}

static int check_host(const struct target *target)
{
    const char *host = target->story.worker.host;
    if (!host || strcmp(host, host_name()) == 0)
        return 0;
    return fail(ERR_INVALID, "run %lld works on host '%.80s': type that there",
                (long long)target->number, host);
}

static int fail_state(const struct target *target, const char *why)
{
    return fail(ERR_INVALID, "run %lld is %s: %s", (long long)target->number,
                run_state_name(target->status.state), why);
}

static int check_state(const struct target *target, enum control_request request)
{
    enum run_state state = target->status.state;
    if (run_state_is_end(state))
        return fail_state(target, "it does not work any more");
    if (request == CONTROL_PAUSE && state == RUN_QUEUED)
        return fail_state(target,
                          "it has nothing to pause; 'gander stop' takes it out of the queue");
    if (request == CONTROL_PAUSE && state == RUN_PAUSED)
        return fail_state(target, "'gander resume' lets it go on");
    if (request == CONTROL_GO_ON && state != RUN_PAUSED)
        return fail_state(target, "it is not paused");
    return 0;
}

static int kill_orphan(const struct target *target)
{
    struct arena arena = { 0 };
    int killed = 0;
    const char *lock = path_join(&arena, target->directory, "command.lock");
    /* again and again, since a process may have started another one meanwhile */
    for (int i = 0; i < 100 && lock_is_held(lock); i++) {
        each_holder(lock, kill_holder, &killed);
        pause_ms(10);
    }
    bool is_held = lock_is_held(lock);
    arena_release(&arena);
    if (!is_held)
        return 0;
    return fail(ERR_BUSY, "the training of run %lld could not be killed",
                (long long)target->number);
}

static int fail_orphan(const struct target *target)
{
    return fail(ERR_BUSY,
                "run %lld has lost its worker, and its training works on alone: it can only be "
                "stopped at once ('gander stop --now %lld')",
                (long long)target->number, (long long)target->number);
}

static int tell_worker(const struct target *target, enum control_request request)
{
    static const int signals[] = {
        [CONTROL_STOP] = SIGTERM,
        [CONTROL_STOP_NOW] = SIGQUIT,
        [CONTROL_PAUSE] = SIGUSR1,
        [CONTROL_GO_ON] = SIGUSR2,
    };
    struct message message = { .worker = target->story.worker.pid, .signal = signals[request] };
    struct arena arena = { 0 };
    bool found =
        each_holder(path_join(&arena, target->directory, "lock"), send_to_worker, &message);
    arena_release(&arena);
    if (found && !message.error)
        return 0;
    if (found)
        return fail(ERR_IO, "cannot signal the worker of run %lld: %s", (long long)target->number,
                    strerror(message.error));
    return fail(ERR_BUSY, "the worker of run %lld does not show itself", (long long)target->number);
}

/* A job that waits is taken out of Slurm's queue, where nobody is there to be told. */
static int tell_slurm(const struct target *target, enum control_request request)
{
    static const char *const signals[] = {
        [CONTROL_STOP] = "TERM",
        [CONTROL_STOP_NOW] = "QUIT",
        [CONTROL_PAUSE] = "USR1",
        [CONTROL_GO_ON] = "USR2",
    };
    const char *job = target->story.worker.slurm;
    int error = target->status.state == RUN_QUEUED ? slurm_drop(target->store, target->number, job)
                                                   : slurm_signal(job, signals[request]);
    return error ? fail_prefix("run %lld is job %s", (long long)target->number, job) : 0;
}

static int ask(const struct target *target, enum control_request request)
{
    int error = check_state(target, request);
    if (!error)
        error = check_owner(target);
    if (!error && target->story.worker.slurm && !target->status.is_orphan)
        return tell_slurm(target, request);
    if (!error)
        error = check_host(target);
    if (error)
        return error;
    if (!target->status.is_orphan)
        return tell_worker(target, request);
    return request == CONTROL_STOP_NOW ? kill_orphan(target) : fail_orphan(target);
}

int control_ask(const struct store *store, int64_t number, enum control_request request, double now)
{
    enum { ATTEMPTS = 40, PAUSE_MS = 50 };
    struct target target;
    int error = 0;
    aim(&target, store, number);
    /* a worker that has just been started, or is just ending, has not said so yet */
    for (int i = 0; i < ATTEMPTS; i++) {
        error = look(&target, now);
        if (!error)
            error = ask(&target, request);
        if (error != ERR_BUSY || target.status.is_orphan)
            break;
        pause_ms(PAUSE_MS);
    }
    arena_release(&target.arena);
    return error;
}

int control_wait(const struct store *store, int64_t number, unsigned states, double seconds,
                 struct run_status *status)
{
    enum { LOOK_MS = 20 };
    double deadline = monotonic_clock() + seconds;
    struct target target;
    int error = 0;
    aim(&target, store, number);
    while (!error) {
        slurm_settle(store);
        error = look(&target, wall_clock());
        if (error || !(states & 1u << target.status.state))
            break;
        if (interrupt_signal() || monotonic_clock() >= deadline)
            error = fail(ERR_CANCELLED, "run %lld is still %s", (long long)number,
                         run_state_name(target.status.state));
        else
            pause_ms(LOOK_MS);
    }
    *status = target.status;
    arena_release(&target.arena);
    return error;
}
