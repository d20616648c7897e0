#define _GNU_SOURCE
#include "complete.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "run/slurm.h"

/* A word as the shell would hand it over, as far as that needs no more than taking quotes away: no
 * variables, no commands. "~/" is the home directory. */
static char *unquote(struct arena *arena, const char *word)
{
    char *text = arena_alloc(arena, strlen(word) + 1, 1), *end = text;
    char quote = '\0';
    for (const char *next = word; *next; next++) {
        if (*next == quote)
            quote = '\0';
        else if (!quote && (*next == '\'' || *next == '"'))
            quote = *next;
        else if (quote != '\'' && *next == '\\' && next[1])
            *end++ = *++next;
        else
            *end++ = *next;
    }
    return word[0] == '~' ? path_expand(arena, text) : text; /* one in quotes is a letter */
}

void offer(struct completion *completion, const char *text, const char *description)
{
    enum { LONGEST = 1000, DESCRIPTION = 80 };
    struct arena arena = { 0 };
    const char *word = arena_printf(&arena, "%s%s", completion->fixed, text);
    bool fits = strncmp(text, completion->typed, strlen(completion->typed)) == 0;
    if (fits && *word && strlen(word) < LONGEST &&
        strcmp(text_clean(&arena, word, LONGEST), word) == 0)
        fprintf(completion->stream, "%s\t%s\n", word,
                description ? text_clean(&arena, description, DESCRIPTION) : "");
    arena_release(&arena);
}

void complete_from(struct completion *completion, const char *at)
{
    size_t length = (size_t)(at - completion->typed);
    completion->fixed = arena_printf(&completion->arena, "%s%.*s", completion->fixed, (int)length,
                                     completion->typed);
    completion->typed = at;
}

/* Whatever goes wrong: then there are no candidates. */
struct catalogue *completion_catalogue(struct completion *completion)
{
    if (completion->has_looked)
        return completion->catalogue;
    completion->has_looked = true;
    slurm_set_patience(0);
    if (store_open(&completion->store, completion->directory, STORE_FIND) < 0 ||
        catalogue_open(&completion->catalogue, &completion->store) < 0)
        completion->catalogue = NULL;
    else
        catalogue_refresh(completion->catalogue, completion->now);
    return completion->catalogue;
}

/* --- the line --- */

static void offer_commands(struct completion *completion)
{
    for (int i = 0; commands[i]; i++)
        if (!commands[i]->is_plumbing)
            offer(completion, commands[i]->name, commands[i]->summary);
}

static void offer_options(struct completion *completion, const struct command *command)
{
    const struct command_option *option;
    for (int i = 0; (option = command_option_at(command, i)); i++)
        offer(completion, arena_printf(&completion->arena, "--%s", option->name), option->help);
}

/* "--sort", "--sort=frechet" */
static const struct command_option *long_option(const struct command *command, const char *word,
                                                const char **value)
{
    const struct command_option *option;
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    for (int i = 0; (option = command_option_at(command, i)); i++)
        if (strlen(option->name) + 2 == length && memcmp(option->name, word + 2, length - 2) == 0) {
            *value = equals ? equals + 1 : NULL;
            return option;
        }
    return NULL;
}

static const struct command_option *lettered_option(const struct command *command, char letter)
{
    const struct command_option *option;
    for (int i = 0; (option = command_option_at(command, i)); i++)
        if (option->letter == letter)
            return option;
    return NULL;
}

/* The option that the word gives, the last of flags that stand together; *value is that which it
 * holds, too. NULL: none. */
static const struct command_option *option_of(const struct command *command, const char *word,
                                              const char **value)
{
    const struct command_option *option = NULL;
    *value = NULL;
    if (word[0] != '-' || !word[1])
        return NULL;
    if (word[1] == '-')
        return long_option(command, word, value);
    for (const char *letter = word + 1; *letter; letter++) {
        option = lettered_option(command, *letter);
        if (!option)
            return NULL;
        if (option->argument) {
            *value = letter[1] ? letter + 1 : NULL;
            return option;
        }
    }
    return option;
}

/* "RUN" of the operand `index`, counted from 0, as in "RUN [FILE]" or "RUN TAG..."; NULL: no more. */
static const char *operand_kind(struct arena *arena, const struct command *command, int index)
{
    char *rest = arena_strdup(arena, command->operands), *word, *last = NULL;
    while ((word = strsep(&rest, " "))) {
        word += *word == '[';
        bool repeats = strstr(word, "...");
        word[strcspn(word, "].")] = '\0';
        if (!*word)
            continue;
        if (index-- == 0 || repeats)
            last = word;
        if (last)
            break;
    }
    return last;
}

/* What the words before the cursor come to. */
struct line {
    const struct command *command;
    const struct command_option *open; /* an option that waits for its value */
    int operands;
    bool options_ended;
    int rest; /* the word after "--" of a command that takes a command; 0: none */
};

static void read_line(struct completion *completion, struct line *line, char **words, int count)
{
    for (int i = 2; i < count && !line->rest; i++) {
        const char *value;
        const struct command_option *option =
            line->options_ended ? NULL : option_of(line->command, words[i], &value);
        if (option && option->argument && !value && i + 1 == count) {
            line->open = option;
        } else if (option && option->argument) {
            value = value ? value : words[++i];
            if (strcmp(option->name, "store") == 0)
                completion->directory = value;
        } else if (!line->options_ended && strcmp(words[i], "--") == 0) {
            line->options_ended = true;
            line->rest = line->command->takes_command ? i + 1 : 0;
        } else if (line->options_ended || words[i][0] != '-' || !words[i][1]) {
            line->operands++;
        }
    }
}

/* Where the word being typed is "--sort=frec" already. */
static bool complete_option_value(struct completion *completion, const struct line *line)
{
    const char *value;
    const struct command_option *option =
        line->options_ended ? NULL : option_of(line->command, completion->typed, &value);
    if (!option || !option->argument || !value)
        return false;
    complete_from(completion, value);
    complete_kind(completion, option->argument);
    return true;
}

static void complete_argument(struct completion *completion, const struct line *line)
{
    const char *kind = operand_kind(&completion->arena, line->command, line->operands);
    bool is_option = completion->typed[0] == '-' && !line->options_ended;
    if (line->open)
        complete_kind(completion, line->open->argument);
    else if (line->rest)
        fprintf(completion->stream, "\tcommand %d\n", line->rest);
    else if (complete_option_value(completion, line))
        return;
    else if (is_option)
        offer_options(completion, line->command);
    else if (kind)
        complete_kind(completion, kind);
}

static const struct command *find_command(const char *name)
{
    for (int i = 0; commands[i]; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

void complete(FILE *stream, const char *const *words, int count, double now)
{
    struct completion completion = { .stream = stream, .now = now, .fixed = "", .typed = "" };
    struct line line = { .operands = 0 };
    char **plain = arena_alloc(&completion.arena, (size_t)count + 1, sizeof *plain);
    for (int i = 0; i < count; i++)
        plain[i] = unquote(&completion.arena, words[i]);
    if (count >= 2) {
        completion.typed = plain[count - 1];
        line.command = count > 2 ? find_command(plain[1]) : NULL;
        if (count == 2)
            offer_commands(&completion);
    }
    if (line.command) {
        read_line(&completion, &line, plain, count - 1);
        complete_argument(&completion, &line);
    }
    catalogue_close(completion.catalogue);
    store_release(&completion.store);
    arena_release(&completion.arena);
}
