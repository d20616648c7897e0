#define _GNU_SOURCE
#include <math.h>
#include "code_testing.h"

/* All that C1 says stays as it is, in one text. */
static char *fingerprint(void)
{
    return sh(
        "cd work; export GIT_OPTIONAL_LOCKS=0;" /* else git status writes the index */
        "for file in .git/index .git/HEAD .git/config .git/packed-refs .git/ORIG_HEAD; do"
        " test ! -e $file || { sha1sum $file; stat -c '%%y %%z %%i' $file; }; done;"
        "find .git/refs/heads .git/refs/tags .git/logs .git/hooks .git/info -type f |"
        " sort | xargs stat -c '%%n %%y %%z %%i %%s';"
        "find . -path ./.git -prune -o -path ./.gander -prune -o -print0 | sort -z |"
        " xargs -0 stat -c '%%n %%y %%z %%i %%s %%f'; git status --porcelain; git stash list");
}

static void nothing_but_objects_and_the_pin_is_written(void **state)
{
    (void)state;
    sh("cd work; git config core.logAllRefUpdates always; git tag v1; git pack-refs --all;"
       "echo staged >a; git add a; echo more >>a; rm d/b; echo new >new; ln -s x y; chmod +x "
       "d/e/c");
    const char *before = fingerprint();
    struct code_state code = snapshot();
    assert_int_equal(code_pin(&code_store, &code, 7), 0);
    assert_string_equal(
        sh("git -C work for-each-ref --format='%%(refname) %%(objectname)' "
           "refs/gander"),
        arena_printf(&code_arena, "refs/gander/%s/7 %s", code_store.id, code.snapshot));
    assert_string_equal(fingerprint(), before);
    assert_string_equal(sh("find work/.git/logs -path '*gander*'"), "");
}

static void pins_outlive_whatever_becomes_of_the_branch(void **state)
{
    (void)state;
    sh("cd work; git checkout -qb topic; echo topic >t; git add t; git commit -qm topic;"
       "echo dirty >>t; echo new >n");
    struct code_state dirty = snapshot();
    assert_int_equal(code_pin(&code_store, &dirty, 1), 0);
    sh("cd work; git add -A; git commit -qm 'to be amended'");
    struct code_state clean = snapshot();
    assert_string_equal(clean.snapshot, clean.commit);
    assert_int_equal(code_pin(&code_store, &clean, 2), 0);
    sh("cd work; git commit -q --amend -m amended; git checkout -q main; echo x >z; git add z;"
       "git commit -qm z; git rebase -q main topic; git checkout -q main; git branch -qD topic;"
       "git reflog expire --expire=now --all; git gc -q --prune=now; git fsck --no-dangling");
    struct code_of runs[] = { { &code_store, 1, &dirty }, { &code_store, 2, &clean } };
    assert_int_equal(code_check(&runs[0]), 0);
    assert_int_equal(code_check(&runs[1]), 0);
    assert_string_equal(sh("git -C work show %s:t", dirty.snapshot), "topic\ndirty");
}

static void what_is_unpinned_goes_with_the_next_gc(void **state)
{
    (void)state;
    sh("cd work; head -c 100000 /dev/urandom >big");
    struct code_state code = snapshot();
    struct code_of run = { &code_store, 1, &code };
    for (int packed = 0; packed < 2; packed++) {
        assert_int_equal(code_pin(&code_store, &code, 1), 0);
        sh("cd work; git gc -q --prune=now; git cat-file -e %s", code.snapshot);
        code_unpin(&code_store, code.top, 1);
        assert_string_equal(sh("git -C work for-each-ref refs/gander"), "");
        if (!packed)
            continue;
        sh("cd work; git gc -q --prune=now; ! git cat-file -e %s; git fsck", code.snapshot);
        assert_int_equal(code_check(&run), ERR_NOT_FOUND);
    }
    code_unpin(&code_store, code.top, 1);
    code_unpin(&code_store, NULL, 1);
    code_unpin(&code_store, "nowhere", 1);
    sleep(1);
    snapshot(); /* though git.index may remember what was big */
    code = snapshot();
    sh("cd work; git show %s:big | cmp - big", code.snapshot);
}

static void pins_are_listed(void **state)
{
    int64_t *numbers;
    int count;
    (void)state;
    assert_int_equal(code_pins(&code_store, "work", INFINITY, &numbers, &count), 0);
    assert_int_equal(count, 0);
    struct code_state code = snapshot();
    for (int64_t number = 12; number > 8; number--)
        assert_int_equal(code_pin(&code_store, &code, number), 0);
    sh("cd work; git pack-refs --all; git update-ref refs/gander/%s/2 HEAD;"
       "git update-ref refs/gander/%s/x HEAD; git update-ref refs/gander/0123/5 HEAD",
       code_store.id, code_store.id);
    assert_int_equal(code_pins(&code_store, "work", INFINITY, &numbers, &count), 0);
    static const int64_t expected[] = { 2, 9, 10, 11, 12 };
    assert_int_equal(count, ARRAY_SIZE(expected));
    assert_memory_equal(numbers, expected, sizeof expected);
    free(numbers);
    assert_int_equal(code_pins(&code_store, "/", INFINITY, &numbers, &count), ERR_NOT_FOUND);
    assert_int_equal(code_pins(&code_store, NULL, INFINITY, &numbers, &count), 0);
    assert_int_equal(count, 0);
}

