#define _GNU_SOURCE
#include "code_testing.h"

static void a_clean_tree_is_head_itself(void **state)
{
    (void)state;
    struct code_state code = snapshot();
    assert_string_equal(code.commit, sh("git -C work rev-parse HEAD"));
    assert_string_equal(code.snapshot, code.commit);
    assert_string_equal(code.subject, "second");
    assert_string_equal(code.branch, "main");
    assert_string_equal(code.describe, sh("git -C work describe --tags --always --dirty"));
    assert_false(code.is_dirty);
    assert_int_equal(code.left_out_count, 0);
    char *top = realpath("work", NULL);
    assert_string_equal(code.top, top);
    free(top);
    assert_string_equal(sh("git -C work count-objects"), sh("cd work; git count-objects"));
}

static void a_snapshot_hangs_on_head_and_says_its_message(void **state)
{
    (void)state;
    sh("echo more >>work/a");
    struct code_state code = assert_as_git("");
    assert_true(code.is_dirty);
    assert_string_not_equal(code.snapshot, code.commit);
    assert_string_equal(sh("git -C work rev-parse %s^@", code.snapshot), code.commit);
    assert_string_equal(sh("git -C work log -1 --format=%%s %s", code.snapshot), "run 1 of test");
    assert_string_equal(code.describe, sh("git -C work describe --tags --always --dirty"));
}

static void all_kinds_of_changes_are_pinned(void **state)
{
    static const char *const changes[] = {
        "echo changed >a",
        "echo staged >a; git add a",
        "echo staged >a; git add a; echo and on >>a",
        "echo staged >a; git add a; git show HEAD:a >a",
        "rm a",
        "git rm -q a",
        "git rm -q --cached a",
        "rm -r d",
        "git mv d/b moved",
        "mv d/e elsewhere",
        "chmod -x x; chmod +x a",
        "git update-index --chmod=+x a",
        "rm l; ln -s d l",
        "rm l; echo no link >l",
        "rm a; ln -s x a",
        "rm a; mkdir a; echo in it >a/b",
        "rm -r d; echo a file now >d",
        "rm -r d; ln -s /etc d",
        "echo new >new; mkdir -p n/o; echo new >n/o/new; ln -s /nowhere n/link",
        "mkdir -p empty/empty; mkdir d/empty",
        "echo ignored >a.o; mkdir build; echo ignored >build/b; echo no >d/x.o",
        "echo tracked >t.o; git add -f t.o; echo changed >t.o",
        "mkdir -p build/deep/er; echo 1 >build/deep/er/t; echo 2 >build/u; git add -f build;"
        "echo changed >build/deep/er/t; rm build/u; echo new >build/new",
        "mkdir -p build/deep; echo 1 >build/deep/t; git add -f build; rm -r build/deep;"
        "mkdir other; echo x >other/t; ln -s ../other build/deep",
        "mkfifo pipe; mkfifo d/pipe",
        ": >empty; git add empty; : >empty2",
        "git add -N .; echo later >later; git add -N later",
        "echo later >later; git add -N later; rm later",
        "echo one >a.txt; mkdir a.d; echo 2 >a.d/x; echo 3 >a0; mkdir a; true",
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(changes); i++) {
        sh("cd work; git reset -q --hard; git clean -qfdx -e .gander; %s",
           i == ARRAY_SIZE(changes) - 1 ? "rm a" : "");
        sh("cd work; %s", changes[i]);
        print_message("%s\n", changes[i]);
        assert_as_git("");
        assert_as_git(""); /* with what is remembered */
    }
}

