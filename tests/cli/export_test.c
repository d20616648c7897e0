/* Runs on their way from one store to another, as their user sees them. */
#define _GNU_SOURCE
#include "program.h"
#include "shell.h"

#define RUN_1 ".gander/runs/1"
#define THERE_1 "there/runs/1"
#define MANY_STEPS "training.steps=4000"

static struct arena arena;

static int enter(void **state)
{
    setenv("GIT_AUTHOR_NAME", "A Person", 1);
    setenv("GIT_AUTHOR_EMAIL", "a@example.org", 1);
    setenv("GIT_COMMITTER_NAME", "A Person", 1);
    setenv("GIT_COMMITTER_EMAIL", "a@example.org", 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    return program_enter(state);
}

static int leave(void **state)
{
    arena_release(&arena);
    return program_leave(state);
}

static char *sh(const char *script)
{
    return shell(&arena, script);
}

/* Runs the program, to its end; what it printed, in the arena. */
static char *said_by(const struct launch *launch, int exit_status, const char *sentence)
{
    struct program program = program_launch(launch);
    int status = program_wait(&program);
    bool is_as_expected =
        WIFEXITED(status) && WEXITSTATUS(status) == exit_status && strstr(program.errors, sentence);
    if (!is_as_expected)
        print_error("status %d, errors: %s", status, program.errors);
    assert_true(is_as_expected);
    char *text = arena_strdup(&arena, program.output);
    program_release(&program);
    return text;
}

#define gander(exit_status, sentence, ...)                                                         \
    said_by(&(struct launch){ .words = { __VA_ARGS__ } }, exit_status, sentence)

/* Run 1, with checkpoints, stopped on its way. */
static void make_stopped_run(void)
{
    struct program program = program_start("run", "-f", "tiny.ini", "-s", MANY_STEPS);
    assert_true(program_reaches(&program, RUN_1 "/checkpoints/00000060.safetensors", 1));
    kill(program.pid, SIGINT);
    program_expect_signal(&program, SIGINT);
    assert_state(RUN_1, RUN_STOPPED);
}

static void make_short_run(void)
{
    gander(0, "", "run", "-f", "tiny.ini", "-s", "training.steps=60");
}

static bool has_checkpoint(const char *directory)
{
    struct run_file *files;
    int count = 0;
    assert_int_equal(run_list_checkpoints(&arena, directory, &files, &count), 0);
    return count > 0;
}

/* --- going on elsewhere --- */

static void a_stopped_run_goes_on_there_as_here(void **state)
{
    (void)state;
    struct story expected = undisturbed("tiny.ini", "-s", MANY_STEPS);
    make_stopped_run();
    const char *json =
        gander(0, "goes without its code", "export", "1", "--json", "-o", "a.tar.gz");
    assert_non_null(strstr(json, "\"state\": \"stopped\""));
    assert_non_null(strstr(json, "\"file\": \"a.tar.gz\""));
    gander(0, "", "import", "--store", "there", "a.tar.gz");
    assert_string_equal(
        sh("cd .gander/runs/1; find . -type f ! -name '*lock' ! -name reserve ! -name "
           "run.json -exec sha256sum {} + | sort"),
        sh("cd there/runs/1; find . -type f ! -name run.json -exec sha256sum {} + |"
           " sort"));
    assert_state(THERE_1, RUN_STOPPED);
    gander(0, "", "resume", "-f", "1");
    gander(0, "", "resume", "--store", "there", "-f", "1");
    story_assert_equal(RUN_1, &expected);
    story_assert_equal(THERE_1, &expected);
    assert_sound(THERE_1);
    free(expected.text);
}

/* However often, at whatever moment. */
static void a_run_that_works_is_cut(void **state)
{
    enum { CUTS = 3 };
    (void)state;
    struct story expected = undisturbed("tiny.ini", "-s", "training.steps=3000");
    gander(0, "", "run", "tiny.ini", "-s", "training.steps=3000");
    wait_until(has_checkpoint, RUN_1);
    int cuts = 0;
    for (; cuts < CUTS && is_running(RUN_1); cuts++) {
        struct program program = program_start("export", "-f", "-o", "a.tar.gz", "1");
        int status = program_wait(&program);
        bool was_cut = strstr(program.errors, "run 1 is running and goes on");
        program_release(&program);
        assert_int_equal(status, 0);
        if (!was_cut)
            break; /* it has ended meanwhile */
        gander(0, "", "import", "--store", "there", "--again", "a.tar.gz");
    }
    gander(0, "", "wait", "1");
    if (cuts == 0)
        skip();
    for (int i = 1; i <= cuts; i++) {
        const char *number = arena_printf(&arena, "%d", i);
        const char *directory = arena_printf(&arena, "there/runs/%d", i);
        struct worker_story story = { .size = 0 };
        assert_int_equal(worker_read(&arena, &story, directory, NULL, NULL), 0);
        assert_int_equal(story.state, RUN_LOST);
        assert_non_null(strstr(story.end.reason, "it was still running on "));
        assert_sound(directory);
        gander(0, "", "resume", "--store", "there", "-f", number);
        story_assert_equal(directory, &expected);
        assert_sound(directory);
    }
    free(expected.text);
}

static void what_was_not_over_is_lost(void **state)
{
    (void)state;
    gander(0, "", "run", "tiny.ini", "-s", "training.steps=100000000");
    wait_until(has_checkpoint, RUN_1);
    kill_run(RUN_1);
    gander(0, "", "export", "1", "-o", "a.tar.gz");
    gander(0, "", "import", "--store", "there", "a.tar.gz");
    assert_state(THERE_1, RUN_LOST);
    const char *shown = gander(0, "", "show", "--store", "there", "1");
    assert_non_null(strstr(shown, "state     lost: it was lost when it was exported on "));
    assert_non_null(strstr(shown, "it was run 1 of store "));
    assert_non_null(strstr(shown, "digits: 500 images of 28x28"));
}

static void commands_look_at_it_as_at_any_other(void **state)
{
    static const char *const words[][4] = {
        { "ls" },       { "metrics", "1" },      { "samples", "1" },
        { "log", "1" }, { "compare", "1", "2" }, { "plot", "1" },
    };
    (void)state;
    make_short_run();
    gander(0, "", "tag", "1", "good");
    gander(0, "", "rerun", "-f", "1");
    gander(0, "", "export", "1..2");
    gander(0, "", "import", "--store", "there", "gander-tiny-1-2.tar.gz");
    sh("mv .gander away");
    for (int i = 0; i < ARRAY_SIZE(words); i++)
        gander(0, "", words[i][0], "--store", "there", words[i][1], words[i][2], words[i][3]);
    assert_non_null(strstr(gander(0, "", "show", "--store", "there", "1"), "tags      good"));
    assert_non_null(strstr(gander(0, "", "show", "--store", "there", "2"), "repeats   run 1"));
    gander(0, "", "rerun", "--store", "there", "-f", "1");
    struct story first = story_of(THERE_1);
    story_assert_equal("there/runs/3", &first);
    free(first.text);
    sh("rm there/catalogue.db*");
    assert_non_null(strstr(gander(0, "", "ls", "--store", "there"), "tiny"));
    sh("mv away .gander");
}

/* --- code --- */

static void the_code_travels_along(void **state)
{
    (void)state;
    sh("git init -q -b main work; cd work; mkdir d; echo one >d/a; cp ../tiny.ini .; git add -A;"
       "git commit -qm first; echo two >>d/a; echo new >b");
    assert_int_equal(chdir("work"), 0);
    make_short_run();
    sh("echo three >>d/a; printf '#!/bin/sh\\ncat d/a\\n' >c; chmod +x c");
    gander(0, "", "run", "-f", "--", "sh", "c");
    gander(0, "", "export", "1..2", "-o", "../a.tar.gz");
    assert_int_equal(chdir(".."), 0);
    sh("mv work away");
    gander(0, "", "import", "--store", "there", "a.tar.gz");
    gander(0, "a plain directory", "checkout", "--store", "there", "1", "out");
    assert_string_equal(sh("cat out/d/a out/b; ls out | grep -c ."), "one\ntwo\nnew\n5");
    const char *diff = gander(0, "", "diff", "--store", "there", "1", "2");
    assert_non_null(strstr(diff, "\n+three"));
    assert_non_null(strstr(diff, "+++ b/c"));

    /* a command is not run where its directory is not */
    gander(1, "which is not here (--at", "rerun", "--store", "there", "-f", "2");
    gander(0, "", "rerun", "--store", "there", "--at", "-f", "2");
    assert_non_null(strstr(sh("cat there/runs/3/log.txt"), "one\ntwo\nthree"));
    gander(0, "", "checkout", "--store", "there", "3", "again");
    assert_string_equal(sh("cat again/d/a"), "one\ntwo\nthree");

    /* and on from there */
    gander(0, "", "export", "--store", "there", "1", "-o", "b.tar.gz");
    gander(0, "", "import", "--store", "far", "b.tar.gz");
    gander(0, "", "checkout", "--store", "far", "1", "far-out");
    assert_string_equal(sh("cat far-out/d/a"), "one\ntwo");
    sh("mv away work");
}

static void code_can_stay_behind(void **state)
{
    (void)state;
    sh("git init -q -b main work; cd work; cp ../tiny.ini .; git add -A; git commit -qm first");
    assert_int_equal(chdir("work"), 0);
    make_short_run();
    gander(0, "", "export", "--no-code", "1", "-o", "../a.tar.gz");
    gander(0, "", "export", "1", "-o", "../b.tar.gz");
    assert_int_equal(chdir(".."), 0);
    assert_string_equal(sh("tar tzf a.tar.gz | grep -c pack || true"), "0");
    gander(0, "comes without its code: it was left out of the archive", "import", "--store",
           "there", "a.tar.gz");
    gander(0, "left out when the run was imported", "import", "--store", "there", "--again",
           "--no-code", "b.tar.gz");
    gander(1, "is not pinned", "checkout", "--store", "there", "2", "out");
    assert_non_null(strstr(gander(0, "", "show", "--store", "there", "1"), "it was left out of"));
}

/* --- twice --- */

static void what_is_here_is_not_taken_again_unawares(void **state)
{
    (void)state;
    make_short_run();
    gander(0, "", "export", "1", "-o", "a.tar.gz");
    gander(1, "already as run 1; take it again with --again", "import", "a.tar.gz");
    gander(0, "", "import", "--store", "there", "a.tar.gz");
    gander(1, "already as run 1;", "import", "--store", "there", "a.tar.gz");
    gander(0, "was here already as run 1", "import", "--store", "there", "--again", "a.tar.gz");
    gander(1, "already as run 2;", "import", "--store", "there", "a.tar.gz");

    /* back home, over another store: it began here */
    gander(0, "", "export", "--store", "there", "2", "-o", "b.tar.gz");
    const char *json = gander(1, "already as run 1;", "import", "--json", "b.tar.gz");
    assert_non_null(strstr(json, "\"already\": 1"));
    assert_string_equal(sh("ls .gander/runs"), "1");
    json = gander(0, "", "import", "--json", "--again", "b.tar.gz");
    assert_non_null(strstr(json, "\"number\": 2"));
    assert_non_null(strstr(json, "\"original\": 2"));
}

/* --- the file --- */

static void it_is_a_tar_that_others_read_and_write(void **state)
{
    static const char *const packers[] = {
        "tar czf ../b.tar.gz .",
        "tar czf ../b.tar.gz --format=ustar gander-export.json SHA256SUMS runs",
        "tar czf ../b.tar.gz --format=gnu runs SHA256SUMS gander-export.json",
        "tar czf ../b.tar.gz --format=pax *",
        "tar cf ../b.tar.gz *",
    };
    (void)state;
    make_short_run();
    sh("mkdir -p .gander/runs/1/checkpoints/deep/er; echo x >.gander/runs/1/checkpoints/deep/er/x;"
       "echo y >'.gander/runs/1/checkpoints/\303\251 y.pt';"
       "touch -d '2020-01-02 03:04:05.678' .gander/runs/1/checkpoints/deep/er/x");
    gander(0, "", "export", "1");
    sh("mkdir open; cd open; tar xzf ../gander-tiny-1.tar.gz; sha256sum -c --quiet SHA256SUMS");
    assert_string_equal(sh("tar tzf gander-tiny-1.tar.gz | head -n 1"), "gander-export.json");
    gander(0, "", "import", "--store", "first", "gander-tiny-1.tar.gz");
    const char *files = sh("cd first/runs/1; find . -type f ! -name run.json | sort |"
                           " xargs -d '\\n' sha256sum");
    assert_non_null(strstr(files, "deep/er/x"));
    assert_string_equal(sh("date -r first/runs/1/checkpoints/deep/er/x +%F"), "2020-01-02");
    for (int i = 0; i < ARRAY_SIZE(packers); i++) {
        print_message("# %s\n", packers[i]);
        sh(arena_printf(&arena, "rm -f b.tar.gz; cd open; %s", packers[i]));
        const char *number = gander(0, "", "import", "--store", "there", "--again", "b.tar.gz");
        assert_string_equal(number, arena_printf(&arena, "%d\n", i + 1));
        assert_string_equal(sh(arena_printf(&arena,
                                            "cd there/runs/%d; find . -type f ! -name run.json |"
                                            " sort | xargs -d '\\n' sha256sum",
                                            i + 1)),
                            files);
    }
}

static void no_file_is_replaced_unawares(void **state)
{
    (void)state;
    make_short_run();
    assert_int_equal(file_replace("gander-tiny-1.tar.gz", "mine", 4), 0);
    gander(1, "'gander-tiny-1.tar.gz' is there already (--force replaces it)", "export", "1");
    assert_string_equal(sh("cat gander-tiny-1.tar.gz"), "mine");
    gander(0, "", "export", "--force", "1");
    gander(0, "", "import", "--store", "there", "gander-tiny-1.tar.gz");
    gander(1, "not a regular file", "export", "--force", "-o", "/dev/null", "1");
    gander(1, "cannot", "export", "-o", "none/x", "1");
    gander(2, "both mean standard output", "export", "--json", "-o", "-", "1");
    gander(2, "is not all, newest or none", "export", "--checkpoints", "some", "1");
    gander(3, "there is no run 9", "export", "9");
    gander(0, "", "rm", "1");
    gander(3, "there is no run 1", "export", "1");
}

static void it_goes_through_a_pipe(void **state)
{
    (void)state;
    make_short_run();
    sh("\"$GANDER_TEST_PROGRAM\" export 1 -o - | \"$GANDER_TEST_PROGRAM\" import --store there -");
    assert_state(THERE_1, RUN_FINISHED);
}

static void checkpoints_can_stay_behind(void **state)
{
    (void)state;
    make_short_run();
    gander(0, "", "export", "--checkpoints", "newest", "-o", "a.tar.gz", "1");
    gander(0, "", "export", "--checkpoints", "none", "-o", "b.tar.gz", "1");
    assert_string_equal(sh("tar tzf a.tar.gz | grep checkpoints"),
                        "runs/1/checkpoints/00000060.safetensors");
    assert_string_equal(sh("tar tzf b.tar.gz | grep -c checkpoints || true"), "0");
    gander(0, "", "import", "--store", "there", "b.tar.gz");
    gander(0, "", "resume", "--store", "there", "-f", "-s", "training.steps=80", "1");

    sh("ln -s /etc/passwd .gander/runs/1/checkpoints/link; mkfifo .gander/runs/1/samples/pipe");
    gander(0, "and 1 more are not packed", "export", "-o", "c.tar.gz", "1");
    assert_string_equal(sh("tar tzf c.tar.gz | grep -c 'link\\|pipe' || true"), "0");
}

/* --- what goes wrong --- */

static void a_full_disk_leaves_nothing(void **state)
{
    (void)state;
    make_short_run();
    const struct launch full = { .words = { "export", "1", "-o", "a.tar.gz" },
                                 .file_bytes = 100000 };
    said_by(&full, 1, "cannot write");
    assert_string_equal(sh("ls | grep a.tar || true"), "");
    gander(0, "", "export", "1", "-o", "a.tar.gz");
    const struct launch full_there = { .words = { "import", "--store", "there", "a.tar.gz" },
                                       .file_bytes = 100000 };
    said_by(&full_there, 1, "cannot write");
    assert_string_equal(sh("ls there/runs there/incoming"), "there/incoming:\nlock\n\nthere/runs:");
    gander(0, "", "import", "--store", "there", "a.tar.gz");
}

static bool has_temporary(const char *name)
{
    char **names;
    int count = 0;
    size_t length = strlen(name);
    list_directory(&arena, ".", "", &names, &count);
    for (int i = 0; i < count; i++)
        if (strncmp(names[i], name, length) == 0 && file_size(names[i]) > 0)
            return true;
    return false;
}

static void a_signal_leaves_nothing_half_written(void **state)
{
    static const int signals[] = { SIGINT, SIGKILL };
    (void)state;
    make_short_run();
    sh("truncate -s 1G .gander/runs/1/checkpoints/large.pt");
    for (int i = 0; i < ARRAY_SIZE(signals); i++) {
        struct program program = program_start("export", "1", "-o", "a.tar.gz");
        wait_until(has_temporary, "a.tar.gz.tmp-");
        kill(program.pid, signals[i]);
        program_expect_signal(&program, signals[i]);
        assert_false(file_exists("a.tar.gz"));
        assert_int_equal(has_temporary("a.tar.gz.tmp-"), signals[i] == SIGKILL);
    }
}

static bool is_staged(const char *store)
{
    return *sh(arena_printf(&arena, "ls %s/incoming 2>/dev/null | grep -v lock || true", store));
}

/* Half an archive comes through a pipe, and no more. */
static void an_import_that_is_broken_off_leaves_nothing(void **state)
{
    static const int signals[] = { SIGINT, SIGKILL };
    (void)state;
    make_short_run();
    gander(0, "", "export", "1", "-o", "a.tar.gz");
    sh("head -c 900000 a.tar.gz >half; mkfifo pipe");
    gander(1, "it is damaged", "import", "--store", "there", "half");
    for (int i = 0; i < ARRAY_SIZE(signals); i++) {
        struct program program = program_start("import", "--store", "there", "pipe");
        int pipe = open("pipe", O_WRONLY | O_CLOEXEC);
        assert_true(pipe >= 0);
        char *half;
        size_t size;
        assert_int_equal(file_read("half", 1 << 20, &half, &size), 0);
        assert_int_equal(write(pipe, half, size), size);
        free(half);
        wait_until(is_staged, "there");
        kill(program.pid, signals[i]);
        program_expect_signal(&program, signals[i]);
        close(pipe);
        assert_int_equal(is_staged("there"), signals[i] == SIGKILL);
        assert_string_equal(sh("ls there/runs"), "");
    }
    gander(0, "", "import", "--store", "there", "a.tar.gz");
    assert_false(is_staged("there"));
}

static void what_is_no_archive_makes_no_store(void **state)
{
    (void)state;
    gander(1, "is no archive of 'gander export'", "import", "--store", "there", "tiny.ini");
    gander(1, "cannot open 'none'", "import", "--store", "there", "none");
    assert_false(file_exists("there"));
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, enter, leave)
    const struct CMUnitTest tests[] = {
        IN_PLACE(a_stopped_run_goes_on_there_as_here),
        IN_PLACE(a_run_that_works_is_cut),
        IN_PLACE(what_was_not_over_is_lost),
        IN_PLACE(commands_look_at_it_as_at_any_other),
        IN_PLACE(the_code_travels_along),
        IN_PLACE(code_can_stay_behind),
        IN_PLACE(what_is_here_is_not_taken_again_unawares),
        IN_PLACE(it_is_a_tar_that_others_read_and_write),
        IN_PLACE(no_file_is_replaced_unawares),
        IN_PLACE(it_goes_through_a_pipe),
        IN_PLACE(checkpoints_can_stay_behind),
        IN_PLACE(a_full_disk_leaves_nothing),
        IN_PLACE(a_signal_leaves_nothing_half_written),
        IN_PLACE(an_import_that_is_broken_off_leaves_nothing),
        IN_PLACE(what_is_no_archive_makes_no_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
