/* The program as a user runs it, for tests: started in the scratch directory, its output in files,
 * and what its runs have journalled.
 *
 *     struct program program = program_start("run", "-f", "tiny.ini");
 *     int status = program_wait(&program);             as waitpid gives it
 *     assert_non_null(strstr(program.errors, "…"));
 *     program_release(&program);
 *
 * or program_expect(&program, 1, "…") for the last three. */
#ifndef GANDER_TESTS_PROGRAM_H
#define GANDER_TESTS_PROGRAM_H

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "run/control.h"
#include "run/journal.h"
#include "run/rundir.h"
#include "testing.h"

/* Some thousand steps a second on any machine, batch norm and an average included, so that resuming
 * has much to get wrong. */
static const char tiny_recipe[] = "[experiment]\n"
                                  "name = tiny\n"
                                  "[data]\n"
                                  "source = digits\n"
                                  "count = 500\n"
                                  "[generator]\n"
                                  "latent = 8\n"
                                  "layers = dense 16 | norm | relu | dense 784 | tanh |"
                                  " reshape 1x28x28\n"
                                  "[discriminator]\n"
                                  "layers = flatten | dense 16 | lrelu 0.2 | dense 1\n"
                                  "[training]\n"
                                  "batch = 8\n"
                                  "steps = 300\n"
                                  "threads = 1\n"
                                  "average = 0.99\n"
                                  "noise = 0.1\n"
                                  "report_every = 5\n"
                                  "checkpoint_every = 20\n"
                                  "keep = 3\n"
                                  "[samples]\n"
                                  "every = 50\n"
                                  "count = 16\n";

struct program {
    pid_t pid;
    char *output, *errors; /* after program_wait */
};

static inline int program_enter(void **state)
{
    unsetenv("GANDER_DIR");
    if (scratch_enter(state) < 0)
        return -1;
    return file_replace("tiny.ini", tiny_recipe, strlen(tiny_recipe));
}

/* What a test has left working is ended with it. */
static inline int program_leave(void **state)
{
    struct store store;
    int64_t *numbers = NULL;
    int count = 0;
    if (store_open(&store, NULL, STORE_FIND) == 0)
        store_runs(&store, &numbers, &count);
    for (int i = count - 1; i >= 0; i--) { /* the queue from its end, so that none moves up */
        struct run_status status;
        control_ask(&store, numbers[i], CONTROL_STOP_NOW, wall_clock());
        control_wait(&store, numbers[i], 1u << RUN_QUEUED | 1u << RUN_RUNNING | 1u << RUN_PAUSED,
                     20, &status);
    }
    free(numbers);
    store_release(&store);
    return scratch_leave(state);
}

#define IN_PROGRAM_SCRATCH(test) cmocka_unit_test_setup_teardown(test, program_enter, program_leave)

struct launch {
    const char *words[24]; /* what follows the program's name */
    const char *output;    /* where standard output goes; NULL: "output" */
    rlim_t file_bytes;     /* no file of it grows longer, as on a full disk; 0: no limit */
};

static inline void program_become(const struct launch *launch)
{
    char *words[ARRAY_SIZE(launch->words) + 2] = { getenv("GANDER_TEST_PROGRAM") };
    int out = open(launch->output ? launch->output : "output", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    int errors = open("errors", O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (!words[0] || out < 0 || errors < 0 || dup2(out, 1) < 0 || dup2(errors, 2) < 0)
        _exit(120);
    for (int i = 0; i < ARRAY_SIZE(launch->words) && launch->words[i]; i++)
        words[i + 1] = xstrdup(launch->words[i]);
    if (launch->file_bytes > 0) {
        struct rlimit limit = { launch->file_bytes, RLIM_INFINITY };
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    signal(SIGINT, SIG_DFL); /* who starts the tests may have them ignored */
    signal(SIGPIPE, SIG_DFL);
    execv(words[0], words);
    _exit(121);
}

static inline struct program program_launch(const struct launch *launch)
{
    struct program program = { .pid = fork() };
    assert_true(program.pid >= 0);
    if (program.pid == 0)
        program_become(launch);
    return program;
}

#define program_start(...) program_launch(&(struct launch){ .words = { __VA_ARGS__ } })

static inline char *program_read_file(const char *path)
{
    char *text;
    size_t size;
    return file_read(path, 1 << 26, &text, &size) == 0 ? text : xstrdup("");
}

/* The status as waitpid gives it. */
static inline int program_wait(struct program *program)
{
    int status;
    assert_int_equal(waitpid(program->pid, &status, 0), program->pid);
    program->output = program_read_file("output");
    program->errors = program_read_file("errors");
    return status;
}

static inline void program_release(struct program *program)
{
    free(program->output);
    free(program->errors);
}

/* Asserts how it ended, and that its standard error holds `sentence`. */
static inline void program_expect(struct program *program, int exit_status, const char *sentence)
{
    int status = program_wait(program);
    bool is_as_expected = WIFEXITED(status) && WEXITSTATUS(status) == exit_status &&
                          strstr(program->errors, sentence);
    if (!is_as_expected)
        print_error("status %d, errors: %s", status, program->errors);
    assert_true(is_as_expected);
    program_release(program);
}

static inline void program_expect_signal(struct program *program, int expected)
{
    int status = program_wait(program);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != expected)
        print_error("status %d, errors: %s", status, program->errors);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), expected);
    program_release(program);
}

/* A program that is to end with status 0, and to say nothing on standard error; free what it printed.
 */
