/* Sweeps as their user sees them: what is run, and that nothing is lost or run twice, whatever is
 * killed, stopped or edited meanwhile. */
#define _GNU_SOURCE
#include "background.h"
#include "run/conductor.h"
#include "run/sweep.h"
#include "shell.h"

static struct store store;

static int enter(void **state)
{
    return program_enter(state) < 0 ? -1 : store_open(&store, NULL, STORE_MAKE);
}

static int leave(void **state)
{
    struct arena arena = { 0 };
    char **names;
    int count = 0;
    sweep_list(&arena, &store, &names, &count);
    for (int i = 0; i < count; i++)
        conductor_stop(&store, names[i]);
    arena_release(&arena);
    store_release(&store);
    return program_leave(state);
}

#define IN_SWEEPS(test) cmocka_unit_test_setup_teardown(test, enter, leave)

static const char *directory_of(int run)
{
    static char path[64];
    snprintf(path, sizeof path, ".gander/runs/%d", run);
    return path;
}

static int run_count(void)
{
    int64_t *numbers;
    int count;
    assert_int_equal(store_runs(&store, &numbers, &count), 0);
    free(numbers);
    return count;
}

static int lines_of(const char *path)
{
    char *text = program_read_file(path);
    int count = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        count++;
    free(text);
    return count;
}

static struct conductor_story conductor_of(const char *sweep)
{
    static struct arena arena;
    struct conductor_story story;
    arena_release(&arena);
    assert_int_equal(conductor_look(&arena, &story, &store, sweep), 0);
    return story;
}

static bool has_begun(const char *sweep)
{
    return conductor_of(sweep).pid > 0;
}

static void kill_conductor(const char *sweep)
{
    wait_until(has_begun, sweep);
    kill((pid_t)conductor_of(sweep).pid, SIGKILL);
    while (conductor_of(sweep).is_working)
        pause_ms(1);
}

/* kill -9 of everything that there is. */
static void cut_power(const char *sweep)
{
    kill_conductor(sweep);
    for (int run = run_count(); run > 0; run--)
        kill_run(directory_of(run));
}

static bool is_there(const char *run)
{
    return directory_exists(run) && program_status(run).state == RUN_RUNNING &&
           program_pids(run).training > 0;
}

static void assert_all(int runs, enum run_state state)
{
    assert_int_equal(run_count(), runs);
    for (int run = 1; run <= runs; run++)
        assert_state(directory_of(run), state);
}

/* --- what is run --- */

static void every_combination_is_run_with_every_seed(void **state)
{
    (void)state;
    do_well("sweep", "--yes", "--name", "s", "--jobs", "2", "--seeds", "2", "lr=0.1,0.2", "d=3,4",
            "--", "sh", "-c", "echo {lr} {d} {seed} >>said");
    do_well("sweep", "wait", "s");
    assert_all(8, RUN_FINISHED);
    char *said = program_read_file("said");
    static const char *const all[] = { "0.1 3 1\n", "0.1 3 2\n", "0.1 4 1\n", "0.1 4 2\n",
                                       "0.2 3 1\n", "0.2 3 2\n", "0.2 4 1\n", "0.2 4 2\n" };
    assert_int_equal(lines_of("said"), 8);
    for (int i = 0; i < 8; i++)
        assert_non_null(strstr(said, all[i]));
    free(said);
    char *list = program_output("ls", "tag:sweep:s", "--columns", "run");
    int lines = 0;
    for (const char *at = list; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 9);
    free(list);
}

static void the_plan_comes_first_and_a_dry_run_ends_there(void **state)
{
    (void)state;
    char *plan =
        program_output("sweep", "tiny.ini", "training.rate=1e-4,2e-4", "generator.latent=4..16:log",
                       "--seeds", "3", "--goal", "min(d_loss)", "--dry-run");
    assert_non_null(strstr(plan, "sweep tiny-1: 6 points, 3 seeds each: 18 runs\n"));
    assert_non_null(strstr(plan, "  generator.latent  4, 8, 16\n"));
    assert_non_null(strstr(plan, "goal     min(d_loss), the smaller the better\n"));
    assert_non_null(strstr(plan, "time     unknown: no earlier run tells\n"));
    free(plan);
    plan = program_output("sweep", "tiny.ini", "training.rate=1e-4,2e-4");
    assert_non_null(strstr(plan, "nothing was started; --yes starts it\n"));
    free(plan);
    assert_int_equal(run_count(), 0);
    assert_false(directory_exists(".gander/sweeps"));
    do_well("run", "-f", "tiny.ini", "-s", "training.steps=1000"); /* long enough to tell */
    plan = program_output("sweep", "tiny.ini", "training.rate=1e-4,2e-4", "-s",
                          "training.steps=100000", "-n");
    assert_non_null(strstr(plan, "time     about "));
    assert_non_null(strstr(plan, ", by run 1\n"));
    free(plan);
}

