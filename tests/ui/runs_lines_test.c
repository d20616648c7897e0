/* Lines of the table of runs: groups, folds, marks, and a cursor that stays on its run. */
#define _GNU_SOURCE
#include "../../src/ui/runs.h"
#include "testing.h"

/* A state as the view has it, on a list that is made by hand. */
struct fixture {
    struct runs runs;
    struct listed_run listed[6];
    struct run_group groups[2];
};

static void list(struct fixture *fixture, const int64_t *numbers, int count)
{
    for (int i = 0; i < count; i++)
        fixture->listed[i] = (struct listed_run){ .row = { .number = numbers[i] } };
    fixture->runs.list.runs = fixture->listed;
    fixture->runs.list.count = count;
    fixture->runs.rows = 3;
    runs_make_lines(&fixture->runs);
}

static void group(struct fixture *fixture)
{
    static const int64_t numbers[] = { 6, 4, 2, 5, 3 };
    fixture->groups[0] = (struct run_group){ .value = "even", .first = 0, .count = 3 };
    fixture->groups[1] = (struct run_group){ .value = "odd", .first = 3, .count = 2 };
    fixture->runs.list.groups = fixture->groups;
    fixture->runs.list.group_count = 2;
    list(fixture, numbers, ARRAY_SIZE(numbers));
}

static void release(struct fixture *fixture)
{
    runs_lines_release(&fixture->runs);
}

static void cursor_stays_on_its_run_and_its_row(void **state)
{
    struct fixture fixture = { .listed = { { .place = NULL } } };
    struct runs *runs = &fixture.runs;
    (void)state;
    list(&fixture, (const int64_t[]){ 5, 4, 3, 2, 1 }, 5);
    runs_move(runs, 3);
    runs_scroll(runs);
    assert_int_equal(runs->at, 2);
    assert_int_equal(runs->cursor - runs->first, 2);
    list(&fixture, (const int64_t[]){ 6, 5, 4, 3, 2, 1 }, 6);
    runs_scroll(runs);
    assert_int_equal(runs->at, 2);
    assert_int_equal(runs->cursor, 4);
    assert_int_equal(runs->cursor - runs->first, 2);
    list(&fixture, (const int64_t[]){ 6 }, 1);
    runs_move(runs, runs->cursor);
    runs_scroll(runs);
    assert_int_equal(runs->at, 6);
    assert_int_equal(runs->first, 0);
    release(&fixture);
}

static void folding_keeps_the_cursor_on_the_group(void **state)
{
    struct fixture fixture = { .listed = { { .place = NULL } } };
    struct runs *runs = &fixture.runs;
    (void)state;
    group(&fixture);
    assert_int_equal(runs->line_count, 7);
    runs_move(runs, 5);
    assert_int_equal(runs->at, 5);
    runs_fold(runs);
    assert_int_equal(runs->line_count, 5);
    assert_int_equal(runs->cursor, 4);
    assert_int_equal(runs->at, 0);
    runs_fold_all(runs);
    assert_int_equal(runs->line_count, 2);
    assert_int_equal(runs->cursor, 1);
    runs_unfold_run(runs, 3);
    assert_int_equal(runs->line_count, 4);
    assert_true(runs_is_folded(runs, 0));
    release(&fixture);
}

static void expect_meant(const struct runs *runs, const int64_t *expected, int count)
{
    struct arena arena = { 0 };
    int64_t *numbers;
    assert_int_equal(runs_meant(runs, &arena, &numbers), count);
    for (int i = 0; i < count; i++)
        assert_int_equal(numbers[i], expected[i]);
    arena_release(&arena);
}

static void marks_of_a_group_are_those_of_its_runs(void **state)
{
    struct fixture fixture = { .listed = { { .place = NULL } } };
    struct runs *runs = &fixture.runs;
    (void)state;
    group(&fixture);
    runs_move(runs, 4);
    expect_meant(runs, (const int64_t[]){ 5, 3 }, 2);
    runs_toggle_mark(runs);
    assert_true(runs_is_group_marked(runs, 1));
    assert_false(runs_is_group_marked(runs, 0));
    runs_move(runs, 5);
    expect_meant(runs, (const int64_t[]){ 5, 3 }, 2); /* the one under the cursor first */
    runs_toggle_mark(runs);
    assert_false(runs_is_group_marked(runs, 1));
    expect_meant(runs, (const int64_t[]){ 3 }, 1);
    release(&fixture);
}

static void marks_that_are_not_listed_are_not_meant(void **state)
{
    struct fixture fixture = { .listed = { { .place = NULL } } };
    struct runs *runs = &fixture.runs;
    (void)state;
    list(&fixture, (const int64_t[]){ 3, 2, 1 }, 3);
    for (int i = 0; i < 3; i++) {
        runs_move(runs, i);
        runs_toggle_mark(runs);
    }
    list(&fixture, (const int64_t[]){ 3, 1 }, 2);
    assert_int_equal(runs_marked_count(runs), 2);
    runs_move(runs, 0);
    expect_meant(runs, (const int64_t[]){ 3, 1 }, 2);
    list(&fixture, (const int64_t[]){ 3, 2, 1 }, 3);
    assert_int_equal(runs_marked_count(runs), 3);
    runs_unmark_all(runs);
    runs_move(runs, 1);
    expect_meant(runs, (const int64_t[]){ 2 }, 1);
    release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursor_stays_on_its_run_and_its_row),
        cmocka_unit_test(folding_keeps_the_cursor_on_the_group),
        cmocka_unit_test(marks_of_a_group_are_those_of_its_runs),
        cmocka_unit_test(marks_that_are_not_listed_are_not_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