static inline char *program_output_of(const struct launch *launch)
{
    struct program program = program_launch(launch);
    int status = program_wait(&program);
    if (status != 0 || program.errors[0])
        print_error("status %d, errors: %s", status, program.errors);
    assert_int_equal(status, 0);
    assert_string_equal(program.errors, "");
    free(program.errors);
    return program.output;
}

#define program_output(...) program_output_of(&(struct launch){ .words = { __VA_ARGS__ } })

/* Waits until `is_so` is; fails after a minute. */
static inline void wait_until(bool (*is_so)(const char *argument), const char *argument)
{
    for (int i = 0; i < 60000; i++) {
        if (is_so(argument))
            return;
        pause_ms(1);
    }
    fail_msg("waited a minute for it to be so: %s", argument);
}

/* Waits until a file holds so many bytes, as long as the program lives; false if it ended. */
static inline bool program_reaches(const struct program *program, const char *path, off_t bytes)
{
    for (;;) {
        struct stat status;
        siginfo_t info = { .si_pid = 0 };
        if (stat(path, &status) == 0 && status.st_size >= bytes)
            return true;
        if (waitid(P_PID, (id_t)program->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid != 0)
            return false;
        pause_ms(1);
    }
}

/* What must be the same however often a run was broken off: all but times and rates. */
struct story {
    char *text; /* a line for each event that counts */
    size_t size;
    FILE *stream;
    struct event_counts counts;
};

static inline int story_add(void *context, const struct event *event)
{
    struct story *story = context;
    if (event->is_superseded || !(event->sample || event->metric_count))
        return 0; /* an interrupted attempt has checkpoints and engines more */
    fprintf(story->stream, "%lld", (long long)event->step);
    if (event->sample)
        fprintf(story->stream, " %s", event->sample);
    for (int i = 0; i < event->metric_count; i++)
        if (strcmp(event->metrics[i].name, "images_per_second") != 0)
            fprintf(story->stream, " %s=%a", event->metrics[i].name, event->metrics[i].value);
    fputc('\n', story->stream);
    return 0;
}

/* Of the run in `directory`; free(story.text). */
static inline struct story story_of(const char *directory)
{
    struct arena arena = { 0 };
    struct worker_story worker = { .size = 0 };
    struct events_place place = { .offset = 0 };
    struct story story = { .text = NULL };
    story.stream = open_memstream(&story.text, &story.size);
    assert_non_null(story.stream);
    assert_int_equal(worker_read(&arena, &worker, directory, NULL, NULL), 0);
    assert_int_equal(events_read(directory, &worker, &place, 0, story_add, &story), 0);
    story.counts = place.counts;
    fclose(story.stream);
    arena_release(&arena);
    return story;
}

static inline void story_assert_equal(const char *directory, const struct story *expected)
{
    struct story story = story_of(directory);
    assert_string_equal(story.text, expected->text);
    free(story.text);
}

static inline struct run_status program_status(const char *directory)
{
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    struct run_status status;
    assert_int_equal(worker_look(&arena, &story, directory, wall_clock(), &status), 0);
    arena_release(&arena);
    return status;
}

static inline void assert_state(const char *directory, enum run_state state)
{
    assert_string_equal(run_state_name(program_status(directory).state), run_state_name(state));
}

static inline bool has_ended(const char *directory)
{
    return run_state_is_end(program_status(directory).state);
}

static inline bool is_running(const char *directory)
{
    return program_status(directory).state == RUN_RUNNING;
}

/* Pids of the worker that has a run in hand, and of its training (0: not begun). */
struct run_pids {
    pid_t worker, training;
};
static inline struct run_pids program_pids(const char *directory)
{
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    assert_int_equal(worker_read(&arena, &story, directory, NULL, NULL), 0);
    struct run_pids pids = { .worker = (pid_t)story.worker.pid };
    if (story.attempt_count > 0 && story.state == RUN_RUNNING)
        pids.training = (pid_t)story.attempts[story.attempt_count - 1].pid;
    arena_release(&arena);
    return pids;
}

/* kill -9 of both, as a power cut would have it. The run is lost then, or it had ended. */
static inline void kill_run(const char *directory)
{
    struct run_pids pids = program_pids(directory);
    if (pids.worker > 0)
        kill(pids.worker, SIGKILL);
    if (pids.training > 0)
        kill(pids.training, SIGKILL);
    wait_until(has_ended, directory);
}

/* What every broken attempt must leave: whole lines (but for a torn last one), whole checkpoints.
 */
static inline void assert_sound(const char *directory)
{
    struct arena arena = { 0 };
    struct run_file newest, *files;
    const char *const *skipped;
    int count;
    assert_int_equal(run_list_checkpoints(&arena, directory, &files, &count), 0);
    if (count > 0) {
        assert_int_equal(run_newest_checkpoint(&arena, directory, -1, &newest, &skipped), 0);
        assert_null(skipped[0]);
    }
    struct story story = story_of(directory);
    assert_int_equal(story.counts.bad, 0);
    free(story.text);
    arena_release(&arena);
}

/* Trains to the end with nothing in the way, in a store of its own; free(story.text). */
static inline struct story story_of_launch(const struct launch *launch)
{
    struct program program = program_launch(launch);
    program_expect(&program, 0, "");
    return story_of("undisturbed/runs/1");
}

#define undisturbed(...)                                                                           \
    story_of_launch(                                                                               \
        &(struct launch){ .words = { "run", "--store", "undisturbed", "-f", __VA_ARGS__ } })

#endif
