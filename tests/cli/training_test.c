/* Runs as their user sees them: what they leave, how they end, and that broken ones go on bit for
 * bit. */
#define _GNU_SOURCE
#include <sys/mount.h>

#include "base/image.h"
#include "base/random.h"
#include "program.h"

#define RUN_1 ".gander/runs/1"

static void write_text(const char *path, const char *text)
{
    assert_int_equal(file_replace(path, text, strlen(text)), 0);
}

static void run_leaves_a_whole_run_behind(void **state)
{
    (void)state;
    struct program program = program_start("run", "-f", "tiny.ini", "--name", "first");
    struct image sheet;
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.errors, "note: no git repository around"));
    assert_non_null(strstr(program.output, "run 1: tiny, 300 steps on 500 images of 28x28"));
    assert_non_null(strstr(program.output, "\nstep 5 of 300  epoch "));
    assert_non_null(strstr(program.output, "run 1 finished: step 300 of 300"));
    program_release(&program);

    assert_state(RUN_1, RUN_FINISHED);
    assert_sound(RUN_1);
    assert_true(file_exists(RUN_1 "/run.json"));
    assert_true(file_exists(RUN_1 "/recipe.ini"));
    assert_false(file_exists(RUN_1 "/reserve"));
    for (int step = 0; step <= 300; step += 50) {
        char *path = xasprintf(RUN_1 "/samples/%08d.png", step);
        assert_int_equal(image_read_png(&sheet, path, 1000), 0);
        assert_int_equal(sheet.width, 4 * 28);
        assert_int_equal(sheet.height, 4 * 28);
        image_release(&sheet);
        free(path);
    }
    struct story story = story_of(RUN_1);
    assert_int_equal(story.counts.read, 1 + 60 + 7 + 15 + 1);
    free(story.text);
}

static void old_checkpoints_are_removed(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct run_file *files;
    int count;
    struct program program = program_start("run", "-f", "tiny.ini");
    program_expect(&program, 0, "");
    assert_int_equal(run_list_checkpoints(&arena, RUN_1, &files, &count), 0);
    assert_int_equal(count, 3);
    assert_int_equal(files[0].step, 260);
    assert_int_equal(files[2].step, 300);
    arena_release(&arena);
}

static void same_recipe_gives_the_same_journal(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini");
    struct program program = program_start("run", "-f", "tiny.ini");
    program_expect(&program, 0, "");
    story_assert_equal(RUN_1, &expected);
    assert_non_null(strstr(expected.text, "\n300 d_loss="));
    free(expected.text);

    program = program_start("run", "-f", "tiny.ini", "-s", "training.seed=2");
    program_expect(&program, 0, "");
    struct story other = story_of(".gander/runs/2");
    struct story first = story_of(RUN_1);
    assert_string_not_equal(other.text, first.text);
    free(other.text);
    free(first.text);
}

/* Resumes run 1 until it is done. */
static void finish(void)
{
    struct program program = program_start("resume", "-f", "1");
    program_expect(&program, 0, "");
    assert_state(RUN_1, RUN_FINISHED);
    assert_sound(RUN_1);
}

