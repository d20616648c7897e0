/* Slots and the queue for them: who works, who waits, who is next, whoever is killed meanwhile. */
#define _GNU_SOURCE
#include "background.h"
#include "shell.h"

#define ENDLESS_COMMAND "--", "sleep", "1000"

static const char *directory_of(int run)
{
    static char path[64];
    snprintf(path, sizeof path, ".gander/runs/%d", run);
    return path;
}

static void queue_up(int runs)
{
    for (int i = 0; i < runs; i++)
        do_well("run", "--slots", "1", ENDLESS_COMMAND);
}

static enum run_state state_of(int run)
{
    return program_status(directory_of(run)).state;
}

/* Waits until it works; nobody else of the `runs` may. */
static void await_turn(int run, int runs)
{
    wait_until(is_running, directory_of(run));
    for (int i = 1; i <= runs; i++)
        if (i != run)
            assert_int_not_equal(state_of(i), RUN_RUNNING);
}

static pid_t worker_of(int run)
{
    return program_pids(directory_of(run)).worker;
}

static bool has_worker(const char *directory)
{
    return program_pids(directory).worker > 0;
}

/* A waiting worker has said so, and sleeps. */
static void await_waiting(int run)
{
    char pid[16];
    wait_until(has_worker, directory_of(run));
    snprintf(pid, sizeof pid, "%d", (int)worker_of(run));
    while (process_facts(worker_of(run)).state != 'S')
        pause_ms(1);
    assert_int_equal(state_of(run), RUN_QUEUED);
}

static void kill_worker_of(int run)
{
    assert_int_equal(kill(worker_of(run), SIGKILL), 0);
    wait_until(is_lost, directory_of(run));
}

static void runs_work_in_the_order_of_their_launch(void **state)
{
    (void)state;
    queue_up(4);
    await_turn(1, 4);
    for (int run = 2; run <= 4; run++) {
        char previous[16];
        snprintf(previous, sizeof previous, "%d", run - 1);
        do_well("stop", "--now", previous);
        await_turn(run, 4);
    }
}

static void queue_survives_the_death_of_any_member(void **state)
{
    (void)state;
    enum { RUNS = 7 };
    queue_up(RUNS);
    await_turn(1, RUNS);
    for (int run = 2; run <= RUNS; run++)
        await_waiting(run);
    kill_worker_of(4); /* in the middle */
    pause_ms(20);
    await_turn(1, RUNS);
    kill_worker_of(2); /* the oldest that waits */
    pause_ms(20);
    await_turn(1, RUNS);
    kill_run(directory_of(1)); /* the one that works */
    await_turn(3, RUNS);
    kill_worker_of(5); /* the oldest again, behind one that is dead already */
    kill_run(directory_of(3));
    await_turn(6, RUNS);
    do_well("stop", "--now", "6");
    await_turn(7, RUNS);
}

static void orphan_keeps_its_slot(void **state)
{
    (void)state;
    queue_up(2);
    await_turn(1, 2);
    await_waiting(2);
    kill(worker_of(1), SIGKILL);
    wait_until(is_orphan, directory_of(1));
    pause_ms(1200); /* longer than the queue takes to look again */
    assert_int_equal(state_of(2), RUN_QUEUED);
    do_well("stop", "--now", "1");
    await_turn(2, 2);
}

static void queued_run_that_is_stopped_leaves_the_queue(void **state)
{
    (void)state;
    queue_up(4);
    await_turn(1, 4);
    do_well("stop", "2");
    assert_state(RUN_2, RUN_STOPPED);
    end_with(143, "wait", "2");
    do_well("stop", "--now", "3");
    assert_state(RUN_3, RUN_STOPPED);
    do_well("stop", "1");
    await_turn(4, 4);
    do_well("resume", "2"); /* at the end of the queue */
    await_waiting(2);
    do_well("stop", "4");
    await_turn(2, 4);
}

static void slots_are_as_many_as_is_said(void **state)
{
    (void)state;
    setenv("GANDER_SLOTS", "2", 1);
    for (int i = 0; i < 3; i++)
        do_well("run", ENDLESS_COMMAND);
    wait_until(is_running, RUN_1);
    wait_until(is_running, RUN_2);
    await_waiting(3);
    unsetenv("GANDER_SLOTS");
    write_text(".gander/config.ini", "slots = 3\n");
    do_well("run", "--slots", "4", ENDLESS_COMMAND); /* waits for who came before */
    do_well("run", ENDLESS_COMMAND);
    await_waiting(5);
    do_well("stop", "--now", "1");
    wait_until(is_running, RUN_3);
    wait_until(is_running, directory_of(4));
    pause_ms(50);
    assert_int_equal(state_of(5), RUN_QUEUED);
}

static void run_in_a_slurm_job_takes_no_slot(void **state)
{
    (void)state;
    do_well("run", "--slots", "1", ENDLESS_COMMAND);
    wait_until(is_running, RUN_1);
    setenv("SLURM_JOB_ID", "7", 1);
    do_well("run", "--slots", "1", ENDLESS_COMMAND);
    unsetenv("SLURM_JOB_ID");
    wait_until(is_running, RUN_2);
    do_well("run", "--slots", "2", ENDLESS_COMMAND);
    wait_until(is_running, directory_of(3)); /* one of the two is free for it */
}

