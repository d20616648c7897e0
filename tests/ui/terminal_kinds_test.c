/* Terminals of many kinds, and how the dashboard ends in them. */
#define _GNU_SOURCE
#include "../../src/ui/screen_terminfo.h"
#include "pty.h"
#include "shown.h"

enum { RUNS_HERE = 3 };

static struct pty_wish wish_for(const char *terminal)
{
    return (struct pty_wish){ .columns = 80, .rows = 24, .terminal = terminal };
}

/* A walk through views; what the terminal was sent meanwhile. The caller releases it. */
static struct pty walk_through(const struct pty_wish *wish)
{
    struct pty pty = pty_start(wish);
    pty_wait_for(&pty, "shown");
    pty_settle_for(&pty, 300);
    pty_ask(&pty, "?", "Help");
    pty_type(&pty, "q");
    pty_settle_for(&pty, 200);
    pty_ask(&pty, "c", "Curves");
    pty_settle_for(&pty, 300);
    pty_type(&pty, "q");
    pty_settle_for(&pty, 200);
    pty_type(&pty, "L");
    pty_settle_for(&pty, 300);
    pty_type(&pty, "q");
    pty_settle_for(&pty, 200);
    assert_int_equal(pty_end(&pty, "Q"), 0);
    return pty;
}

/* Does an SGR with a colour in it stand there: 30 … 49 or 90 and more among its numbers? */
static bool has_colour(const struct pty *pty)
{
    for (const char *at = pty->bytes; (at = strstr(at, "\033[")); at += 2) {
        const char *end = at + 2 + strspn(at + 2, "0123456789;:");
        if (*end != 'm')
            continue;
        for (const char *number = at + 2; number < end; number += strcspn(number, ";:m") + 1) {
            long value = strtol(number, NULL, 10);
            if ((value >= 30 && value <= 38) || (value >= 40 && value <= 48) || value >= 90)
                return true;
        }
    }
    return false;
}

static void is_shown_on(void **state)
{
    const char *terminal = *state;
    struct pty_wish wish = wish_for(terminal);
    if (!terminfo_knows(terminal))
        skip();
    shown_store(RUNS_HERE);
    struct pty pty = walk_through(&wish);
    assert_int_equal(has_colour(&pty), strcmp(terminal, "vt100") != 0);
    if (strcmp(terminal, "vt100") == 0 || strcmp(terminal, "linux") == 0)
        assert_int_equal(pty.asked, 0);
    pty_release(&pty);
}

static int enter_with(void **state)
{
    void *initial = *state;
    int error = program_enter(state);
    *state = initial;
    return error;
}

static void no_color_is_heeded(void **state)
{
    struct pty_wish wish = wish_for("xterm-256color");
    (void)state;
    wish.environment[0] = "NO_COLOR=1";
    shown_store(RUNS_HERE);
    struct pty pty = walk_through(&wish);
    assert_false(has_colour(&pty));
    pty_release(&pty);
}

static void without_utf8_all_is_ascii(void **state)
{
    struct pty_wish wish = wish_for("xterm-256color");
    (void)state;
    wish.environment[0] = "LC_ALL=C";
    shown_store(RUNS_HERE);
    struct pty pty = walk_through(&wish);
    for (size_t i = 0; i < pty.size; i++)
        assert_true((unsigned char)pty.bytes[i] < 128);
    pty_release(&pty);
}

static void refuses(const char *terminal)
{
    struct pty_wish wish = wish_for(terminal);
    struct pty pty = pty_start(&wish);
    int status = pty_end(&pty, "");
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_non_null(strstr(pty.bytes, "the dashboard "));
    assert_non_null(
        strstr(pty.bytes, "'gander ls', 'gander show RUN' and 'gander watch RUN' print"));
    assert_null(strchr(pty.bytes, 27));
    pty_release(&pty);
}

static void what_cannot_show_it_is_told_what_prints(void **state)
{
    (void)state;
    shown_store(RUNS_HERE);
    refuses("dumb");
    refuses("no-such-terminal");
    refuses("");
}

/* The store that was made for it goes again, and its sentence is not the last word. */
static void the_refusal_is_said_where_there_is_no_store(void **state)
{
    (void)state;
    refuses("dumb");
    assert_false(directory_exists(".gander"));
}

/* Each thread has a catalogue of its own then. */
static void runs_are_shown_where_no_catalogue_can_be_written(void **state)
{
    struct pty_wish wish = wish_for("xterm-256color");
    (void)state;
    shown_store(RUNS_HERE);
    wish.environment[0] = "HOME=";
    wish.environment[1] = "XDG_CACHE_HOME=";
    wish.environment[2] = "GANDER_CATALOGUE=cache";
    struct pty pty = pty_start(&wish);
    pty_wait_for(&pty, "shown");
    pty_end(&pty, "Q");
    pty_release(&pty);
}

