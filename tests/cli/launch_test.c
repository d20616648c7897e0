/* What a launch leaves behind: a worker of its own, far from the terminal, and a command that finds
 * its run in its environment. */
#define _GNU_SOURCE
#include "background.h"

static void worker_is_a_session_of_its_own_and_far_from_the_terminal(void **state)
{
    (void)state;
    do_well("run", "--", "sh", "-c",
            "readlink /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2; touch ready; sleep 1000");
    char *said = program_read_file("output");
    assert_string_equal(said, "1\n");
    free(said);
    wait_until(file_exists, "ready");
    struct run_pids pids = program_pids(RUN_1);
    struct process_facts worker = process_facts(pids.worker),
                         training = process_facts(pids.training);
    assert_int_not_equal(worker.session, getsid(0));
    assert_int_equal(worker.session, getsid(pids.worker));
    assert_int_equal(worker.terminal, 0);
    assert_int_equal(training.session, worker.session);
    assert_int_equal(training.group, pids.training);
    assert_int_not_equal(worker.group, training.group);
    assert_int_equal(training.terminal, 0);
    for (int fd = 0; fd < 3; fd++) {
        char path[64], target[PATH_MAX] = { 0 };
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pids.worker, fd);
        assert_true(readlink(path, target, sizeof target - 1) > 0);
        assert_non_null(strstr(target, fd == 0 ? "/dev/null" : "/runs/1/log.txt"));
    }
    kill(pids.worker, SIGHUP);
    kill(pids.training, SIGHUP);
    kill(pids.worker, SIGPIPE);
    pause_ms(50);
    assert_state(RUN_1, RUN_RUNNING);
    char *log = program_read_file(RUN_1 "/log.txt");
    assert_memory_equal(log, "/dev/null\n/", 11);
    assert_non_null(strstr(log, "/runs/1/log.txt\n"));
    free(log);
}

static void worker_holds_no_descriptor_of_its_launcher(void **state)
{
    (void)state;
    int ends[2];
    char byte;
    assert_int_equal(pipe(ends), 0); /* both are inherited by the launcher */
    do_well("run", ENDLESS);
    do_well("run", "--slots", "9", "--", "sleep", "1000");
    wait_until(is_running, RUN_2);
    close(ends[1]);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(read(ends[0], &byte, 1), 0); /* its end: nobody else has it open */
    close(ends[0]);
}

static void command_finds_its_run_in_its_environment(void **state)
{
    (void)state;
    do_well("run", "--", "sh", "-c",
            "echo \"$GANDER_RUN $GANDER_DIR $GANDER_JOURNAL $GANDER_SAMPLES $GANDER_CHECKPOINTS "
            "${GANDER_RESUME-none} $PYTHONUNBUFFERED\"; [ -d \"$GANDER_SAMPLES\" ] && [ -d "
            "\"$GANDER_CHECKPOINTS\" ] && echo both");
    do_well("wait", "1");
    char *log = program_read_file(RUN_1 "/log.txt");
    char *expected = xasprintf("1 %s/.gander %s/.gander/runs/1/events.jsonl "
                               "%s/.gander/runs/1/samples %s/.gander/runs/1/checkpoints none 1\n"
                               "both\n",
                               scratch_path, scratch_path, scratch_path, scratch_path);
    assert_string_equal(log, expected);
    free(expected);
    free(log);
}

static void values_of_a_command_are_filtered_by(void **state)
{
    (void)state;
    do_well("run", "-f", "--", "sh", "-c",
            "echo '{\"config\":{\"momentum\":0.9,\"net\":{\"depth\":7}}}' >>$GANDER_JOURNAL; echo "
            "'{\"step\":3,\"metrics\":{\"loss\":0.25}}' >>$GANDER_JOURNAL",
            "sh", "--lr", "1e-4", "--batch=32");
    do_well("run", "-f", "--", "true", "--lr", "1e-2");
    static const char *const filters[] = { "lr<1e-3",       "batch=32",
                                           "momentum>=0.9", "net.depth=7",
                                           "loss<0.3",      "max(loss)=0.25 state:finished" };
    for (int i = 0; i < ARRAY_SIZE(filters); i++) {
        char *list = program_output("ls", filters[i]);
        if (!strstr(list, "\n  1 finished"))
            print_error("%s: %s", filters[i], list);
        assert_non_null(strstr(list, "\n  1 finished"));
        assert_null(strstr(list, "\n  2 finished"));
        free(list);
    }
}