static void a_point_is_the_run_that_its_recipe_gives(void **state)
{
    (void)state;
    struct story expected =
        undisturbed("tiny.ini", "-s", "training.rate=0.01", "-s", "training.seed=2");
    do_well("sweep", "-y", "--name", "s", "tiny.ini", "training.rate=0.01,0.02", "-s",
            "training.seed=2");
    do_well("sweep", "wait", "s");
    assert_all(2, RUN_FINISHED);
    story_assert_equal(RUN_1, &expected);
    free(expected.text);
}

static void all_runs_have_the_code_that_there_was(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    shell(&arena,
          "git init -q . && echo old >code && echo .gander >.gitignore && git add code "
          ".gitignore && git -c user.name=a -c user.email=a@b commit -qm first && echo older "
          ">code");
    arena_release(&arena);
    char *words = xasprintf(
        "cat code >>%s/said; [ {x} = 1 ] && echo new >%s/code || :", scratch_path, scratch_path);
    do_well("sweep", "-y", "--name", "s", "--jobs", "1", "x=1..3", "--", "sh", "-c", words);
    do_well("sweep", "wait", "s");
    assert_all(3, RUN_FINISHED);
    char *said = program_read_file("said");
    assert_string_equal(said, "older\nolder\nolder\n");
    free(said);
    free(words);
}

static void wrong_words_are_refused_before_anything_is_there(void **state)
{
    (void)state;
    be_refused(1, "unknown parameter 'training.rat' (did you mean 'training.rate'?)", "sweep", "-y",
               "tiny.ini", "training.rat=1,2");
    be_refused(1, "point 2: ", "sweep", "-y", "tiny.ini",
               "discriminator.layers=flatten | dense 1,flatten | dense 2");
    be_refused(1, "say min(d_loss) or max(d_loss)", "sweep", "-y", "tiny.ini", "training.rate=1,2",
               "--goal", "d_loss");
    be_refused(1, "no word of the command holds '{rate}'", "sweep", "-y", "rate=1,2", "--", "true");
    be_refused(1, "there is no program 'no-such'", "sweep", "-y", "x=1,2", "--", "no-such", "{x}");
    be_refused(1, "halving needs a goal", "sweep", "-y", "tiny.ini", "training.rate=1,2",
               "--halving", "3");
    be_refused(1, "there is no recipe 'shw' (did you mean 'sweep show'?)", "sweep", "shw", "other");
    be_refused(3, "there is no sweep 'other'", "sweep", "resume", "other");
    assert_int_equal(run_count(), 0);
    assert_false(directory_exists(".gander/sweeps"));
}

/* --- what is killed --- */

/* Points up to `limit` go through, later ones wait until the file says more. */
#define GATED "echo {x}.{seed} >>ran; while [ {x} -gt $(cat limit) ]; do sleep 0.02; done"

static bool has_run(const char *times)
{
    return lines_of("ran") >= strtol(times, NULL, 10);
}

static void what_is_killed_is_missing_and_nothing_else(void **state)
{
    (void)state;
    write_text("limit", "2\n");
    do_well("sweep", "-y", "--name", "s", "--jobs", "2", "--seeds", "2", "x=1..6", "--", "sh", "-c",
            GATED);
    wait_until(is_there, ".gander/runs/5");
    wait_until(is_there, ".gander/runs/6");
    wait_until(has_run, "6");
    cut_power("s");
    assert_int_equal(run_count(), 6);
    write_text("limit", "4\n");
    do_well("sweep", "resume", "s");
    wait_until(is_there, ".gander/runs/9");
    wait_until(is_there, ".gander/runs/10");
    wait_until(has_run, "12");
    cut_power("s");
    assert_int_equal(run_count(), 10);
    write_text("limit", "6\n");
    do_well("sweep", "resume", "s");
    do_well("sweep", "wait", "s");
    assert_all(12, RUN_FINISHED);
    char *ran = program_read_file("ran");
    for (int x = 1; x <= 6; x++)
        for (int seed = 1; seed <= 2; seed++) {
            int times = 0;
            char *word = xasprintf("%d.%d\n", x, seed);
            for (const char *at = ran; (at = strstr(at, word)); at++)
                times++;
            assert_int_equal(times, x == 3 || x == 5 ? 2 : 1);
            free(word);
        }
    free(ran);
    do_well("sweep", "resume", "s"); /* there is nothing left */
    do_well("sweep", "wait", "s");
    assert_int_equal(lines_of("ran"), 16);
    assert_int_equal(run_count(), 12);
}