/* --- its end --- */

static void signals_end_it_with_the_terminal_as_it_was(void **state)
{
    static const int signals[] = { SIGTERM, SIGHUP, SIGINT };
    struct pty_wish wish = wish_for("xterm-256color");
    (void)state;
    shown_store(RUNS_HERE);
    for (int i = 0; i < ARRAY_SIZE(signals); i++) {
        struct pty pty = pty_start(&wish);
        pty_wait_for(&pty, "shown");
        pty_settle_for(&pty, 200);
        size_t mark = pty.size;
        kill(pty.pid, signals[i]);
        int status = pty_end(&pty, "");
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_true(pty_has_since(&pty, mark, "\033[?1049l"));
        assert_true(pty_has_since(&pty, mark, "\033[?1002l"));
        assert_true(pty_has_since(&pty, mark, "\033[?2004l"));
        pty_release(&pty);
    }
}

/* The terminal goes away: nobody is left behind who reads it. */
static void it_ends_with_its_terminal(void **state)
{
    int status;
    struct pty_wish wish = wish_for("xterm-256color");
    (void)state;
    shown_store(RUNS_HERE);
    struct pty pty = pty_start(&wish);
    pty_wait_for(&pty, "shown");
    close(pty.master);
    assert_int_equal(waitpid(pty.pid, &status, 0), pty.pid);
    pty_release(&pty);
}

/* A journal that takes seconds to read for the first time. */
static void make_a_long_journal(void)
{
    enum { LINES = 400000, SMALL_LINES = 100000 };
    int lines = getenv("GANDER_TEST_SMALL") ? SMALL_LINES : LINES;
    FILE *file = fopen(made_path(1, "events.jsonl"), "a");
    assert_non_null(file);
    for (int step = 401; step < 401 + lines; step++)
        fprintf(file,
                "{\"t\":%d,\"step\":%d,\"metrics\":{\"d_loss\":0.%d,\"g_loss\":1.%d,"
                "\"d_real\":0.5,\"d_fake\":0.25}}\n",
                1795000000 + step, step, step, step);
    fclose(file);
}

static double seconds_to_leave(struct pty *pty)
{
    double begun = monotonic_clock();
    assert_int_equal(pty_end(pty, "Q"), 0);
    return monotonic_clock() - begun;
}

static void it_leaves_while_a_store_is_read(void **state)
{
    struct pty_wish wish = wish_for("xterm-256color");
    (void)state;
    shown_store(RUNS_HERE);
    make_a_long_journal();
    struct pty pty = pty_start(&wish);
    pty_wait_for(&pty, "reading the store");
    double took = seconds_to_leave(&pty);
    if (took > 0.5)
        print_error("%.3f s to leave\n", took);
    assert_true(took < 0.5);
    assert_non_null(strstr(pty.bytes, "\033[?1049l"));
    pty_release(&pty);
}

static void it_leaves_while_a_command_works(void **state)
{
    struct pty_wish wish = wish_for("xterm-256color");
    (void)state;
    shown_store(RUNS_HERE);
    int lock = shown_live(RUNS_HERE + 1);
    struct pty pty = pty_start(&wish);
    pty_wait_for(&pty, "shown");
    pty_type(&pty, ":wait 4\r");
    pty_listen(&pty, 500);
    assert_true(seconds_to_leave(&pty) < 0.5);
    close(lock);
    pty_release(&pty);
}

#define ON_TERMINAL(terminal)                                                                      \
    {                                                                                              \
        "is_shown_on_" terminal, is_shown_on, enter_with, program_leave, (char[])                  \
        {                                                                                          \
            terminal                                                                               \
        }                                                                                          \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_TERMINAL("vt100"),
        ON_TERMINAL("linux"),
        ON_TERMINAL("screen"),
        ON_TERMINAL("tmux-256color"),
        ON_TERMINAL("xterm"),
        ON_TERMINAL("xterm-256color"),
        ON_TERMINAL("xterm-direct"),
        IN_PROGRAM_SCRATCH(no_color_is_heeded),
        IN_PROGRAM_SCRATCH(without_utf8_all_is_ascii),
        IN_PROGRAM_SCRATCH(what_cannot_show_it_is_told_what_prints),
        IN_PROGRAM_SCRATCH(the_refusal_is_said_where_there_is_no_store),
        IN_PROGRAM_SCRATCH(runs_are_shown_where_no_catalogue_can_be_written),
        IN_PROGRAM_SCRATCH(signals_end_it_with_the_terminal_as_it_was),
        IN_PROGRAM_SCRATCH(it_ends_with_its_terminal),
        IN_PROGRAM_SCRATCH(it_leaves_while_a_store_is_read),
        IN_PROGRAM_SCRATCH(it_leaves_while_a_command_works),
    };
    return cmocka_run_group_tests_name("terminal_kinds", tests, NULL, NULL);
}
