/* The hunt for the first bad commit, on histories whose first bad commit is known. */
#include "run/hunt.h"
#include "testing.h"

enum { MOST = 200 };

struct history {
    struct code_commit commits[MOST];
    char parents[MOST][2][CODE_ID_SIZE];
    int count;
};

/* Commit i, with parents by number; -1: none. */
static void add(struct history *history, int first, int second)
{
    int at = history->count++;
    struct code_commit *commit = &history->commits[at];
    const int parents[] = { first, second };
    *commit = (struct code_commit){ .subject = "", .author = "", .refs = "" };
    snprintf(commit->id, sizeof commit->id, "%040d", at);
    for (int i = 0; i < 2; i++)
        if (parents[i] >= 0)
            snprintf(history->parents[at][commit->parent_count++], CODE_ID_SIZE, "%040d",
                     parents[i]);
    commit->parents = (const char(*)[CODE_ID_SIZE])history->parents[at];
}

static void make_line(struct history *history, int count)
{
    history->count = 0;
    for (int i = 0; i < count; i++)
        add(history, i - 1, -1);
}

/* Answers by what is true until the hunt is over; returns how many it took. */
static int answer_all(struct hunt *hunt, bool (*is_bad)(int commit, int first), int first,
                      const bool *cannot)
{
    int tests = 0;
    for (int at; (at = hunt_next(hunt)) >= 0; tests++)
        hunt_answer(hunt, at,
                    cannot && cannot[at] ? HUNT_SKIPPED
                    : is_bad(at, first)  ? HUNT_BAD
                                         : HUNT_GOOD);
    return tests;
}

static bool is_later(int commit, int first)
{
    return commit >= first;
}

static void every_commit_of_a_line_is_found_in_few_tests(void **state)
{
    (void)state;
    struct history history;
    make_line(&history, 100);
    for (int first = 0; first < 100; first++) {
        struct arena arena = { 0 };
        struct hunt hunt;
        hunt_init(&hunt, &arena, history.commits, 100);
        assert_true(answer_all(&hunt, is_later, first, NULL) <= 7);
        assert_int_equal(hunt_suspect_count(&hunt), 1);
        assert_true(hunt_suspects(&hunt, first));
        arena_release(&arena);
    }
}

static void what_cannot_be_tested_beside_the_first_bad_one_stays_suspect(void **state)
{
    (void)state;
    struct history history;
    bool cannot[40] = { 0 };
    cannot[20] = cannot[24] = cannot[30] = true;
    make_line(&history, 40);
    for (int first = 0; first < 40; first++) {
        struct arena arena = { 0 };
        struct hunt hunt;
        hunt_init(&hunt, &arena, history.commits, 40);
        assert_true(answer_all(&hunt, is_later, first, cannot) <= 9);
        bool is_beside = cannot[first] || (first > 0 && cannot[first - 1]);
        assert_int_equal(hunt_suspect_count(&hunt), is_beside ? 2 : 1);
        assert_true(hunt_suspects(&hunt, first));
        arena_release(&arena);
    }
}

static void one_commit_needs_no_test(void **state)
{
    (void)state;
    struct history history;
    struct arena arena = { 0 };
    struct hunt hunt;
    make_line(&history, 1);
    hunt_init(&hunt, &arena, history.commits, 1);
    assert_int_equal(hunt_next(&hunt), -1);
    assert_int_equal(hunt_suspect_count(&hunt), 1);
    arena_release(&arena);
}

/* 0 - 1 - 3 - 4 - 7 - 8, where 7 merges the branch 2 - 5 - 6, which left at 0. */
static bool has_first_of_graph(int commit, int first)
{
    static const bool reach[9][9] = {
        { true, false, false, false, false, false, false, false, false },
        { true, true, false, false, false, false, false, false, false },
        { true, false, true, false, false, false, false, false, false },
        { true, true, false, true, false, false, false, false, false },
        { true, true, false, true, true, false, false, false, false },
        { true, false, true, false, false, true, false, false, false },
        { true, false, true, false, false, true, true, false, false },
        { true, true, true, true, true, true, true, true, false },
        { true, true, true, true, true, true, true, true, true },
    };
    return reach[commit][first];
}

static void what_a_merged_branch_brought_is_found_on_it(void **state)
{
    (void)state;
    struct history history = { .count = 0 };
    static const int parents[9][2] = { { -1, -1 }, { 0, -1 }, { 0, -1 }, { 1, -1 }, { 3, -1 },
                                       { 2, -1 },  { 5, -1 }, { 4, 6 },  { 7, -1 } };
    for (int i = 0; i < 9; i++)
        add(&history, parents[i][0], parents[i][1]);
    for (int first = 0; first < 9; first++) {
        struct arena arena = { 0 };
        struct hunt hunt;
        hunt_init(&hunt, &arena, history.commits, 9);
        answer_all(&hunt, has_first_of_graph, first, NULL);
        assert_int_equal(hunt_suspect_count(&hunt), 1);
        assert_true(hunt_suspects(&hunt, first));
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_commit_of_a_line_is_found_in_few_tests),
        cmocka_unit_test(what_cannot_be_tested_beside_the_first_bad_one_stays_suspect),
        cmocka_unit_test(one_commit_needs_no_test),
        cmocka_unit_test(what_a_merged_branch_brought_is_found_on_it),
    };
    return cmocka_run_group_tests_name("hunt", tests, NULL, NULL);
}
