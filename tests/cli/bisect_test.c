/* bisect and verify as their user sees them: on a made history of 40 commits with three that do not
 * build and a regression of known place, undisturbed and killed. */
#define _GNU_SOURCE
#include "background.h"
#include "shell.h"

/* A measure that the commit sets, with a little of the seed's; it waits at commits 15 to 25 while
 * there is a file "hold", and notes in "ran" where it is. */
static const char train_sh[] =
    "#!/bin/sh\n"
    "here=\"$GANDER_DIR/..\"\n"
    "echo \"$(cat commit) $GANDER_SEED\" >>\"$here/ran\"\n"
    "[ $(cat commit) -lt 15 ] || [ $(cat commit) -gt 25 ] ||\n"
    "    while [ -e \"$here/hold\" ]; do sleep 0.02; done\n"
    "for step in 1 2 3; do\n"
    "    noise=$(( (${GANDER_SEED:-7} * 7919 + step * 104729) % 10 ))\n"
    "    echo \"{\\\"step\\\":$step,\\\"metrics\\\":{\\\"loss\\\":$(cat built).0$noise}}\" "
    ">>\"$GANDER_JOURNAL\"\n"
    "done\n";

/* Commits 1 to 40: "level" is 2 from 27 on, and 21, 24 and 30 do not build. Runs 1 and 2 are of the
 * first and the last. */
static const char make_history[] =
    "set -e\n"
    "export GIT_CONFIG_GLOBAL=/dev/null\n"
    "git init -q .\n"
    "git config user.name 'Ada Lovelace'\n"
    "git config user.email ada@example.org\n"
    "printf '.gander\\nbuilt\\nran\\nhold\\noutput\\nerrors\\ntiny.ini\\n' >.gitignore\n"
    "printf 'set -e\\n. ./level\\necho $level >built\\n' >build.sh\n"
    "i=1\n"
    "while [ $i -le 40 ]; do\n"
    "    echo $i >commit\n"
    "    if [ $i -lt 27 ]; then echo level=1 >level; else echo level=2 >level; fi\n"
    "    case $i in 21 | 24 | 30) echo 'exit 1' >>level ;; esac\n"
    "    git add . && git commit -qm \"commit $i\"\n"
    "    case $i in 1 | 40)\n"
    "        sh build.sh\n"
    "        \"$GANDER_TEST_PROGRAM\" run -f -- sh train.sh >/dev/null ;;\n"
    "    esac\n"
    "    i=$((i + 1))\n"
    "done\n";

static void do_shell(const char *script)
{
    struct arena arena = { 0 };
    shell(&arena, script);
    arena_release(&arena);
}

static int enter(void **state)
{
    if (program_enter(state) < 0)
        return -1;
    write_text("train.sh", train_sh);
    do_shell(make_history);
    return 0;
}

#define IN_HISTORY(test) cmocka_unit_test_setup_teardown(test, enter, program_leave)

#define BISECT                                                                                     \
    "bisect", "--good", "1", "--bad", "2", "--goal", "loss", "--build", "sh build.sh", "--jobs", "2"

static int run_count(void)
{
    struct store store;
    int64_t *numbers;
    int count;
    assert_int_equal(store_open(&store, NULL, STORE_FIND), 0);
    assert_int_equal(store_runs(&store, &numbers, &count), 0);
    free(numbers);
    store_release(&store);
    return count;
}

/* How often a commit was run, with any seed. */
static int times_run(int commit)
{
    char *ran = program_read_file("ran"), *word = xasprintf("%d ", commit);
    int count = 0;
    for (const char *at = ran; *at; at = strchr(at, '\n') + 1)
        count += strncmp(at, word, strlen(word)) == 0;
    free(ran);
    free(word);
    return count;
}

