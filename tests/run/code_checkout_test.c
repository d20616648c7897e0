#define _GNU_SOURCE
#include "code_testing.h"

static struct code_state pinned;
static struct code_of run;

/* A dirty work tree, pinned as run 1. */
static void pin_dirty(void)
{
    sh("cd work; echo dirty >>a; echo new >d/new; rm d/b");
    pinned = snapshot();
    assert_int_equal(code_pin(&code_store, &pinned, 1), 0);
    run = (struct code_of){ &code_store, 1, &pinned };
}

/* What a directory holds, contents and modes, without git's own. */
static char *content(const char *directory)
{
    return sh(
        "cd %s; find . -path ./.git -prune -o -path ./.gander -prune -o -type f -print | sort |"
        " xargs sha1sum; find . -type l | sort | xargs -r ls -l | sed 's/.*\\.\\//.\\//';"
        " find . -type f -perm -100 -not -path './.git*' | sort",
        directory);
}

static void the_work_tree_comes_back_as_it_was(void **state)
{
    bool is_work_tree;
    (void)state;
    pin_dirty();
    const char *before = content("work");
    sh("cd work; git checkout -q .; git clean -qfd -e .gander; git commit -q --amend -m amended;"
       "git reflog expire --expire=now --all; git gc -q --prune=now");
    assert_int_equal(code_checkout(&run, "out/of/here", NULL, &is_work_tree), 0);
    assert_true(is_work_tree);
    assert_string_equal(content("out/of/here"), before);
    assert_string_equal(sh("git -C out/of/here status --porcelain"), "");
    assert_string_equal(sh("git -C out/of/here rev-parse HEAD"), pinned.snapshot);
    assert_string_equal(sh("git -C out/of/here branch --show-current"), "");
    assert_string_equal(sh("git -C work branch --format='%%(refname:short)' --list 'm*'"), "main");
}

static void without_the_git_program_it_is_a_plain_directory(void **state)
{
    bool is_work_tree;
    (void)state;
    pin_dirty();
    const char *before = content("work");
    char *path = xstrdup(getenv("PATH"));
    sh("mkdir empty");
    setenv("PATH", "empty", 1);
    int error = code_checkout(&run, "out", NULL, &is_work_tree);
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(error, 0);
    assert_false(is_work_tree);
    assert_string_equal(content("out"), before);
    assert_false(file_exists("out/.git"));
}

static void hooks_and_the_environment_of_git_do_not_matter(void **state)
{
    bool is_work_tree;
    (void)state;
    pin_dirty();
    const char *before = content("work");
    sh("git init -q elsewhere; printf '#!/bin/sh\\necho x >\"%%s/hooked\"\\n' \"$PWD\" "
       ">work/.git/hooks/post-checkout; chmod +x work/.git/hooks/post-checkout");
    char *elsewhere = realpath("elsewhere/.git", NULL);
    setenv("GIT_DIR", elsewhere, 1);
    setenv("GIT_INDEX_FILE", "/nonexistent/index", 1);
    free(elsewhere);
    int error = code_checkout(&run, "out", NULL, &is_work_tree);
    unsetenv("GIT_DIR");
    unsetenv("GIT_INDEX_FILE");
    assert_int_equal(error, 0);
    assert_true(is_work_tree);
    assert_string_equal(content("out"), before);
    assert_false(file_exists("hooked"));
}

static void nothing_is_written_over(void **state)
{
    bool is_work_tree;
    (void)state;
    pin_dirty();
    sh("mkdir full; echo mine >full/mine; echo file >file; mkdir empty");
    assert_int_equal(code_checkout(&run, "full", NULL, &is_work_tree), ERR_EXISTS);
    assert_string_equal(error_text(), arena_printf(&code_arena, "'%s' is there and not empty",
                                                   path_absolute(&code_arena, "full")));
    assert_int_equal(code_checkout(&run, "file", NULL, &is_work_tree), ERR_EXISTS);
    assert_int_equal(code_checkout(&run, ".", NULL, &is_work_tree), ERR_EXISTS);
    assert_string_equal(sh("ls full; cat full/mine file"), "mine\nmine\nfile");
    assert_int_equal(code_checkout(&run, "empty", NULL, &is_work_tree), 0);
    assert_true(is_work_tree);
}