static void odd_names_are_pinned(void **state)
{
    static const char *const names[] = { "with space", "-rf",      "new\nline", "tab\there",
                                         "\xc3\xa9",   "\xff\xfe", "a\\b",      "\"quoted\"",
                                         "*?[x]",      ".hidden",  "...",       "~",
                                         "$(x)",       "a:b",      "#x" };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(names); i++) {
        struct arena arena = { 0 };
        assert_int_equal(file_replace(path_join(&arena, "work", names[i]), "x", 1), 0);
        char *directory = arena_printf(&arena, "work/d/%s.d", names[i]);
        assert_int_equal(mkdir(directory, 0777), 0);
        assert_int_equal(file_replace(path_join(&arena, directory, names[i]), "x", 1), 0);
        arena_release(&arena);
    }
    struct code_state code = assert_as_git("");
    assert_int_equal(code.left_out_count, 0);
}

static void names_that_git_refuses_are_left_out(void **state)
{
    (void)state;
    sh("cd work; echo x >'git~1'; echo y >fine");
    struct code_state code = snapshot();
    assert_left_out(&code, "git~1", "no such path");
    assert_string_equal(sh("git -C work show %s:fine", code.snapshot), "y");
}

static void before_the_first_commit_there_is_a_snapshot_without_parent(void **state)
{
    (void)state;
    sh("rm -rf work/.git; git init -q -b trunk work");
    struct code_state code = assert_as_git("");
    assert_null(code.commit);
    assert_null(code.describe);
    assert_string_equal(code.branch, "trunk");
    assert_true(code.is_dirty);
    assert_string_equal(sh("git -C work rev-list %s | wc -l", code.snapshot), "1");
}

static void in_an_empty_repository_nothing_is_pinned(void **state)
{
    (void)state;
    sh("git init -q empty");
    struct code_state code = snapshot_of("empty");
    assert_null(code.missing);
    assert_null(code.snapshot);
    assert_false(code.is_dirty);
    assert_int_equal(code_pin(&code_store, &code, 1), 0);
}

static void head_may_be_detached(void **state)
{
    (void)state;
    sh("cd work; git checkout -q --detach HEAD~; echo x >a");
    struct code_state code = assert_as_git("");
    assert_null(code.branch);
    assert_string_equal(code.commit, sh("git -C work rev-parse HEAD"));
}

static void describe_names_tags(void **state)
{
    (void)state;
    sh("cd work; git tag v1 HEAD~; git tag -am annotated v0 HEAD~");
    assert_string_equal(snapshot().describe, sh("git -C work describe --tags --always --dirty"));
    sh("echo x >>work/a");
    assert_string_equal(snapshot().describe, sh("git -C work describe --tags --always --dirty"));
    sh("cd work; git checkout -q a; echo new >new"); /* which git does not call dirty */
    struct code_state code = snapshot();
    assert_string_equal(code.describe, sh("git -C work describe --tags --always --dirty"));
    assert_true(code.is_dirty);
    sh("cd work; git add new; git commit -qm third; git tag -d v1; git tag v3");
    assert_string_equal(snapshot().describe, "v3");
}

static void conflicts_are_pinned_as_they_stand(void **state)
{
    (void)state;
    sh("cd work; git checkout -qb other HEAD~; echo theirs >a; git rm -q d/b; git commit -qam "
       "other;"
       "git checkout -q main; echo ours >>d/b; echo ours >a; git commit -qam ours;"
       "git merge -q other || true; test -n \"$(git ls-files -u)\"");
    assert_as_git("");
    sh("cd work; echo settled >a; rm d/b");
    assert_as_git("");
    sh("cd work; rm a");
    assert_as_git("");
}

static void modes_do_not_count_where_git_is_told_so(void **state)
{
    (void)state;
    sh("cd work; git config core.fileMode false; chmod +x a; chmod -x x; echo n >n; chmod +x n;"
       "echo more >>d/b; chmod +x d/b; echo '# more' >>x");
    assert_as_git("");
}

static void files_may_stand_for_links_where_git_is_told_so(void **state)
{
    (void)state;
    sh("cd work; git config core.symlinks false; rm l; printf d >l");
    assert_as_git("");
}

