#define _GNU_SOURCE
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/memory.h"

struct guard {
    pid_t pid;
    int pipe; /* a byte is a good end, its closing a bad one */
};

static void put_right(int terminal, const struct termios *as_it_was, const char *leave)
{
    ssize_t written = write(terminal, leave, strlen(leave));
    (void)written;
    tcsetattr(terminal, TCSANOW, as_it_was);
}

static _Noreturn void watch(int pipe, int terminal, const struct termios *as_it_was,
                            const char *leave)
{
    char byte;
    ssize_t count;
    static const int deaf_to[] = { SIGHUP,  SIGINT,  SIGQUIT,  SIGTERM, SIGTSTP,
                                   SIGTTOU, SIGTTIN, SIGWINCH, SIGPIPE };
    for (size_t i = 0; i < sizeof deaf_to / sizeof deaf_to[0]; i++)
        signal(deaf_to[i], SIG_IGN);
    do
        count = read(pipe, &byte, 1);
    while (count < 0 && errno == EINTR);
    if (count <= 0)
        put_right(terminal, as_it_was, leave);
    _exit(0);
}

struct guard *guard_start(int terminal, const char *leave)
{
    struct termios as_it_was;
    int ends[2];
    if (tcgetattr(terminal, &as_it_was) < 0 || pipe2(ends, O_CLOEXEC) < 0)
        return NULL;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[1]);
        watch(ends[0], terminal, &as_it_was, leave);
    }
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        return NULL;
    }
    struct guard *guard = xcalloc(1, sizeof *guard);
    *guard = (struct guard){ pid, ends[1] };
    return guard;
}

void guard_end(struct guard *guard)
{
    if (!guard)
        return;
    ssize_t written = write(guard->pipe, "", 1);
    (void)written;
    close(guard->pipe);
    while (waitpid(guard->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free(guard);
}
