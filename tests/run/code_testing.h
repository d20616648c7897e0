/* Real repositories, made by the git program in the scratch directory, for tests of run/code.h. */
#ifndef GANDER_TESTS_RUN_CODE_TESTING_H
#define GANDER_TESTS_RUN_CODE_TESTING_H

#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/file.h"
#include "run/code.h"
#include "shell.h"
#include "testing.h"

static struct store code_store;  /* of the test, in "work/.gander" */
static struct arena code_arena;  /* of the test */
static char code_home[PATH_MAX]; /* libgit2 asks for HOME once, so it is one for all tests */

/* shell() of a script that is put together; its place is the scratch directory. */
__attribute__((unused)) static char *sh(const char *format, ...) PRINTF_LIKE(1, 2);
__attribute__((unused)) static char *sh(const char *format, ...)
{
    char script[8192];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(script, sizeof script, format, arguments);
    va_end(arguments);
    return shell(&code_arena, script);
}

static inline int code_group_enter(void **state)
{
    static const char *const names[][2] = {
        { "GIT_AUTHOR_NAME", "A Person" },
        { "GIT_AUTHOR_EMAIL", "a@example.org" },
        { "GIT_COMMITTER_NAME", "A Person" },
        { "GIT_COMMITTER_EMAIL", "a@example.org" },
        { "GIT_AUTHOR_DATE", "1700000000 +0000" },
        { "GIT_COMMITTER_DATE", "1700000000 +0000" },
        { "GIT_CONFIG_NOSYSTEM", "1" },
    };
    const char *root = getenv("TMPDIR");
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(names); i++)
        setenv(names[i][0], names[i][1], 1);
    unsetenv("XDG_CONFIG_HOME");
    snprintf(code_home, sizeof code_home, "%s/gander-home-XXXXXX", root ? root : "/tmp");
    return mkdtemp(code_home) && setenv("HOME", code_home, 1) == 0 ? 0 : -1;
}

static inline int code_group_leave(void **state)
{
    (void)state;
    return nftw(code_home, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A repository "work" with two commits, and a store in it. */
static inline int code_enter(void **state)
{
    if (scratch_enter(state) != 0)
        return -1;
    sh("git init -q -b main work; cd work; echo one >a; mkdir -p d/e; echo two >d/b; echo 3 >d/e/c;"
       "ln -s a l; echo '#!/bin/sh' >x; chmod +x x; printf '*.o\\nbuild/\\n' >.gitignore;"
       "git add -A; git commit -qm first; echo more >>a; git commit -qam 'second\n\nwith a body'");
    return store_open(&code_store, "work/.gander", STORE_MAKE);
}

static inline int code_leave(void **state)
{
    store_release(&code_store);
    arena_release(&code_arena);
    unlink(path_join(&code_arena, code_home, ".gitconfig"));
    arena_release(&code_arena);
    return scratch_leave(state);
}

#define IN_REPOSITORY(test) cmocka_unit_test_setup_teardown(test, code_enter, code_leave)
#define RUN_CODE_TESTS(tests) cmocka_run_group_tests(tests, code_group_enter, code_group_leave)

__attribute__((unused)) static struct code_state snapshot_of(const char *directory)
{
    struct code_state state;
    code_snapshot(&code_arena, &state, &code_store, directory, "run 1 of test");
    return state;
}

/* The same, and nothing may be missing. */
__attribute__((unused)) static struct code_state snapshot(void)
{
    struct code_state state = snapshot_of("work");
    if (state.missing)
        print_message("%s\n", state.missing);
    assert_null(state.missing);
    return state;
}

/* What git would commit of `directory`, were all of it added. */
__attribute__((unused)) static char *tree_by_git(const char *directory, const char *excluded)
{
    return sh(
        "cd %s; index=$(mktemp); cp -p \"$(git rev-parse --git-path index)\" $index 2>/dev/null ||"
        " rm $index; export GIT_INDEX_FILE=$index;"
        "git -c core.safecrlf=false add -A . %s 2>/dev/null; git write-tree; rm $index",
        directory, excluded);
}

__attribute__((unused)) static char *tree_of(const char *directory, const char *commit)
{
    return sh("git -C %s rev-parse '%s^{tree}'", directory, commit);
}

/* Takes a snapshot and asserts that its tree is what git would have made of it. */
__attribute__((unused)) static struct code_state assert_as_git(const char *excluded)
{
    struct code_state state = snapshot();
    assert_non_null(state.snapshot);
    const char *tree = tree_of("work", state.snapshot), *expected = tree_by_git("work", excluded);
    if (strcmp(tree, expected) != 0)
        print_message("%s\n",
                      sh("git -C work diff --name-status %s %s | head -20", tree, expected));
    assert_string_equal(tree, expected);
    return state;
}

/* Asserts that it was left out for that reason. */
__attribute__((unused)) static struct code_left_out
assert_left_out(const struct code_state *state, const char *path, const char *reason)
{
    struct code_left_out file = { .reason = "it was not left out" };
    for (int i = 0; i < state->left_out_count; i++)
        if (strcmp(state->left_out[i].path, path) == 0)
            file = state->left_out[i];
    if (!strstr(file.reason, reason))
        print_message("'%s': %s\n", path, file.reason);
    assert_non_null(strstr(file.reason, reason));
    return file;
}

/* From now on even a process of root is told what it may not. */
__attribute__((unused)) static void drop_privileges(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[2] = { { 0 } };
    syscall(SYS_capset, &header, none);
}

/* Takes a snapshot in a process of its own, after `prepare`. Its id, what is missing, and what was
 * left out, a line each. */
__attribute__((unused)) static char *snapshot_in_child(void (*prepare)(void))
{
    int ends[2], status;
    char text[4096] = "";
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        prepare();
        struct code_state code = snapshot_of("work");
        dprintf(ends[1], "%s\n%s\n", code.snapshot ? code.snapshot : "",
                code.missing ? code.missing : "");
        for (int i = 0; i < code.left_out_count; i++)
            dprintf(ends[1], "%s: %s\n", code.left_out[i].path, code.left_out[i].reason);
        _exit(0);
    }
    close(ends[1]);
    size_t size = 0;
    ssize_t count;
    while ((count = read(ends[0], text + size, sizeof text - 1 - size)) > 0)
        size += (size_t)count;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return arena_strdup(&code_arena, text);
}

#endif