static void what_is_gone_is_said(void **state)
{
    bool is_work_tree;
    (void)state;
    pin_dirty();
    code_unpin(&code_store, pinned.top, 1);
    sh("cd work; git reflog expire --expire=now --all; git gc -q --prune=now");
    assert_int_equal(code_checkout(&run, "out", NULL, &is_work_tree), ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(), "the pinned code of run 1 is gone"));
    assert_false(directory_exists("out"));
}

static void a_runs_tree_goes_without_a_trace(void **state)
{
    bool is_work_tree;
    (void)state;
    pin_dirty();
    assert_int_equal(code_remove_tree(&run), 0);
    const char *tree = "work/.gander/runs/1/tree";
    sh("mkdir -p work/.gander/runs/1; echo keep >work/.gander/runs/1/keep; ln -s work elsewhere");
    assert_int_equal(code_checkout(&run, tree, NULL, &is_work_tree), 0);
    assert_string_equal(sh("git -C work worktree list | wc -l"), "2");
    assert_string_equal(sh("git -C work status --porcelain"), " M a\n D d/b\n?? d/new");
    assert_int_equal(code_remove_tree(&run), 0);
    assert_false(directory_exists(tree));
    assert_true(file_exists("work/.gander/runs/1/keep"));
    assert_string_equal(sh("git -C work worktree list | wc -l"), "1");
    assert_true(file_exists("work/a"));
}

/* --- given up --- */

/* A git that does what it is asked to, and when it makes a work tree says so and never ends. */
static char *slow_git(void)
{
    sh("mkdir bin; git=$(command -v git)\n"
       "printf '#!/bin/sh\\ncase \"$*\" in *\"worktree add\"*) %%s \"$@\"; touch %%s/made; exec "
       "sleep"
       " 300;; esac\\nexec %%s \"$@\"\\n' $git $PWD $git >bin/git; chmod +x bin/git");
    char *path = xstrdup(getenv("PATH"));
    setenv("PATH", arena_printf(&code_arena, "%s:%s", path_absolute(&code_arena, "bin"), path), 1);
    return path;
}

static bool is_made(void *context)
{
    (void)context;
    return file_exists("made");
}

static void what_is_given_up_leaves_no_work_tree(void **state)
{
    bool is_work_tree = true;
    const struct code_while wanted = { .is_unwanted = is_made };
    (void)state;
    pin_dirty();
    char *path = slow_git();
    int error = code_checkout(&run, "out", &wanted, &is_work_tree);
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(error, ERR_CANCELLED);
    assert_true(file_exists("made")); /* it was there when it was given up */
    assert_false(is_work_tree);
    assert_false(directory_exists("out"));
    assert_string_equal(sh("git -C work worktree list | wc -l; ls -A work/.git/worktrees || true"),
                        "1");
    sh("rm made");
    assert_int_equal(code_checkout(&run, "out", &wanted, &is_work_tree), 0); /* and can be made */
}

static bool is_later(void *context)
{
    int *asked = context;
    return ++*asked > 1;
}

static void nor_a_plain_directory(void **state)
{
    bool is_work_tree;
    int asked = 0;
    const struct code_while wanted = { is_later, &asked };
    (void)state;
    pin_dirty();
    sh("mkdir empty");
    char *path = xstrdup(getenv("PATH"));
    setenv("PATH", "empty", 1);
    int error = code_checkout(&run, "out", &wanted, &is_work_tree);
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(error, ERR_CANCELLED);
    assert_false(directory_exists("out"));
}

/* --- links --- */