static void names_differ_by_case_whatever_the_configuration_says(void **state)
{
    (void)state;
    sh("cd work; mkdir B; echo 1 >B/x; echo 2 >C; git add -A; git commit -qm case;"
       "git config core.ignoreCase true; echo more >>C; echo more >>a; echo new >B/y");
    struct code_state code = snapshot();
    sh("git -C work config core.ignoreCase false");
    assert_string_equal(tree_of("work", code.snapshot), tree_by_git("work", ""));
}

static void line_ends_are_converted_as_git_does(void **state)
{
    static const char *const settings[] = {
        "git config core.autocrlf true",
        "git config core.autocrlf input",
        "git config core.autocrlf true; git config core.safecrlf true",
        "echo '* text=auto' >.gitattributes",
        "echo '*.txt text' >.gitattributes",
        "echo '*.txt eol=crlf' >.gitattributes; echo '*.bin -text' >>.gitattributes",
        "echo '* text=auto' >d/.gitattributes",
        "mkdir -p .git/info; echo '* text' >.git/info/attributes",
        "echo '* ident' >.gitattributes",
        "echo '[attr]code text eol=lf' >.gitattributes; echo '*.txt code' >>.gitattributes",
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(settings); i++) {
        sh("mv work/.gander .; rm -rf work; git init -q work; mv .gander work; cd work; mkdir d;"
           "printf 'a\\r\\nb\\r\\n' >crlf-in-index.txt; cp crlf-in-index.txt d/;"
           "printf 'a\\nb\\n' >lf.txt; printf 'a\\r\\nb\\0' >b.bin; git add -A; git commit -qm x;"
           "%s; for file in crlf-in-index.txt d/crlf-in-index.txt lf.txt;"
           "do printf 'c\\r\\nd\\r\\n' >>$file; done; printf 'x\\r\\ny\\n' >mixed.txt;"
           "printf '$Id: x $\\r\\n' >id.txt; printf 'z\\r\\n\\0' >b.bin; cp mixed.txt d/new.txt",
           settings[i]);
        print_message("%s\n", settings[i]);
        assert_as_git("");
        assert_as_git("");
    }
}

static void sparse_work_trees_miss_nothing(void **state)
{
    (void)state;
    sh("cd work; mkdir keep; echo k >keep/k; git add -A; git commit -qm keep;"
       "git sparse-checkout set --no-cone '/keep/' '/a'; test ! -e d/b; test -e a");
    struct code_state code = snapshot();
    assert_string_equal(code.snapshot, code.commit);
    sh("cd work; echo changed >a; echo new >keep/new; mkdir -p d; echo there >d/b");
    code = snapshot();
    assert_string_equal(sh("cd work; git show %s:a %s:keep/new %s:d/b %s:d/e/c", code.snapshot,
                           code.snapshot, code.snapshot, code.snapshot),
                        "changed\nnew\ntwo\n3");
    assert_left_out(&code, "d/b", "overlook");
}

static void what_git_was_told_to_overlook_is_named(void **state)
{
    (void)state;
    sh("cd work; git update-index --skip-worktree a; git update-index --assume-unchanged d/b x;"
       "echo changed >a; echo changed >d/b; rm x");
    struct code_state code = assert_as_git("");
    assert_left_out(&code, "a", "overlook");
    assert_left_out(&code, "d/b", "overlook");
    assert_string_equal(code.snapshot, code.commit);
    sh("cd work; git show HEAD:a >a; git show HEAD:d/b >d/b");
    assert_int_equal(snapshot().left_out_count, 0);
}

static void the_store_is_not_looked_into(void **state)
{
    (void)state;
    sh("cd work; rm .gander/.gitignore; echo secret >.gander/x");
    struct code_state code = snapshot();
    assert_false(code.is_dirty);
}

