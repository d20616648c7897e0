/* Diffs and histories of pinned code, beside what the git program says. */
#define _GNU_SOURCE
#include "code_testing.h"

static struct code_state states[3];
static struct code_of runs[3];

static void pin(int index)
{
    states[index] = snapshot();
    assert_int_equal(code_pin(&code_store, &states[index], index + 1), 0);
    runs[index] = (struct code_of){ &code_store, index + 1, &states[index] };
}

struct text {
    char *text;
    char kinds[256]; /* a letter a line */
    int count;
};

static int collect(void *context, enum code_line_kind kind, const char *text, size_t length)
{
    static const char letters[] = "F@ +-";
    struct text *all = context;
    all->text = arena_printf(&code_arena, "%s%s%s", all->text, all->count > 0 ? "\n" : "",
                             arena_strndup(&code_arena, text, length));
    if (all->count < (int)sizeof all->kinds - 1)
        all->kinds[all->count] = letters[kind];
    all->count++;
    return 0;
}

static struct text diff(const struct code_of *a, const struct code_of *b, int *files)
{
    struct text all = { .text = arena_strdup(&code_arena, "") };
    assert_int_equal(code_diff(a, b, collect, &all, files), 0);
    return all;
}

static char *diff_by_git(const char *a, const char *b)
{
    return sh("git -C work diff --no-ext-diff -M --abbrev=7 %s %s", a, b);
}

/* How similar two files are is measured in more than one way. */
static char *mask(char *text)
{
    for (char *at = text; (at = strstr(at, "similarity index ")); at++)
        memset(strpbrk(at, "0123456789"), '#', 2);
    return text;
}

static void a_diff_is_what_git_shows(void **state)
{
    int files;
    (void)state;
    sh("cd work; seq 40 >numbers; seq 50 >moved; git add -A; git commit -qm numbers");
    pin(0);
    sh("cd work; sed -i 's/^7$/seven/; s/^35$/x/' numbers; git mv moved d/moved;"
       "sed -i 's/^9$/nine/' d/moved; rm d/b; chmod +x a; printf 'no newline' >new; rm l;"
       "ln -s x l; printf 'a\\0b' >binary; echo more >>d/e/c");
    pin(1);
    struct text all = diff(&runs[0], &runs[1], &files);
    assert_string_equal(mask(all.text), mask(diff_by_git(states[0].snapshot, states[1].snapshot)));
    assert_int_equal(files, 8);
    assert_string_equal(mask(diff(&runs[1], &runs[0], NULL).text),
                        mask(diff_by_git(states[1].snapshot, states[0].snapshot)));
    assert_string_equal(diff(&runs[1], &runs[1], &files).text, "");
    assert_int_equal(files, 0);
}

static void lines_have_kinds(void **state)
{
    (void)state;
    pin(0);
    sh("cd work; printf 'one\\nMORE' >a");
    pin(1);
    struct text all = diff(&runs[0], &runs[1], NULL);
    assert_string_equal(all.text, diff_by_git(states[0].snapshot, states[1].snapshot));
    assert_string_equal(all.kinds, "FFFF@ -+ ");
}

static void the_work_tree_now_is_looked_at_without_a_trace(void **state)
{
    int files;
    (void)state;
    pin(0);
    sh("cd work; echo now >>a; echo new >new");
    const char *objects = sh("git -C work count-objects");
    struct text all = diff(&runs[0], NULL, &files);
    assert_int_equal(files, 2);
    assert_string_equal(sh("git -C work count-objects"), objects);
    pin(1);
    assert_string_equal(all.text, diff_by_git(states[0].snapshot, states[1].snapshot));
}

static void code_of_two_repositories_can_be_compared(void **state)
{
    struct code_state there;
    int files;
    (void)state;
    pin(0);
    sh("git clone -q work other; cd other; echo other >>a; git commit -qam other; echo dirty >>a");
    code_snapshot(&code_arena, &there, &code_store, "other", "run 2 of test");
    assert_int_equal(code_pin(&code_store, &there, 2), 0);
    struct code_of second = { &code_store, 2, &there };
    struct text all = diff(&runs[0], &second, &files);
    assert_int_equal(files, 1);
    assert_string_equal(
        all.text, sh("cd other; git diff --abbrev=7 %s %s", states[0].snapshot, there.snapshot));
}

static int stop_at_three(void *context, enum code_line_kind kind, const char *text, size_t length)
{
    int *count = context;
    (void)kind, (void)text, (void)length;
    return ++*count == 3 ? 42 : 0;
}

static void a_reader_may_stop(void **state)
{
    int count = 0;
    (void)state;
    pin(0);
    sh("cd work; seq 100 >>a");
    pin(1);
    assert_int_equal(code_diff(&runs[0], &runs[1], stop_at_three, &count, NULL), 42);
    assert_int_equal(count, 3);
}

/* --- history --- */

static char *history(const char *const *ids, int id_count, int limit)
{
    struct code_commit *commits;
    int count;
    char *text = arena_strdup(&code_arena, "");
    assert_int_equal(code_history(&code_arena, "work", ids, id_count, limit, &commits, &count), 0);
    for (int i = 0; i < count; i++) {
        text = arena_printf(&code_arena, "%s%s%s %s", text, i > 0 ? "\n" : "", commits[i].id,
                            commits[i].subject);
        for (int k = 0; k < commits[i].parent_count; k++)
            text = arena_printf(&code_arena, "%s %s", text, commits[i].parents[k]);
    }
    return text;
}

