#define _GNU_SOURCE
#include "testing.h"

#include <math.h>

#include "../../src/gan/schedule.h"

static struct recipe recipe_of(enum schedule schedule)
{
    struct recipe recipe = { .training = { .steps = 1000,
                                           .schedule = (int)schedule,
                                           .average = 0.999,
                                           .noise = 0.2,
                                           .noise_until = 0.5 } };
    return recipe;
}

static void check(double got, double want)
{
    if (!(fabs(got - want) < 1e-12))
        fail_msg("%.15g instead of %.15g", got, want);
}

static void rates_follow_their_schedule(void **state)
{
    static const struct {
        enum schedule schedule;
        int64_t step;
        double share;
    } cases[] = {
        { SCHEDULE_CONSTANT, 0, 1 },
        { SCHEDULE_CONSTANT, 999, 1 },
        { SCHEDULE_CONSTANT, 5000, 1 },
        { SCHEDULE_LINEAR, 0, 1 },
        { SCHEDULE_LINEAR, 250, 0.75 },
        { SCHEDULE_LINEAR, 999, 0.001 },
        { SCHEDULE_LINEAR, 1000, 0 },
        { SCHEDULE_LINEAR, 5000, 0 },
        { SCHEDULE_COSINE, 0, 1 },
        { SCHEDULE_COSINE, 500, 0.5 },
        { SCHEDULE_COSINE, 250, 0.8535533905932737 },
        { SCHEDULE_COSINE, 1000, 0 },
        { SCHEDULE_COSINE, 5000, 0 },
    };
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(cases); i++) {
        struct recipe recipe = recipe_of(cases[i].schedule);
        check(schedule_share(&recipe, cases[i].step), cases[i].share);
    }
}

static void the_average_forgets_its_beginning(void **state)
{
    struct recipe recipe = recipe_of(SCHEDULE_CONSTANT);
    (void)state;
    check(schedule_decay(&recipe, 0), 0.1);
    check(schedule_decay(&recipe, 90), 0.91);
    check(schedule_decay(&recipe, 8989), 8990.0 / 8999);
    check(schedule_decay(&recipe, 8990), 0.999);
    check(schedule_decay(&recipe, 100000), 0.999);
    double first = 1; /* weight of the initial parameters after 100 steps */
    for (int step = 0; step < 100; step++)
        first *= schedule_decay(&recipe, step);
    assert_true(first < 1e-9);
}

static void noise_falls_to_nothing(void **state)
{
    struct recipe recipe = recipe_of(SCHEDULE_CONSTANT);
    (void)state;
    check(schedule_noise(&recipe, 0), 0.2);
    check(schedule_noise(&recipe, 250), 0.1);
    check(schedule_noise(&recipe, 500), 0);
    check(schedule_noise(&recipe, 900), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_follow_their_schedule),
        cmocka_unit_test(the_average_forgets_its_beginning),
        cmocka_unit_test(noise_falls_to_nothing),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
