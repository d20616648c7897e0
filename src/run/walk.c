#define _GNU_SOURCE
#include "run/walk.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/host.h"
#include "base/process.h"
#include "walk_words.h"

enum { PATIENCE_MS = 500 }; /* for a process whose socket is closed to be gone */

struct walk {
    pid_t pid; /* 0: it has ended */
    int fd;    /* our end */
    bool is_busy, has_facts;
    int64_t asked; /* the outstanding id */
    int asked_count;
    int error; /* how the walk ended … */
    char *end; /* … in a sentence */
    struct walk_facts facts;
    struct arena arena; /* the strings of facts */
    char *buffer;       /* what came: a line, the bytes of a frame */
    size_t filled, room;
    struct walk_frame frame;
    double verdicts[WALK_LIMIT];
    size_t line;  /* bytes of the frame's line with the newline; 0: no line yet */
    size_t taken; /* bytes of the frame that was handed out */
};

/* --- life --- */

static int start(struct walk *walk, const struct store *store, int64_t number, int64_t step,
                 int socket)
{
    struct arena arena = { 0 };
    const char *words[] = { "gander",
                            "walker",
                            "--store",
                            store->path,
                            "--socket",
                            arena_printf(&arena, "%d", socket),
                            arena_printf(&arena, "%lld", (long long)number),
                            step >= 0 ? "--step" : NULL,
                            arena_printf(&arena, "%lld", (long long)step),
                            NULL };
    int error = process_start(&walk->pid, &(struct process){ .argv = words,
                                                             .program = program_path(),
                                                             .inherited = &socket,
                                                             .inherited_count = 1 });
    arena_release(&arena);
    return error;
}

int walk_open(struct walk **out, const struct store *store, int64_t number, int64_t step)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return fail(ERR_IO, "cannot make a socket: %s", strerror(errno));
    struct walk *walk = xcalloc(1, sizeof *walk);
    walk->fd = ends[0];
    int error = start(walk, store, number, step, ends[1]);
    close(ends[1]);
    if (error) {
        walk->pid = 0;
        walk_close(walk);
        return error;
    }
    *out = walk;
    return 0;
}

/* It has nothing to lose. */
static int kill_and_reap(struct walk *walk)
{
    int status = 0;
    kill(walk->pid, SIGKILL);
    while (waitpid(walk->pid, &status, 0) < 0 && errno == EINTR)
        ;
    walk->pid = 0;
    return status;
}

void walk_close(struct walk *walk)
{
    if (!walk)
        return;
    if (walk->pid > 0)
        kill_and_reap(walk);
    close(walk->fd);
    arena_release(&walk->arena);
    free(walk->end);
    free(walk->buffer);
    free(walk);
}

int walk_fd(const struct walk *walk)
{
    return walk->fd;
}

pid_t walk_pid(const struct walk *walk)
{
    return walk->pid;
}

const struct walk_facts *walk_facts(const struct walk *walk)
{
    return walk->has_facts ? &walk->facts : NULL;
}

bool walk_is_busy(const struct walk *walk)
{
    return walk->is_busy;
}

/* --- the end --- */

/* The sentence is the last failure's. */
static int end(struct walk *walk, int code)
{
    if (walk->pid > 0)
        kill_and_reap(walk);
    walk->end = xstrdup(error_text());
    walk->error = code;
    walk->is_busy = false;
    return code;
}

/* Its socket is closed: how did it end? */
static int end_silently(struct walk *walk)
{
    int status = 0;
    pid_t ended = 0;
    for (int i = 0; i < PATIENCE_MS && ended == 0; i++) {
        ended = waitpid(walk->pid, &status, WNOHANG);
        if (ended == 0)
            pause_ms(1);
    }
    if (ended == 0)
        status = kill_and_reap(walk);
    walk->pid = 0;
    return end(walk,
               fail(ERR_IO, "the process that draws has ended: %s", process_status_text(status)));
}

static int say_end(const struct walk *walk)
{
    return fail(walk->error, "%s", walk->end);
}

/* --- asking --- */

