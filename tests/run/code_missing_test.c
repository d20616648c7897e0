#define _GNU_SOURCE
#include <signal.h>
#include <sys/resource.h>

#include "code_testing.h"

/* A launch never fails for want of git (C3): what is missing is said. */

static void assert_missing(const struct code_state *code, const char *what)
{
    const char *missing = code->missing ? code->missing : "nothing is missing";
    if (!strstr(missing, what))
        print_message("%s\n", missing);
    assert_non_null(strstr(missing, what));
    assert_non_null(strstr(missing, ": the code of this run is not pinned"));
    assert_null(code->snapshot);
    assert_int_equal(code_pin(&code_store, code, 1), 0);
}

static void no_repository_at_all(void **state)
{
    (void)state;
    sh("mkdir nothing");
    struct code_state code = snapshot_of("nothing");
    assert_missing(&code, "no git repository around 'nothing'");
    assert_null(code.top);
    assert_null(code.commit);
    code = snapshot_of("not/there");
    assert_non_null(code.missing);
}

static void a_bare_repository_has_a_commit_and_no_work_tree(void **state)
{
    (void)state;
    sh("git clone -q --bare work bare");
    struct code_state code = snapshot_of("bare");
    assert_missing(&code, "has no work tree");
    assert_string_equal(code.commit, sh("git -C work rev-parse HEAD"));
    assert_string_equal(code.branch, "main");
    assert_string_equal(code.describe, sh("git -C bare describe --tags --always"));
}

static void a_shallow_clone_is_like_any_other(void **state)
{
    (void)state;
    sh("git -C work tag v1 HEAD~; git clone -q --depth 1 \"file://$PWD/work\" shallow");
    struct code_state code = snapshot_of("shallow");
    assert_null(code.missing);
    assert_string_equal(code.snapshot, code.commit);
    assert_string_equal(code.describe, sh("git -C shallow describe --tags --always"));
    sh("echo x >shallow/a");
    code = snapshot_of("shallow");
    assert_null(code.missing);
    assert_string_equal(tree_of("shallow", code.snapshot), tree_by_git("shallow", ""));
    assert_int_equal(code_pin(&code_store, &code, 1), 0);
    sh("cd shallow; git gc -q --prune=now; git fsck --no-dangling; git cat-file -e %s",
       code.snapshot);
}

static void another_users_repository_is_not_trusted(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can make one */
    sh("chown -R 12345 work");
    struct code_state code = snapshot_of("work");
    assert_missing(&code, "belongs to another user: to trust it, 'git config --global --add "
                          "safe.directory");
    sh("cd work; git config --global --add safe.directory \"$PWD\"");
    code = snapshot_of("work");
    assert_null(code.missing);
    sh("rm $HOME/.gitconfig; git config --global --add safe.directory '*'");
    code = snapshot_of("work");
    assert_null(code.missing);
    sh("git config --global --add safe.directory ''");
    code = snapshot_of("work");
    assert_missing(&code, "belongs to another user");
}

static void broken_repositories_are_told_of(void **state)
{
    static const struct {
        const char *damage, *sentence;
    } cases[] = {
        { "echo garbage >.git/HEAD", "cannot" },
        { ": >.git/HEAD", "cannot" },
        { "rm .git/HEAD", "git repository" },
        { "echo 1111111111111111111111111111111111111111 >.git/HEAD", "cannot read HEAD" },
        { "f=.git/objects/$(git rev-parse HEAD | sed 's,..,&/,'); chmod +w $f; rm $f",
          "cannot read HEAD" },
        { "f=.git/objects/$(git rev-parse HEAD | sed 's,..,&/,'); chmod +w $f; echo x >$f",
          "cannot read HEAD" },
        { "echo garbage >.git/index", "cannot read the git index" },
        { "head -c 100 .git/index >i; mv i .git/index", "cannot read the git index" },
        { "echo '[core' >.git/config", "cannot" },
        { "git config core.repositoryFormatVersion 1; git config extensions.objectFormat sha257",
          "cannot open" },
    };
    (void)state;
    sh("cp -r work copy");
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        sh("rm -rf work; cp -r copy work; cd work; %s; echo x >>a", cases[i].damage);
        print_message("%s\n", cases[i].damage);
        struct code_state code = snapshot_of("work");
        assert_missing(&code, cases[i].sentence);
    }
}

static void a_repository_whose_old_files_are_gone_still_pins(void **state)
{
    (void)state;
    sh("cd work; id=$(git rev-parse HEAD:a); rm -f .git/objects/$(echo $id | sed 's,..,&/,');"
       "echo x >>d/b");
    struct code_state code = snapshot();
    assert_int_equal(code_pin(&code_store, &code, 1), 0);
    struct code_of run = { &code_store, 1, &code };
    assert_int_equal(code_check(&run), ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(), "its file 'a' is gone"));
}

static void a_read_only_repository_is_not_pinned(void **state)
{
    (void)state;
    sh("cd work; chmod -R a-w .git; echo new >new; echo x >>a");
    const char *said = snapshot_in_child(drop_privileges);
    sh("chmod -R u+w work/.git");
    assert_non_null(strstr(said, "\ncannot store 'a' in the git repository: "));
    assert_non_null(strstr(said, "the code of this run is not pinned"));
    sh("cd work; git checkout -q a; rm new; chmod -R a-w .git");
    said = snapshot_in_child(drop_privileges);
    sh("chmod -R u+w work/.git");
    assert_string_equal(arena_strndup(&code_arena, said, 40), sh("git -C work rev-parse HEAD"));
}

static void have_a_full_disk(void)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 0, 0 });
}

static void on_a_full_disk_nothing_breaks(void **state)
{
    (void)state;
    sh("cd work; echo x >>a; git status >/dev/null");
    const char *before = sh("cd work; find .git -type f | sort | xargs sha1sum");
    const char *said = snapshot_in_child(have_a_full_disk);
    assert_non_null(strstr(said, "\ncannot store 'a' in the git repository: "));
    assert_string_equal(sh("cd work; find .git -type f | sort | xargs sha1sum"), before);
    sh("git -C work fsck");
    assert_as_git("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_REPOSITORY(no_repository_at_all),
        IN_REPOSITORY(a_bare_repository_has_a_commit_and_no_work_tree),
        IN_REPOSITORY(a_shallow_clone_is_like_any_other),
        IN_REPOSITORY(another_users_repository_is_not_trusted),
        IN_REPOSITORY(broken_repositories_are_told_of),
        IN_REPOSITORY(a_repository_whose_old_files_are_gone_still_pins),
        IN_REPOSITORY(a_read_only_repository_is_not_pinned),
        IN_REPOSITORY(on_a_full_disk_nothing_breaks),
    };
    return RUN_CODE_TESTS(tests);
}
