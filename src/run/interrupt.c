#define _GNU_SOURCE
#include "run/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ONE_SIGNAL_MS = 200 };

static const struct {
    int signal;
    const char *name;
    bool insists; /* a second one means "at once" */
} signals[] = {
    { SIGINT, "^C", true },
    { SIGTERM, "SIGTERM", true },
    { SIGHUP, "hang-up", false },
    { SIGPIPE, "reader left", false },
};

/* Written by the handler, or with its signals not yet caught. */
static volatile sig_atomic_t first;
static struct timespec first_time;
static volatile sig_atomic_t terminal_fd = -1;
static const char *volatile terminal_text;
static volatile sig_atomic_t came_back, repeated, is_fatal;

static bool insists(int signal)
{
    for (int i = 0; i < ARRAY_SIZE(signals); i++)
        if (signals[i].signal == signal)
            return signals[i].insists;
    return false;
}

/* Unless it would wait: a terminal that takes no more must not hold up the end. */
static void restore_terminal(void)
{
    struct pollfd terminal = { .fd = terminal_fd, .events = POLLOUT };
    if (terminal_fd < 0 || !terminal_text || poll(&terminal, 1, 0) != 1 ||
        !(terminal.revents & POLLOUT))
        return;
    ssize_t written = write(terminal_fd, terminal_text, strlen(terminal_text));
    (void)written; /* nobody is left to be told */
}

static void take(int signal)
{
    int error = errno;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t elapsed_ms = (now.tv_sec - first_time.tv_sec) * INT64_C(1000) +
                         (now.tv_nsec - first_time.tv_nsec) / 1000000;
    if (!first) {
        first_time = now;
        first = signal;
    } else if (insists(signal) && elapsed_ms >= ONE_SIGNAL_MS && !is_fatal) {
        repeated = 1;
    } else if (insists(signal) && elapsed_ms >= ONE_SIGNAL_MS) {
        restore_terminal();
        interrupt_die(signal);
    }
    errno = error;
}

/* ^Z: gives the terminal back, stops, and goes on from here when somebody says so. */
static void suspend(int signal)
{
    int error = errno;
    (void)signal;
    restore_terminal();
    raise(SIGSTOP);
    came_back = 1;
    errno = error;
}

static bool is_ignored(int signal)
{
    struct sigaction old;
    return sigaction(signal, NULL, &old) == 0 && old.sa_handler == SIG_IGN;
}

void interrupt_catch(enum interrupt_second second)
{
    struct sigaction action = { .sa_handler = take, .sa_flags = SA_RESTART };
    sigfillset(&action.sa_mask);
    first = repeated = 0;
    is_fatal = second == INTERRUPT_DIES;
    /* nohup and shells that start jobs in the background have some ignored: so they stay */
    for (int i = 0; i < ARRAY_SIZE(signals); i++)
        if (!is_ignored(signals[i].signal))
            sigaction(signals[i].signal, &action, NULL);
    action.sa_handler = suspend;
    if (!is_ignored(SIGTSTP))
        sigaction(SIGTSTP, &action, NULL);
}

bool interrupt_came_back(void)
{
    bool result = came_back;
    came_back = 0;
    return result;
}

int interrupt_signal(void)
{
    return first;
}

bool interrupt_is_repeated(void)
{
    return repeated;
}

const char *interrupt_name(int signal)
{
    for (int i = 0; i < ARRAY_SIZE(signals); i++)
        if (signals[i].signal == signal)
            return signals[i].name;
    return strsignal(signal);
}

void interrupt_restore_terminal(int terminal, const char *text)
{
    terminal_text = text;
    terminal_fd = text ? terminal : -1;
}

_Noreturn void interrupt_die(int signal)
{
    struct sigaction action = { .sa_handler = SIG_DFL };
    sigset_t only;
    sigaction(signal, &action, NULL);
    sigemptyset(&only);
    sigaddset(&only, signal);
    sigprocmask(SIG_UNBLOCK, &only, NULL);
    raise(signal);
    for (;;)
        pause(); /* not reached: the signal ends the process */
}
