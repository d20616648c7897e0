#define _GNU_SOURCE
#include "draw/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_COLUMNS = 80, DEFAULT_ROWS = 24, SIZE_LIMIT = 4096 };

/* The first row whose text TERM begins with (or contains, where `anywhere`) decides. */
static const struct known_terminal {
    const char *text;
    bool anywhere;
    enum colour_depth colours;
} known_terminals[] = {
    { "-direct", true, COLOUR_TRUE },      { "256color", true, COLOUR_256 },
    { "xterm-kitty", false, COLOUR_TRUE }, { "xterm-ghostty", false, COLOUR_TRUE },
    { "alacritty", false, COLOUR_TRUE },   { "foot", false, COLOUR_TRUE },
    { "wezterm", false, COLOUR_TRUE },     { "contour", false, COLOUR_TRUE },
    { "xterm-mono", false, COLOUR_NONE },  { "xterm", false, COLOUR_256 },
    { "tmux", false, COLOUR_256 },         { "konsole", false, COLOUR_256 },
    { "gnome", false, COLOUR_256 },        { "vte", false, COLOUR_256 },
    { "putty", false, COLOUR_256 },        { "mintty", false, COLOUR_256 },
    { "vt", false, COLOUR_NONE },          { "", false, COLOUR_16 },
};

static bool is_set(const char *value)
{
    return value && *value;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static enum colour_depth colours_of_name(const char *name)
{
    const struct known_terminal *known = known_terminals;
    while (known->anywhere ? !strstr(name, known->text) : !starts_with(name, known->text))
        known++;
    return known->colours;
}

static enum colour_depth judge_colours(const struct terminal_facts *facts, const char *name,
                                       bool in_tmux, bool in_screen)
{
    const char *outer = facts->lookup(facts->context, "COLORTERM");
    const char *force = facts->lookup(facts->context, "CLICOLOR_FORCE");
    bool is_forced = is_set(force) && strcmp(force, "0") != 0;
    if (is_set(facts->lookup(facts->context, "NO_COLOR")))
        return COLOUR_NONE;
    if (!is_forced && (!facts->is_terminal || !*name || strcmp(name, "dumb") == 0))
        return COLOUR_NONE;

    enum colour_depth least = is_forced || in_tmux || in_screen ? COLOUR_256 : COLOUR_NONE;
    bool is_true = outer && (strcmp(outer, "truecolor") == 0 || strcmp(outer, "24bit") == 0);
    if (is_true && !in_screen)
        return COLOUR_TRUE;
    return MAX(least, colours_of_name(name));
}

/* What the kernel says, else what the environment says, else `fallback`. */
static int judge_size(const struct terminal_facts *facts, int kernel, const char *variable,
                      int fallback)
{
    const char *text = facts->lookup(facts->context, variable);
    long size = kernel > 0 ? kernel : text ? strtol(text, NULL, 10) : 0;
    return size > 0 && size <= SIZE_LIMIT ? (int)size : fallback;
}

void terminal_judge(struct terminal *out, const struct terminal_facts *facts)
{
    const char *given = facts->lookup(facts->context, "TERM"), *name = given ? given : "";
    bool in_tmux = is_set(facts->lookup(facts->context, "TMUX"));
    bool in_screen =
        !in_tmux && (is_set(facts->lookup(facts->context, "STY")) || starts_with(name, "screen"));
    bool in_xterm = !in_tmux && is_set(facts->lookup(facts->context, "XTERM_VERSION"));
    bool is_console = strcmp(name, "linux") == 0;
    bool is_plain = !*name || strcmp(name, "dumb") == 0;
    *out = (struct terminal){
        .is_terminal = facts->is_terminal,
        .moves = facts->is_terminal && !is_plain,
        .utf8 = strcasecmp(facts->codeset, "UTF-8") == 0 || strcasecmp(facts->codeset, "utf8") == 0,
        .reflows = !in_screen && !in_xterm && !is_console,
        .colours = judge_colours(facts, name, in_tmux, in_screen),
        .columns = judge_size(facts, facts->columns, "COLUMNS", DEFAULT_COLUMNS),
        .rows = judge_size(facts, facts->rows, "LINES", DEFAULT_ROWS),
    };
    out->braille = out->utf8 && !is_console;
}

static const char *environment(const void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

/* The character set of the locale that the environment names. A locale that is not installed here
 * (common after ssh) still says with its name what the terminal at the other end takes. */
static void find_codeset(char *out, size_t size)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (locale != (locale_t)0) {
        snprintf(out, size, "%s", nl_langinfo_l(CODESET, locale));
        freelocale(locale);
        return;
    }
    static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    const char *name = "";
    for (int i = 0; i < ARRAY_SIZE(variables) && !*name; i++) {
        const char *value = getenv(variables[i]);
        name = value ? value : "";
    }
    const char *dot = strchr(name, '.');
    snprintf(out, size, "%s", dot ? dot + 1 : "");
    out[strcspn(out, "@")] = '\0';
}

void terminal_probe(struct terminal *out, FILE *stream)
{
    struct winsize size = { 0 };
    char codeset[32];
    int fd = fileno(stream);
    bool is_terminal = fd >= 0 && isatty(fd);
    if (is_terminal && ioctl(fd, TIOCGWINSZ, &size) != 0)
        size = (struct winsize){ 0 };
    find_codeset(codeset, sizeof codeset);
    terminal_judge(out, &(struct terminal_facts){
                            .is_terminal = is_terminal,
                            .columns = size.ws_col,
                            .rows = size.ws_row,
                            .codeset = codeset,
                            .lookup = environment,
                        });
}
