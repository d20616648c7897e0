/* What a run is said to be doing, whatever happens to it, and what it can be told to do then. */
#define _GNU_SOURCE
#include "background.h"

static void finished_and_failed_runs_pass_their_status_on(void **state)
{
    (void)state;
    do_well("run", "tiny.ini");
    do_well("run", "--", "sh", "-c", "echo some words; echo last words; exit 7");
    do_well("wait", "1");
    end_with(7, "wait", "2");
    assert_state(RUN_1, RUN_FINISHED);
    assert_state(RUN_2, RUN_FAILED);
    char *shown = program_output("show", "2");
    assert_non_null(strstr(shown, "exit status 7"));
    assert_non_null(strstr(shown, "last words"));
    free(shown);
    end_with(7, "wait", "1", "2");
}

static void signal_that_kills_a_command_is_named(void **state)
{
    (void)state;
    do_well("run", "--", "sh", "-c", "kill -SEGV $$");
    end_with(128 + SIGSEGV, "wait", "1");
    assert_state(RUN_1, RUN_KILLED);
    char *shown = program_output("show", "1");
    assert_non_null(strstr(shown, "killed by SIGSEGV"));
    free(shown);
}

static void killed_training_goes_on_from_its_checkpoint(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini");
    do_well("run", "tiny.ini");
    wait_until(has_line, RUN_1);
    struct run_pids pids = program_pids(RUN_1);
    if (pids.training > 0) /* else it was too quick */
        kill(pids.training, SIGKILL);
    wait_until(has_ended, RUN_1);
    if (program_status(RUN_1).state == RUN_KILLED) {
        end_with(128 + SIGKILL, "wait", "1");
        do_well("resume", "1");
        do_well("wait", "1");
    }
    story_assert_equal(RUN_1, &expected);
    assert_sound(RUN_1);
    free(expected.text);
}

static void diverged_and_lost_runs_have_failed_for_who_waits(void **state)
{
    (void)state;
    do_well("run", "tiny.ini", "-s", "training.optimiser=sgd", "-s", "training.rate=0.9", "-s",
            "training.objective=least-squares");
    end_with(1, "wait", "1");
    assert_state(RUN_1, RUN_DIVERGED);
    do_well("run", ENDLESS);
    wait_until(is_running, RUN_2);
    kill_run(RUN_2);
    end_with(1, "wait", "2");
    assert_shown("2", "lost");
}

