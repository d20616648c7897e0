#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "draw/terminal.h"
#include "log_tail.h"
#include "open_run.h"
#include "run/control.h"
#include "run/interrupt.h"

static const struct command_option options[] = {
    { 'f', "follow", NULL, "Go on as the log grows, until the run has ended.", false },
    { 'n', "lines", "N", "Only the last N lines.", false },
};

struct follower {
    int fd;
    bool is_terminal;
    char *line; /* as far as it has come; malloc'ed */
    size_t used, room;
};

/* A terminal must not be moved about by what a training writes. */
static void put_line(struct follower *log)
{
    struct arena arena = { 0 };
    log->line[log->used] = '\0';
    puts(text_log_line(&arena, log->line));
    log->used = 0;
    arena_release(&arena);
}

static void put(struct follower *log, const char *bytes, size_t count)
{
    if (!log->is_terminal) {
        fwrite(bytes, 1, count, stdout);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n') {
            put_line(log);
        } else if (log->used < log->room) {
            log->line[log->used++] = bytes[i];
        }
    }
}

static void copy_rest(struct follower *log)
{
    char bytes[1 << 16];
    ssize_t count;
    while ((count = read(log->fd, bytes, sizeof bytes)) > 0 || (count < 0 && errno == EINTR))
        put(log, bytes, (size_t)MAX(count, 0));
    fflush(stdout);
}

static bool has_ended(const struct open_run *place)
{
    struct run_status status;
    return control_wait(&place->store, place->number, 0, 0, &status) < 0 ||
           run_state_is_end(status.state);
}

static void follow(struct follower *log, const struct open_run *place)
{
    enum { LOOK_MS = 100 };
    while (!interrupt_signal()) {
        bool is_last = has_ended(place); /* what it said last is read after that was seen */
        copy_rest(log);
        if (is_last)
            break;
        pause_ms(LOOK_MS);
    }
}

static int show(const struct arguments *arguments, struct open_run *place, int64_t lines)
{
    enum { LINE_LIMIT = 1 << 16 };
    struct terminal terminal;
    const char *path = path_join(&place->arena, place->directory, "log.txt");
    struct follower log = { .fd = open(path, O_RDONLY | O_CLOEXEC), .room = LINE_LIMIT };
    if (log.fd < 0)
        return errno == ENOENT
                   ? fail(ERR_NOT_FOUND, "run %lld has no log yet", (long long)place->number)
                   : fail(ERR_IO, "cannot open '%s': %s", path, strerror(errno));
    terminal_probe(&terminal, stdout);
    log.is_terminal = terminal.is_terminal;
    log.line = xmalloc(LINE_LIMIT + 1);
    if (lines >= 0)
        lseek(log.fd, lines == 0 ? lseek(log.fd, 0, SEEK_END) : log_tail_offset(log.fd, (int)lines),
              SEEK_SET);
    copy_rest(&log);
    if (option_given(arguments, "follow"))
        follow(&log, place);
    if (log.used > 0)
        put_line(&log);
    free(log.line);
    close(log.fd);
    return 0;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    int64_t lines = -1;
    if (option_integer(arguments, "lines", 0, INT32_MAX, &lines) < 0)
        return command_misused(arguments);
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    if (option_given(arguments, "follow"))
        interrupt_catch(INTERRUPT_DIES);
    if (show(arguments, &place, lines) < 0)
        status = command_failed(arguments);
    close_run(&place);
    return status;
}

const struct command command_log = {
    .name = "log",
    .summary = "Print what a run has said",
    .operands = "RUN",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .details =
        "Print log.txt, the standard output and error of the training. On a terminal its lines "
        "are made harmless: escape sequences are left out, and of a line that rewrote itself "
        "the last form stays. Elsewhere it is copied byte for byte.",
    .run = run,
};