static void command_that_cannot_start_is_said_before_a_run_is_made(void **state)
{
    (void)state;
    be_refused(1, "there is no program 'no-such-program' in PATH", "run", "--", "no-such-program");
    assert_false(directory_exists(".gander/runs"));
}

static void script_without_a_hash_bang_fails_with_a_sentence(void **state)
{
    (void)state;
    write_text("script", "#!/no/such/interpreter\n");
    assert_int_equal(chmod("script", 0755), 0);
    do_well("run", "--", "./script");
    end_with(127, "wait", "1");
    char *shown = program_output("show", "1");
    assert_non_null(strstr(shown, "cannot start './script'"));
    free(shown);
}

static void foreground_passes_the_status_on(void **state)
{
    (void)state;
    end_with(0, "run", "-f", "--", "true");
    end_with(5, "run", "-f", "--", "sh", "-c", "exit 5");
    end_with(128 + SIGKILL, "run", "-f", "--", "sh", "-c", "kill -9 $$");
    struct program program = program_start("run", "-f", "--", "sleep", "1000");
    wait_until(directory_exists, ".gander/runs/4");
    wait_until(is_running, ".gander/runs/4");
    do_well("stop", "4");
    int status;
    assert_int_equal(waitpid(program.pid, &status, 0), program.pid);
    assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
}

/* --- hooks of config.ini --- */

static bool has_words(const char *path)
{
    return file_size(path) > 0;
}

static void on_end_is_told_what_has_ended(void **state)
{
    (void)state;
    assert_int_equal(mkdir(".gander", 0700), 0);
    write_text(".gander/config.ini",
               "on_end = \"echo \\\"$GANDER_RUN $GANDER_EXPERIMENT $GANDER_NAME $GANDER_STATE "
               "$GANDER_STEP ($GANDER_REASON) $GANDER_DIR\\\" >ended.new ; mv ended.new ended\"\n");
    do_well("run", "--name", "mine", "--", "sh", "-c",
            "echo '{\"step\":12,\"metrics\":{\"loss\":1}}' >>$GANDER_JOURNAL; exit 4");
    wait_until(has_words, "ended");
    char *told = program_read_file("ended");
    char *expected = xasprintf("1 sh mine failed 12 (exit status 4) %s/.gander\n", scratch_path);
    assert_string_equal(told, expected);
    free(expected);
    free(told);
}

/* It may look at the run, and even resume it: the run has let go of its lock and slot. */
static void on_end_sees_a_run_that_is_over(void **state)
{
    (void)state;
    assert_int_equal(mkdir(".gander", 0700), 0);
    char *line = xasprintf("on_end = cd %s && %s show --json $GANDER_RUN >$GANDER_RUN.new && "
                           "mv $GANDER_RUN.new $GANDER_RUN.json\n",
                           scratch_path, getenv("GANDER_TEST_PROGRAM"));
    write_text(".gander/config.ini", line);
    free(line);
    do_well("run", "--", "true");
    wait_until(has_words, "1.json");
    char *told = program_read_file("1.json");
    assert_non_null(strstr(told, "\"state\": \"finished\""));
    free(told);
}

static void end_hook(const char *path)
{
    wait_until(has_words, path);
    char *text = program_read_file(path);
    kill((pid_t)strtol(text, NULL, 10), SIGKILL);
    free(text);
}

static void hook_that_fails_or_hangs_harms_nothing(void **state)
{
    (void)state;
    assert_int_equal(mkdir(".gander", 0700), 0);
    write_text(".gander/config.ini", "slots = 1\non_end = exit 3\non_health = no-such-program\n");
    do_well("run", "-f", "--", "sh", "-c", "echo '{\"health\":\"balanced\"}' >>$GANDER_JOURNAL");
    wait_for_death(program_pids(RUN_1).worker);
    char *log = program_read_file(RUN_1 "/log.txt");
    assert_non_null(strstr(log, "gander: on_end: exit status 3\n"));
    free(log);
    write_text(".gander/config.ini",
               "slots = 1\non_end = \"echo $$ >pid.$GANDER_RUN ; exec sleep 1000\"\n");
    do_well("run", "-f", "--", "true");
    do_well("run", "-f", "--", "true"); /* the slot is free again */
    assert_state(RUN_2, RUN_FINISHED);
    assert_shown("3", "finished");
    end_hook("pid.2");
    end_hook("pid.3");
}

