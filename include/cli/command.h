/* Subcommands of the program: what each is called, takes and does.
 *
 * A command is one file src/cli/cmd_NAME.c that ends in a `const struct command`, and one line in
 * the array of src/cli/command.c. Its synopsis, its --help, its part of the manual, the checks on
 * what was typed and the suggestions for typos all come from that one struct:
 *
 *     static const struct command_option options[] = {
 *         { 'o', "output", "FILE", "Write a PNG to FILE." },
 *         { 0, "twice", NULL, "Draw it twice." },
 *     };
 *
 *     static enum exit_status run(struct arguments *arguments)
 *     {
 *         const char *path = option_text(arguments, "output");
 *         if (draw(arguments->operands[0], path) < 0)
 *             return command_failed(arguments);
 *         return STATUS_DONE;
 *     }
 *
 *     const struct command command_draw = {
 *         .name = "draw", .summary = "Draw a file", .operands = "FILE",
 *         .options = options, .option_count = ARRAY_SIZE(options), .run = run,
 *         .details = "First paragraph.\n\nSecond paragraph.",
 *     };
 *
 * Operands are words: `FILE` must be there, `[FILE]` may, `FILE...` once or more. Every command
 * takes --help, and those with `uses_store` take --store DIR. Options may stand after operands;
 * `--` ends them; what follows it is a command line of its own for those that `takes_command`.
 */
#ifndef GANDER_CLI_COMMAND_H
#define GANDER_CLI_COMMAND_H

#include <stdio.h>

#include "base/base.h"
#include "base/memory.h"

enum exit_status { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_NO_RUN = 3 };

struct command_option {
    char letter;          /* 0: none */
    const char *name;     /* long name, without "--" */
    const char *argument; /* what it takes, "FILE"; NULL: a flag */
    const char *help;     /* one sentence */
    bool repeats;         /* every value counts, else the last one */
};

struct arguments;

struct command {
    const char *name;
    const char *summary;  /* a few words, capital first, no full stop */
    const char *operands; /* "RUN [FILE]"; "" for none */
    const struct command_option *options;
    int option_count;
    bool uses_store;     /* takes --store DIR, too … */
    bool uses_stores;    /* … or several of them */
    bool takes_command;  /* words after "--" are a command of the user's */
    bool is_plumbing;    /* not for people: left out of the overview */
    const char *details; /* paragraphs, a blank line between them; NULL: none */
    enum exit_status (*run)(struct arguments *arguments);
};

struct given_option {
    const struct command_option *option;
    const char *value; /* NULL for a flag */
};

/* What was typed, checked against the command's tables. Strings are borrowed from argv. */
struct arguments {
    const struct command *command;
    struct given_option *given; /* in the order typed */
    int given_count;
    const char **operands;
    int operand_count;
    const char *const *rest; /* what stands after "--" of one that takes a command, NULL-terminated;
                                NULL: no "--" */
    bool wants_help;
    int argc; /* of the whole program, for the record */
    char **argv;
    struct arena arena; /* for whatever lives as long as the command */
};

/* The table, NULL-terminated, in the order of the overview. */
extern const struct command *const commands[];
const struct command *command_find(const char *name); /* NULL, and a sentence that suggests */

/* All options of a command, --store and --help included; NULL past the end. */
const struct command_option *command_option_at(const struct command *command, int index);

/* `argv` begins after the command's name. ERR_INVALID with a sentence. Release it in any case. */
int arguments_parse(struct arguments *out, const struct command *command, int argc, char **argv);
void arguments_release(struct arguments *arguments);

/* Options by their long name, which must be in the command's table. */
bool option_given(const struct arguments *arguments, const char *name);
const char *option_text(const struct arguments *arguments, const char *name); /* NULL: not given */
/* All values of an option that repeats, in the arena. */
const char *const *option_texts(struct arguments *arguments, const char *name, int *count);
/* Leaves *value when the option was not given; ERR_INVALID when it is no whole number in range. */
int option_integer(const struct arguments *arguments, const char *name, int64_t minimum,
                   int64_t maximum, int64_t *value);

/* How a command ends badly: prints "gander NAME: " and error_text() on stderr; the second kind adds
 * where to look. */
enum exit_status command_failed(const struct arguments *arguments);
enum exit_status command_misused(const struct arguments *arguments);

/* "gander run [-f] [-s KEY=VALUE]... RECIPE", from the tables. */
char *command_synopsis(struct arena *arena, const struct command *command);
void help_overview(FILE *stream);
void help_command(FILE *stream, const struct command *command);
/* The section COMMANDS of gander(1), in mdoc. */
void help_manual(FILE *stream);

/* Flushes standard output: what a full disk kept from it turns `status` into STATUS_FAILED, with a
 * sentence on stderr. */
enum exit_status output_close(enum exit_status status);

#endif
