/* kill -9 at any moment: from the first instruction of a run to its last. */
#define _GNU_SOURCE
#include "base/random.h"
#include "program.h"

enum { KILLS = 200, LONGEST_MS = 700 };

#define RUN_1 ".gander/runs/1"

static bool is_finished(void)
{
    return program_status(RUN_1).state == RUN_FINISHED;
}

/* Begins run 1, or goes on with it where an earlier program got as far as making it. */
static struct program start_again(void)
{
    return directory_exists(RUN_1) ? program_start("resume", "1")
                                   : program_start("run", "-f", "tiny.ini");
}

static void forget_run(void)
{
    if (directory_exists(".gander"))
        assert_int_equal(nftw(".gander", scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void storm_of_kills_costs_no_bit(void **state)
{
    (void)state;
    struct random random;
    struct story expected = undisturbed("tiny.ini");
    uint64_t seed = (uint64_t)time(NULL);
    int kills_wanted = getenv("GANDER_TEST_SMALL") ? KILLS / 10 : KILLS;
    print_message("# seed %llu\n", (unsigned long long)seed);
    random_seed(&random, seed, 0);
    for (int kills = 0; kills < kills_wanted; kills++) {
        struct program program = start_again();
        pause_ms((int)random_below(&random, LONGEST_MS));
        kill(program.pid, SIGKILL);
        (void)program_wait(&program);
        program_release(&program);
        if (!directory_exists(RUN_1)) {
            forget_run(); /* it may have taken the number 1, and that is not given twice */
            continue;
        }
        assert_sound(RUN_1);
        if (!is_finished())
            continue;
        story_assert_equal(RUN_1, &expected);
        forget_run();
    }
    /* On a slow machine no run may have come to its end between two kills. The last one does. */
    struct program program = start_again();
    program_expect(&program, 0, "");
    assert_sound(RUN_1);
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { IN_PROGRAM_SCRATCH(storm_of_kills_costs_no_bit) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