static void a_history_has_children_before_parents(void **state)
{
    (void)state;
    sh("cd work; at() { export GIT_COMMITTER_DATE=\"$1 +0000\"; };"
       "at 1700000100; git checkout -qb side; echo s >s; git add s; git commit -qm side;"
       "at 1700000200; git checkout -q main; echo m >m; git add m; git commit -qm on;"
       "at 1700000300; git merge -q side -m merge; at 1700000050; echo n >n; git add n;"
       "git commit -qm 'clock went back'; git branch -q -d side; git tag v1 HEAD~");
    assert_string_equal(history(NULL, 0, 100),
                        sh("git -C work log --date-order --format='%%H %%s %%P' | sed 's/ $//'"));
    struct code_commit *commits;
    int count;
    assert_int_equal(code_history(&code_arena, "work", NULL, 0, 2, &commits, &count), 0);
    assert_int_equal(count, 2);
    assert_string_equal(commits[0].refs, "HEAD, main");
    assert_string_equal(commits[1].refs, "v1");
    assert_string_equal(commits[1].author, "A Person");
    assert_true(commits[1].time == 1700000300);
}

static void pinned_commits_belong_to_it(void **state)
{
    (void)state;
    sh("echo dirty >>work/a");
    pin(0);
    const char *ids[] = { states[0].snapshot, "1111111111111111111111111111111111111111", "x" };
    assert_string_equal(
        history(ids, ARRAY_SIZE(ids), 100),
        sh("git -C work log --date-order --format='%%H %%s %%P' %s HEAD | sed 's/ $//'",
           states[0].snapshot));
    sh("git clone -q --depth 1 \"file://$PWD/work\" shallow; rm -rf work; mv shallow work");
    assert_string_equal(history(NULL, 0, 100), sh("git -C work rev-parse HEAD | tr -d '\\n';"
                                                  "printf ' second '; git -C work cat-file commit "
                                                  "HEAD | sed -n 's/^parent //p'"));
}

/* --- packs --- */

static void pinned_code_moves_between_stores(void **state)
{
    char snapshot_there[CODE_ID_SIZE];
    bool is_work_tree;
    struct store other;
    (void)state;
    sh("cd work; echo dirty >>a; seq 1000 >d/new");
    pin(0);
    assert_int_equal(code_pack(&runs[0], "code.pack"), 0);
    sh("mkdir far");
    assert_int_equal(store_open(&other, "far/.gander", STORE_MAKE), 0);
    assert_int_equal(code_unpack(&other, 7, "code.pack", states[0].snapshot, snapshot_there), 0);
    struct code_state there = { .snapshot = snapshot_there };
    struct code_of run = { &other, 7, &there };
    assert_int_equal(code_check(&run), 0);
    assert_int_equal(code_checkout(&run, "out", NULL, &is_work_tree), 0);
    assert_false(is_work_tree);
    assert_string_equal(sh("diff -r -x .git -x .gander out work && echo same"), "same");
    int files;
    struct text all = diff(&runs[0], &run, &files);
    assert_int_equal(files, 0);
    assert_string_equal(all.text, "");
    char again[CODE_ID_SIZE];
    assert_int_equal(code_unpack(&other, 8, "code.pack", states[0].snapshot, again), 0);
    assert_string_equal(again, snapshot_there);
    code_unpin(&other, NULL, 7);
    code_unpin(&other, NULL, 8);
    assert_string_equal(sh("find far/.gander/code.git/refs -type f; ls far/.gander/code.git | grep "
                           "incoming || true"),
                        "");
    store_release(&other);
}

static void packs_that_are_not_the_code_are_refused(void **state)
{
    static const char *const damages[] = {
        "head -c 200 good >bad",
        ": >bad",
        "echo garbage >bad",
        "cp good bad; printf x | dd of=bad bs=1 seek=60 conv=notrunc status=none",
        "cd work; git rev-list --objects --all | cut -c1-40 | git pack-objects -q --stdout >../bad",
        "cd work; git rev-parse HEAD | git pack-objects -q --stdout >../bad",
    };
    char id[CODE_ID_SIZE];
    (void)state;
    pin(0);
    assert_int_equal(code_pack(&runs[0], "good"), 0);
    for (int i = 0; i < ARRAY_SIZE(damages); i++) {
        print_message("%s\n", damages[i]);
        sh("%s", damages[i]);
        assert_int_equal(code_unpack(&code_store, 5, "bad", states[0].snapshot, id), ERR_INVALID);
    }
    assert_int_equal(code_unpack(&code_store, 5, "good", sh("git -C work rev-parse HEAD~"), id),
                     ERR_INVALID);
    assert_int_equal(code_unpack(&code_store, 5, "good", "../../x", id), ERR_INVALID);
    assert_int_equal(code_unpack(&code_store, 5, "none", states[0].snapshot, id), ERR_NOT_FOUND);
    assert_string_equal(
        sh("cd work/.gander/code.git; find objects refs -type f; ls | grep incoming "
           "|| true"),
        "");
    assert_int_equal(code_unpack(&code_store, 5, "good", states[0].snapshot, id), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_REPOSITORY(a_diff_is_what_git_shows),
        IN_REPOSITORY(lines_have_kinds),
        IN_REPOSITORY(the_work_tree_now_is_looked_at_without_a_trace),
        IN_REPOSITORY(code_of_two_repositories_can_be_compared),
        IN_REPOSITORY(a_reader_may_stop),
        IN_REPOSITORY(a_history_has_children_before_parents),
        IN_REPOSITORY(pinned_commits_belong_to_it),
        IN_REPOSITORY(pinned_code_moves_between_stores),
        IN_REPOSITORY(packs_that_are_not_the_code_are_refused),
    };
    return RUN_CODE_TESTS(tests);
}
