#define _GNU_SOURCE
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"

enum { DEFAULT_LIMIT = 1 << 16 };

extern char **environ;

bool process_exists(const char *name)
{
    const char *path = getenv("PATH");
    if (strchr(name, '/'))
        return access(name, X_OK) == 0;
    for (const char *start = path ? path : "/usr/bin:/bin"; *start;) {
        size_t length = strcspn(start, ":");
        char *candidate = xasprintf("%.*s/%s", (int)length, start, name);
        bool found = length > 0 && access(candidate, X_OK) == 0;
        free(candidate);
        if (found)
            return true;
        start += length + (start[length] == ':');
    }
    return false;
}

/* Ours, with what `more` sets in front, where getenv finds it first; malloc'ed, strings borrowed. */
static char **merged_environment(const char *const *more)
{
    int ours = 0, own = 0;
    while (environ[ours])
        ours++;
    while (more && more[own])
        own++;
    char **all = xcalloc((size_t)ours + (size_t)own + 1, sizeof *all);
    int count = 0;
    for (int i = 0; i < own; i++)
        all[count++] = (char *)(uintptr_t)more[i];
    for (int i = 0; i < ours; i++) {
        size_t name = strcspn(environ[i], "=") + 1;
        bool is_replaced = false;
        for (int j = 0; j < own; j++)
            is_replaced = is_replaced || strncmp(more[j], environ[i], name) == 0;
        if (!is_replaced)
            all[count++] = environ[i];
    }
    return all;
}

/* In the child. What fails is told through `report`, which exec closes. */
static void become(const struct process *what, char **environment, int output, int report)
{
    int null = what->keeps_terminal ? -1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    bool is_ready = what->keeps_terminal || (setpgid(0, 0) == 0 && dup2(null, 0) >= 0 &&
                                             dup2(output, 1) >= 0 && dup2(output, 2) >= 0);
    if (is_ready && (!what->directory || chdir(what->directory) == 0))
        execvpe(what->argv[0], (char *const *)(uintptr_t)what->argv, environment);
    int error = errno;
    ssize_t written = write(report, &error, sizeof error);
    (void)written; /* nobody else is left to be told */
    _exit(127);
}

/* What kept the child from becoming the program; 0 once it has. */
static int read_report(int report)
{
    int error = 0;
    ssize_t count;
    do
        count = read(report, &error, sizeof error);
    while (count < 0 && errno == EINTR);
    return count == (ssize_t)sizeof error ? error : 0;
}

/* Reads until the end of the pipe or of the time; true at the end of the pipe. */
static bool capture(struct process_result *out, int fd, size_t limit, double deadline)
{
    char chunk[4096];
    out->output = xmalloc(limit + 1);
    for (;;) {
        double left = deadline - monotonic_clock();
        struct pollfd end = { .fd = fd, .events = POLLIN };
        int wait_ms = deadline > 0 ? (int)(MAX(left, 0) * 1000) : -1;
        if (poll(&end, 1, wait_ms) == 0)
            break;
        ssize_t count = read(fd, chunk, sizeof chunk);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) {
            out->output[out->size] = '\0';
            return true;
        }
        size_t kept = MIN((size_t)count, limit - out->size);
        memcpy(out->output + out->size, chunk, kept);
        out->size += kept;
    }
    out->output[out->size] = '\0';
    return false;
}

static bool wait_until(pid_t pid, int *status, double deadline)
{
    for (;;) {
        pid_t ended = waitpid(pid, status, deadline > 0 ? WNOHANG : 0);
        if (ended == pid)
            return true;
        if (ended < 0 && errno != EINTR)
            return true; /* somebody else took it: there is nothing to wait for */
        if (deadline > 0 && monotonic_clock() >= deadline)
            return false;
        if (ended == 0)
            pause_ms(2);
    }
}

static void see_it_end(struct process_result *out, const struct process *what, pid_t pid, int fd)
{
    double deadline = what->timeout_ms > 0 ? monotonic_clock() + what->timeout_ms * 1e-3 : 0;
    bool is_done = true;
    if (fd >= 0)
        is_done = capture(out, fd, what->limit ? what->limit : DEFAULT_LIMIT, deadline);
    if (is_done)
        is_done = wait_until(pid, &out->status, deadline);
    if (is_done)
        return;
    out->is_out_of_time = true;
    kill(what->keeps_terminal ? pid : -pid, SIGKILL);
    wait_until(pid, &out->status, 0);
}

int process_run(struct process_result *out, const struct process *what)
{
    int report[2] = { -1, -1 }, output[2] = { -1, -1 }, error = 0;
    bool captures = what->output == 0 && !what->keeps_terminal;
    *out = (struct process_result){ 0 };
    if (pipe2(report, O_CLOEXEC) < 0 || (captures && pipe2(output, O_CLOEXEC) < 0)) {
        error = fail(ERR_IO, "cannot start '%s': %s", what->argv[0], strerror(errno));
        goto out;
    }
    char **environment = merged_environment(what->environment);
    pid_t pid = fork();
    if (pid == 0)
        become(what, environment, captures ? output[1] : what->output, report[1]);
    int forked = errno;
    free(environment);
    close(report[1]);
    report[1] = -1;
    if (captures) {
        close(output[1]);
        output[1] = -1;
    }
    int refusal = pid < 0 ? forked : read_report(report[0]);
    if (pid > 0)
        see_it_end(out, what, pid, output[0]);
    if (refusal)
        error =
            fail(code_of_errno(refusal), "cannot start '%s': %s", what->argv[0], strerror(refusal));
out:
    for (int i = 0; i < 2; i++) {
        if (report[i] >= 0)
            close(report[i]);
        if (output[i] >= 0)
            close(output[i]);
    }
    if (error) {
        free(out->output);
        out->output = NULL;
    }
    return error;
}

bool process_succeeded(const struct process_result *result)
{
    return WIFEXITED(result->status) && WEXITSTATUS(result->status) == 0;
}

const char *process_status_text(int status)
{
    static _Thread_local char text[64];
    if (WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        snprintf(text, sizeof text, "killed by SIG%s", name ? name : "?");
    } else {
        snprintf(text, sizeof text, "exit status %d", WEXITSTATUS(status));
    }
    return text;
}