static void assert_found(const char *text)
{
    static const char *const parts[] = {
        "this commit made it worse\n",
        "author  Ada Lovelace\n",
        "subject commit 27\n",
        "loss  1.0",
        "95 %)\n",
        "before ",
        "with it ",
        "-level=1\n+level=2\n",
    };
    for (int i = 0; i < ARRAY_SIZE(parts); i++) {
        if (!strstr(text, parts[i]))
            print_error("no '%s' in:\n%s", parts[i], text);
        assert_non_null(strstr(text, parts[i]));
    }
}

/* --- bisect --- */

static void the_commit_is_found_in_few_runs(void **state)
{
    (void)state;
    char *text = program_output(BISECT);
    assert_found(text);
    assert_non_null(strstr(text, "bisect 1-2: 39 commits between runs 1 and 2, about 5 to test\n"));
    assert_non_null(strstr(text, "does not build"));
    /* both ends and the pair in question with three seeds, the others with one */
    assert_int_equal(times_run(1), 3);
    assert_int_equal(times_run(40), 3);
    assert_int_equal(times_run(26), 3);
    assert_int_equal(times_run(27), 3);
    assert_true(run_count() <= 20);
    int before = run_count();
    free(text);
    text = program_output(BISECT); /* all is there */
    assert_found(text);
    assert_int_equal(run_count(), before);
    free(text);
    text = program_output("bisect", "resume", "1-2");
    assert_found(text);
    assert_int_equal(run_count(), before);
    free(text);
    text = program_output("ls", "tag:bisect:1-2", "--columns", "run");
    int lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, before - 2 + 1);
    free(text);
    text = program_output("log", "7");
    assert_non_null(strstr(text, "running in a checkout of the pinned code"));
    assert_false(directory_exists(".gander/runs/7/tree"));
    free(text);
}

static bool is_working(const char *run)
{
    return directory_exists(run) && program_status(run).state == RUN_RUNNING &&
           program_pids(run).training > 0;
}

static bool has_come_to_hold(const char *run)
{
    return is_working(run) && times_run(20) + times_run(19) + times_run(22) > 0;
}

static bool has_said(const char *words)
{
    char *text = program_read_file("output");
    bool is_there = strstr(text, words);
    free(text);
    return is_there;
}

static void kill_bisect(struct program *program)
{
    kill(program->pid, SIGKILL);
    program_expect_signal(program, SIGKILL);
}

static void killed_and_resumed_it_finds_the_same(void **state)
{
    (void)state;
    write_text("hold", "");
    struct program program = program_start(BISECT);
    wait_until(has_come_to_hold, ".gander/runs/7");
    be_refused(1, "bisect '1-2' is being worked at already", BISECT);
    kill_bisect(&program);
    assert_true(is_working(".gander/runs/7")); /* its run goes on … */
    program = program_start("bisect", "resume", "1-2");
    wait_until(has_said, "bad  ");
    kill_bisect(&program);
    assert_int_equal(run_count(), 7); /* … and is not begun twice */
    kill_run(".gander/runs/7");
    remove("hold");
    char *text = program_output(BISECT);
    assert_found(text);
    assert_int_equal(times_run(26), 3);
    assert_int_equal(times_run(27), 3);
    assert_true(run_count() <= 21); /* one more than undisturbed */
    free(text);
}

static void what_cannot_be_tested_at_the_place_leaves_a_range(void **state)
{
    (void)state;
    do_shell("git checkout -q HEAD~14 && git commit --allow-empty -qm none && "
             "sed -i 's/level=1/level=2/' level && echo 'exit 1' >>level && "
             "git commit -qam broken && sed -i '/exit/d' level && "
             "git commit -qam mended && sh build.sh");
    do_well("run", "-f", "--", "sh", "train.sh");
    struct program program = program_start("bisect", "--good", "1", "--bad", "3", "--goal", "loss",
                                           "--build", "sh build.sh");
    int status = program_wait(&program);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_non_null(strstr(program.output, "one of 2 commits made it worse"));
    assert_non_null(strstr(program.output, "  broken  does not build\n"));
    assert_non_null(strstr(program.output, "  mended\n"));
    program_release(&program);
}

