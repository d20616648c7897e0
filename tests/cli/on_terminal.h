/* The program as somebody sees it who runs it in a terminal. */
#ifndef GANDER_TESTS_ON_TERMINAL_H
#define GANDER_TESTS_ON_TERMINAL_H

#include <poll.h>
#include <pty.h>

#include "program.h"

enum { TERMINAL_WORDS = 12 };

/* What the program prints on a terminal so wide, colours and all, when somebody types this there;
 * free it. `words` has TERMINAL_WORDS places. */
static inline char *on_terminal_typing(const char *typed, const char *const *words, int columns,
                                       int *status, size_t *size)
{
    struct winsize room = { .ws_row = 24, .ws_col = (unsigned short)columns };
    char *text = NULL, chunk[4096];
    int master;
    FILE *stream = open_memstream(&text, size);
    pid_t pid = forkpty(&master, NULL, NULL, &room);
    assert_true(pid >= 0);
    if (pid == 0) {
        char *argv[TERMINAL_WORDS + 2] = { getenv("GANDER_TEST_PROGRAM") };
        for (int i = 0; i < TERMINAL_WORDS && words[i]; i++)
            argv[i + 1] = xstrdup(words[i]);
        setenv("TERM", "xterm-256color", 1);
        execv(argv[0], argv);
        _exit(121);
    }
    assert_int_equal(write(master, typed, strlen(typed)), (ssize_t)strlen(typed));
    for (;;) {
        struct pollfd wait = { .fd = master, .events = POLLIN };
        assert_int_equal(poll(&wait, 1, 60000), 1);
        ssize_t count = read(master, chunk, sizeof chunk);
        if (count <= 0)
            break; /* EIO: nobody has it open any more */
        fwrite(chunk, 1, (size_t)count, stream);
    }
    assert_int_equal(waitpid(pid, status, 0), pid);
    close(master);
    fclose(stream);
    return text;
}

static inline char *on_terminal(const char *const *words, int columns, int *status, size_t *size)
{
    return on_terminal_typing("", words, columns, status, size);
}

#endif