static void runs_go_on_while_nobody_conducts_them(void **state)
{
    (void)state;
    write_text("limit", "0\n");
    do_well("sweep", "-y", "--name", "s", "--jobs", "2", "x=1..3", "--", "sh", "-c", GATED);
    wait_until(is_there, ".gander/runs/2");
    kill_conductor("s");
    do_well("sweep", "resume", "s");
    be_refused(1, "sweep 's' is being worked off already", "sweep", "resume", "s");
    write_text("limit", "3\n");
    do_well("sweep", "wait", "s");
    assert_all(3, RUN_FINISHED);
    assert_int_equal(lines_of("ran"), 3);
}

static void a_run_that_was_removed_is_missing(void **state)
{
    (void)state;
    do_well("sweep", "-y", "--name", "s", "x=1..2", "--", "sh", "-c", "echo {x} >>ran");
    do_well("sweep", "wait", "s");
    do_well("rm", "1");
    do_well("sweep", "resume", "s");
    do_well("sweep", "wait", "s");
    assert_int_equal(run_count(), 2);
    assert_state(".gander/runs/3", RUN_FINISHED);
    char *ran = program_read_file("ran");
    assert_string_equal(ran, "1\n2\n1\n");
    free(ran);
}

static void what_failed_is_run_again_by_resume_alone(void **state)
{
    (void)state;
    do_well("sweep", "-y", "--name", "s", "x=1..3", "--", "sh", "-c",
            "echo {x} >>ran; [ {x} != 2 ] || [ -e mended ]");
    do_well("sweep", "wait", "s");
    assert_state(RUN_2, RUN_FAILED);
    assert_int_equal(lines_of("ran"), 3);
    write_text("mended", "");
    do_well("sweep", "resume", "s");
    do_well("sweep", "wait", "s");
    assert_all(3, RUN_FINISHED);
    assert_int_equal(lines_of("ran"), 4);
}

static void stop_stops_all_and_resume_goes_on(void **state)
{
    (void)state;
    write_text("limit", "0\n");
    do_well("sweep", "-y", "--name", "s", "--jobs", "2", "x=1..4", "--", "sh", "-c", GATED);
    wait_until(is_there, ".gander/runs/2");
    do_well("sweep", "stop", "s");
    wait_until(has_ended, RUN_1);
    wait_until(has_ended, RUN_2);
    assert_all(2, RUN_STOPPED);
    assert_string_equal(conductor_of("s").end, "stopped");
    end_with(1, "sweep", "wait", "s");
    write_text("limit", "4\n");
    do_well("sweep", "resume", "s");
    do_well("sweep", "wait", "s");
    assert_all(4, RUN_FINISHED);
}

/* --- health, and failures --- */

static void who_collapses_gives_up_its_slot_for_good(void **state)
{
    (void)state;
    do_well("sweep", "-y", "--name", "s", "--jobs", "1", "x=1..3", "--", "sh", "-c",
            "echo {x} >>ran; [ {x} = 2 ] || exit 0; echo '{\"step\":1,\"health\":\"mode "
            "collapse\"}' >>$GANDER_JOURNAL; exec sleep 1000");
    do_well("sweep", "wait", "s");
    assert_state(RUN_2, RUN_STOPPED);
    assert_state(RUN_3, RUN_FINISHED);
    do_well("sweep", "resume", "s");
    do_well("sweep", "wait", "s");
    assert_int_equal(lines_of("ran"), 3);
    char *journal = program_read_file(".gander/sweeps/s/journal.jsonl");
    assert_non_null(strstr(journal, "\"run\":2,\"gave_up\":\"mode collapse\""));
    free(journal);
}

