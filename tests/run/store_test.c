#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "run/store.h"
#include "testing.h"

static struct store store;

static int enter(void **state)
{
    unsetenv("GANDER_DIR");
    return scratch_enter(state);
}

static int leave(void **state)
{
    store_release(&store);
    unsetenv("GANDER_DIR");
    return scratch_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static void make(const char *directory)
{
    assert_int_equal(make_directories(directory), 0);
}

/* Asserts that the store is at `path` under the scratch directory. */
static void assert_place(const char *path)
{
    char *here = realpath(scratch_path, NULL), *expected = xasprintf("%s/%s", here, path);
    assert_string_equal(store.path, expected);
    free(here);
    free(expected);
}

static void store_is_made_here_and_found_from_below(void **state)
{
    (void)state;
    char id[STORE_ID_SIZE];
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), 0);
    assert_place(".gander");
    memcpy(id, store.id, sizeof id);
    store_release(&store);
    make("a/b");
    assert_int_equal(chdir("a/b"), 0);
    assert_int_equal(store_open(&store, NULL, STORE_FIND), 0);
    assert_place(".gander");
    assert_string_equal(store.id, id);
}

static void store_is_made_at_the_top_of_the_git_work_tree(void **state)
{
    (void)state;
    make("project/.git");
    make("project/src/deep");
    assert_int_equal(chdir("project/src/deep"), 0);
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), 0);
    assert_place("project/.gander");
    assert_string_equal(strrchr(store.top, '/'), "/project");
}

static void linked_work_trees_have_a_file_for_git(void **state)
{
    (void)state;
    make("linked/src");
    assert_int_equal(file_replace("linked/.git", "gitdir: x\n", 10), 0);
    assert_int_equal(chdir("linked/src"), 0);
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), 0);
    assert_place("linked/.gander");
}

static void environment_and_option_say_where_the_store_is(void **state)
{
    (void)state;
    setenv("GANDER_DIR", "from-environment", 1);
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), 0);
    assert_place("from-environment");
    store_release(&store);
    assert_int_equal(store_open(&store, "from-option/", STORE_MAKE), 0);
    assert_place("from-option");
}

static void looking_for_runs_makes_no_store(void **state)
{
    (void)state;
    assert_int_equal(store_open(&store, NULL, STORE_FIND), ERR_NOT_FOUND);
    assert_false(directory_exists(".gander"));
}

static void git_sees_nothing_of_a_store(void **state)
{
    (void)state;
    char *data;
    size_t size;
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), 0);
    assert_int_equal(file_read(".gander/.gitignore", 100, &data, &size), 0);
    assert_string_equal(data, "*\n");
    free(data);
}

static void store_is_private_to_its_owner(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), 0);
    assert_int_equal(stat(".gander", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
}

static void numbers_are_never_given_twice(void **state)
{
    (void)state;
    int64_t number;
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), 0);
    for (int64_t expected = 1; expected <= 3; expected++) {
        assert_int_equal(store_next_number(&store, &number), 0);
        assert_int_equal(number, expected);
    }
    make(".gander/runs/9");
    assert_int_equal(store_next_number(&store, &number), 0);
    assert_int_equal(number, 10);
    assert_int_equal(rmdir(".gander/runs/9"), 0);
    assert_int_equal(store_next_number(&store, &number), 0);
    assert_int_equal(number, 11);
}

/* Takes numbers in a process of its own and makes a directory of each: a number given twice fails
 * in mkdir. */
static void take_numbers(int count)
{
    struct store own;
    bool failed = store_open(&own, NULL, STORE_MAKE) < 0;
    for (int i = 0; !failed && i < count; i++) {
        struct arena arena = { 0 };
        int64_t number;
        failed = store_next_number(&own, &number) < 0 ||
                 mkdir(store_run_directory(&arena, &own, number), 0777) < 0;
        arena_release(&arena);
    }
    store_release(&own);
    _exit(failed);
}

static void processes_at_once_get_different_numbers(void **state)
{
    (void)state;
    enum { PROCESSES = 8, EACH = 5 };
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            take_numbers(EACH);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    int64_t *numbers;
    int count;
    assert_int_equal(store_open(&store, NULL, STORE_FIND), 0);
    assert_int_equal(store_runs(&store, &numbers, &count), 0);
    assert_int_equal(count, PROCESSES * EACH);
    for (int i = 0; i < count; i++)
        assert_int_equal(numbers[i], i + 1);
    free(numbers);
}

static void broken_store_file_is_refused_with_its_name(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "",
        "{",
        "[]",
        "{\"id\":\"x\",\"highest\":1}",
        "{\"id\":\"0123456789abcdef0123456789abcdef\",\"highest\":-1}",
        "{\"id\":\"0123456789abcdef0123456789abcdef\",\"highest\":1e300}",
        "{\"id\":\"0123456789abcdef0123456789abcd/f\",\"highest\":1}",
    };
    make(".gander/runs");
    for (int i = 0; i < ARRAY_SIZE(broken); i++) {
        assert_int_equal(file_replace(".gander/store.json", broken[i], strlen(broken[i])), 0);
        assert_int_equal(store_open(&store, NULL, STORE_MAKE), ERR_INVALID);
        assert_non_null(strstr(error_text(), ".gander/store.json'"));
        store_release(&store);
    }
}

static void store_that_cannot_be_made_leaves_nothing_behind(void **state)
{
    (void)state;
    make("locked");
    assert_int_equal(file_replace("locked/.gander", "x", 1), 0); /* a file where the store goes */
    assert_int_equal(chdir("locked"), 0);
    assert_true(store_open(&store, NULL, STORE_MAKE) < 0);
    assert_non_null(strstr(error_text(), "--store DIR"));
    assert_false(directory_exists(".gander"));
    store_release(&store);
    if (geteuid() == 0)
        return; /* root writes everywhere */
    assert_int_equal(unlink(".gander"), 0);
    assert_int_equal(chmod(".", 0500), 0);
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), ERR_IO);
    assert_int_equal(chmod(".", 0700), 0);
}

static void only_plain_numbers_are_runs(void **state)
{
    (void)state;
    int64_t *numbers;
    int count;
    assert_int_equal(store_open(&store, NULL, STORE_MAKE), 0);
    static const char *const names[] = { "7", "12", "x", "3a", "-4", "+5", "06", ".new-8" };
    for (int i = 0; i < ARRAY_SIZE(names); i++) {
        char *path = xasprintf(".gander/runs/%s", names[i]);
        make(path);
        free(path);
    }
    assert_int_equal(store_runs(&store, &numbers, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(numbers[0], 7);
    assert_int_equal(numbers[1], 12);
    free(numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_STORE(store_is_made_here_and_found_from_below),
        IN_STORE(store_is_made_at_the_top_of_the_git_work_tree),
        IN_STORE(linked_work_trees_have_a_file_for_git),
        IN_STORE(environment_and_option_say_where_the_store_is),
        IN_STORE(looking_for_runs_makes_no_store),
        IN_STORE(git_sees_nothing_of_a_store),
        IN_STORE(store_is_private_to_its_owner),
        IN_STORE(numbers_are_never_given_twice),
        IN_STORE(processes_at_once_get_different_numbers),
        IN_STORE(broken_store_file_is_refused_with_its_name),
        IN_STORE(store_that_cannot_be_made_leaves_nothing_behind),
        IN_STORE(only_plain_numbers_are_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