static void changes_that_were_not_committed_can_be_blamed(void **state)
{
    (void)state;
    do_shell("echo 3 >built; echo level=3 >level");
    do_well("run", "-f", "--", "sh", "train.sh");
    char *text = program_output("bisect", "--good", "2", "--bad", "3", "--goal", "loss", "--build",
                                "sh build.sh");
    assert_non_null(strstr(text, "what was changed and not committed when run 3 began\n"));
    assert_non_null(strstr(text, "+level=3\n"));
    free(text);
}

static void ends_that_differ_by_no_more_than_seeds_are_refused(void **state)
{
    (void)state;
    write_text("ran", "");
    do_shell("git checkout -q HEAD~20 && sh build.sh");
    do_well("run", "-f", "--", "sh", "train.sh");
    struct program program = program_start("bisect", "--good", "1", "--bad", "3", "--goal", "loss",
                                           "--build", "sh build.sh");
    program_expect(&program, 1, "not worse than the good one beyond its seeds");
    be_refused(1, "runs 2 and 1: commit ", "bisect", "--good", "2", "--bad", "1", "--goal", "loss");
    be_refused(1, "which measure got worse? --goal METRIC says it", "bisect", "--good", "1",
               "--bad", "2");
    be_refused(3, "there is no bisect 'other'", "bisect", "resume", "other");
    be_refused(1, "option '--bad' is missing", "bisect", "--good", "1", "--goal", "loss");
}

/* --- recipes --- */

static const char make_recipes[] =
    "set -e\n"
    "export GIT_CONFIG_GLOBAL=/dev/null\n"
    "git init -q .\n"
    "git config user.name 'Ada Lovelace'\n"
    "git config user.email ada@example.org\n"
    "printf '.gander\\noutput\\nerrors\\n' >.gitignore\n"
    "sed -i 's/^steps = 300/steps = 200\\nrate = 1e-3/' tiny.ini\n"
    "i=1\n"
    "while [ $i -le 6 ]; do\n"
    "    [ $i != 4 ] || sed -i 's/^rate.*/rate = 1e-7/' tiny.ini\n"
    "    echo $i >other\n"
    "    git add . && git commit -qm \"commit $i\"\n"
    "    case $i in 1 | 2 | 6) \"$GANDER_TEST_PROGRAM\" run -f tiny.ini >/dev/null ;; esac\n"
    "    i=$((i + 1))\n"
    "done\n";

static void of_recipes_each_commit_is_read_and_no_recipe_run_twice(void **state)
{
    (void)state;
    do_shell(make_recipes);
    char *text = program_output("bisect", "--good", "1", "--bad", "3", "--goal", "min(shift)",
                                "--jobs", "1");
    assert_non_null(strstr(text, "subject commit 4\n"));
    assert_non_null(strstr(text, "-rate = 1e-3\n+rate = 1e-7\n"));
    assert_non_null(strstr(text, "of the built-in trainer the recipe can have got worse"));
    free(text);
    assert_int_equal(run_count(), 7); /* two recipes, three seeds; run 2 is one of run 1 again */
    be_refused(1, "'tiny.ini' is the same at both ends, and so is the build of gander", "bisect",
               "--good", "1", "--bad", "2", "--goal", "min(shift)");
}

/* --- verify --- */

static void the_same_training_is_the_same_bit_for_bit(void **state)
{
    (void)state;
    do_well("run", "-f", "tiny.ini");
    struct program program = program_start("verify", "1");
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.output, "the same: "));
    assert_non_null(strstr(program.output, " up to step 300, bit for bit (runs 1 and 2)\n"));
    assert_non_null(strstr(program.output, "not compared: images_per_second\n"));
    program_release(&program);
    char *notes = program_read_file(".gander/runs/2/notes.jsonl");
    assert_non_null(strstr(notes, "\"tag\":\"verify:1\""));
    free(notes);
}