static void five_failures_alike_end_it(void **state)
{
    (void)state;
    do_well("sweep", "-y", "--name", "s", "--jobs", "1", "x=1..20:20", "--", "sh", "-c",
            "echo no module called torch {x}; exit 3");
    struct program program = program_start("sweep", "wait", "s");
    int status = program_wait(&program);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_non_null(strstr(program.output, "sweep s broken: the first 5 runs failed alike: exit "
                                           "status 3; the log of the last ends with 'no module "
                                           "called torch 5'"));
    program_release(&program);
    assert_all(5, RUN_FAILED);
}

static void failures_unlike_one_another_do_not(void **state)
{
    (void)state;
    do_well("sweep", "-y", "--name", "s", "--jobs", "1", "x=1..7", "--", "sh", "-c", "exit {x}");
    do_well("sweep", "wait", "s");
    assert_all(7, RUN_FAILED);
    do_well("sweep", "-y", "--name", "t", "--jobs", "1", "x=1..7", "--", "sh", "-c", "[ {x} = 3 ]");
    do_well("sweep", "wait", "t");
    assert_int_equal(run_count(), 14);
}

/* --- the plan changes --- */

static void edit(const char *sweep, const char *from, const char *to)
{
    struct arena arena = { 0 };
    const char *path = arena_printf(&arena, ".gander/sweeps/%s/sweep.json", sweep);
    char *text = program_read_file(path);
    char *at = strstr(text, from);
    assert_non_null(at);
    const char *edited =
        arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    write_text(path, edited);
    free(text);
    arena_release(&arena);
}

static void what_is_new_in_the_plan_is_missing(void **state)
{
    (void)state;
    do_well("sweep", "-y", "--name", "s", "x=1,2", "--", "sh", "-c", "echo {x}.{seed} >>ran");
    do_well("sweep", "wait", "s");
    edit("s", "\"2\"\n", "\"2\", 3\n");
    edit("s", "\"seeds\": [\n    1", "\"seeds\": [\n    1, 5");
    do_well("sweep", "resume", "s");
    do_well("sweep", "wait", "s");
    assert_all(6, RUN_FINISHED);
    char *ran = program_read_file("ran");
    static const char *const all[] = { "1.1\n", "2.1\n", "3.1\n", "1.5\n", "2.5\n", "3.5\n" };
    for (int i = 0; i < 6; i++)
        assert_non_null(strstr(ran, all[i]));
    free(ran);
    edit("s", "\"1\",\n        \"2\"", "\"2\""); /* what is no longer wanted is left alone */
    do_well("sweep", "resume", "s");
    do_well("sweep", "wait", "s");
    assert_int_equal(run_count(), 6);
}

static void a_conductor_sees_the_plan_change(void **state)
{
    (void)state;
    write_text("limit", "1\n");
    do_well("sweep", "-y", "--name", "s", "--jobs", "1", "x=1,2", "--", "sh", "-c", GATED);
    wait_until(is_there, ".gander/runs/2");
    edit("s", "\"1\",\n        \"2\"", "\"1\", 0, \"2\"");
    edit("s", "\"jobs\": 1", "\"jobs\": 2");
    wait_until(directory_exists, ".gander/runs/3");
    wait_until(has_ended, ".gander/runs/3");
    write_text("limit", "2\n");
    do_well("sweep", "wait", "s");
    assert_all(3, RUN_FINISHED);
}

static void a_broken_plan_harms_nothing(void **state)
{
    (void)state;
    write_text("limit", "1\n");
    do_well("sweep", "-y", "--name", "s", "--jobs", "1", "x=1,2", "--", "sh", "-c", GATED);
    wait_until(is_there, ".gander/runs/2");
    char *plan = program_read_file(".gander/sweeps/s/sweep.json");
    write_text(".gander/sweeps/s/sweep.json", "{\"id\":\"\x1b[2J\"");
    be_refused(1, "sweep.json", "sweep", "resume", "s");
    write_text("limit", "2\n");
    wait_until(has_ended, ".gander/runs/2");
    while (conductor_of("s").is_working)
        pause_ms(5);
    assert_string_equal(conductor_of("s").end, "done");
    write_text(".gander/sweeps/s/sweep.json", plan);
    assert_all(2, RUN_FINISHED);
    free(plan);
}

/* --- halving --- */

static int64_t end_step(int run)
{
    struct arena arena = { 0 };
    struct worker_story story = { .size = 0 };
    assert_int_equal(worker_read(&arena, &story, directory_of(run), NULL, NULL), 0);
    int64_t step = story.end.step;
    arena_release(&arena);
    return step;
}

