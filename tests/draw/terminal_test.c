#define _GNU_SOURCE
#include "draw/terminal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "testing.h"

/* An environment as text: "TERM=xterm COLORTERM=truecolor". */
static const char *lookup(const void *context, const char *name)
{
    static char values[16][64]; /* of the last calls, as getenv's live on, too */
    static int next;
    char *value = values[next++ % ARRAY_SIZE(values)];
    size_t length = strlen(name);
    for (const char *word = context; *word; word += strspn(word, " ")) {
        size_t end = strcspn(word, " ");
        if (strncmp(word, name, length) == 0 && word[length] == '=') {
            snprintf(value, sizeof values[0], "%.*s", (int)(end - length - 1), word + length + 1);
            return value;
        }
        word += end;
    }
    return NULL;
}

static struct terminal judge(const char *environment, bool is_terminal)
{
    struct terminal terminal;
    terminal_judge(&terminal, &(struct terminal_facts){ .is_terminal = is_terminal,
                                                        .columns = 100,
                                                        .rows = 30,
                                                        .codeset = "UTF-8",
                                                        .lookup = lookup,
                                                        .context = environment });
    return terminal;
}

static void terminal_knows_its_colours(void **state)
{
    (void)state;
    static const struct {
        const char *environment;
        enum colour_depth on_terminal, on_file;
    } cases[] = {
        { "", COLOUR_NONE, COLOUR_NONE },
        { "TERM=dumb COLORTERM=truecolor", COLOUR_NONE, COLOUR_NONE },
        { "TERM=xterm", COLOUR_256, COLOUR_NONE },
        { "TERM=xterm-mono", COLOUR_NONE, COLOUR_NONE },
        { "TERM=xterm-256color", COLOUR_256, COLOUR_NONE },
        { "TERM=xterm-256color COLORTERM=truecolor", COLOUR_TRUE, COLOUR_NONE },
        { "TERM=xterm-256color COLORTERM=24bit", COLOUR_TRUE, COLOUR_NONE },
        { "TERM=xterm-256color COLORTERM=yes", COLOUR_256, COLOUR_NONE },
        { "TERM=xterm-direct", COLOUR_TRUE, COLOUR_NONE },
        { "TERM=xterm-kitty", COLOUR_TRUE, COLOUR_NONE },
        { "TERM=linux", COLOUR_16, COLOUR_NONE },
        { "TERM=vt220", COLOUR_NONE, COLOUR_NONE },
        { "TERM=ansi", COLOUR_16, COLOUR_NONE },
        { "TERM=screen TMUX=/tmp/t", COLOUR_256, COLOUR_NONE },
        { "TERM=tmux-256color TMUX=/tmp/t COLORTERM=truecolor", COLOUR_TRUE, COLOUR_NONE },
        { "TERM=screen STY=1.pts COLORTERM=truecolor", COLOUR_256, COLOUR_NONE },
        { "TERM=screen-256color COLORTERM=truecolor", COLOUR_256, COLOUR_NONE },
        { "TERM=xterm-256color NO_COLOR=1", COLOUR_NONE, COLOUR_NONE },
        { "TERM=xterm-256color NO_COLOR=", COLOUR_256, COLOUR_NONE },
        { "TERM=xterm-256color NO_COLOR=1 CLICOLOR_FORCE=1", COLOUR_NONE, COLOUR_NONE },
        { "TERM=dumb CLICOLOR_FORCE=1", COLOUR_256, COLOUR_256 },
        { "TERM=xterm COLORTERM=truecolor CLICOLOR_FORCE=1", COLOUR_TRUE, COLOUR_TRUE },
        { "TERM=xterm CLICOLOR_FORCE=0", COLOUR_256, COLOUR_NONE },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *environment = cases[i].environment;
        if (judge(environment, true).colours != cases[i].on_terminal ||
            judge(environment, false).colours != cases[i].on_file)
            fail_msg("'%s'", environment);
    }
}

static void terminal_knows_who_moves_and_reflows(void **state)
{
    (void)state;
    assert_true(judge("TERM=xterm", true).moves);
    assert_false(judge("TERM=xterm", false).moves);
    assert_false(judge("TERM=dumb", true).moves);
    assert_false(judge("", true).moves);
    assert_true(judge("TERM=xterm-256color", true).reflows);
    assert_false(judge("TERM=xterm XTERM_VERSION=XTerm(372)", true).reflows);
    assert_true(judge("TERM=tmux TMUX=/tmp/t XTERM_VERSION=XTerm(372)", true).reflows);
    assert_false(judge("TERM=screen STY=1", true).reflows);
    assert_false(judge("TERM=linux", true).reflows);
}

