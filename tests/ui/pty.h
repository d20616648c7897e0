/* The dashboard in a pseudo-terminal of our own, which answers questions as it is told: at once, late
 * or never, and reads as slowly as a thin line.
 *
 *     struct pty pty = pty_start(&(struct pty_wish){ .columns = 80, .rows = 24 });
 *     pty_wait_for(&pty, "Runs");
 *     pty_type(&pty, "?");
 *     int status = pty_end(&pty, "Q");             as waitpid gives it */
#ifndef GANDER_TESTS_PTY_H
#define GANDER_TESTS_PTY_H

#include <dirent.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>

#include "program.h"

enum { PTY_LIMIT_MS = 60000, PTY_QUIET_MS = 700 };

enum pty_answers { PTY_ANSWERS, PTY_KEEPS_SILENT };

struct pty_wish {
    int columns, rows;
    const char *program;  /* NULL: $GANDER_TEST_PROGRAM */
    const char *terminal; /* TERM; NULL: xterm-256color */
    enum pty_answers answers;
    const char *attributes;     /* its answer to DA1; NULL: a plain one */
    const char *environment[8]; /* "NO_COLOR=1" … */
    const char *words[6];       /* behind the program; none: it alone */
};

struct pty {
    pid_t pid;
    int master;
    enum pty_answers answers;
    const char *attributes;
    char *bytes; /* all that came */
    size_t size, room, scanned;
    int asked;     /* cursor reports that were wanted … */
    int answered;  /* … and given */
    double heard;  /* when the last byte came */
    bool is_ended; /* nobody has it open any more */
};

static inline _Noreturn void pty_become(const struct pty_wish *wish)
{
    char *usual = getenv("GANDER_TEST_PROGRAM");
    char *argv[ARRAY_SIZE(wish->words) + 2] = { wish->program ? xstrdup(wish->program) : usual };
    for (int i = 0; i < ARRAY_SIZE(wish->words) && wish->words[i]; i++)
        argv[i + 1] = xstrdup(wish->words[i]);
    setenv("TERM", wish->terminal ? wish->terminal : "xterm-256color", 1);
    unsetenv("COLORTERM");
    unsetenv("TMUX");
    for (int i = 0; i < ARRAY_SIZE(wish->environment) && wish->environment[i]; i++)
        putenv(xstrdup(wish->environment[i]));
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    execv(argv[0], argv);
    _exit(121);
}

static inline struct pty pty_start(const struct pty_wish *wish)
{
    struct winsize room = { .ws_row = (unsigned short)wish->rows,
                            .ws_col = (unsigned short)wish->columns };
    struct pty pty = { .answers = wish->answers,
                       .attributes = wish->attributes ? wish->attributes : "\033[?62;22c" };
    pty.pid = forkpty(&pty.master, NULL, NULL, &room);
    assert_true(pty.pid >= 0);
    if (pty.pid == 0)
        pty_become(wish);
    fcntl(pty.master, F_SETFD, FD_CLOEXEC);
    pty.heard = monotonic_clock();
    return pty;
}

static inline void pty_send(struct pty *pty, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(pty->master, bytes, size);
        if (written < 0)
            return; /* it has ended: who waits for it finds out */
        bytes += written;
        size -= (size_t)written;
    }
}

static inline void pty_type(struct pty *pty, const char *keys)
{
    pty_send(pty, keys, strlen(keys));
}

/* --- what it asks --- */

static inline void pty_answer_one(struct pty *pty, const char *answer)
{
    if (pty->answers == PTY_ANSWERS)
        pty_type(pty, answer);
}

/* What it may ask, and what is answered. */
struct pty_question {
    const char *text, *answer;
    bool is_cursor;
};

/* The bytes of a question that stands here whole, 0 if none does. *is_torn: it may be the begin of one
 * whose rest is still to come. */
static inline size_t pty_take_question(struct pty *pty, const char *at, size_t left, bool *is_torn)
{
    const struct pty_question questions[] = {
        { "\033]11;?\033\\", "\033]11;rgb:0000/0000/0000\033\\", false },
        { "\033[16t", "\033[6;16;8t", false },
        { "\033[c", pty->attributes, false },
        { "\033[6n", "\033[1;1R", true },
    };
    *is_torn = false;
    for (int i = 0; i < ARRAY_SIZE(questions); i++) {
        size_t length = strlen(questions[i].text);
        if (memcmp(at, questions[i].text, MIN(left, length)) != 0)
            continue;
        if (left < length) {
            *is_torn = true;
            continue;
        }
        if (questions[i].is_cursor) {
            pty->asked++;
            pty->answered += pty->answers == PTY_ANSWERS;
        }
        pty_answer_one(pty, questions[i].answer);
        return length;
    }
    return 0;
}

static inline void pty_answer(struct pty *pty)
{
    while (pty->scanned < pty->size) {
        const char *from = pty->bytes + pty->scanned;
        const char *at = memchr(from, 27, pty->size - pty->scanned);
        bool is_torn;
        if (!at) {
            pty->scanned = pty->size;
            return;
        }
        pty->scanned = (size_t)(at - pty->bytes);
        size_t length = pty_take_question(pty, at, pty->size - pty->scanned, &is_torn);
        if (is_torn)
            return;
        pty->scanned += MAX(length, 1);
    }
}