int walk_ask(struct walk *walk, const struct walk_request *request)
{
    if (walk->end)
        return say_end(walk);
    if (walk->is_busy)
        return fail(ERR_BUSY, "a request is outstanding");
    char *line = walk_request_line(request);
    size_t length = strlen(line);
    ssize_t sent = send(walk->fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    int error = errno;
    free(line);
    walk->is_busy = true;
    walk->asked = request->id;
    walk->asked_count = request->count;
    if (sent == (ssize_t)length || (sent < 0 && (error == EPIPE || error == ECONNRESET)))
        return 0; /* walk_take tells why it has ended */
    return end(walk, fail(ERR_IO, "the process that draws takes no request: %s",
                          sent < 0 ? strerror(error) : "no room"));
}

/* --- taking --- */

static void drop(struct walk *walk, size_t size)
{
    if (size == 0)
        return;
    walk->filled -= size;
    memmove(walk->buffer, walk->buffer + size, walk->filled);
}

/* 1: more is there than before; 0: nothing for now. */
static int receive(struct walk *walk)
{
    enum { PIECE = 1 << 16 };
    if (walk->room - walk->filled < PIECE) {
        walk->room = walk->filled + PIECE;
        walk->buffer = xrealloc(walk->buffer, walk->room, 1);
    }
    for (;;) {
        ssize_t count =
            recv(walk->fd, walk->buffer + walk->filled, walk->room - walk->filled, MSG_DONTWAIT);
        if (count > 0) {
            walk->filled += (size_t)count;
            return 1;
        }
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return 0;
        return end_silently(walk);
    }
}

static int fail_answer(struct walk *walk)
{
    return end(walk, fail(ERR_IO, "the process that draws gives an answer that makes no sense"));
}

/* An error with an id is about a request, one without ends the walk. */
static int read_error(struct walk *walk, const struct json *line, const char *sentence)
{
    if (json_member(line, "id") || (walk->is_busy && walk->has_facts)) {
        walk->is_busy = false;
        return fail(ERR_INVALID, "%s", sentence);
    }
    return end(walk, fail(ERR_NOT_FOUND, "%s", sentence));
}

/* WALK_FACTS, WALK_FRAME where its bytes are still to come, or an error. */
static int read_object(struct walk *walk, const struct json *line)
{
    const char *sentence = json_get_string(json_member(line, "error"));
    if (sentence)
        return read_error(walk, line, sentence);
    if (!walk->has_facts) {
        walk->has_facts = walk_facts_read(&walk->facts, line, &walk->arena) == 0;
        return walk->has_facts ? WALK_FACTS : fail_answer(walk);
    }
    if (!walk->is_busy || walk_frame_read(&walk->frame, line, walk->verdicts) < 0 ||
        walk->frame.id != walk->asked || walk->frame.count != walk->asked_count)
        return fail_answer(walk);
    return WALK_FRAME;
}

static int read_line(struct walk *walk, size_t length)
{
    struct json *line;
    if (json_parse(&line, walk->buffer, length) < 0)
        return fail_answer(walk);
    int news = read_object(walk, line);
    json_free(line);
    return news;
}

/* WALK_NOTHING: more must come first. */
static int look(struct walk *walk)
{
    if (walk->line == 0) {
        const char *newline = walk->filled > 0 ? memchr(walk->buffer, '\n', walk->filled) : NULL;
        if (!newline)
            return walk->filled < WALK_LINE_LIMIT ? WALK_NOTHING : fail_answer(walk);
        size_t length = (size_t)(newline - walk->buffer);
        int news = read_line(walk, length);
        if (news != WALK_FRAME) {
            drop(walk, length + 1);
            return news;
        }
        walk->line = length + 1;
    }
    size_t bytes =
        (size_t)walk->frame.count * (size_t)walk->facts.height * (size_t)walk->facts.width;
    if (walk->filled < walk->line + bytes)
        return WALK_NOTHING;
    walk->frame.images = (const uint8_t *)walk->buffer + walk->line;
    walk->taken = walk->line + bytes;
    walk->line = 0;
    walk->is_busy = false;
    return WALK_FRAME;
}

int walk_take(struct walk *walk, struct walk_frame *frame)
{
    if (walk->end)
        return say_end(walk);
    drop(walk, walk->taken);
    walk->taken = 0;
    for (;;) {
        int news = look(walk);
        if (news == WALK_FRAME)
            *frame = walk->frame;
        if (news != WALK_NOTHING)
            return news;
        int received = receive(walk);
        if (received <= 0)
            return received;
    }
}