static void launches_at_once_all_get_a_number(void **state)
{
    (void)state;
    enum { LAUNCHES = 16 };
    pid_t pids[LAUNCHES];
    char seen[LAUNCHES + 1] = { 0 };
    for (int i = 0; i < LAUNCHES; i++) {
        char name[32];
        snprintf(name, sizeof name, "output%d", i);
        pids[i] = program_launch(&(struct launch){ .words = { "run", "--slots", "4", "--", "true" },
                                                   .output = name })
                      .pid;
    }
    for (int i = 0; i < LAUNCHES; i++) {
        int status, number;
        char name[32];
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
        snprintf(name, sizeof name, "output%d", i);
        char *text = program_read_file(name);
        assert_int_equal(sscanf(text, "%d", &number), 1);
        assert_in_range(number, 1, LAUNCHES);
        assert_false(seen[number]);
        seen[number] = 1;
        free(text);
    }
    do_well("wait", "1..16");
    char *list = program_output("ls", "state:finished", "--json");
    int count = 0;
    for (const char *at = list; (at = strstr(at, "\"number\"")); at++)
        count++;
    assert_int_equal(count, LAUNCHES);
    free(list);
}

static void waiting_runs_use_no_cpu(void **state)
{
    (void)state;
    enum { WAITING = 12 };
    double before = 0, after = 0;
    queue_up(1 + WAITING);
    await_turn(1, 1 + WAITING);
    for (int run = 2; run <= 1 + WAITING; run++)
        await_waiting(run);
    pause_ms(100);
    for (int run = 2; run <= 1 + WAITING; run++)
        before += process_facts(worker_of(run)).cpu_ticks;
    pause_ms(1500);
    for (int run = 2; run <= 1 + WAITING; run++)
        after += process_facts(worker_of(run)).cpu_ticks;
    assert_true(after - before <= 1);
}

static void after_a_reboot_the_queue_starts_again_in_its_order(void **state)
{
    (void)state;
    enum { RUNS = 5 };
    queue_up(RUNS);
    await_turn(1, RUNS);
    for (int run = 2; run <= RUNS; run++)
        await_waiting(run);
    do_well("stop", "2");
    do_well("resume", "2"); /* queued after the others */
    await_waiting(2);
    for (int run = RUNS; run > 1; run--)
        kill_worker_of(run);
    kill_run(RUN_1);
    char *list = program_output("ls", "state:lost", "--json");
    for (int run = 1; run <= RUNS; run++) {
        char member[32];
        snprintf(member, sizeof member, "\"number\": %d", run);
        assert_non_null(strstr(list, member));
    }
    free(list);
    char *said = program_output("resume", "--queued");
    assert_string_equal(said, "run 3 is queued again\nrun 4 is queued again\n"
                              "run 5 is queued again\nrun 2 is queued again\n");
    free(said);
    static const int order[] = { 3, 4, 5, 2 };
    for (int i = 0; i < ARRAY_SIZE(order); i++) {
        char run[16];
        snprintf(run, sizeof run, "%d", order[i]);
        await_turn(order[i], RUNS);
        do_well("stop", "--now", run);
    }
    said = program_output("resume", "--queued");
    assert_string_equal(said, "no run was queued and is lost\n");
    free(said);
}

/* --- the code of a command that waited --- */

static void must_do(const char *script)
{
    struct arena arena = { 0 };
    shell(&arena, script);
    arena_release(&arena);
}

static void command_that_waited_runs_the_code_that_it_pins(void **state)
{
    (void)state;
    must_do(
        "git init -q code && cd code && git config user.email a@b && git config user.name n &&"
        " mkdir sub && printf 'echo old\\npwd\\n' >sub/train.sh && git add . && git commit -qm 1");
    assert_int_equal(chdir("code/sub"), 0);
    do_well("run", "--slots", "1", ENDLESS_COMMAND);
    do_well("run", "--slots", "1", "--", "sh", "train.sh");
    write_text("train.sh", "echo new\n");
    do_well("run", "--slots", "1", "--", "sh", "train.sh");
    do_well("stop", "--now", "1");
    do_well("wait", "2", "3");
    assert_int_equal(chdir("../.."), 0);
    char *log = program_read_file("code/.gander/runs/2/log.txt");
    assert_non_null(strstr(log, "\nold\n"));
    assert_non_null(strstr(log, "/code/.gander/runs/2/tree/sub\n"));
    assert_null(strstr(log, "new"));
    free(log);
    log = program_read_file("code/.gander/runs/3/log.txt");
    assert_non_null(strstr(log, "\nnew\n"));
    free(log);
    char *text = program_read_file("code/sub/train.sh");
    assert_string_equal(text, "echo new\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(runs_work_in_the_order_of_their_launch),
        IN_PROGRAM_SCRATCH(queue_survives_the_death_of_any_member),
        IN_PROGRAM_SCRATCH(orphan_keeps_its_slot),
        IN_PROGRAM_SCRATCH(queued_run_that_is_stopped_leaves_the_queue),
        IN_PROGRAM_SCRATCH(slots_are_as_many_as_is_said),
        IN_PROGRAM_SCRATCH(run_in_a_slurm_job_takes_no_slot),
        IN_PROGRAM_SCRATCH(launches_at_once_all_get_a_number),
        IN_PROGRAM_SCRATCH(waiting_runs_use_no_cpu),
        IN_PROGRAM_SCRATCH(after_a_reboot_the_queue_starts_again_in_its_order),
        IN_PROGRAM_SCRATCH(command_that_waited_runs_the_code_that_it_pins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
