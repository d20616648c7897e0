#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "help.h"

/* "-s, --set KEY=VALUE" */
static char *option_names(struct arena *arena, const struct command_option *option)
{
    return arena_printf(
        arena, "%s--%s%s%s", option->letter ? arena_printf(arena, "-%c, ", option->letter) : "",
        option->name, option->argument ? " " : "", option->argument ? option->argument : "");
}

/* "[-s KEY=VALUE]..." */
static char *option_usage(struct arena *arena, const struct command_option *option)
{
    const char *name = option->letter ? arena_printf(arena, "-%c", option->letter)
                                      : arena_printf(arena, "--%s", option->name);
    return arena_printf(arena, "[%s%s%s]%s", name, option->argument ? " " : "",
                        option->argument ? option->argument : "", option->repeats ? "..." : "");
}

static bool is_help(const struct command_option *option)
{
    return strcmp(option->name, "help") == 0;
}

char *command_synopsis(struct arena *arena, const struct command *command)
{
    char *text = arena_printf(arena, "gander %s", command->name);
    const struct command_option *option;
    for (int i = 0; (option = command_option_at(command, i)); i++)
        if (!is_help(option))
            text = arena_printf(arena, "%s %s", text, option_usage(arena, option));
    if (*command->operands)
        text = arena_printf(arena, "%s %s", text, command->operands);
    return command->takes_command ? arena_printf(arena, "%s [-- COMMAND...]", text) : text;
}

void help_wrapped(FILE *stream, const char *text, int used, int indent)
{
    const char *gap = "";
    while (*text) {
        int length = 0, depth = 0;
        for (; text[length] && (depth > 0 || text[length] != ' '); length++)
            depth += (text[length] == '[') - (text[length] == ']');
        if (*gap && used + 1 + length > HELP_COLUMNS) {
            fprintf(stream, "\n%*s", indent, "");
            used = indent;
            gap = "";
        }
        fprintf(stream, "%s%.*s", gap, length, text);
        used += (int)strlen(gap) + length;
        text += length + (text[length] == ' ');
        gap = " ";
    }
    fputc('\n', stream);
}

/* Calls back for each paragraph of `details`. */
static void each_paragraph(FILE *stream, const char *details,
                           void (*print)(FILE *stream, const char *paragraph))
{
    struct arena arena = { 0 };
    while (details && *details) {
        const char *end = strstr(details, "\n\n");
        size_t length = end ? (size_t)(end - details) : strlen(details);
        print(stream, arena_strndup(&arena, details, length));
        details += length + (end ? 2 : 0);
    }
    arena_release(&arena);
}

static void print_paragraph(FILE *stream, const char *paragraph)
{
    fputc('\n', stream);
    help_wrapped(stream, paragraph, 0, 0);
}

void help_command(FILE *stream, const struct command *command)
{
    struct arena arena = { 0 };
    fprintf(stream, "gander %s - %s\n\nusage: ", command->name, command->summary);
    help_wrapped(stream, command_synopsis(&arena, command), (int)strlen("usage: "),
                 (int)(strlen("usage: gander ") + strlen(command->name) + 1));
    each_paragraph(stream, command->details, print_paragraph);
    fputs("\noptions:\n", stream);
    const struct command_option *option;
    for (int i = 0; (option = command_option_at(command, i)); i++) {
        int width = fprintf(stream, "  %s", option_names(&arena, option));
        if (width > HELP_NAMES_LIMIT - 2) {
            fputc('\n', stream);
            width = 0;
        }
        fprintf(stream, "%*s", HELP_NAMES_LIMIT - width, "");
        help_wrapped(stream, option->help, HELP_NAMES_LIMIT, HELP_NAMES_LIMIT);
    }
    arena_release(&arena);
}

void help_overview(FILE *stream)
{
    fputs("gander - train GANs on handwritten digits, and watch them\n"
          "\n"
          "usage: gander COMMAND [ARGUMENT]...\n"
          "\n",
          stream);
    for (int i = 0; commands[i]; i++)
        if (!commands[i]->is_plumbing)
            fprintf(stream, "  %-12s%s\n", commands[i]->name, commands[i]->summary);
    fputs("\n"
          "'gander COMMAND --help' says more, and 'man gander' all of it. A first run:\n"
          "\n"
          "  gander run -f experiments/digits.ini\n",
          stream);
}

void help_mdoc(FILE *stream, const char *text)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", stream);
        bool sentence_ends = strchr(".:?!", *text) && text[1] == ' ' && !islower(text[2]);
        if (*text == '\\') {
            fputs("\\e", stream);
        } else if ((unsigned char)*text >= 0x80) {
            fprintf(stream, "\\[u%04X]", text_next(&text));
            text--; /* it moved past the character */
        } else {
            fputc(*text, stream);
        }
        if (sentence_ends) {
            fputc('\n', stream);
            text++;
        }
        line_start = sentence_ends;
    }
    fputc('\n', stream);
}

static void print_mdoc_paragraph(FILE *stream, const char *paragraph)
{
    fputs(".Pp\n", stream);
    help_mdoc(stream, paragraph);
}

static void print_mdoc_operands(FILE *stream, const char *operands)
{
    while (*operands) {
        size_t length = strcspn(operands, " ");
        bool optional = *operands == '[';
        size_t name = strcspn(operands + optional, "]. ");
        bool many = strstr(operands, "...") && strstr(operands, "...") < operands + length;
        fprintf(stream, "%s%.*s%s\n", optional ? ".Op Ar " : ".Ar ", (int)name, operands + optional,
                many ? " ..." : "");
        operands += length + (operands[length] == ' ');
    }
}

static void print_mdoc_option(FILE *stream, const struct command_option *option)
{
    fputs(".It ", stream);
    if (option->letter)
        fprintf(stream, "Fl %c , ", option->letter);
    fprintf(stream, "Fl -%s", option->name);
    if (option->argument)
        fprintf(stream, " Ar %s", option->argument);
    fputc('\n', stream);
    help_mdoc(stream, option->help);
}

static void print_mdoc_usage(FILE *stream, const struct command_option *option)
{
    fputs(".Op ", stream);
    if (option->letter)
        fprintf(stream, "Fl %c", option->letter);
    else
        fprintf(stream, "Fl -%s", option->name);
    if (option->argument)
        fprintf(stream, " Ar %s", option->argument);
    fprintf(stream, "%s\n", option->repeats ? " ..." : "");
}

void help_manual(FILE *stream)
{
    const struct command_option *option;
    for (int i = 0; commands[i]; i++) {
        const struct command *command = commands[i];
        fprintf(stream, ".Ss %s \\(en %s\n.Nm gander Cm %s\n", command->name, command->summary,
                command->name);
        for (int j = 0; (option = command_option_at(command, j)); j++)
            if (!is_help(option))
                print_mdoc_usage(stream, option);
        print_mdoc_operands(stream, command->operands);
        if (command->takes_command)
            fputs(".Op Fl - Ar COMMAND ...\n", stream);
        each_paragraph(stream, command->details, print_mdoc_paragraph);
        if (command->option_count == 0 && !command->uses_store && !command->uses_stores)
            continue; /* --help alone: said once for all commands */
        fputs(".Bl -tag -width Ds\n", stream);
        for (int j = 0; (option = command_option_at(command, j)); j++)
            if (!is_help(option))
                print_mdoc_option(stream, option);
        fputs(".El\n", stream);
    }
}
