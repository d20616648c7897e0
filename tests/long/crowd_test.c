#define _GNU_SOURCE

#include "run/crowd.h"

static void eight_readers_and_four_trainings_get_on_for_a_minute(void **state)
{
    (void)state;
    bool is_small = getenv("GANDER_TEST_SMALL");
    crowd(is_small ? 5000 : 60000, is_small ? 6 : 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = { IN_SCRATCH(
        eight_readers_and_four_trainings_get_on_for_a_minute) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