static void run_without_worker_and_training_is_lost_within_two_seconds(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini", "-s", "training.steps=3000");
    do_well("run", "tiny.ini", "-s", "training.steps=3000");
    wait_until(has_line, RUN_1);
    struct run_pids pids = program_pids(RUN_1);
    assert_true(pids.worker > 0 && pids.training > 0);
    kill(pids.worker, SIGKILL);
    kill(pids.training, SIGKILL);
    double killed = monotonic_clock();
    while (program_status(RUN_1).state != RUN_LOST)
        pause_ms(1);
    assert_shown("1", "lost");
    assert_true(monotonic_clock() - killed < 2);
    do_well("resume", "1");
    do_well("wait", "1");
    assert_state(RUN_1, RUN_FINISHED);
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

/* The pids of a lost run now belong to somebody else. */
static void reused_pids_fool_nobody(void **state)
{
    (void)state;
    do_well("run", ENDLESS);
    wait_until(is_running, RUN_1);
    kill_run(RUN_1);
    char *lines = program_read_file(RUN_1 "/worker.jsonl");
    struct run_pids pids = program_pids(RUN_1);
    pid_t innocent = fork();
    if (innocent == 0)
        for (;;)
            pause();
    char *from = xasprintf("%d,", (int)pids.worker), *to = xasprintf("%d,", (int)innocent);
    char *rest = lines, *at;
    FILE *file = fopen(RUN_1 "/worker.jsonl", "w");
    assert_non_null(file);
    for (; (at = strstr(rest, from)); rest = at + strlen(from))
        fprintf(file, "%.*s%s", (int)(at - rest), rest, to);
    fputs(rest, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(program_pids(RUN_1).worker, innocent);
    assert_shown("1", "lost");
    be_refused(1, "run 1 is lost", "stop", "--now", "1");
    assert_int_equal(waitpid(innocent, NULL, WNOHANG), 0);
    kill(innocent, SIGKILL);
    waitpid(innocent, NULL, 0);
    free(lines);
    free(from);
    free(to);
}

static void orphan_is_shown_and_only_ended_at_once(void **state)
{
    (void)state;
    do_well("run", "--", "sh", "-c", "sleep 1000 & sleep 1001 & wait");
    wait_until(is_running, RUN_1);
    struct run_pids pids = program_pids(RUN_1);
    kill(pids.worker, SIGKILL);
    wait_until(is_orphan, RUN_1);
    char *list = program_output("ls");
    assert_non_null(strstr(list, "orphan"));
    free(list);
    be_refused(1, "has lost its worker, and its training works on alone", "resume", "1");
    be_refused(1, "it can only be stopped at once", "stop", "1");
    be_refused(1, "it can only be stopped at once", "pause", "1");
    assert_int_not_equal(process_facts(pids.training).state, 0);
    do_well("stop", "--now", "1");
    wait_for_death(pids.training);
    assert_shown("1", "lost");
}

static void run_that_reports_nothing_for_long_is_stalled(void **state)
{
    (void)state;
    do_well("run", "--", "sh", "-c",
            "for i in 1 2 3 4 5; do echo '{\"metrics\":{\"loss\":'$i'}}' >>$GANDER_JOURNAL; sleep "
            "0.05; done; touch ready; sleep 1000");
    while (!file_exists("ready"))
        pause_ms(5);
    char *list = program_output("ls", "--json");
    assert_non_null(strstr(list, "\"stalled\": false"));
    free(list);
    /* what its worker says of resources is no progress */
    FILE *journal = fopen(RUN_1 "/worker.jsonl", "a");
    double later = wall_clock() + 30;
    fprintf(journal, "{\"t\":%.3f,\"step\":5,\"use\":{\"cpu\":1}}\n", later - 1);
    assert_int_equal(fclose(journal), 0);
    char *now = xasprintf("%.3f", later);
    setenv("GANDER_NOW", now, 1);
    list = program_output("ls", "--json");
    assert_non_null(strstr(list, "\"stalled\": true"));
    free(list);
    list = program_output("ls", "state:stalled");
    assert_non_null(strstr(list, "stalled"));
    free(list);
    unsetenv("GANDER_NOW");
    list = program_output("ls", "--json");
    assert_non_null(strstr(list, "\"stalled\": false"));
    free(list);
    free(now);
}

/* --- stop, pause, resume --- */

static void stopped_training_saves_first_and_goes_on(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini", "-s", "training.steps=1500");
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    struct run_file newest;
    do_well("run", "tiny.ini", "-s", "training.steps=1500", "-s", "training.checkpoint_every=0");
    wait_until(has_line, RUN_1);
    do_well("stop", "1");
    assert_state(RUN_1, RUN_STOPPED);
    end_with(143, "wait", "1");
    assert_int_equal(worker_read(&arena, &story, RUN_1, NULL, NULL), 0);
    assert_int_equal(run_newest_checkpoint(&arena, RUN_1, -1, &newest, NULL), 0);
    assert_int_equal(newest.step, story.end.step);
    be_refused(1, "run 1 is stopped: it does not work any more", "stop", "1");
    do_well("resume", "1");
    do_well("wait", "1");
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
    arena_release(&arena);
}

static void command_is_asked_to_stop_by_sigterm(void **state)
{
    (void)state;
    do_well("run", "--", "sh", "-c",
            "trap 'echo asked >told; exit 0' TERM; touch ready; while :; do sleep 0.02; done");
    while (!file_exists("ready"))
        pause_ms(5);
    do_well("stop", "1");
    assert_true(file_exists("told"));
    assert_state(RUN_1, RUN_STOPPED);
}

static void stop_now_kills_what_does_not_listen(void **state)
{
    (void)state;
    do_well("run", "--", "sh", "-c", "trap '' TERM; touch ready; while :; do sleep 0.02; done");
    while (!file_exists("ready"))
        pause_ms(5);
    struct run_pids pids = program_pids(RUN_1);
    do_well("stop", "--no-wait", "1");
    assert_state(RUN_1, RUN_RUNNING);
    do_well("stop", "--now", "1");
    assert_state(RUN_1, RUN_STOPPED);
    wait_for_death(pids.training);
}

static bool is_suspended(const char *pid)
{
    return process_facts((pid_t)strtol(pid, NULL, 10)).state == 'T';
}

static void paused_run_computes_nothing_and_keeps_its_slot(void **state)
{
    (void)state;
    setenv("GANDER_SLOTS", "1", 1);
    do_well("run", ENDLESS);
    wait_until(has_line, RUN_1);
    pid_t training = program_pids(RUN_1).training;
    do_well("pause", "1");
    assert_shown("1", "paused");
    char *pid = xasprintf("%d", (int)training);
    wait_until(is_suspended, pid);
    free(pid);
    double ticks = process_facts(training).cpu_ticks;
    int64_t size = file_size(RUN_1 "/events.jsonl");
    do_well("run", ENDLESS);
    for (int i = 0; i < 30; i++) {
        pause_ms(10);
        assert_int_equal(process_facts(training).state, 'T');
        assert_state(RUN_2, RUN_QUEUED);
    }
    assert_true(process_facts(training).cpu_ticks <= ticks);
    assert_int_equal(file_size(RUN_1 "/events.jsonl"), size);
    be_refused(1, "run 1 is paused: 'gander resume' lets it go on", "pause", "1");
    be_refused(1, "run 2 is queued: it has nothing to pause", "pause", "2");
    do_well("resume", "1");
    while (file_size(RUN_1 "/events.jsonl") == size)
        pause_ms(1);
    assert_shown("1", "running");
    assert_int_equal(program_pids(RUN_1).training, training);
    unsetenv("GANDER_SLOTS");
}

static void paused_run_can_be_stopped(void **state)
{
    (void)state;
    do_well("run", ENDLESS);
    wait_until(has_line, RUN_1);
    do_well("pause", "1");
    do_well("stop", "1");
    assert_state(RUN_1, RUN_STOPPED);
    assert_sound(RUN_1);
}

/* As soon as a run says that it runs, it can be paused. */
static void pause_is_obeyed_from_the_first_moment(void **state)
{
    (void)state;
    enum { RUNS = 12 };
    setenv("GANDER_SLOTS", "100", 1);
    for (int i = 1; i <= RUNS; i++) {
        char *run = xasprintf("%d", i), *directory = xasprintf(".gander/runs/%d", i);
        do_well("run", "--", "sleep", "1000");
        while (program_status(directory).state == RUN_QUEUED)
            ;
        char *training = xasprintf("%d", (int)program_pids(directory).training);
        do_well("pause", run);
        assert_state(directory, RUN_PAUSED);
        wait_until(is_suspended, training);
        do_well("stop", "--now", run);
        free(training);
        free(run);
        free(directory);
    }
    unsetenv("GANDER_SLOTS");
}

static void paused_run_that_lost_its_worker_can_be_ended(void **state)
{
    (void)state;
    do_well("run", ENDLESS);
    wait_until(has_line, RUN_1);
    struct run_pids pids = program_pids(RUN_1);
    do_well("pause", "1");
    kill(pids.worker, SIGKILL);
    wait_until(is_orphan, RUN_1);
    be_refused(1, "has lost its worker", "resume", "1");
    do_well("stop", "--now", "1");
    wait_for_death(pids.training);
    wait_until(is_lost, RUN_1);
}

static void run_that_works_is_not_resumed(void **state)
{
    (void)state;
    do_well("run", ENDLESS);
    wait_until(is_running, RUN_1);
    be_refused(1, "run 1 is working already", "resume", "1");
    assert_state(RUN_1, RUN_RUNNING);
}

/* --- resume and rerun of commands and recipes --- */

static void command_goes_on_from_its_newest_checkpoint(void **state)
{
    (void)state;
    write_text(
        "train.sh",
        "echo \"resume=$GANDER_RESUME\" >>seen\n"
        "if [ -z \"$GANDER_RESUME\" ]; then\n"
        "  for step in 1 2 3 4 5 6; do\n"
        "    echo '{\"step\":'$step',\"metrics\":{\"loss\":'$step'}}' >>$GANDER_JOURNAL\n"
        "    [ $step != 4 ] || { echo weights >$GANDER_CHECKPOINTS/four.pt\n"
        "      echo '{\"step\":4,\"checkpoint\":\"checkpoints/four.pt\"}' >>$GANDER_JOURNAL; }\n"
        "  done\n"
        "  exit 9\n"
        "fi\n"
        "echo '{\"step\":5,\"metrics\":{\"loss\":50}}' >>$GANDER_JOURNAL\n"
        "echo '{\"step\":6,\"metrics\":{\"loss\":60}}' >>$GANDER_JOURNAL\n");
    do_well("run", "--", "sh", "train.sh");
    end_with(9, "wait", "1");
    do_well("resume", "1");
    do_well("wait", "1");
    char *seen = program_read_file("seen");
    assert_memory_equal(seen, "resume=\n", 8);
    assert_non_null(strstr(seen, "/runs/1/checkpoints/four.pt\n"));
    free(seen);
    char *points = program_output("metrics", "1");
    assert_non_null(strstr(points, "5,,50\n"));
    assert_non_null(strstr(points, "6,,60\n"));
    assert_null(strstr(points, "5,,5\n"));
    assert_non_null(strstr(points, "4,,4\n"));
    free(points);
    be_refused(1, "run 1 has finished ('gander rerun 1' runs it again)", "resume", "1");
}

/* A run that is started by a run is not to take that one's checkpoint for its own. */
static void checkpoint_of_another_run_is_not_handed_on(void **state)
{
    (void)state;
    setenv("GANDER_RESUME", "/somewhere/else.pt", 1);
    do_well("run", "--", "sh", "-c", "echo \"resume=${GANDER_RESUME-none}\"");
    unsetenv("GANDER_RESUME");
    do_well("wait", "1");
    char *log = program_read_file(RUN_1 "/log.txt");
    assert_non_null(strstr(log, "resume=none\n"));
    free(log);
}

static void rerun_gives_the_same_numbers_and_can_be_varied(void **state)
{
    (void)state;
    do_well("run", "-f", "tiny.ini", "-s", "training.seed=5");
    do_well("rerun", "-f", "1");
    struct story first = story_of(RUN_1);
    story_assert_equal(RUN_2, &first);
    do_well("rerun", "-f", "1", "-s", "training.seed=6");
    struct story third = story_of(RUN_3);
    assert_string_not_equal(third.text, first.text);
    char *list = program_output("ls", "training.seed=6");
    assert_non_null(strstr(list, "\n  3 finished"));
    assert_null(strstr(list, "\n  2 finished"));
    free(list);
    free(first.text);
    free(third.text);
}

static void rerun_of_a_command_replaces_its_values(void **state)
{
    (void)state;
    do_well("run", "-f", "--", "sh", "-c", "echo \"$*\"", "sh", "--lr", "0.1", "--depth=3");
    do_well("rerun", "-f", "1", "-s", "lr=0.2", "-s", "depth=4", "-s", "new=x y");
    char *log = program_read_file(RUN_2 "/log.txt");
    assert_non_null(strstr(log, "--lr 0.2 --depth=4 --new x y\n"));
    free(log);
    char *list = program_output("ls", "lr>0.15");
    assert_non_null(strstr(list, "\n  2 finished"));
    assert_null(strstr(list, "\n  1 finished"));
    free(list);
    list = program_output("ls", "lr=0.1");
    assert_non_null(strstr(list, "\n  1 finished"));
    assert_null(strstr(list, "\n  2 finished"));
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(finished_and_failed_runs_pass_their_status_on),
        IN_PROGRAM_SCRATCH(signal_that_kills_a_command_is_named),
        IN_PROGRAM_SCRATCH(killed_training_goes_on_from_its_checkpoint),
        IN_PROGRAM_SCRATCH(diverged_and_lost_runs_have_failed_for_who_waits),
        IN_PROGRAM_SCRATCH(run_without_worker_and_training_is_lost_within_two_seconds),
        IN_PROGRAM_SCRATCH(reused_pids_fool_nobody),
        IN_PROGRAM_SCRATCH(orphan_is_shown_and_only_ended_at_once),
        IN_PROGRAM_SCRATCH(run_that_reports_nothing_for_long_is_stalled),
        IN_PROGRAM_SCRATCH(stopped_training_saves_first_and_goes_on),
        IN_PROGRAM_SCRATCH(command_is_asked_to_stop_by_sigterm),
        IN_PROGRAM_SCRATCH(stop_now_kills_what_does_not_listen),
        IN_PROGRAM_SCRATCH(paused_run_computes_nothing_and_keeps_its_slot),
        IN_PROGRAM_SCRATCH(paused_run_can_be_stopped),
        IN_PROGRAM_SCRATCH(pause_is_obeyed_from_the_first_moment),
        IN_PROGRAM_SCRATCH(paused_run_that_lost_its_worker_can_be_ended),
        IN_PROGRAM_SCRATCH(run_that_works_is_not_resumed),
        IN_PROGRAM_SCRATCH(command_goes_on_from_its_newest_checkpoint),
        IN_PROGRAM_SCRATCH(checkpoint_of_another_run_is_not_handed_on),
        IN_PROGRAM_SCRATCH(rerun_gives_the_same_numbers_and_can_be_varied),
        IN_PROGRAM_SCRATCH(rerun_of_a_command_replaces_its_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