static void collect(void *context, const char *sentence)
{
    char **text = context;
    *text = arena_printf(&code_arena, "%s%s\n", *text, sentence);
}

static char *link_into(const char *directory, const char *const *patterns, int count)
{
    char *said = arena_strdup(&code_arena, "");
    assert_int_equal(code_link(&run, directory, patterns, count, collect, &said), 0);
    return said;
}

static void what_the_code_lacks_is_linked(void **state)
{
    static const char *const patterns[] = {
        "data", "weights/*.pt", "d", "../etc", "/etc", "none*"
    };
    bool is_work_tree;
    (void)state;
    sh("cd work; printf 'data/\\n*.pt\\n' >>.gitignore; mkdir data weights; echo 1 >data/x;"
       "echo w >weights/w.pt; echo v >weights/v.pt; echo kept >weights/readme");
    pin_dirty();
    sh("echo later >work/d/later");
    assert_int_equal(code_checkout(&run, "out", NULL, &is_work_tree), 0);
    const char *said = link_into("out", patterns, ARRAY_SIZE(patterns));
    assert_string_equal(said,
                        arena_printf(&code_arena,
                                     "linked 'data'\n"
                                     "linked 'weights/v.pt'\n"
                                     "linked 'weights/w.pt'\n"
                                     "linked 1 files and directories of 'd'\n"
                                     "'../etc' is not linked: it must be a path below the top\n"
                                     "'/etc' is not linked: it must be a path below the top\n"
                                     "nothing is called 'none*' in '%s'\n",
                                     pinned.top));
    assert_string_equal(sh("cat out/data/x out/weights/*.pt out/d/later"), "1\nv\nw\nlater");
    assert_string_equal(sh("test -L out/data; test -L out/weights/w.pt; test ! -L out/weights;"
                           "cat out/d/new"),
                        "new");
    assert_string_equal(sh("git -C out status --porcelain --untracked-files=no"), "");
}

static void large_files_are_linked_if_they_are_the_same(void **state)
{
    bool is_work_tree;
    (void)state;
    sh("cd work; truncate -s 11M big; truncate -s 11M d/bigger; truncate -s 11M touched");
    pin_dirty();
    assert_int_equal(pinned.left_out_count, 3);
    sh("cd work; echo more >>d/bigger; touch -d '2001-01-01' touched");
    assert_int_equal(code_checkout(&run, "out", NULL, &is_work_tree), 0);
    assert_string_equal(link_into("out", NULL, 0),
                        "linked 'big'\n"
                        "'d/bigger' is not linked: it is not as it was when the run began\n"
                        "'touched' is not linked: it is not as it was when the run began\n");
    assert_string_equal(sh("readlink -f out/big"), sh("readlink -f work/big"));
}

static void links_never_leave_the_checkout(void **state)
{
    static const char *const patterns[] = { "way/data" };
    (void)state;
    pin_dirty();
    sh("mkdir -p out outside work/way; echo d >work/way/data; ln -s ../outside out/way");
    const char *said = link_into("out", patterns, 1);
    assert_non_null(strstr(said, "'way/data' is not linked"));
    assert_string_equal(sh("ls outside"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_REPOSITORY(the_work_tree_comes_back_as_it_was),
        IN_REPOSITORY(without_the_git_program_it_is_a_plain_directory),
        IN_REPOSITORY(hooks_and_the_environment_of_git_do_not_matter),
        IN_REPOSITORY(nothing_is_written_over),
        IN_REPOSITORY(what_is_gone_is_said),
        IN_REPOSITORY(a_runs_tree_goes_without_a_trace),
        IN_REPOSITORY(what_is_given_up_leaves_no_work_tree),
        IN_REPOSITORY(nor_a_plain_directory),
        IN_REPOSITORY(what_the_code_lacks_is_linked),
        IN_REPOSITORY(large_files_are_linked_if_they_are_the_same),
        IN_REPOSITORY(links_never_leave_the_checkout),
    };
    return RUN_CODE_TESTS(tests);
}
