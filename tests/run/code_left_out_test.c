#define _GNU_SOURCE
#include <fcntl.h>

#include "base/hash.h"
#include "code_testing.h"

static void large_new_files_are_left_out_and_named(void **state)
{
    struct stat status;
    (void)state;
    sh("cd work; truncate -s 10000001 big; truncate -s 10000000 fits; mkdir data;"
       "truncate -s 20000000 data/big.bin; truncate -s 11000000 x; git add x");
    struct code_state code = assert_as_git("':!big' ':!data/big.bin'");
    assert_true(code.is_dirty);
    assert_int_equal(code.left_out_count, 2);
    assert_left_out(&code, "data/big.bin", "larger than 10 MB");
    struct code_left_out big = assert_left_out(&code, "big", "larger than 10 MB");
    assert_int_equal(big.size, 10000001);
    assert_int_equal(stat("work/big", &status), 0);
    assert_int_equal(big.modified,
                     (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec);
}

static void large_tracked_files_are_pinned(void **state)
{
    (void)state;
    sh("cd work; truncate -s 11000000 big; git add big; git commit -qm big; echo more >>big");
    struct code_state code = assert_as_git("");
    assert_int_equal(code.left_out_count, 0);
}

static void make_many(const char *directory, int count)
{
    struct arena arena = { 0 };
    assert_int_equal(make_directories(directory), 0);
    for (int i = 0; i < count; i++) {
        int fd = open(arena_printf(&arena, "%s/%05d", directory, i), O_WRONLY | O_CREAT, 0666);
        assert_true(fd >= 0);
        close(fd);
    }
    arena_release(&arena);
}

static void too_many_new_files_are_left_out_by_directory(void **state)
{
    (void)state;
    sh("cd work; echo new >0; mkdir -p data/b; echo t >data/b/tracked; git add data;"
       "git commit -qm data; echo changed >data/b/tracked; echo also >zz; echo late >x.late");
    make_many("work/data/b", 5010);
    make_many("work/data/c/d/e", 10);
    make_many("work/other", 10);
    struct code_state code = snapshot();
    assert_int_equal(code.left_out_count, 4);
    assert_left_out(&code, "data/", "21 new here");
    assert_left_out(&code, "other/", "10 new here");
    assert_left_out(&code, "zz", "1 new here");
    assert_left_out(&code, "x.late", "1 new here");
    assert_string_equal(sh("git -C work show %s:0 %s:data/b/tracked", code.snapshot, code.snapshot),
                        "new\nchanged");
    assert_string_equal(
        sh("git -C work diff --name-only --diff-filter=A HEAD %s | wc -l", code.snapshot), "5000");
    sh("cd work; mv data/b/tracked .; rm -r data other zz x.late; mkdir data data/b; mv tracked "
       "data/b");
    make_many("work/data/b", 4999); /* and 0 */
    code = assert_as_git("");
    assert_int_equal(code.left_out_count, 0);
}

static void too_many_new_bytes_are_left_out(void **state)
{
    (void)state;
    sh("cd work; mkdir n; for i in 0 1 2 3 4 5 6 7 8 9 a b c; do truncate -s 8000000 n/$i; done");
    struct code_state code = snapshot();
    assert_int_equal(code.left_out_count, 1);
    assert_left_out(&code, "n/", "1 new here, beyond the first 5,000 or 100 MB");
    assert_string_equal(sh("git -C work ls-tree %s:n | wc -l", code.snapshot), "12");
}

static void a_long_list_is_cut(void **state)
{
    (void)state;
    sh("cd work; for i in $(seq 1000 1299); do : >$i.pem; done");
    struct code_state code = snapshot();
    assert_int_equal(code.left_out_count, 201);
    assert_string_equal(code.left_out[0].path, "1000.pem");
    assert_string_equal(code.left_out[200].path, "…");
    assert_string_equal(code.left_out[200].reason, "100 more");
}

static void secrets_are_left_out_unless_tracked(void **state)
{
    static const char *const secrets[] = {
        ".env",
        ".env.local",
        "d/.env",
        "server.pem",
        "tls.key",
        "id_rsa",
        "id_ed25519",
        "d/id_rsa.old",
        "cert.p12",
        "cert.pfx",
        ".netrc",
        ".pgpass",
        ".git-credentials",
        ".aws/credentials",
        "credentials.json",
        "kaggle.json",
        "client_secret_12.json",
        ".ssh/config",
        "secrets.yaml",
    };
    static const char *const harmless[] = { ".env.example", "env", "keys.py",       "monkey",
                                            "id_rsa.pub",   "pem", "credentials.py" };
    (void)state;
    sh("cd work; echo tracked >old.key; git add -f old.key; git commit -qm key; echo more "
       ">>old.key;"
       "mkdir .aws .ssh");
    for (int i = 0; i < ARRAY_SIZE(secrets); i++)
        sh("cd work; echo secret >'%s'", secrets[i]);
    for (int i = 0; i < ARRAY_SIZE(harmless); i++)
        sh("cd work; echo harmless >'%s'", harmless[i]);
    struct code_state code = snapshot();
    assert_int_equal(code.left_out_count, ARRAY_SIZE(secrets));
    for (int i = 0; i < ARRAY_SIZE(secrets); i++)
        assert_left_out(&code, secrets[i], "looks like a secret");
    for (int i = 0; i < ARRAY_SIZE(harmless); i++)
        sh("git -C work cat-file -e '%s:%s'", code.snapshot, harmless[i]);
    assert_string_equal(sh("git -C work show %s:old.key", code.snapshot), "tracked\nmore");
    assert_string_equal(sh("git -C work grep -l secret %s || true", code.snapshot), "");
}

static void nested_repositories_are_left_out(void **state)
{
    (void)state;
    sh("cd work; git init -q nested; echo x >nested/x; git init -q d/n2; echo y >d/n2/y;"
       "git worktree add -q linked");
    struct code_state code = assert_as_git("':!nested' ':!d/n2' ':!linked'");
    assert_int_equal(code.left_out_count, 3);
    assert_left_out(&code, "nested/", "a repository of its own");
    assert_left_out(&code, "d/n2/", "a repository of its own");
    assert_left_out(&code, "linked/", "a repository of its own");
}

/* --- filters --- */

static void files_behind_a_filter_stay_as_they_were(void **state)
{
    (void)state;
    sh("cd work; echo '*.enc filter=crypt' >.gitattributes; echo plain >a.enc; echo plain >b.enc;"
       "git config filter.crypt.clean 'tr a-z n-za-m'; git config filter.crypt.smudge 'tr a-z "
       "n-za-m';"
       "git add -A; git commit -qm crypt; test \"$(git show HEAD:a.enc)\" = cynva;"
       "echo other >a.enc; echo new >c.enc; touch b.enc");
    struct code_state code = snapshot();
    assert_left_out(&code, "a.enc", "changed, and only the filter crypt knows");
    assert_left_out(&code, "c.enc", "new, and only the filter crypt knows");
    assert_left_out(&code, "b.enc", "changed"); /* for all that can be told */
    assert_string_equal(code.snapshot, code.commit);
    assert_true(code.is_dirty);
    sh("cd work; git add b.enc; sleep 1.1; git update-index -q --refresh; rm c.enc; git checkout "
       "-q a.enc;"
       "sleep 1.1; git update-index -q --refresh");
    code = snapshot();
    assert_int_equal(code.left_out_count, 0);
}

static void attributes_name_a_filter_that_is_not_configured(void **state)
{
    (void)state;
    sh("cd work; echo '*.pt filter=lfs diff=lfs merge=lfs -text' >.gitattributes; echo new >m.pt");
    struct code_state code = snapshot();
    assert_left_out(&code, "m.pt", "the filter lfs");
    assert_string_equal(sh("git -C work show %s:.gitattributes", code.snapshot),
                        "*.pt filter=lfs diff=lfs merge=lfs -text");
}

/* What git-lfs does when a file is added. */
static void add_pointer(const char *name)
{
    char hash[HASH_TEXT_SIZE], *path = xasprintf("work/%s", name);
    struct stat status;
    assert_int_equal(hash_of_file(path, hash), 0);
    assert_int_equal(stat(path, &status), 0);
    free(path);
    sh("cd work; id=$(printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n'"
       "| git hash-object -w --stdin); git update-index --add --cacheinfo 100644,$id,%s",
       hash, (int)status.st_size, name);
}

static void lfs_files_are_told_from_their_pointers(void **state)
{
    (void)state;
    sh("cd work; echo '*.pt filter=lfs -text' >.gitattributes; git add .gitattributes;"
       "echo weights >m.pt; echo weights >same.pt; echo weights >bare.pt");
    add_pointer("m.pt");
    add_pointer("same.pt");
    add_pointer("bare.pt");
    sh("cd work; git -c filter.lfs.clean= commit -qm lfs; git show HEAD:bare.pt >bare.pt");
    struct code_state code =
        snapshot(); /* all have other times than the index says: none has any */
    assert_int_equal(code.left_out_count, 0);
    assert_string_equal(code.snapshot, code.commit);
    assert_false(code.is_dirty);
    sh("cd work; echo Weights >same.pt; echo other weights >m.pt");
    for (int i = 0; i < 2; i++) {
        code = snapshot();
        assert_int_equal(code.left_out_count, 2);
        assert_left_out(&code, "same.pt", "the filter lfs");
        assert_left_out(&code, "m.pt", "the filter lfs");
        assert_string_equal(code.snapshot, code.commit);
        sleep(1); /* so that it is remembered */
        snapshot();
    }
}

static void a_filter_takes_hold_of_what_was_pinned_before(void **state)
{
    (void)state;
    sh("cd work; echo weights >new.pt; echo x >>a; sleep 1.1");
    struct code_state code = assert_as_git("");
    sh("cd work; echo '*.pt filter=lfs' >.gitattributes; echo 'a filter=lfs' >>.gitattributes");
    code = snapshot();
    assert_left_out(&code, "new.pt", "the filter lfs");
    assert_left_out(&code, "a", "the filter lfs");
    assert_string_equal(sh("git -C work diff --name-only HEAD %s", code.snapshot),
                        ".gitattributes");
}

static void other_encodings_are_left_out(void **state)
{
    (void)state;
    sh("cd work; echo '*.u16 working-tree-encoding=UTF-16LE' >.gitattributes;"
       "echo '*.u8 working-tree-encoding=UTF-8' >>.gitattributes; printf 'a\\0' >t.u16; echo b "
       ">t.u8");
    struct code_state code = snapshot();
    assert_int_equal(code.left_out_count, 1);
    assert_left_out(&code, "t.u16", "the encoding UTF-16LE");
}

/* --- what cannot be read --- */

static void what_cannot_be_read_is_named_and_stays(void **state)
{
    (void)state;
    sh("cd work; echo changed >a; chmod 0 a; echo new >n; chmod 0 n; "
       "chmod 0 d; echo fine >fine");
    const char *said = snapshot_in_child(drop_privileges);
    sh("cd work; chmod 700 d a n");
    assert_non_null(strstr(said, "a: cannot be read: Permission denied\n"));
    assert_non_null(strstr(said, "n: cannot be read: Permission denied\n"));
    assert_non_null(strstr(said, "d/b: cannot be read: Permission denied\n"));
    assert_string_equal(sh("git -C work diff --name-only HEAD %.40s", said), "fine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_REPOSITORY(large_new_files_are_left_out_and_named),
        IN_REPOSITORY(large_tracked_files_are_pinned),
        IN_REPOSITORY(too_many_new_files_are_left_out_by_directory),
        IN_REPOSITORY(too_many_new_bytes_are_left_out),
        IN_REPOSITORY(a_long_list_is_cut),
        IN_REPOSITORY(secrets_are_left_out_unless_tracked),
        IN_REPOSITORY(nested_repositories_are_left_out),
        IN_REPOSITORY(files_behind_a_filter_stay_as_they_were),
        IN_REPOSITORY(attributes_name_a_filter_that_is_not_configured),
        IN_REPOSITORY(lfs_files_are_told_from_their_pointers),
        IN_REPOSITORY(a_filter_takes_hold_of_what_was_pinned_before),
        IN_REPOSITORY(other_encodings_are_left_out),
        IN_REPOSITORY(what_cannot_be_read_is_named_and_stays),
    };
    return RUN_CODE_TESTS(tests);
}
