#include "print_code.h"

#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "draw/terminal.h"

struct paper {
    struct terminal terminal;
    bool has_text_above; /* the first line stands apart from it */
    struct arena arena;
};

static const char *colour_of(enum code_line_kind kind)
{
    static const char *const colours[] = {
        [CODE_LINE_FILE] = "\033[1m",   [CODE_LINE_HUNK] = "\033[36m",    [CODE_LINE_CONTEXT] = "",
        [CODE_LINE_ADDED] = "\033[32m", [CODE_LINE_REMOVED] = "\033[31m",
    };
    return colours[kind];
}

/* As it is where a program reads it; harmless where a person does. */
static int print_line(void *context, enum code_line_kind kind, const char *text, size_t length)
{
    struct paper *paper = context;
    bool has_colour = paper->terminal.colours != COLOUR_NONE && kind != CODE_LINE_CONTEXT;
    if (paper->has_text_above)
        putchar('\n');
    paper->has_text_above = false;
    if (!paper->terminal.is_terminal && !has_colour) {
        fwrite(text, 1, length, stdout);
    } else {
        char *line = arena_strndup(&paper->arena, text, length);
        printf("%s%s%s", has_colour ? colour_of(kind) : "", text_code_line(&paper->arena, line),
               has_colour ? "\033[0m" : "");
        arena_release(&paper->arena);
    }
    putchar('\n');
    return ferror(stdout) ? fail(ERR_IO, "cannot write") : 0;
}

int code_print(const struct code_of *a, const struct code_of *b, bool has_text_above,
               int *changed_files)
{
    struct paper paper = { .has_text_above = has_text_above };
    terminal_probe(&paper.terminal, stdout);
    return code_diff(a, b, print_line, &paper, changed_files);
}
