/* What takes long is given up with Esc, and only with Esc, and leaves nothing half done. */
#define _GNU_SOURCE
#include "pty.h"
#include "shell.h"

enum { COLUMNS_HERE = 120, ROWS_HERE = 30 };

static struct arena arena;

/* A repository with one run of a command, and a git that never gets done with a work tree. */
static char *prepare(void)
{
    shell(&arena, "export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A\n"
                  "export GIT_COMMITTER_EMAIL=a@example.org GIT_CONFIG_GLOBAL=/dev/null\n"
                  "git init -q -b main .; echo 1 >code; git add code; git commit -qm Begin\n"
                  "mkdir bin; git=$(command -v git)\n"
                  "printf '#!/bin/sh\\ncase \"$*\" in *\"worktree add\"*) %s \"$@\"; touch %s/made;"
                  " exec sleep 300;; esac\\nexec %s \"$@\"\\n' $git $PWD $git >bin/git\n"
                  "chmod +x bin/git; echo bin >.git/info/exclude; echo out >>.git/info/exclude");
    struct program program = program_start("run", "-f", "--", "true");
    program_expect(&program, 0, "");
    return xasprintf("PATH=%s/bin:%s", path_absolute(&arena, "."), getenv("PATH"));
}

static struct pty check_out(const char *path)
{
    struct pty pty = pty_start(
        &(struct pty_wish){ .columns = COLUMNS_HERE, .rows = ROWS_HERE, .environment = { path } });
    pty_wait_for(&pty, "true");
    pty_settle_for(&pty, 300);
    pty_ask(&pty, "X", "check run 1 out to");
    pty_type(&pty, "\025out\r"); /* ^U empties the line */
    pty_wait_for(&pty, "checking out");
    while (!file_exists("made"))
        pty_listen(&pty, 20);
    return pty;
}

static void expect_nothing_left(void)
{
    assert_false(directory_exists("out"));
    assert_string_equal(shell(&arena, "git worktree list | wc -l; ls -A .git/worktrees || true"),
                        "1");
}

static void only_escape_gives_a_checkout_up(void **state)
{
    (void)state;
    char *path = prepare();
    struct pty pty = check_out(path);
    pty_ask(&pty, "?", "Help");
    pty_settle_for(&pty, 300);
    size_t mark = pty.size;
    pty_type(&pty, "q"); /* back one layer … */
    pty_settle(&pty);
    assert_false(pty_has_since(&pty, mark, "cancelled"));
    assert_true(directory_exists("out"));
    pty_ask(&pty, "q", "give up what is not done yet (checking out)"); /* … and out only if asked */
    pty_ask(&pty, "n", "nothing was changed");
    assert_true(directory_exists("out"));
    mark = pty.size;
    pty_type(&pty, "\033");
    pty_wait_since(&pty, mark, "cancelled");
    while (directory_exists("out") || directory_exists(".git/worktrees/out"))
        pty_listen(&pty, 20);
    pty_quit(&pty);
    expect_nothing_left();
    free(path);
}

static void who_leaves_leaves_nothing_half_done(void **state)
{
    (void)state;
    char *path = prepare();
    struct pty pty = check_out(path);
    pty_quit(&pty);
    expect_nothing_left();
    free(path);
}

/* Settings that somebody writes for ever hold up whoever reads them. */
static void typing_goes_on_while_words_are_sought(void **state)
{
    (void)state;
    struct program program = program_start("run", "-f", "--", "true");
    program_expect(&program, 0, "");
    struct pty pty = pty_start(&(struct pty_wish){ .columns = COLUMNS_HERE, .rows = ROWS_HERE });
    pty_wait_for(&pty, "true");
    pty_settle_for(&pty, 300);
    assert_int_equal(mkfifo(".gander/config.ini", 0600), 0);
    pty_ask(&pty, ":sh", "sh");
    pty_ask(&pty, "\t", "completing");
    assert_true(pty_ask(&pty, "zzz", "zzz") < 1);
    pty_settle_for(&pty, 100);
    size_t mark = pty.size;
    int settings = open(".gander/config.ini", O_WRONLY); /* somebody reads: they end here */
    assert_true(settings >= 0);
    close(settings);
    unlink(".gander/config.ini");
    pty_settle(&pty);
    assert_false(pty_has_since(&pty, mark, "ow")); /* for the "sh" that was there no more */
    pty_type(&pty, "\177\177\177");
    pty_settle_for(&pty, 100);
    pty_ask(&pty, "\t", "ow");
    pty_type(&pty, "\033");
    pty_settle_for(&pty, 100);
    pty_quit(&pty);
}

static int leave(void **state)
{
    arena_release(&arena);
    return program_leave(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_escape_gives_a_checkout_up, program_enter, leave),
        cmocka_unit_test_setup_teardown(who_leaves_leaves_nothing_half_done, program_enter, leave),
        cmocka_unit_test_setup_teardown(typing_goes_on_while_words_are_sought, program_enter,
                                        leave),
    };
    return cmocka_run_group_tests_name("giving up", tests, NULL, NULL);
}
