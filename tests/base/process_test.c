#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "testing.h"

#define SHELL(script) ((const char *const[]){ "sh", "-c", (script), NULL })

static struct process_result run(const struct process *what)
{
    struct process_result result;
    assert_int_equal(process_run(&result, what), 0);
    return result;
}

static void output_and_errors_are_captured_together(void **state)
{
    (void)state;
    struct process_result result =
        run(&(struct process){ .argv = SHELL("echo one; echo two >&2; exit 3") });
    assert_string_equal(result.output, "one\ntwo\n");
    assert_int_equal(result.size, 8);
    assert_string_equal(process_status_text(result.status), "exit status 3");
    assert_false(process_succeeded(&result));
    free(result.output);
}

static void output_beyond_the_limit_is_dropped_and_the_program_ends(void **state)
{
    (void)state;
    struct process_result result = run(&(struct process){
        .argv = SHELL("i=0; while [ $i -lt 20000 ]; do echo 0123456789; i=$((i+1)); done"),
        .limit = 25 });
    assert_string_equal(result.output, "0123456789\n0123456789\n012");
    assert_true(process_succeeded(&result));
    free(result.output);
}

static void standard_input_is_empty(void **state)
{
    (void)state;
    struct process_result result = run(&(struct process){ .argv = SHELL("cat; echo end") });
    assert_string_equal(result.output, "end\n");
    free(result.output);
}

static void environment_is_ours_with_what_is_set_over_it(void **state)
{
    (void)state;
    setenv("GANDER_TEST_ONE", "old", 1);
    setenv("GANDER_TEST_TWO", "kept", 1);
    const char *const set[] = { "GANDER_TEST_ONE=new", NULL };
    struct process_result result =
        run(&(struct process){ .argv = SHELL("echo $GANDER_TEST_ONE $GANDER_TEST_TWO; "
                                             "env | grep -c GANDER_TEST_ONE"),
                               .environment = set });
    assert_string_equal(result.output, "new kept\n1\n");
    free(result.output);
}

static void directory_is_where_it_runs(void **state)
{
    (void)state;
    assert_int_equal(mkdir("below", 0700), 0);
    struct process_result result =
        run(&(struct process){ .argv = SHELL("basename \"$PWD\""), .directory = "below" });
    assert_string_equal(result.output, "below\n");
    free(result.output);
}

static void missing_program_is_told_from_a_failing_one(void **state)
{
    (void)state;
    struct process_result result;
    const char *const argv[] = { "no-such-program", NULL };
    assert_int_equal(process_run(&result, &(struct process){ .argv = argv }), ERR_NOT_FOUND);
    assert_string_equal(error_text(), "cannot start 'no-such-program': No such file or directory");
    assert_false(process_exists("no-such-program"));
    assert_false(process_exists("./none"));
    assert_true(process_exists("sh"));
    assert_true(process_exists("/bin/sh"));
    assert_int_equal(
        process_run(&result, &(struct process){ .argv = SHELL("exit 0"), .directory = "nowhere" }),
        ERR_NOT_FOUND);
}

static void death_by_signal_is_told(void **state)
{
    (void)state;
    struct process_result result = run(&(struct process){ .argv = SHELL("kill -TERM $$") });
    assert_string_equal(process_status_text(result.status), "killed by SIGTERM");
    free(result.output);
}

/* The pipe stays open in what it started, which is killed along with it. */
static void what_takes_too_long_is_killed_with_all_it_started(void **state)
{
    (void)state;
    double begun = monotonic_clock();
    struct process_result result =
        run(&(struct process){ .argv = SHELL("echo $$; sleep 60 & sleep 60"), .timeout_ms = 200 });
    assert_true(result.is_out_of_time);
    assert_true(monotonic_clock() - begun < 30);
    assert_int_equal(WTERMSIG(result.status), SIGKILL);
    pid_t group = (pid_t)strtol(result.output, NULL, 10);
    for (int i = 0; i < 5000 && kill(-group, 0) == 0; i++)
        pause_ms(1); /* until init has taken the orphan */
    assert_int_not_equal(kill(-group, 0), 0);
    free(result.output);
}

static bool is_said(void *context)
{
    return file_exists(context);
}

static void what_nobody_wants_any_more_is_asked_to_end(void **state)
{
    (void)state;
    char path[] = "begun";
    struct process_result result =
        run(&(struct process){ .argv = SHELL("trap 'echo asked; exit 3' TERM; >begun; "
                                             "while :; do sleep 0.01; done"),
                               .is_unwanted = is_said,
                               .context = path });
    assert_non_null(strstr(result.output, "asked\n"));
    assert_string_equal(process_status_text(result.status), "exit status 3");
    free(result.output);
}

static void output_can_go_to_a_file(void **state)
{
    (void)state;
    int fd = open("out", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    struct process_result result =
        run(&(struct process){ .argv = SHELL("echo said"), .output = fd });
    close(fd);
    assert_null(result.output);
    char *text;
    size_t size;
    assert_int_equal(file_read("out", 100, &text, &size), 0);
    assert_string_equal(text, "said\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(output_and_errors_are_captured_together),
        IN_SCRATCH(output_beyond_the_limit_is_dropped_and_the_program_ends),
        IN_SCRATCH(standard_input_is_empty),
        IN_SCRATCH(environment_is_ours_with_what_is_set_over_it),
        IN_SCRATCH(directory_is_where_it_runs),
        IN_SCRATCH(missing_program_is_told_from_a_failing_one),
        IN_SCRATCH(death_by_signal_is_told),
        IN_SCRATCH(what_takes_too_long_is_killed_with_all_it_started),
        IN_SCRATCH(what_nobody_wants_any_more_is_asked_to_end),
        IN_SCRATCH(output_can_go_to_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
