/* Two hundred runs that wait: they use no measurable CPU, little memory, and lose nobody's turn. */
#define _GNU_SOURCE
#include "background.h"

enum { WAITING = 200, KILLED = 20, CPU_SECONDS = 10 };

static pid_t worker_of(int run)
{
    char directory[64];
    snprintf(directory, sizeof directory, ".gander/runs/%d", run);
    return program_pids(directory).worker;
}

static double ticks_of_all(const pid_t *pids, int count)
{
    double ticks = 0;
    for (int i = 0; i < count; i++)
        ticks += process_facts(pids[i]).cpu_ticks;
    return ticks;
}

/* Bytes that are a process's alone. */
static double private_bytes(pid_t pid)
{
    double total = 0, kilobytes;
    char *path = xasprintf("/proc/%d/smaps_rollup", (int)pid), *text = program_read_file(path);
    static const char *const names[] = { "Private_Clean:", "Private_Dirty:" };
    for (int i = 0; i < ARRAY_SIZE(names); i++) {
        const char *at = strstr(text, names[i]);
        if (at && sscanf(at + strlen(names[i]), "%lf", &kilobytes) == 1)
            total += kilobytes * 1024;
    }
    free(text);
    free(path);
    return total;
}

/* All others have had their turn, one after the other. */
static void assert_order(int waiting)
{
    double last_begun = 0;
    for (int run = 2; run < waiting + 2; run++) {
        char directory[64];
        struct arena arena = { 0 };
        struct worker_story story = { .size = 0 };
        snprintf(directory, sizeof directory, ".gander/runs/%d", run);
        wait_until(has_ended, directory);
        bool was_killed = (run - 2) % (waiting / KILLED) == 0;
        assert_state(directory, was_killed ? RUN_LOST : RUN_FINISHED);
        assert_int_equal(worker_read(&arena, &story, directory, NULL, NULL), 0);
        if (!was_killed) {
            assert_true(story.attempts[0].time >= last_begun);
            last_begun = story.attempts[0].time;
        }
        arena_release(&arena);
    }
}

static void two_hundred_wait_for_nothing(void **state)
{
    (void)state;
    int waiting = getenv("GANDER_TEST_SMALL") ? WAITING / 10 : WAITING;
    pid_t pids[WAITING];
    do_well("run", "--slots", "1", "--", "sleep", "10000");
    wait_until(is_running, RUN_1);
    for (int i = 0; i < waiting; i++)
        do_well("run", "--slots", "1", "--", "true");
    for (int i = 0; i < waiting; i++) {
        while ((pids[i] = worker_of(i + 2)) == 0)
            pause_ms(1);
        while (process_facts(pids[i]).state != 'S')
            pause_ms(1);
    }
    pause_ms(500);
    double before = ticks_of_all(pids, waiting);
    pause_ms(CPU_SECONDS * 1000);
    double ticks = ticks_of_all(pids, waiting) - before;
    print_message("# %d waiting: %g ms of CPU in %d s, %.0f kB each\n", waiting,
                  ticks * 1000 / (double)sysconf(_SC_CLK_TCK), CPU_SECONDS,
                  private_bytes(pids[waiting / 2]) / 1024);
    assert_true(ticks <= 5); /* one of them looks at the slots once a second */
    assert_true(private_bytes(pids[waiting / 2]) < 4e6);

    for (int i = 0; i < waiting; i += waiting / KILLED)
        kill(pids[i], SIGKILL);
    do_well("stop", "--now", "1");
    assert_order(waiting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(two_hundred_wait_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
