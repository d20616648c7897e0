/* kill -9 of workers, trainings, launchers and readers, at any moment, of several runs at once. */
#define _GNU_SOURCE
#include "background.h"
#include "base/random.h"
#include "run/queue.h"

enum { KILLS = 200, LIVE = 4, LONGEST_MS = 60 };

#define RECIPE "tiny.ini", "-s", "training.steps=1500"

static const char *directory_of(int run)
{
    static char path[64];
    snprintf(path, sizeof path, ".gander/runs/%d", run);
    return path;
}

/* Kills `program` after a while, unless it has ended by then. */
static int kill_program(struct random *random, struct program program)
{
    pause_ms((int)random_below(random, LONGEST_MS));
    kill(program.pid, SIGKILL);
    int status = program_wait(&program);
    program_release(&program);
    return WIFSIGNALED(status);
}

/* A launcher or a resumer, which leaves a run, or none, or one that is lost; or a reader. */
static int kill_somebody_short(struct random *random, int runs)
{
    char run[16];
    snprintf(run, sizeof run, "%d", 1 + (int)random_below(random, (uint32_t)MAX(runs, 1)));
    switch ((int)random_below(random, 4)) {
    case 0:
        return kill_program(random, program_start("run", "--slots", "2", RECIPE));
    case 1:
        return kill_program(random, program_start("resume", run));
    case 2:
        return kill_program(random, program_start("ls"));
    default:
        return kill_program(random, program_start("show", run));
    }
}

/* Launchers that were killed may have left numbers without a run. */
static int highest_run(void)
{
    struct store store;
    int64_t *numbers = NULL;
    int count = 0, highest = 0;
    if (store_open(&store, NULL, STORE_FIND) == 0 && store_runs(&store, &numbers, &count) == 0 &&
        count > 0)
        highest = (int)numbers[count - 1];
    free(numbers);
    store_release(&store);
    return highest;
}

static bool exists(int run)
{
    return directory_exists(directory_of(run));
}

/* Sees to it that some runs live, new ones if all others have finished. Returns the highest number. */
static int keep_busy(void)
{
    int highest = highest_run(), live = 0;
    for (int run = 1; run <= highest; run++)
        live += exists(run) && !run_state_is_end(program_status(directory_of(run)).state);
    for (int run = 1; run <= highest && live < LIVE; run++) {
        char number[16];
        snprintf(number, sizeof number, "%d", run);
        if (!exists(run) || !has_ended(directory_of(run)) ||
            program_status(directory_of(run)).state == RUN_FINISHED)
            continue;
        struct program program = program_start("resume", number);
        program_wait(&program); /* refused if it has done all but say so */
        program_release(&program);
        live++;
    }
    for (; live < LIVE; live++)
        do_well("run", "--slots", "2", RECIPE);
    return highest_run();
}

static int kill_worker_or_training(struct random *random, int runs)
{
    const char *directory = directory_of(1 + (int)random_below(random, (uint32_t)MAX(runs, 1)));
    if (!directory_exists(directory))
        return 0;
    struct run_pids pids = program_pids(directory);
    enum run_state state = program_status(directory).state;
    if (run_state_is_end(state))
        return 0;
    int which = (int)random_below(random, 3), killed = 0;
    if (which != 1 && pids.worker > 0)
        killed += kill(pids.worker, SIGKILL) == 0;
    if (which != 0 && pids.training > 0)
        killed += kill(pids.training, SIGKILL) == 0;
    return killed;
}

/* Every point that the journal holds is in the catalogue once. */
static void assert_indexed(int run)
{
    char number[16];
    snprintf(number, sizeof number, "%d", run);
    char *points = program_output("metrics", number, "-m", "d_loss");
    struct story story = story_of(directory_of(run));
    int64_t listed = 0, told = 0;
    for (const char *at = points; (at = strchr(at, '\n')); at++)
        listed++;
    for (const char *at = story.text; (at = strstr(at, " d_loss=")); at++)
        told++;
    assert_int_equal(listed - 1, told);
    free(points);
    free(story.text);
}

/* Resumes until it has finished, whatever it is in. */
static void bring_to_its_end(int run)
{
    char number[16];
    snprintf(number, sizeof number, "%d", run);
    for (int i = 0; i < 20; i++) {
        struct run_status now = program_status(directory_of(run));
        if (now.state == RUN_FINISHED)
            return;
        struct program program = now.is_orphan ? program_start("stop", "--now", number)
                                 : run_state_is_end(now.state) ? program_start("resume", number)
                                                               : program_start("wait", number);
        program_wait(&program);
        if (i > 15)
            print_error("run %d %s: %s", run, run_state_name(now.state), program.errors);
        program_release(&program);
    }
    fail_msg("run %d cannot be brought to its end", run);
}

static void storm_leaves_everything_true(void **state)
{
    (void)state;
    uint64_t seed = (uint64_t)time(NULL);
    const char *said = getenv("GANDER_TEST_SEED");
    if (said)
        seed = strtoull(said, NULL, 10);
    print_message("# GANDER_TEST_SEED=%llu\n", (unsigned long long)seed);
    struct random random;
    random_seed(&random, seed, 0);
    struct story expected = undisturbed(RECIPE);
    int wanted = getenv("GANDER_TEST_SMALL") ? KILLS / 10 : KILLS, kills = 0;
    while (kills < wanted) {
        int runs = keep_busy();
        kills += random_below(&random, 2) ? kill_somebody_short(&random, runs)
                                          : kill_worker_or_training(&random, runs);
    }
    int highest = highest_run();
    print_message("# %d kills, numbers up to %d\n", kills, highest);
    for (int run = 1; run <= highest; run++) {
        if (!exists(run))
            continue;
        assert_sound(directory_of(run));
        bring_to_its_end(run);
        assert_sound(directory_of(run));
        story_assert_equal(directory_of(run), &expected);
        assert_indexed(run);
    }
    struct store store;
    assert_int_equal(store_open(&store, NULL, STORE_FIND), 0);
    assert_int_equal(queue_slots_taken(&store), 0);
    store_release(&store);
    free(expected.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(storm_leaves_everything_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