/* The journal of a run is written to, as if its training had been another. */
static void from_which_step_they_part_is_said(void **state)
{
    (void)state;
    do_well("run", "-f", "tiny.ini");
    do_shell("cp -r .gander/runs/1 .gander/runs/2 && "
             "sed -i 's/\"number\": 1/\"number\": 2/' .gander/runs/2/run.json && "
             "sed -i 's/\"cpu\":\"[^\"]*\"/\"cpu\":\"Abacus\"/' "
             ".gander/runs/2/events.jsonl && "
             "sed -i '/\"step\":105,/s/\"d_loss\":[^,]*/\"d_loss\":0.25/' "
             ".gander/runs/2/events.jsonl");
    struct program program = program_start("verify", "1", "2");
    int status = program_wait(&program);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_non_null(strstr(program.output, "they part at step 105: d_loss is "));
    assert_non_null(strstr(program.output, ", 0.25 in run 2\n"));
    assert_null(strstr(program.output, "g_loss"));
    assert_non_null(strstr(program.output, "so the same bits cannot be promised:\n  CPU "));
    assert_non_null(strstr(program.output, "Abacus in run 2\n"));
    program_release(&program);
    char *text = program_output("verify", "1", "1", "--json");
    assert_non_null(strstr(text, "\"same\": true"));
    free(text);
}

static void a_stopped_run_is_run_as_far_as_it_came(void **state)
{
    (void)state;
    end_with(128 + SIGTERM, "run", "-f", "tiny.ini", "-s", "training.until=100");
    struct program program = program_start("verify", "1");
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.output, " up to step 100, bit for bit"));
    program_release(&program);
}

static void a_command_runs_in_its_own_code_with_its_own_seed(void **state)
{
    (void)state;
    char *text = program_output("bisect", "--good", "1", "--bad", "2", "--goal", "loss", "--build",
                                "sh build.sh");
    assert_found(text);
    free(text);
    int count = run_count();
    write_text("train.sh", "exit 1\n");
    struct program program = program_start("verify", "4");
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.output, "the same: 3 values of 1 metric up to step 3"));
    program_release(&program);
    assert_int_equal(run_count(), count + 1);
    be_refused(3, "there is no run 99", "verify", "99");
}

static void numbers_of_chance_are_not_the_same(void **state)
{
    (void)state;
    do_well("run", "-f", "--", "sh", "-c",
            "echo '{\"step\":1,\"metrics\":{\"a\":'$$'}}' >>$GANDER_JOURNAL");
    struct program program = program_start("verify", "1");
    int status = program_wait(&program);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_non_null(strstr(program.output, "they part at step 1: a is "));
    program_release(&program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_HISTORY(the_commit_is_found_in_few_runs),
        IN_HISTORY(killed_and_resumed_it_finds_the_same),
        IN_HISTORY(what_cannot_be_tested_at_the_place_leaves_a_range),
        IN_HISTORY(changes_that_were_not_committed_can_be_blamed),
        IN_HISTORY(ends_that_differ_by_no_more_than_seeds_are_refused),
        IN_PROGRAM_SCRATCH(of_recipes_each_commit_is_read_and_no_recipe_run_twice),
        IN_PROGRAM_SCRATCH(the_same_training_is_the_same_bit_for_bit),
        IN_PROGRAM_SCRATCH(from_which_step_they_part_is_said),
        IN_PROGRAM_SCRATCH(a_stopped_run_is_run_as_far_as_it_came),
        IN_HISTORY(a_command_runs_in_its_own_code_with_its_own_seed),
        IN_PROGRAM_SCRATCH(numbers_of_chance_are_not_the_same),
    };
    return cmocka_run_group_tests_name("bisect", tests, NULL, NULL);
}