/* --- reading --- */

/* At most so many bytes, waiting at most so long; how many came. */
static inline size_t pty_read(struct pty *pty, size_t most, int ms)
{
    struct pollfd wait = { .fd = pty->master, .events = POLLIN };
    if (pty->is_ended || poll(&wait, 1, ms) <= 0) {
        pty_answer(pty);
        return 0;
    }
    if (pty->size + most + 1 > pty->room) {
        pty->room = 2 * (pty->size + most + 1);
        pty->bytes = xrealloc(pty->bytes, pty->room, 1);
    }
    ssize_t count = read(pty->master, pty->bytes + pty->size, most);
    pty->is_ended = count <= 0; /* EIO */
    pty->size += (size_t)MAX(count, 0);
    pty->bytes[pty->size] = '\0';
    pty->heard = count > 0 ? monotonic_clock() : pty->heard;
    pty_answer(pty);
    return (size_t)MAX(count, 0);
}

/* For so long, whatever comes; how much. */
static inline size_t pty_listen(struct pty *pty, int ms)
{
    size_t before = pty->size;
    double until = monotonic_clock() + ms / 1000.0;
    for (double left; (left = until - monotonic_clock()) > 0 && !pty->is_ended;)
        pty_read(pty, 1 << 16, MIN((int)(1000 * left) + 1, 20));
    return pty->size - before;
}

/* Until nothing has come for so long; how much came. */
static inline size_t pty_settle_for(struct pty *pty, int quiet_ms)
{
    size_t before = pty->size;
    double begun = monotonic_clock();
    pty->heard = begun;
    while (!pty->is_ended && monotonic_clock() - pty->heard < quiet_ms / 1000.0) {
        pty_read(pty, 1 << 16, 20);
        assert_true(monotonic_clock() - begun < PTY_LIMIT_MS / 1000.0);
    }
    return pty->size - before;
}

static inline size_t pty_settle(struct pty *pty)
{
    return pty_settle_for(pty, PTY_QUIET_MS);
}

static inline bool pty_has_since(const struct pty *pty, size_t mark, const char *text)
{
    return mark < pty->size && memmem(pty->bytes + mark, pty->size - mark, text, strlen(text));
}

/* Until that has come since `mark`; seconds that it took. */
static inline double pty_wait_since(struct pty *pty, size_t mark, const char *text)
{
    double begun = monotonic_clock();
    while (!pty_has_since(pty, mark, text)) {
        pty_read(pty, 1 << 16, 20);
        if (pty->is_ended || monotonic_clock() - begun > PTY_LIMIT_MS / 1000.0)
            fail_msg("'%s' never came, but:\n%.*s", text, (int)(pty->size - MIN(mark, pty->size)),
                     pty->bytes + MIN(mark, pty->size));
    }
    return monotonic_clock() - begun;
}

static inline void pty_wait_for(struct pty *pty, const char *text)
{
    pty_wait_since(pty, 0, text);
}

/* Types, and waits for what must come of it. */
static inline double pty_ask(struct pty *pty, const char *keys, const char *text)
{
    size_t mark = pty->size;
    pty_type(pty, keys);
    return pty_wait_since(pty, mark, text);
}

static inline void pty_resize(struct pty *pty, int columns, int rows)
{
    struct winsize room = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };
    assert_int_equal(ioctl(pty->master, TIOCSWINSZ, &room), 0);
}

/* --- its end --- */

/* Types, and waits until it has ended; the status as waitpid gives it. */
static inline int pty_end(struct pty *pty, const char *keys)
{
    int status;
    double begun = monotonic_clock();
    pty_type(pty, keys);
    while (!pty->is_ended && monotonic_clock() - begun < PTY_LIMIT_MS / 1000.0)
        pty_read(pty, 1 << 16, 20);
    if (!pty->is_ended)
        kill(pty->pid, SIGKILL);
    assert_int_equal(waitpid(pty->pid, &status, 0), pty->pid);
    assert_true(pty->is_ended);
    close(pty->master);
    return status;
}

static inline void pty_release(struct pty *pty)
{
    free(pty->bytes);
}

/* Ends well, and is forgotten. */
static inline void pty_quit(struct pty *pty)
{
    assert_int_equal(pty_end(pty, "Q"), 0);
    pty_release(pty);
}

/* Seconds of CPU that all its threads have used. */
static inline double pty_cpu(const struct pty *pty)
{
    char path[PATH_MAX];
    unsigned long long sum = 0, used;
    snprintf(path, sizeof path, "/proc/%d/task", pty->pid);
    DIR *tasks = opendir(path);
    assert_non_null(tasks);
    for (struct dirent *entry; (entry = readdir(tasks));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pty->pid, entry->d_name);
        FILE *file = fopen(path, "r");
        if (file && fscanf(file, "%llu", &used) == 1)
            sum += used;
        if (file)
            fclose(file);
    }
    closedir(tasks);
    return (double)sum / 1e9;
}

#endif
