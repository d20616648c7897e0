#define _GNU_SOURCE
#include "base/error.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "testing.h"

#undef fail /* here it is the function that is tested, not cmocka's macro */

/* Runs first: later tests have set the sentence of this thread. */
static void before_any_failure_the_sentence_is_empty(void **state)
{
    (void)state;
    assert_string_equal(error_text(), "");
}

static void fail_returns_its_code_and_sets_the_sentence(void **state)
{
    (void)state;
    assert_int_equal(fail(ERR_IO, "cannot open '%s': %d", "a", 7), ERR_IO);
    assert_string_equal(error_text(), "cannot open 'a': 7");
    assert_int_equal(fail(ERR_BUSY, "busy"), ERR_BUSY);
    assert_string_equal(error_text(), "busy");
}

static void a_prefix_keeps_the_code_and_the_sentence(void **state)
{
    (void)state;
    fail(ERR_NOT_FOUND, "no such key");
    assert_int_equal(fail_prefix("recipe '%s'", "a.ini"), ERR_NOT_FOUND);
    assert_int_equal(fail_prefix("run %d", 3), ERR_NOT_FOUND);
    assert_string_equal(error_text(), "run 3: recipe 'a.ini': no such key");
}

static void the_last_sentence_may_be_part_of_the_next(void **state)
{
    (void)state;
    fail(ERR_IO, "disk full");
    fail(ERR_INVALID, "a (%s) b (%s)", error_text(), error_text());
    assert_string_equal(error_text(), "a (disk full) b (disk full)");
    fail_prefix("<%s>", error_text());
    assert_string_equal(error_text(), "<a (disk full) b (disk full)>: a (disk full) b (disk full)");
}

static void sentences_too_long_are_cut(void **state)
{
    enum { LONG = 5000 };
    static char text[LONG + 1];
    (void)state;
    memset(text, 'x', LONG);
    fail(ERR_IO, "%s", text);
    size_t limit = strlen(error_text());
    assert_in_range(limit, 1000, LONG - 1);
    assert_int_equal(fail_prefix("context"), ERR_IO);
    assert_int_equal(strlen(error_text()), limit);
    assert_memory_equal(error_text(), "context: xxx", 12);
    fail(ERR_IO, "short");
    assert_int_equal(fail_prefix("%s", text), ERR_IO);
    assert_int_equal(strlen(error_text()), limit);
    text[limit - 3] = '\0';
    fail(ERR_IO, "short");
    fail_prefix("%s", text);
    assert_string_equal(error_text() + limit - 4, "x: s");
}

static void *fail_elsewhere(void *context)
{
    (void)context;
    bool fresh = *error_text() == '\0';
    fail(ERR_BUG, "of the other thread");
    return fresh ? context : NULL;
}

static void missing_files_are_told_from_other_errors(void **state)
{
    (void)state;
    assert_int_equal(code_of_errno(ENOENT), ERR_NOT_FOUND);
    assert_int_equal(code_of_errno(ENOTDIR), ERR_NOT_FOUND);
    assert_int_equal(code_of_errno(EACCES), ERR_IO);
    assert_int_equal(code_of_errno(ENOSPC), ERR_IO);
}

static void each_thread_has_its_own_sentence(void **state)
{
    pthread_t thread;
    void *fresh = NULL;
    (void)state;
    fail(ERR_IO, "of this thread");
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, state), 0);
    assert_int_equal(pthread_join(thread, &fresh), 0);
    assert_non_null(fresh);
    assert_string_equal(error_text(), "of this thread");
    assert_int_equal(fail_prefix("x"), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_any_failure_the_sentence_is_empty),
        cmocka_unit_test(fail_returns_its_code_and_sets_the_sentence),
        cmocka_unit_test(a_prefix_keeps_the_code_and_the_sentence),
        cmocka_unit_test(the_last_sentence_may_be_part_of_the_next),
        cmocka_unit_test(sentences_too_long_are_cut),
        cmocka_unit_test(missing_files_are_told_from_other_errors),
        cmocka_unit_test(each_thread_has_its_own_sentence),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