static void ignore_files_of_all_kinds_count(void **state)
{
    (void)state;
    sh("cd work; echo '*.tmp' >>.git/info/exclude; echo '*.glob' >$HOME/ignore;"
       "git config core.excludesFile '~/ignore'; echo '*.x' >d/.gitignore; echo '!a.x' "
       ">>d/.gitignore; echo /x "
       ">>d/.gitignore;"
       "for f in a.tmp d/a.x d/b.x d/e/a.x d/b.tmp a.glob d/x d/e/x e.o; do echo $f >$f; done;"
       "echo '*' >d/e/.gitignore; ln -s ../.gitignore d/e/f; mkdir f; ln -s ../.gitignore f;"
       "mv f/.gitignore f/link; ln -s /etc/passwd f/.gitignore; echo root >f/root");
    assert_as_git("");
}

/* Submodules are committed as their HEAD; what is not committed in them is named. */
static void submodules_are_pinned_by_their_head(void **state)
{
    (void)state;
    sh("git init -q other; cd other; echo s >s; git add s; git commit -qm s; cd ../work;"
       "git -c protocol.file.allow=always submodule --quiet add ../other sub;"
       "git -c protocol.file.allow=always submodule --quiet add ../other d/sub.d; git commit -qm "
       "sub");
    struct code_state code = assert_as_git("");
    assert_false(code.is_dirty);
    sh("cd work/sub; echo more >>s; git commit -qam more; cd ../d/sub.d; echo dirty >>s");
    code = assert_as_git("");
    assert_left_out(&code, "d/sub.d", "not committed");
    assert_int_equal(code.left_out_count, 1);
    assert_string_equal(sh("git -C work rev-parse %s:sub", code.snapshot),
                        sh("git -C work/sub rev-parse HEAD"));
    sh("cd work; git checkout -q --recurse-submodules HEAD; git submodule --quiet deinit -f --all");
    assert_as_git("");
    sh("cd work; rm -r sub");
    assert_as_git("");
    sh("cd work; echo a file now >sub");
    assert_as_git("");
}

static void a_submodule_is_a_work_tree_of_its_own(void **state)
{
    (void)state;
    sh("git init -q other; cd other; echo s >s; git add s; git commit -qm s; cd ../work;"
       "git -c protocol.file.allow=always submodule --quiet add ../other sub; echo more >>sub/s");
    struct code_state code = snapshot_of("work/sub");
    assert_null(code.missing);
    assert_string_equal(tree_of("work/sub", code.snapshot), tree_by_git("work/sub", ""));
    assert_int_equal(code_pin(&code_store, &code, 4), 0);
    assert_string_equal(sh("git -C work/sub rev-parse refs/gander/%s/4", code_store.id),
                        code.snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_REPOSITORY(a_clean_tree_is_head_itself),
        IN_REPOSITORY(a_snapshot_hangs_on_head_and_says_its_message),
        IN_REPOSITORY(all_kinds_of_changes_are_pinned),
        IN_REPOSITORY(odd_names_are_pinned),
        IN_REPOSITORY(names_that_git_refuses_are_left_out),
        IN_REPOSITORY(before_the_first_commit_there_is_a_snapshot_without_parent),
        IN_REPOSITORY(in_an_empty_repository_nothing_is_pinned),
        IN_REPOSITORY(head_may_be_detached),
        IN_REPOSITORY(describe_names_tags),
        IN_REPOSITORY(conflicts_are_pinned_as_they_stand),
        IN_REPOSITORY(modes_do_not_count_where_git_is_told_so),
        IN_REPOSITORY(files_may_stand_for_links_where_git_is_told_so),
        IN_REPOSITORY(names_differ_by_case_whatever_the_configuration_says),
        IN_REPOSITORY(line_ends_are_converted_as_git_does),
        IN_REPOSITORY(sparse_work_trees_miss_nothing),
        IN_REPOSITORY(what_git_was_told_to_overlook_is_named),
        IN_REPOSITORY(the_store_is_not_looked_into),
        IN_REPOSITORY(ignore_files_of_all_kinds_count),
        IN_REPOSITORY(submodules_are_pinned_by_their_head),
        IN_REPOSITORY(a_submodule_is_a_work_tree_of_its_own),
    };
    return RUN_CODE_TESTS(tests);
}
