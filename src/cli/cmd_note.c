#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/process.h"
#include "draw/terminal.h"
#include "open_run.h"
#include "run/notes.h"

static const char *join(struct arguments *arguments)
{
    const char *text = "";
    for (int i = 1; i < arguments->operand_count; i++)
        text = arena_printf(&arguments->arena, "%s%s%s", text, i > 1 ? " " : "",
                            arguments->operands[i]);
    return text;
}

/* As git and others do: $VISUAL, $EDITOR, vi; a shell takes it apart, since it may have options. */
static int edit(const char *path)
{
    const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
    const char *command = visual && *visual ? visual : editor && *editor ? editor : "vi";
    struct terminal terminal;
    terminal_probe(&terminal, stdin);
    if (strcmp(command, "vi") == 0 && !terminal.is_terminal) /* it would wait for keys for ever */
        return fail(ERR_INVALID, "there is no terminal to write a note on: give it as words");
    char *line = xasprintf("%s \"$1\"", command);
    const char *const argv[] = { "sh", "-c", line, "sh", path, NULL };
    struct process_result result;
    int error = process_run(&result, &(struct process){ .argv = argv, .keeps_terminal = true });
    if (!error && !process_succeeded(&result))
        error = fail(ERR_CANCELLED, "no note: '%s' ended with %s", command,
                     process_status_text(result.status));
    free(line);
    return error;
}

/* Without lines that begin with '#', and blanks at the end. */
static char *strip(char *text)
{
    char *out = text;
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n") + 1;
        if (!line[length - 1])
            length--;
        if (*line != '#') {
            memmove(out, line, length);
            out += length;
        }
        line += length;
    }
    while (out > text && strchr(" \t\r\n", out[-1]))
        out--;
    *out = '\0';
    return text;
}

/* ERR_CANCELLED when nothing was written. */
static int write_note(const struct open_run *place, char **out)
{
    enum { LIMIT = 1 << 20 };
    struct arena arena = { 0 };
    const char *root = getenv("TMPDIR");
    char *path = arena_printf(&arena, "%s/gander-note-XXXXXX", root && *root ? root : "/tmp");
    int fd = mkstemp(path), error = 0;
    size_t size;
    if (fd < 0)
        error = fail(ERR_IO, "cannot write '%s'", path);
    if (!error)
        dprintf(fd,
                "\n# A note on run %lld. Lines that begin with '#' are left out; without words "
                "there is no note.\n",
                (long long)place->number);
    if (fd >= 0)
        close(fd);
    if (!error)
        error = edit(path);
    if (!error)
        error = file_read(path, LIMIT, out, &size);
    if (fd >= 0)
        unlink(path);
    if (!error && !*strip(*out)) {
        free(*out);
        *out = NULL;
        error = fail(ERR_CANCELLED, "no note: nothing was written");
    }
    arena_release(&arena);
    return error;
}

static enum exit_status run(struct arguments *arguments)
{
    struct open_run place;
    char *written = NULL;
    enum exit_status status = open_run(&place, arguments, arguments->operands[0]);
    if (status != STATUS_DONE)
        return status;
    int error = 0;
    if (arguments->operand_count == 1)
        error = write_note(&place, &written);
    const char *text = written ? written : join(arguments);
    if (!error)
        error = notes_put(&place.store, place.number, NOTES_NOTE, text, wall_clock());
    if (error)
        status = command_failed(arguments);
    free(written);
    close_run(&place);
    return status;
}

const struct command command_note = {
    .name = "note",
    .summary = "Write a note on a run",
    .operands = "RUN [WORDS...]",
    .uses_store = true,
    .details =
        "Keep WORDS with RUN, where 'gander show' prints them and 'gander ls note:WORD' finds "
        "them. Without WORDS an editor opens: $VISUAL, $EDITOR or vi.",
    .run = run,
};
