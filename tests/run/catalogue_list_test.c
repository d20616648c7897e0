/* What lists of runs hold: rows that share what they say, room behind them, and names. */
#define _GNU_SOURCE
#include "made_store.h"

static struct store store;
static struct catalogue *catalogue;

/* Runs 1 … 6 of two experiments in turns of three; every second one has a tag, the last an argument. */
static int enter(void **state)
{
    unsetenv("GANDER_CATALOGUE");
    if (scratch_enter(state) < 0)
        return -1;
    made_store();
    for (int run = 1; run <= 6; run++) {
        char facts[256];
        snprintf(facts, sizeof facts,
                 "{\"experiment\":\"%s\",\"created\":1795000000,\"host\":\"here\","
                 "\"command\":[\"train\",\"--%s\",\"%d\"]}",
                 run <= 3 ? "first" : "second", run == 6 ? "beta" : "alpha", run);
        made_run(run, facts);
        made_append(run, "events.jsonl", "{\"step\":1,\"metrics\":{\"d_loss\":1}}\n");
        if (run % 2 == 0)
            made_append(run, "notes.jsonl", "{\"t\":1795000001,\"tag\":\"even\"}\n");
        made_ended(run, "finished");
    }
    if (store_open(&store, NULL, STORE_FIND) < 0 || catalogue_open(&catalogue, &store) < 0)
        return -1;
    return catalogue_refresh(catalogue, MADE_NOW);
}

static int leave(void **state)
{
    catalogue_close(catalogue);
    store_release(&store);
    return scratch_leave(state);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static void assert_is_run(const struct run_row *row, int64_t number)
{
    char command[32];
    snprintf(command, sizeof command, "train --%s %d", number == 6 ? "beta" : "alpha", (int)number);
    assert_int_equal(row->number, number);
    assert_string_equal(row->experiment, number <= 3 ? "first" : "second");
    assert_string_equal(row->command, command);
    assert_string_equal(row->host, "here");
    assert_null(row->name);
    assert_int_equal(row->tag_count, number % 2 == 0);
    if (row->tag_count > 0)
        assert_string_equal(row->tags[0], "even");
}

static void rows_that_share_words_say_the_right_ones(void **state)
{
    static const char *const sorts[] = { NULL, "exp", "alpha" };
    struct arena arena = { 0 };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(sorts); i++) {
        struct run_row *rows;
        int count;
        bool seen[7] = { false };
        const struct catalogue_query query = { .sort = sorts[i] };
        assert_int_equal(catalogue_list(catalogue, &arena, &query, MADE_NOW, &rows, &count, NULL),
                         0);
        assert_int_equal(count, 6);
        for (int row = 0; row < count; row++) {
            assert_is_run(&rows[row], rows[row].number);
            seen[rows[row].number] = true;
        }
        for (int run = 1; run <= 6; run++)
            assert_true(seen[run]);
    }
    arena_release(&arena);
}

static void rows_have_the_room_behind_them_that_is_wanted(void **state)
{
    struct wide {
        struct run_row row;
        int64_t own[2];
    };
    struct arena arena = { 0 };
    (void)state;
    for (int is_sorted = 0; is_sorted < 2; is_sorted++) {
        struct run_row *rows;
        int count;
        const struct catalogue_query query = { .sort = is_sorted ? "run" : NULL,
                                               .behind =
                                                   sizeof(struct wide) - sizeof(struct run_row) };
        assert_int_equal(catalogue_list(catalogue, &arena, &query, MADE_NOW, &rows, &count, NULL),
                         0);
        struct wide *wide = (struct wide *)(void *)rows;
        assert_int_equal(count, 6);
        for (int i = 0; i < count; i++) {
            assert_is_run(&wide[i].row, wide[i].row.number);
            assert_int_equal(wide[i].own[0], 0);
            assert_int_equal(wide[i].own[1], 0);
            wide[i].own[0] = wide[i].own[1] = -1;
        }
    }
    arena_release(&arena);
}

static void names_are_known_each_once_and_sorted(void **state)
{
    struct arena arena = { 0 };
    char **names;
    int count;
    (void)state;
    assert_int_equal(catalogue_setting_names(catalogue, &arena, &names, &count), 0);
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "alpha");
    assert_string_equal(names[1], "beta");
    assert_true(catalogue_has(catalogue, KEY_SETTING, "beta"));
    assert_false(catalogue_has(catalogue, KEY_SETTING, "d_loss"));
    assert_true(catalogue_has(catalogue, KEY_METRIC, "d_loss"));
    assert_false(catalogue_has(catalogue, KEY_METRIC, "beta"));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_STORE(rows_that_share_words_say_the_right_ones),
        IN_STORE(rows_have_the_room_behind_them_that_is_wanted),
        IN_STORE(names_are_known_each_once_and_sorted),
    };
    return cmocka_run_group_tests_name("catalogue_list", tests, NULL, NULL);
}
