#define _GNU_SOURCE
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"

enum { OPTION_LIMIT = 64 };

/* The options of a command end at their first NULL. */
static const struct command_option *find_long(const struct command *command, const char *name,
                                              size_t length)
{
    const struct command_option *option;
    for (int i = 0; (option = command_option_at(command, i)); i++)
        if (strlen(option->name) == length && memcmp(option->name, name, length) == 0)
            return option;
    return NULL;
}

static const struct command_option *find_short(const struct command *command, char letter)
{
    const struct command_option *option;
    for (int i = 0; (option = command_option_at(command, i)); i++)
        if (option->letter && option->letter == letter)
            return option;
    return NULL;
}

static int fail_unknown(const struct command *command, const char *name)
{
    const char *names[OPTION_LIMIT];
    const struct command_option *option;
    int count = 0;
    while (count < OPTION_LIMIT && (option = command_option_at(command, count)))
        names[count++] = option->name;
    const char *near = text_nearest(name, names, count, sizeof names[0]);
    if (near)
        return fail(ERR_INVALID, "unknown option '--%.60s' (did you mean '--%s'?)", name, near);
    return fail(ERR_INVALID, "unknown option '--%.60s'", name);
}

static int add(struct arguments *out, const struct command_option *option, const char *value)
{
    if (value && !*value) /* an unset variable of a script, most likely */
        return fail(ERR_INVALID, "option '--%s' needs a value that is not empty: %s", option->name,
                    option->argument);
    if (strcmp(option->name, "help") == 0)
        out->wants_help = true;
    out->given[out->given_count++] = (struct given_option){ option, value };
    return 0;
}

/* "--name", "--name=value" or "--name value"; *next is the index of the next word. */
static int parse_long(struct arguments *out, int argc, char **argv, int *next)
{
    const char *name = argv[*next - 1] + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct command_option *option = find_long(out->command, name, length);
    if (!option)
        return fail_unknown(out->command, arena_strndup(&out->arena, name, length));
    if (!option->argument && equals)
        return fail(ERR_INVALID, "option '--%s' takes no value", option->name);
    if (option->argument && !equals && *next >= argc)
        return fail(ERR_INVALID, "option '--%s' needs a value: %s", option->name, option->argument);
    return add(out, option, !option->argument ? NULL : equals ? equals + 1 : argv[(*next)++]);
}

/* "-f", "-ofile", "-o file" or flags together, "-fh". */
static int parse_short(struct arguments *out, int argc, char **argv, int *next)
{
    for (const char *letter = argv[*next - 1] + 1; *letter; letter++) {
        const struct command_option *option = find_short(out->command, *letter);
        if (!option)
            return fail(ERR_INVALID, "unknown option '-%.10s'", letter);
        if (!option->argument) {
            add(out, option, NULL);
            continue;
        }
        if (!letter[1] && *next >= argc)
            return fail(ERR_INVALID, "option '-%c' needs a value: %s", *letter, option->argument);
        return add(out, option, letter[1] ? letter + 1 : argv[(*next)++]);
    }
    return 0;
}

/* "-note:bad", "-d_loss<0.7", "-min(d_loss)<0.7" of a command that takes a filter: what is left out. No
 * option's value looks like that behind its letter. */
static bool is_negated_term(const struct command *command, const char *word)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.0123456789";
    const char *name = word + 1;
    if (!strstr(command->operands, "FILTER") || !*name || strchr(".0123456789", *name))
        return false;
    const char *end = name + strspn(name, letters);
    if (*end == '(' && strchr(end, ')'))
        end = strchr(end, ')') + 1;
    return end - name > 1 && *end && strchr(":<>=!", *end);
}

static int check_operands(const struct arguments *arguments)
{
    int least = 0, most = 0;
    char words[200];
    strncpy(words, arguments->command->operands, sizeof words - 1);
    words[sizeof words - 1] = '\0';
    char *rest = words, *word;
    while ((word = strsep(&rest, " "))) {
        if (!*word)
            continue;
        if (*word != '[' && ++least > arguments->operand_count)
            return fail(ERR_INVALID, "%s is missing", word);
        most = strstr(word, "...") ? arguments->operand_count : most + 1;
    }
    if (arguments->operand_count > most)
        return fail(ERR_INVALID, "unexpected '%.60s'", arguments->operands[most]);
    return 0;
}

int arguments_parse(struct arguments *out, const struct command *command, int argc, char **argv)
{
    *out = (struct arguments){ .command = command };
    /* every byte of a word could be an option of its own */
    size_t most = 1;
    for (int i = 0; i < argc; i++)
        most += strlen(argv[i]);
    out->given = xcalloc(most, sizeof *out->given);
    out->operands = xcalloc((size_t)argc + 1, sizeof *out->operands);
    bool options_ended = false;
    for (int next = 0; next < argc;) {
        const char *word = argv[next++];
        int result = 0;
        if (options_ended || word[0] != '-' || !word[1] || is_negated_term(command, word))
            out->operands[out->operand_count++] = word;
        else if (strcmp(word, "--") == 0 && command->takes_command) {
            out->rest = (const char *const *)(uintptr_t)(argv + next);
            break;
        } else if (strcmp(word, "--") == 0)
            options_ended = true;
        else if (word[1] == '-')
            result = parse_long(out, argc, argv, &next);
        else
            result = parse_short(out, argc, argv, &next);
        if (result < 0)
            return result;
    }
    return out->wants_help ? 0 : check_operands(out);
}

void arguments_release(struct arguments *arguments)
{
    free(arguments->given);
    free(arguments->operands);
    arena_release(&arguments->arena);
}

static const struct given_option *last_given(const struct arguments *arguments, const char *name)
{
    assert(find_long(arguments->command, name, strlen(name)));
    for (int i = arguments->given_count - 1; i >= 0; i--)
        if (strcmp(arguments->given[i].option->name, name) == 0)
            return &arguments->given[i];
    return NULL;
}

bool option_given(const struct arguments *arguments, const char *name)
{
    return last_given(arguments, name);
}

const char *option_text(const struct arguments *arguments, const char *name)
{
    const struct given_option *given = last_given(arguments, name);
    return given ? given->value : NULL;
}

const char *const *option_texts(struct arguments *arguments, const char *name, int *count)
{
    const char **texts =
        arena_alloc(&arguments->arena, (size_t)arguments->given_count + 1, sizeof *texts);
    *count = 0;
    for (int i = 0; i < arguments->given_count; i++)
        if (strcmp(arguments->given[i].option->name, name) == 0)
            texts[(*count)++] = arguments->given[i].value;
    return texts;
}

int option_integer(const struct arguments *arguments, const char *name, int64_t minimum,
                   int64_t maximum, int64_t *value)
{
    const char *text = option_text(arguments, name);
    if (!text)
        return 0;
    int64_t number;
    if (parse_integer(text, &number) < 0)
        return fail_prefix("option '--%s'", name);
    if (number < minimum || number > maximum)
        return fail(ERR_INVALID, "option '--%s': %s is not between %lld and %lld", name, text,
                    (long long)minimum, (long long)maximum);
    *value = number;
    return 0;
}
