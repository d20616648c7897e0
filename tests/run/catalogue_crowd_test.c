#define _GNU_SOURCE

#include "crowd.h"

static void eight_readers_and_four_trainings_get_on(void **state)
{
    (void)state;
    crowd(4000, 4);
}

static void open_damaged(const struct store *store)
{
    struct catalogue *catalogue;
    struct arena arena = { 0 };
    struct run_row *rows;
    int count = 0;
    bool failed = catalogue_open(&catalogue, store) < 0 ||
                  catalogue_refresh(catalogue, wall_clock()) < 0 ||
                  catalogue_list(catalogue, &arena, &(struct catalogue_query){ .sort = NULL },
                                 wall_clock(), &rows, &count, NULL) < 0 ||
                  count != 1 || strcmp(catalogue_path(catalogue), ":memory:") == 0;
    if (failed)
        fprintf(stderr, "%d runs: %s\n", count, error_text());
    _exit(failed);
}

static void damage_that_many_meet_is_set_aside_once(void **state)
{
    (void)state;
    enum { READERS = 8 };
    struct arena arena = { 0 };
    struct store store;
    pid_t readers[READERS];
    char *garbage = xmalloc(20001), **names;
    int status, count, aside = 0;
    made_store();
    made_run(1, "{\"experiment\":\"a\"}");
    made_ended(1, "finished");
    memset(garbage, 'x', 20000);
    garbage[20000] = '\0';
    made_write(".gander/catalogue.db", garbage);
    assert_int_equal(store_open(&store, NULL, STORE_FIND), 0);
    for (int i = 0; i < READERS; i++)
        if ((readers[i] = fork()) == 0)
            open_damaged(&store);
    for (int i = 0; i < READERS; i++) {
        assert_int_equal(waitpid(readers[i], &status, 0), readers[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(list_directory(&arena, ".gander", "", &names, &count), 0);
    for (int i = 0; i < count; i++)
        aside += strstr(names[i], ".aside-") != NULL;
    assert_int_equal(aside, 1);
    store_release(&store);
    free(garbage);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(eight_readers_and_four_trainings_get_on),
        IN_SCRATCH(damage_that_many_meet_is_set_aside_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