static void on_health_is_told_of_each_change(void **state)
{
    (void)state;
    assert_int_equal(mkdir(".gander", 0700), 0);
    write_text(".gander/config.ini",
               "on_health = \"echo $GANDER_RUN: $GANDER_REASON >>\\\"$GANDER_STATE\\\"\"\n");
    write_text("lines", "{\"health\":\"balanced\",\"why\":\"so far\"}\n"
                        "{\"health\":\"balanced\",\"why\":\"still\"}\n"
                        "{\"health\":\"mode collapse\",\"why\":\"$(touch broken) of 10\"}\n");
    do_well("run", "-f", "--", "sh", "-c", "cat lines >>$GANDER_JOURNAL");
    wait_until(has_words, "balanced");
    wait_until(has_words, "mode collapse");
    char *told = program_read_file("mode collapse");
    assert_string_equal(told, "1: $(touch broken) of 10\n");
    free(told);
    wait_for_death(program_pids(RUN_1).worker);
    told = program_read_file("balanced");
    assert_string_equal(told, "1: so far\n");
    free(told);
    assert_false(file_exists("broken"));
}

/* --- resources --- */

static bool has_use(const char *directory)
{
    char *path = xasprintf("%s/worker.jsonl", directory), *text = program_read_file(path);
    bool is_so = strstr(text, "\"use\":");
    free(text);
    free(path);
    return is_so;
}

static void resources_are_journalled(void **state)
{
    (void)state;
    assert_int_equal(mkdir("bin", 0700), 0);
    write_text("bin/nvidia-smi", "#!/bin/sh\necho '80, 1000'\necho '[N/A], [N/A]'\n"
                                 "echo '40, 24'\n");
    assert_int_equal(chmod("bin/nvidia-smi", 0755), 0);
    char *old = xstrdup(getenv("PATH")), *path = xasprintf("%s/bin:%s", scratch_path, old);
    setenv("PATH", path, 1);
    do_well("run", "--", "sh", "-c", "while :; do :; done");
    setenv("PATH", old, 1);
    wait_until(has_use, RUN_1);
    char *values = program_output("show", "--json", "1");
    assert_non_null(strstr(values, "\"use.gpu\""));
    free(values);
    char *lines = program_read_file(RUN_1 "/worker.jsonl");
    double cpu = 0, memory = 0, gpu = 0, gpu_memory = 0;
    const char *use = strstr(lines, "\"use\":");
    assert_int_equal(sscanf(use,
                            "\"use\":{\"cpu\":%lf,\"memory\":%lf,\"gpu\":%lf,\"gpu_memory\":%lf",
                            &cpu, &memory, &gpu, &gpu_memory),
                     4);
    assert_true(cpu > 10 && cpu < 110);
    assert_true(memory > 1e5 && memory < 1e8);
    assert_float_equal(gpu, 60, 0);
    assert_float_equal(gpu_memory, 1024.0 * 1024 * 1024, 0);
    free(lines);
    free(old);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(worker_is_a_session_of_its_own_and_far_from_the_terminal),
        IN_PROGRAM_SCRATCH(worker_holds_no_descriptor_of_its_launcher),
        IN_PROGRAM_SCRATCH(command_finds_its_run_in_its_environment),
        IN_PROGRAM_SCRATCH(values_of_a_command_are_filtered_by),
        IN_PROGRAM_SCRATCH(command_that_cannot_start_is_said_before_a_run_is_made),
        IN_PROGRAM_SCRATCH(script_without_a_hash_bang_fails_with_a_sentence),
        IN_PROGRAM_SCRATCH(foreground_passes_the_status_on),
        IN_PROGRAM_SCRATCH(on_end_is_told_what_has_ended),
        IN_PROGRAM_SCRATCH(on_end_sees_a_run_that_is_over),
        IN_PROGRAM_SCRATCH(hook_that_fails_or_hangs_harms_nothing),
        IN_PROGRAM_SCRATCH(on_health_is_told_of_each_change),
        IN_PROGRAM_SCRATCH(resources_are_journalled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