static void killed_run_resumes_to_the_numbers_of_an_uninterrupted_one(void **state)
{
    (void)state;
    enum { KILLS = 5 };
    struct random random;
    struct story expected = undisturbed("tiny.ini");
    random_seed(&random, (uint64_t)time(NULL), 0);
    struct program program = program_start("run", "-f", "tiny.ini");
    for (int i = 0; i < KILLS; i++) {
        /* beyond what the attempts before it wrote, or it would be killed before it begins */
        off_t bytes = file_size(RUN_1 "/events.jsonl") + 200 + random_below(&random, 2000);
        if (!program_reaches(&program, RUN_1 "/events.jsonl", bytes))
            break;
        kill_run(RUN_1);
        assert_sound(RUN_1);
        if (program_status(RUN_1).state == RUN_FINISHED)
            break; /* it was quicker */
        program_expect(&program, 1, "run 1 lost");
        assert_state(RUN_1, RUN_LOST);
        program = program_start("resume", "-f", "@");
    }
    program_expect(&program, 0, "");
    assert_state(RUN_1, RUN_FINISHED);
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

static void run_killed_before_its_first_checkpoint_begins_again(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini");
    struct program program =
        program_start("run", "-f", "tiny.ini", "-s", "training.checkpoint_every=0");
    assert_true(program_reaches(&program, RUN_1 "/events.jsonl", 1500));
    kill_run(RUN_1);
    program_expect(&program, 1, "run 1 lost");
    finish();
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

static void stop_with(int signal, struct story *expected)
{
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    struct run_file newest;
    struct program program = program_start("run", "-f", "tiny.ini");
    assert_true(program_reaches(&program, RUN_1 "/events.jsonl", 1500));
    assert_int_equal(kill(program.pid, signal), 0);
    program_expect_signal(&program, signal);
    assert_state(RUN_1, RUN_STOPPED);
    assert_sound(RUN_1);
    assert_int_equal(worker_read(&arena, &story, RUN_1, NULL, NULL), 0);
    assert_string_equal(story.end.reason, "asked to stop");
    assert_int_equal(run_newest_checkpoint(&arena, RUN_1, -1, &newest, NULL), 0);
    assert_int_equal(newest.step, story.end.step);
    arena_release(&arena);
    finish();
    story_assert_equal(RUN_1, expected);
}

static void interrupted_run_saves_and_dies_by_the_signal(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini");
    stop_with(SIGINT, &expected);
    free(expected.text);
}

static void terminated_run_saves_and_dies_by_the_signal(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini");
    stop_with(SIGTERM, &expected);
    free(expected.text);
}

static void run_that_stopped_at_a_step_goes_on_as_if_it_never_had(void **state)
{
    (void)state;
    static const char *const until[] = { "training.until=137", "training.until=150" };
    struct story expected = undisturbed("tiny.ini");
    struct program program = program_start("run", "-f", "tiny.ini", "-s", until[0]);
    program_expect(&program, 128 + SIGTERM, "");
    assert_state(RUN_1, RUN_STOPPED);
    assert_true(file_exists(RUN_1 "/checkpoints/00000137.safetensors"));
    program = program_start("resume", "-f", "1", "-s", until[1]);
    program_expect(&program, 128 + SIGTERM, "");
    struct story story = story_of(RUN_1);
    assert_non_null(strstr(story.text, "\n150 d_loss="));
    assert_null(strstr(story.text, "\n155 d_loss="));
    free(story.text);
    program = program_start("resume", "-f", "1", "-s", "training.until=0");
    program_expect(&program, 0, "");
    assert_state(RUN_1, RUN_FINISHED);
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

static void run_whose_terminal_is_closed_goes_on(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini");
    struct program program = program_start("run", "-f", "tiny.ini");
    assert_true(program_reaches(&program, RUN_1 "/events.jsonl", 1500));
    assert_int_equal(kill(program.pid, SIGHUP), 0);
    program_expect_signal(&program, SIGHUP);
    wait_until(has_ended, RUN_1);
    assert_state(RUN_1, RUN_FINISHED);
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

/* Into a pipe of which the test holds both ends. */
static struct program start_into_pipe(int ends[2])
{
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 0);
    char *path = xasprintf("/proc/%d/fd/%d", (int)getpid(), ends[1]);
    struct program program = program_launch(&(struct launch){
        .words = { "run", "-f", "tiny.ini", "-s", "training.steps=100000" }, .output = path });
    free(path);
    return program;
}

/* A command that will not stop when it is asked. */
static void second_interrupt_ends_at_once(void **state)
{
    (void)state;
    struct program program =
        program_start("run", "-f", "--", "sh", "-c",
                      "trap 'echo no >>said' TERM; echo >ready; while :; do sleep 0.05; done");
    assert_true(program_reaches(&program, "ready", 1));
    assert_int_equal(kill(program.pid, SIGINT), 0);
    assert_true(program_reaches(&program, "said", 1));
    pause_ms(250); /* what comes sooner counts as the same */
    assert_int_equal(waitpid(program.pid, NULL, WNOHANG), 0);
    assert_state(RUN_1, RUN_RUNNING);
    assert_int_equal(kill(program.pid, SIGINT), 0);
    program_expect_signal(&program, SIGINT);
    assert_state(RUN_1, RUN_STOPPED);
}

static void reader_that_leaves_stops_the_run(void **state)
{
    (void)state;
    int ends[2];
    struct program program = start_into_pipe(ends);
    char first[16];
    assert_true(read(ends[0], first, sizeof first) > 0);
    close(ends[0]); /* the first write after this one fails */
    close(ends[1]);
    program_expect_signal(&program, SIGPIPE);
    assert_state(RUN_1, RUN_STOPPED);
    assert_sound(RUN_1);
}

static void full_standard_output_fails_but_trains_on(void **state)
{
    (void)state;
    struct program program = program_launch(
        &(struct launch){ .words = { "run", "-f", "tiny.ini" }, .output = "/dev/full" });
    program_expect(&program, 1, "cannot write to standard output");
    assert_state(RUN_1, RUN_FINISHED);
}

static void working_run_cannot_be_resumed(void **state)
{
    (void)state;
    struct program training =
        program_start("run", "-f", "tiny.ini", "-s", "training.steps=1000000");
    assert_true(program_reaches(&training, RUN_1 "/events.jsonl", 500));
    struct program program = program_start("resume", "1");
    program_expect(&program, 1, "run 1 is working already");
    assert_state(RUN_1, RUN_RUNNING);
    assert_int_equal(kill(training.pid, SIGTERM), 0);
    program_expect_signal(&training, SIGTERM);
}

static void finished_run_goes_on_when_it_gets_more_steps(void **state)
{
    (void)state;
    struct program program = program_start("run", "-f", "tiny.ini", "-s", "training.steps=100");
    program_expect(&program, 0, "");
    program = program_start("resume", "1");
    program_expect(&program, 1, "run 1 has done its 100 steps");
    program = program_start("resume", "-f", "1", "-s", "training.steps=160");
    assert_true(program_reaches(&program, RUN_1 "/samples/00000150.png", 1));
    kill_run(RUN_1);
    (void)program_wait(&program);
    program_release(&program);
    program = program_start("resume", "-f", "1"); /* remembers the 160 */
    int status = program_wait(&program);
    assert_true(status == 0 || strstr(program.errors, "has done its 160 steps"));
    program_release(&program);
    assert_true(file_exists(RUN_1 "/checkpoints/00000160.safetensors"));
    assert_false(file_exists(RUN_1 "/checkpoints/00000180.safetensors"));
}

static void run_killed_before_its_closing_line_gets_one(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini");
    struct program program = program_start("run", "-f", "tiny.ini");
    program_expect(&program, 0, "");
    char *lines = program_read_file(RUN_1 "/worker.jsonl");
    char *closing = strstr(lines, "\n{\"t\":") + 1;
    assert_non_null(strstr(closing, "\"finished\""));
    assert_int_equal(file_replace(RUN_1 "/worker.jsonl", lines, (size_t)(closing - lines)), 0);
    free(lines);
    assert_state(RUN_1, RUN_LOST);
    finish();
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

static void what_reaches_done_steps_is_fixed(void **state)
{
    (void)state;
    struct program program = program_start("run", "-f", "tiny.ini", "-s", "training.steps=20");
    program_expect(&program, 0, "");
    program = program_start("resume", "1", "-s", "training.rate=0.1");
    program_expect(&program, 1, "'training.rate' is fixed once a run has begun");
}

static void foreign_checkpoint_is_refused_with_a_remedy(void **state)
{
    (void)state;
    struct program program = program_start("run", "-f", "tiny.ini", "-s", "training.steps=20");
    program_expect(&program, 0, "");
    program = program_start("run", "-f", "tiny.ini", "-s", "training.steps=20", "-s",
                            "generator.latent=9");
    program_expect(&program, 0, "");
    assert_int_equal(rename(".gander/runs/2/checkpoints/00000020.safetensors",
                            RUN_1 "/checkpoints/00000021.safetensors"),
                     0);
    program = program_start("resume", "-f", "1", "-s", "training.steps=40");
    program_expect(&program, 1, "generator.latent was '9' there and is '8' (move that file away");
}

static void what_it_suggests_can_be_typed(void **state)
{
    (void)state;
    const char *path = getenv("GANDER_TEST_PROGRAM");
    char *lines = xasprintf("draw    %s generate 1 --store runs.d\n"
                            "look    %s samples 1 --store runs.d\n",
                            path, path);
    struct program program =
        program_start("run", "-f", "tiny.ini", "-s", "training.steps=20", "--store", "runs.d");
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.output, lines));
    free(lines);
    program_release(&program);
}

static void broken_checkpoint_is_skipped_and_named(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini");
    struct program program = program_start("run", "-f", "tiny.ini");
    program_expect(&program, 0, "");
    assert_int_equal(truncate(RUN_1 "/checkpoints/00000300.safetensors", 3000), 0);
    program = program_start("resume", "-f", "1");
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.output, "00000300.safetensors"));
    assert_non_null(strstr(program.output, "going on from step 280"));
    program_release(&program);
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

static void diverged_run_says_so_and_keeps_its_checkpoint(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    struct run_file newest;
    struct program program = program_start(
        "run", "-f", "tiny.ini", "-s", "training.optimiser=sgd", "-s", "training.rate=0.9", "-s",
        "training.objective=least-squares", "-s", "training.checkpoint_every=1");
    int status = program_wait(&program);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    assert_non_null(strstr(program.errors, "training has diverged"));
    program_release(&program);
    assert_state(RUN_1, RUN_DIVERGED);
    assert_int_equal(worker_read(&arena, &story, RUN_1, NULL, NULL), 0);
    assert_non_null(strstr(story.end.reason, "step "));
    assert_true(strstr(story.end.reason, "generator") || strstr(story.end.reason, "discriminator"));
    assert_int_equal(run_newest_checkpoint(&arena, RUN_1, -1, &newest, NULL), 0);
    assert_int_equal(newest.step, story.end.step - 1);
    char *events = program_read_file(RUN_1 "/events.jsonl");
    assert_true(strstr(events, ":\"NaN\"") || strstr(events, ":\"Infinity\""));
    free(events);
    arena_release(&arena);
}

/* What is wrong, and what standard error says of it. */
static const struct {
    const char *setting, *sentence;
} refused[] = {
    { "training.stepz=5", "did you mean 'training.steps'" },
    { "training.rate=-1", "training.rate" },
    { "generator.layers=dense 785 | reshape 1x28x28", ": generator layer 2 'reshape 1x28x28'" },
    { "discriminator.layers=conv 8 99/1", "discriminator" },
    { "data.source=no-such-data", "setting 'data.source=no-such-data': no data in " },
};

static void what_cannot_be_trained_leaves_nothing_behind(void **state)
{
    (void)state;
    for (int i = 0; i < ARRAY_SIZE(refused); i++) {
        struct program program = program_start("run", "-f", "tiny.ini", "-s", refused[i].setting);
        program_expect(&program, 1, refused[i].sentence);
        assert_false(directory_exists(".gander"));
    }
    write_text("typo.ini", "[experiment]\nnmae = x\n");
    struct program program = program_start("run", "-f", "typo.ini");
    program_expect(&program, 1, "recipe 'typo.ini' line 2");
    program = program_start("run", "-f", "absent.ini");
    program_expect(&program, 1, "absent.ini");
    program = program_start("run", "-f", "tiny.ini", "--name", "42");
    program_expect(&program, 2, "name '42'");
    assert_false(directory_exists(".gander"));
}

static void wrong_usage_is_told_from_failure(void **state)
{
    (void)state;
    struct program program = program_start("run", "-f");
    program_expect(&program, 2, "RECIPE is missing");
    program = program_start("rnu");
    program_expect(&program, 2, "did you mean 'run'");
    program = program_start("generate", "1", "--cuont", "3");
    program_expect(&program, 2, "did you mean '--count'");
    program = program_start("resume", "7");
    program_expect(&program, 3, "no runs yet");
    assert_false(directory_exists(".gander"));
}

static void store_that_cannot_be_made_is_one_sentence(void **state)
{
    (void)state;
    write_text("file", "");
    struct program program = program_start("run", "-f", "tiny.ini", "--store", "file/store");
    program_expect(&program, 1, "choose a place for one with --store DIR");
    if (geteuid() == 0)
        return; /* root writes everywhere */
    assert_int_equal(mkdir("locked", 0500), 0);
    program = program_start("run", "-f", "tiny.ini", "--store", "locked/store");
    program_expect(&program, 1, "Permission denied");
    assert_int_equal(chmod("locked", 0700), 0);
}

static void runs_at_once_get_different_numbers(void **state)
{
    (void)state;
    enum { RUNS = 4 };
    struct program programs[RUNS];
    for (int i = 0; i < RUNS; i++)
        programs[i] = program_start("run", "-f", "tiny.ini", "-s", "training.steps=10");
    for (int i = 0; i < RUNS; i++)
        program_expect(&programs[i], 0, "");
    for (int i = 1; i <= RUNS; i++) {
        char *directory = xasprintf(".gander/runs/%d", i);
        assert_state(directory, RUN_FINISHED);
        assert_sound(directory);
        free(directory);
    }
}

#define LONG_JOURNAL                                                                               \
    "tiny.ini", "-s", "training.steps=3000", "-s", "training.report_every=1", "-s",                \
        "training.checkpoint_every=300"

/* A journal that cannot grow beyond what a checkpoint takes. */
static void run_whose_journal_cannot_grow_fails_whole_and_goes_on_later(void **state)
{
    (void)state;
    struct story expected = undisturbed(LONG_JOURNAL);
    struct program program = program_launch(
        &(struct launch){ .words = { "run", "-f", LONG_JOURNAL }, .file_bytes = 600000 });
    program_expect(&program, 1, "events.jsonl': File too large");
    assert_state(RUN_1, RUN_FAILED);
    assert_sound(RUN_1);
    char *events = program_read_file(RUN_1 "/events.jsonl");
    assert_int_equal(events[strlen(events) - 1], '\n');
    free(events);
    finish();
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

static void run_on_a_full_file_system_says_its_end(void **state)
{
    (void)state;
    assert_int_equal(mkdir("small", 0700), 0);
    if (mount("none", "small", "tmpfs", 0, "size=1200k") < 0)
        skip(); /* mounting needs root */
    struct program program =
        program_start("run", "-f", "tiny.ini", "--store", "small/store", "-s", "training.keep=100");
    program_expect(&program, 1, "No space left on device");
    assert_state("small/store/runs/1", RUN_FAILED);
    assert_sound("small/store/runs/1");
    program =
        program_start("ls", "--store", "small/store"); /* whose catalogue has no room either */
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.output, "\n  1 failed tiny"));
    program_release(&program);
    assert_int_equal(mount("none", "small", "tmpfs", MS_REMOUNT, "size=50m"), 0);
    struct story expected = undisturbed("tiny.ini");
    program = program_start("resume", "-f", "1", "--store", "small/store");
    program_expect(&program, 0, "");
    story_assert_equal("small/store/runs/1", &expected);
    free(expected.text);
    free(program_output("ls", "--store", "small/store", "state:finished"));
    assert_int_equal(umount("small"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(run_leaves_a_whole_run_behind),
        IN_PROGRAM_SCRATCH(old_checkpoints_are_removed),
        IN_PROGRAM_SCRATCH(same_recipe_gives_the_same_journal),
        IN_PROGRAM_SCRATCH(killed_run_resumes_to_the_numbers_of_an_uninterrupted_one),
        IN_PROGRAM_SCRATCH(run_killed_before_its_first_checkpoint_begins_again),
        IN_PROGRAM_SCRATCH(interrupted_run_saves_and_dies_by_the_signal),
        IN_PROGRAM_SCRATCH(terminated_run_saves_and_dies_by_the_signal),
        IN_PROGRAM_SCRATCH(run_that_stopped_at_a_step_goes_on_as_if_it_never_had),
        IN_PROGRAM_SCRATCH(run_whose_terminal_is_closed_goes_on),
        IN_PROGRAM_SCRATCH(second_interrupt_ends_at_once),
        IN_PROGRAM_SCRATCH(reader_that_leaves_stops_the_run),
        IN_PROGRAM_SCRATCH(full_standard_output_fails_but_trains_on),
        IN_PROGRAM_SCRATCH(working_run_cannot_be_resumed),
        IN_PROGRAM_SCRATCH(finished_run_goes_on_when_it_gets_more_steps),
        IN_PROGRAM_SCRATCH(run_killed_before_its_closing_line_gets_one),
        IN_PROGRAM_SCRATCH(what_reaches_done_steps_is_fixed),
        IN_PROGRAM_SCRATCH(foreign_checkpoint_is_refused_with_a_remedy),
        IN_PROGRAM_SCRATCH(what_it_suggests_can_be_typed),
        IN_PROGRAM_SCRATCH(broken_checkpoint_is_skipped_and_named),
        IN_PROGRAM_SCRATCH(diverged_run_says_so_and_keeps_its_checkpoint),
        IN_PROGRAM_SCRATCH(what_cannot_be_trained_leaves_nothing_behind),
        IN_PROGRAM_SCRATCH(wrong_usage_is_told_from_failure),
        IN_PROGRAM_SCRATCH(store_that_cannot_be_made_is_one_sentence),
        IN_PROGRAM_SCRATCH(runs_at_once_get_different_numbers),
        IN_PROGRAM_SCRATCH(run_whose_journal_cannot_grow_fails_whole_and_goes_on_later),
        IN_PROGRAM_SCRATCH(run_on_a_full_file_system_says_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