static void terminal_knows_its_characters(void **state)
{
    (void)state;
    static const char *const codesets[] = { "UTF-8", "utf8", "utf-8", "ANSI_X3.4-1968", "" };
    for (int i = 0; i < ARRAY_SIZE(codesets); i++) {
        struct terminal terminal;
        terminal_judge(&terminal, &(struct terminal_facts){ .is_terminal = true,
                                                            .codeset = codesets[i],
                                                            .lookup = lookup,
                                                            .context = "TERM=xterm" });
        assert_int_equal(terminal.utf8, i < 3);
        assert_int_equal(terminal.braille, i < 3);
    }
    assert_true(judge("TERM=linux", true).utf8);
    assert_false(judge("TERM=linux", true).braille);
}

static void terminal_size_is_the_kernels_then_the_environments(void **state)
{
    (void)state;
    static const struct {
        const char *environment;
        int kernel, columns;
    } cases[] = {
        { "COLUMNS=120", 100, 100 },
        { "COLUMNS=120", 0, 120 },
        { "", 0, 80 },
        { "COLUMNS=0", 0, 80 },
        { "COLUMNS=-5", 0, 80 },
        { "COLUMNS=many", 0, 80 },
        { "COLUMNS=999999", 0, 80 },
        { "COLUMNS=99999999999999999999", 0, 80 },
    };
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct terminal terminal;
        terminal_judge(&terminal, &(struct terminal_facts){ .columns = cases[i].kernel,
                                                            .codeset = "",
                                                            .lookup = lookup,
                                                            .context = cases[i].environment });
        assert_int_equal(terminal.columns, cases[i].columns);
        assert_int_equal(terminal.rows, 24);
    }
}

static void terminal_probes_files_and_terminals(void **state)
{
    (void)state;
    struct terminal terminal;
    FILE *file = tmpfile();
    setenv("TERM", "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    terminal_probe(&terminal, file);
    assert_false(terminal.is_terminal || terminal.moves);
    assert_true(terminal.utf8);
    fclose(file);

    int master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    assert_int_equal(ioctl(master, TIOCSWINSZ, &(struct winsize){ .ws_col = 91, .ws_row = 17 }), 0);
    FILE *other_end = fopen(ptsname(master), "r+");
    assert_non_null(other_end);
    terminal_probe(&terminal, other_end);
    assert_true(terminal.is_terminal && terminal.moves);
    assert_int_equal(terminal.columns, 91);
    assert_int_equal(terminal.rows, 17);
    fclose(other_end);
    close(master);
}

static void terminal_takes_a_locale_at_its_name_where_it_is_not_installed(void **state)
{
    (void)state;
    static const struct {
        const char *all, *ctype, *lang;
        bool utf8;
    } cases[] = {
        { "xx_XX.UTF-8", "C", "C", true },       { "xx_XX.utf8@euro", "C", "C", true },
        { "", "xx_XX.UTF-8", "C", true },        { "", "", "xx_XX.UTF-8", true },
        { "xx_XX.ISO-8859-1", "C", "C", false }, { "xx_XX", "C", "C", false },
        { "C", "C", "xx_XX.UTF-8", false },
    };
    FILE *file = tmpfile();
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct terminal terminal;
        setenv("LC_ALL", cases[i].all, 1);
        setenv("LC_CTYPE", cases[i].ctype, 1);
        setenv("LANG", cases[i].lang, 1);
        terminal_probe(&terminal, file);
        assert_int_equal(terminal.utf8, cases[i].utf8);
    }
    fclose(file);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminal_knows_its_colours),
        cmocka_unit_test(terminal_knows_who_moves_and_reflows),
        cmocka_unit_test(terminal_knows_its_characters),
        cmocka_unit_test(terminal_size_is_the_kernels_then_the_environments),
        cmocka_unit_test(terminal_probes_files_and_terminals),
        cmocka_unit_test(terminal_takes_a_locale_at_its_name_where_it_is_not_installed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
