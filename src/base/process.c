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

static const char *program_of(const struct process *what)
{
    return what->program ? what->program : what->argv[0];
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

/* What a child is made from besides what its caller wants. */
struct birth {
    const struct process *what;
    char **environment;
    int output; /* for its standard output and error */
    int report; /* told what keeps it from becoming the program; exec closes it */
};

static bool take_places(const struct birth *birth)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int output = birth->output > 0 ? birth->output : null;
    return dup2(null, 0) >= 0 && dup2(output, 1) >= 0 && dup2(output, 2) >= 0;
}

static bool keep_inherited(const struct process *what)
{
    for (int i = 0; i < what->inherited_count; i++) {
        int flags = fcntl(what->inherited[i], F_GETFD);
        if (flags < 0 || fcntl(what->inherited[i], F_SETFD, flags & ~FD_CLOEXEC) < 0)
            return false;
    }
    return true;
}

/* What lives on must not hold open what its starter happened to have: a shell's pipe, a lock. */
static void drop_others(void)
{
    enum { FALLBACK_LIMIT = 65536 };
    if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    for (int fd = STDERR_FILENO + 1; fd < FALLBACK_LIMIT; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* True once a byte has come; false when none comes any more. */
static bool pass_gate(int gate)
{
    char byte;
    ssize_t count;
    do
        count = read(gate, &byte, 1);
    while (count < 0 && errno == EINTR);
    return count == 1;
}

/* Signals as a program expects them, but for a hang-up that is ignored: nohup stays nohup. */
static void reset_signals(void)
{
    static const int caught[] = { SIGINT,  SIGTERM, SIGQUIT, SIGPIPE, SIGCHLD,
                                  SIGTSTP, SIGUSR1, SIGUSR2, SIGALRM };
    sigset_t none;
    for (int i = 0; i < ARRAY_SIZE(caught); i++)
        signal(caught[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child. */
static _Noreturn void become(const struct birth *birth)
{
    const struct process *what = birth->what;
    bool is_ready = what->keeps_terminal || take_places(birth);
    if (!what->keeps_terminal && !what->is_detached)
        is_ready = setpgid(0, 0) == 0 && is_ready;
    reset_signals();
    if (what->gate > 0 && !pass_gate(what->gate))
        _exit(127);
    if (what->is_detached)
        drop_others();
    if (is_ready && keep_inherited(what) && (!what->directory || chdir(what->directory) == 0))
        execvpe(program_of(what), (char *const *)(uintptr_t)what->argv, birth->environment);
    int error = errno;
    ssize_t written = write(birth->report, &error, sizeof error);
    if (what->gate > 0) /* nobody waits for the report */
        dprintf(STDERR_FILENO, "gander: cannot start '%s': %s\n", program_of(what),
                strerror(error));
    (void)written; /* nobody else is left to be told */
    _exit(127);
}

/* In a child of ours, whose own child becomes the program and is inherited by init. */
static _Noreturn void detach(const struct birth *birth)
{
    setsid();
    pid_t pid = fork();
    if (pid == 0)
        become(birth);
    int error = pid < 0 ? errno : 0;
    if (error) {
        ssize_t written = write(birth->report, &error, sizeof error);
        (void)written;
    }
    _exit(0);
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

/* How long a program is waited for. */
struct patience {
    const struct process *what;
    pid_t pid;
    double deadline; /* monotonic seconds; 0: none */
    bool is_asked;   /* to end, since nobody wants it any more */
};

static bool is_over(const struct patience *patience)
{
    return patience->deadline > 0 && monotonic_clock() >= patience->deadline;
}

/* Asks a program to end that nobody wants any more. */
static void ask_whether_wanted(struct patience *patience)
{
    enum { GRACE_SECONDS = 2 };
    const struct process *what = patience->what;
    if (patience->is_asked || !what->is_unwanted || !what->is_unwanted(what->context))
        return;
    patience->is_asked = true;
    kill(what->keeps_terminal ? patience->pid : -patience->pid, SIGTERM);
    patience->deadline = monotonic_clock() + GRACE_SECONDS;
}

/* Milliseconds until something else than the program must be looked at; -1: nothing else. */
static int look_ms(const struct patience *patience)
{
    enum { LOOK_MS = 50 };
    double left = patience->deadline - monotonic_clock();
    int wait_ms = patience->deadline > 0 ? (int)(MAX(left, 0) * 1000) : -1;
    bool is_asking = patience->what->is_unwanted && !patience->is_asked;
    return is_asking && (wait_ms < 0 || wait_ms > LOOK_MS) ? LOOK_MS : wait_ms;
}

/* Reads until the end of the pipe or of the patience; true at the end of the pipe. */
static bool capture(struct process_result *out, int fd, size_t limit, struct patience *patience)
{
    char chunk[4096];
    ssize_t count = 1;
    out->output = xmalloc(limit + 1);
    while (count != 0) {
        struct pollfd end = { .fd = fd, .events = POLLIN };
        ask_whether_wanted(patience);
        if (poll(&end, 1, look_ms(patience)) == 0) {
            if (is_over(patience))
                break;
            continue;
        }
        count = read(fd, chunk, sizeof chunk);
        if (count < 0 && errno == EINTR)
            continue;
        count = MAX(count, 0);
        size_t kept = MIN((size_t)count, limit - out->size);
        memcpy(out->output + out->size, chunk, kept);
        out->size += kept;
    }
    out->output[out->size] = '\0';
    return count == 0;
}

static bool wait_until(int *status, struct patience *patience)
{
    for (;;) {
        ask_whether_wanted(patience);
        pid_t ended = waitpid(patience->pid, status, look_ms(patience) >= 0 ? WNOHANG : 0);
        if (ended == patience->pid)
            return true;
        if (ended < 0 && errno != EINTR)
            return true; /* somebody else took it: there is nothing to wait for */
        if (is_over(patience))
            return false;
        if (ended == 0)
            pause_ms(2);
    }
}

static void wait_for(pid_t pid, int *status)
{
    static const struct process nothing = { .limit = 0 };
    wait_until(status, &(struct patience){ .what = &nothing, .pid = pid });
}

static void see_it_end(struct process_result *out, const struct process *what, pid_t pid, int fd)
{
    struct patience patience = { .what = what, .pid = pid };
    bool is_done = true;
    if (what->timeout_ms > 0)
        patience.deadline = monotonic_clock() + what->timeout_ms * 1e-3;
    if (fd >= 0)
        is_done = capture(out, fd, what->limit ? what->limit : DEFAULT_LIMIT, &patience);
    if (is_done)
        is_done = wait_until(&out->status, &patience);
    if (is_done)
        return;
    out->is_out_of_time = true;
    kill(what->keeps_terminal ? pid : -pid, SIGKILL);
    wait_for(pid, &out->status);
}

static int fail_start(const struct process *what, int error)
{
    return fail(code_of_errno(error), "cannot start '%s': %s", program_of(what), strerror(error));
}

/* Forks. `output` is 0 where /dev/null takes what it says. */
static int start(pid_t *pid, const struct process *what, int output)
{
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0)
        return fail_start(what, errno);
    struct birth birth = { what, merged_environment(what->environment), output, report[1] };
    *pid = fork();
    if (*pid == 0 && what->is_detached)
        detach(&birth);
    if (*pid == 0)
        become(&birth);
    int refusal = *pid < 0 ? errno : 0;
    free(birth.environment);
    close(report[1]);
    if (!refusal && what->gate <= 0)
        refusal = read_report(report[0]);
    close(report[0]);
    int status;
    if (*pid > 0 && (what->is_detached || refusal))
        wait_for(*pid, &status);
    return refusal ? fail_start(what, refusal) : 0;
}

int process_start(pid_t *pid, const struct process *what)
{
    return start(pid, what, what->output);
}

int process_run(struct process_result *out, const struct process *what)
{
    int ends[2] = { -1, -1 };
    pid_t pid = -1;
    bool captures = what->output == 0 && !what->keeps_terminal;
    *out = (struct process_result){ 0 };
    if (captures && pipe2(ends, O_CLOEXEC) < 0)
        return fail_start(what, errno);
    int error = start(&pid, what, captures ? ends[1] : what->output);
    if (captures)
        close(ends[1]);
    if (!error)
        see_it_end(out, what, pid, ends[0]);
    if (captures)
        close(ends[0]);
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
