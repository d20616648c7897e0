/* The classifier that several runs share: who trains it, who waits, and what breaks that off. */
#define _GNU_SOURCE
#include "small_data.h"

static void stop_while_the_classifier_is_trained_loses_nothing(void **state)
{
    struct arena arena = { 0 };
    struct run_file newest;
    (void)state;
    struct story expected = undisturbed(SLOW);
    struct program program = program_start("run", "-f", SLOW);
    wait_until(learns, RUN_1);
    assert_int_equal(kill(program.pid, SIGTERM), 0);
    program_expect_signal(&program, SIGTERM);
    assert_state(RUN_1, RUN_STOPPED);
    assert_int_equal(run_newest_checkpoint(&arena, RUN_1, -1, &newest, NULL), 0);
    assert_int_equal(newest.step, 5); /* where it was to be evaluated */
    assert_int_equal(evaluations(RUN_1), 0);
    assert_int_equal(small_count_classifiers(), 0);
    do_well("resume", "-f", "1");
    assert_int_equal(evaluations(RUN_1), 2);
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
    arena_release(&arena);
}

static void two_runs_at_once_train_one_classifier(void **state)
{
    (void)state;
    do_well("run", SLOW);
    wait_until(learns, RUN_1);
    do_well("run", SLOW);
    wait_until(has_ended, RUN_1);
    wait_until(has_ended, RUN_2);
    assert_int_equal(evaluations(RUN_1), 2);
    assert_int_equal(small_count_in(RUN_1 "/log.txt", LEARNT), 1);
    assert_int_equal(small_count_in(RUN_2 "/log.txt", LEARNS), 0);
    struct story first = story_of(RUN_1);
    story_assert_equal(RUN_2, &first);
    free(first.text);
}

static void who_waits_goes_on_when_the_other_is_killed(void **state)
{
    (void)state;
    do_well("run", SLOW);
    wait_until(learns, RUN_1);
    do_well("run", SLOW);
    while (!waits(RUN_2) && !has_ended(RUN_2))
        pause_ms(1);
    kill_run(RUN_1);
    wait_until(has_ended, RUN_2);
    assert_state(RUN_2, RUN_FINISHED);
    assert_int_equal(evaluations(RUN_2), 2);
}

static void who_waits_can_be_stopped(void **state)
{
    (void)state;
    do_well("run", SLOW);
    wait_until(learns, RUN_1);
    struct run_pids pids = program_pids(RUN_1);
    assert_int_equal(kill(pids.training, SIGSTOP), 0); /* it keeps the lock */
    do_well("run", SLOW);
    wait_until(waits, RUN_2);
    do_well("stop", "2");
    assert_state(RUN_2, RUN_STOPPED);
    assert_int_equal(kill(pids.training, SIGCONT), 0);
    wait_until(has_ended, RUN_1);
    assert_state(RUN_1, RUN_FINISHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SMALL_SCRATCH(stop_while_the_classifier_is_trained_loses_nothing),
        IN_SMALL_SCRATCH(two_runs_at_once_train_one_classifier),
        IN_SMALL_SCRATCH(who_waits_goes_on_when_the_other_is_killed),
        IN_SMALL_SCRATCH(who_waits_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