static void the_best_go_on_as_if_they_had_never_stopped(void **state)
{
    (void)state;
    enum { RUNS = 9 };
    int counts[3] = { 0 }, best = 0;
    do_well("sweep", "-y", "--name", "s", "--jobs", "2", "--halving", "3", "--goal", "min(g_loss)",
            "tiny.ini", "training.rate=1e-4,1e-3,1e-2", "training.beta1=0,0.5,0.9", "-s",
            "training.steps=90", "-s", "training.schedule=linear");
    do_well("sweep", "wait", "s");
    assert_int_equal(run_count(), RUNS);
    for (int run = 1; run <= RUNS; run++) {
        int64_t step = end_step(run);
        int rung = step == 90 ? 2 : step == 30 ? 1 : 0;
        assert_true(rung > 0 || step == 10);
        assert_state(directory_of(run), rung == 2 ? RUN_FINISHED : RUN_STOPPED);
        counts[rung]++;
        best = rung == 2 ? run : best;
    }
    assert_true(counts[2] >= 1 && counts[1] + counts[2] >= 3 && counts[0] >= 3);
    char *settings[2], *number = xasprintf("%d", best);
    struct recipe recipe;
    char *ini = xasprintf("%s/recipe.ini", directory_of(best));
    assert_int_equal(recipe_read(&recipe, ini, NULL, 0), 0);
    settings[0] = xasprintf("training.rate=%.17g", recipe.training.rate);
    settings[1] = xasprintf("training.beta1=%.17g", recipe.training.beta1);
    struct story expected = undisturbed("tiny.ini", "-s", settings[0], "-s", settings[1], "-s",
                                        "training.steps=90", "-s", "training.schedule=linear");
    story_assert_equal(directory_of(best), &expected);
    recipe_release(&recipe);
    free(expected.text);
    free(settings[0]);
    free(settings[1]);
    free(number);
    free(ini);
    do_well("sweep", "resume", "s");
    do_well("sweep", "wait", "s");
    assert_int_equal(run_count(), RUNS);
}

static void a_command_begins_anew_with_more_steps(void **state)
{
    (void)state;
    do_well("sweep", "-y", "--name", "s", "--jobs", "1", "--halving", "2", "--goal", "max(score)",
            "--steps", "40", "x=1..4", "--", "sh", "-c",
            "echo {x} {steps} >>ran; echo '{\"step\":{steps},\"metrics\":{\"score\":{x}}}' "
            ">>$GANDER_JOURNAL");
    do_well("sweep", "wait", "s");
    char *ran = program_read_file("ran");
    static const char *const all[] = { "1 10\n", "2 10\n", "3 10\n", "4 10\n", "4 20\n", "4 40\n" };
    for (int i = 0; i < 6; i++)
        assert_non_null(strstr(ran, all[i]));
    assert_null(strstr(ran, "1 20"));
    free(ran);
    int runs = run_count();
    do_well("sweep", "resume", "s");
    do_well("sweep", "wait", "s");
    assert_int_equal(run_count(), runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SWEEPS(every_combination_is_run_with_every_seed),
        IN_SWEEPS(the_plan_comes_first_and_a_dry_run_ends_there),
        IN_SWEEPS(a_point_is_the_run_that_its_recipe_gives),
        IN_SWEEPS(all_runs_have_the_code_that_there_was),
        IN_SWEEPS(wrong_words_are_refused_before_anything_is_there),
        IN_SWEEPS(what_is_killed_is_missing_and_nothing_else),
        IN_SWEEPS(runs_go_on_while_nobody_conducts_them),
        IN_SWEEPS(a_run_that_was_removed_is_missing),
        IN_SWEEPS(what_failed_is_run_again_by_resume_alone),
        IN_SWEEPS(stop_stops_all_and_resume_goes_on),
        IN_SWEEPS(who_collapses_gives_up_its_slot_for_good),
        IN_SWEEPS(five_failures_alike_end_it),
        IN_SWEEPS(failures_unlike_one_another_do_not),
        IN_SWEEPS(what_is_new_in_the_plan_is_missing),
        IN_SWEEPS(a_conductor_sees_the_plan_change),
        IN_SWEEPS(a_broken_plan_harms_nothing),
        IN_SWEEPS(the_best_go_on_as_if_they_had_never_stopped),
        IN_SWEEPS(a_command_begins_anew_with_more_steps),
    };
    return cmocka_run_group_tests_name("sweeps", tests, NULL, NULL);
}