static void stores_in_linked_work_trees_keep_apart(void **state)
{
    struct store other;
    int64_t *numbers;
    int count;
    (void)state;
    sh("cd work; git worktree add -q ../linked; cd ../linked; echo linked >>a; git add a; echo 2 "
       ">>a");
    assert_int_equal(store_open(&other, "linked/.gander", STORE_MAKE), 0);
    const char *index =
        sh("cd linked; git status >/dev/null; sha1sum $(git rev-parse --git-path index)");
    struct code_state here = snapshot(), there;
    code_snapshot(&code_arena, &there, &other, "linked", "run 1 of linked");
    assert_null(there.missing);
    assert_string_equal(there.branch, "linked");
    assert_string_equal(tree_of("linked", there.snapshot), tree_by_git("linked", ""));
    assert_int_equal(code_pin(&code_store, &here, 1), 0);
    assert_int_equal(code_pin(&other, &there, 1), 0);
    assert_string_equal(sh("cat work/.git/refs/gander/%s/1", other.id), there.snapshot);
    code_unpin(&other, here.top, 1);
    assert_string_equal(sh("git -C linked rev-parse refs/gander/%s/1", code_store.id),
                        here.snapshot);
    assert_int_equal(code_pins(&other, there.top, INFINITY, &numbers, &count), 0);
    assert_int_equal(count, 0);
    free(numbers);
    assert_string_equal(sh("cd linked; sha1sum $(git rev-parse --git-path index)"), index);
    store_release(&other);
}

static void many_processes_pin_at_once(void **state)
{
    enum { PROCESSES = 16, ROUNDS = 4 };
    pid_t children[PROCESSES];
    (void)state;
    sh("cd work; for i in $(seq 100); do mkdir -p many/$i; echo $i >many/$i/f; done");
    sleep(1);
    for (int i = 0; i < PROCESSES; i++)
        if ((children[i] = fork()) == 0) {
            bool failed = false;
            for (int round = 0; round < ROUNDS; round++) {
                int64_t number = 1 + i * ROUNDS + round;
                struct code_state code = snapshot_of("work");
                failed = failed || code.missing || code_pin(&code_store, &code, number) < 0;
                if (round == 0)
                    code_unpin(&code_store, code.top, number);
            }
            _exit(failed);
        }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_string_equal(sh("git -C work for-each-ref refs/gander | wc -l"), "48");
    assert_string_equal(sh("git -C work for-each-ref --format='%%(tree)' refs/gander | sort -u"),
                        tree_by_git("work", ""));
    assert_string_equal(sh("ls work/.gander | grep tmp || true"), "");
    sh("git -C work fsck");
}

static void state_survives_its_json(void **state)
{
    struct code_state code, again;
    (void)state;
    sh("cd work; echo 1 >.env; truncate -s 11000000 big; echo x >>a; git init -q nested; : "
       ">nested/x; git tag "
       "v1");
    code = snapshot();
    struct json *object = code_json(&code);
    code_read(&code_arena, &again, object);
    json_free(object);
    assert_string_equal(again.top, code.top);
    assert_string_equal(again.commit, code.commit);
    assert_string_equal(again.subject, code.subject);
    assert_string_equal(again.branch, code.branch);
    assert_string_equal(again.describe, code.describe);
    assert_string_equal(again.snapshot, code.snapshot);
    assert_int_equal(again.is_dirty, code.is_dirty);
    assert_null(again.missing);
    assert_int_equal(again.left_out_count, 3);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(again.left_out[i].path, code.left_out[i].path);
        assert_string_equal(again.left_out[i].reason, code.left_out[i].reason);
        assert_int_equal(again.left_out[i].size, code.left_out[i].size);
        assert_int_equal(again.left_out[i].modified, code.left_out[i].modified);
    }
}

static void any_json_is_read(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "3",
        "{\"commit\":3,\"snapshot\":\"../../x\",\"left_out\":{}}",
        "{\"snapshot\":\"0123\",\"left_out\":[3,{},{\"path\":\"x\"},{\"path\":3,\"reason\":\"y\"}]"
        "}",
    };
    struct code_state code;
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(texts); i++) {
        struct json *value;
        assert_int_equal(json_parse(&value, texts[i], strlen(texts[i])), 0);
        code_read(&code_arena, &code, value);
        json_free(value);
        assert_null(code.snapshot);
        assert_int_equal(code.left_out_count, 0);
    }
    code_read(&code_arena, &code, NULL);
    assert_null(code.top);
    struct code_of run = { &code_store, 3, &code };
    assert_int_equal(code_check(&run), ERR_NOT_FOUND);
    assert_string_equal(error_text(), "the code of run 3 is not pinned");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_REPOSITORY(nothing_but_objects_and_the_pin_is_written),
        IN_REPOSITORY(pins_outlive_whatever_becomes_of_the_branch),
        IN_REPOSITORY(what_is_unpinned_goes_with_the_next_gc),
        IN_REPOSITORY(pins_are_listed),
        IN_REPOSITORY(stores_in_linked_work_trees_keep_apart),
        IN_REPOSITORY(many_processes_pin_at_once),
        IN_REPOSITORY(state_survives_its_json),
        IN_REPOSITORY(any_json_is_read),
    };
    return RUN_CODE_TESTS(tests);
}
