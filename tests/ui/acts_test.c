/* What the dashboard does to runs, its command line and its settings, through keys that are played on
 * the real program. */
#define _GNU_SOURCE
#include "program.h"
#include "shell.h"

/* Runs 1 and 2, ended, and the cursor of the dashboard on 2. */
static int enter(void **state)
{
    if (program_enter(state) < 0)
        return -1;
    setenv("XDG_STATE_HOME", "/nowhere", 1);
    setenv("XDG_CONFIG_HOME", scratch_path, 1);
    for (int i = 0; i < 2; i++) {
        struct program program = program_start("run", "-f", "--", "sh", "-c", "echo said");
        program_expect(&program, 0, "");
    }
    return 0;
}

/* The screen that keys lead to; free it. */
static char *play(const char *keys)
{
    assert_int_equal(file_replace("keys", keys, strlen(keys)), 0);
    return program_output("dashboard", "--keys", "keys", "--print", "--size", "300x24");
}

static void assert_played(const char *keys, const char *sentence)
{
    char *screen = play(keys);
    if (!strstr(screen, sentence))
        print_error("%s", screen);
    assert_non_null(strstr(screen, sentence));
    free(screen);
}

/* What `show --json` says of a run, in one line. */
static void assert_shown(const char *run, const char *fact)
{
    char *text = program_output("show", run, "--json");
    if (!strstr(text, fact))
        print_error("%s", text);
    assert_non_null(strstr(text, fact));
    free(text);
}

static int count_lines(const char *text)
{
    int count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static int listed(const char *option)
{
    char *text = option ? program_output("ls", option) : program_output("ls");
    int count = count_lines(text) - 1; /* the head */
    free(text);
    return count;
}

/* --- words --- */

static void tags_are_put_and_taken_away(void **state)
{
    (void)state;
    assert_played("t \"good seed\" Enter", "run 2 is tagged: good seed");
    assert_shown("2", "\"good\"");
    assert_played("t \"-go\" Tab Enter", "run 2 is tagged: -good");
    char *text = program_output("show", "2", "--json");
    assert_null(strstr(text, "\"good\""));
    assert_non_null(strstr(text, "\"seed\""));
    free(text);
    assert_played("t \"not!good\" Enter", "tag 'not!good': use letters");
}

static void notes_and_names_are_given_to_marked_runs(void **state)
{
    (void)state;
    assert_played("Space Space m \"first words\" Enter", "2 runs have the note");
    assert_shown("1", "first words");
    assert_shown("2", "first words");
    assert_played("e \"base\" Enter", "run 2 is called 'base'");
    assert_shown("base", "\"number\": 2");
    assert_played("e ^U \"12\" Enter", "name");
    assert_shown("base", "\"number\": 2");
    assert_played("e ^U Enter", "run 2 has no name now");
    assert_shown("2", "\"name\": null");
}

/* --- archive, bin, undo --- */

static void archiving_is_undone(void **state)
{
    (void)state;
    assert_played("A", "run 2 is archived; u undoes");
    assert_int_equal(listed(NULL), 1);
    assert_int_equal(listed("--all"), 2);
    assert_played("Space Space A u", "is out of the archive");
    assert_int_equal(listed(NULL), 1);
}

static void deleting_asks_once_and_is_undone(void **state)
{
    (void)state;
    assert_played("D", "delete run 2? (u brings it back) (y/n)");
    assert_played("D n", "nothing was changed");
    assert_int_equal(listed(NULL), 2);
    assert_played("D y", "run 2 is in the bin; u undoes");
    assert_int_equal(listed(NULL), 1);
    assert_played("D y u", "run 1 is back");
    assert_played("D y D", "there is no run here");
    assert_false(directory_exists(".gander/runs/1"));
    assert_played("u", "there is nothing to undo");
}

/* --- runs that work --- */

static void what_has_ended_is_neither_stopped_nor_paused(void **state)
{
    (void)state;
    assert_played("s", "run 2 has ended: it is finished");
    assert_played("p", "run 2 has ended: it is finished");
}

static bool is_ended(const char *run)
{
    char *text = program_output("show", run, "--json");
    bool is_so = !strstr(text, "\"state\": \"running\"") && !strstr(text, "\"state\": \"queued\"");
    free(text);
    return is_so;
}

static bool is_at_work(const char *run)
{
    char *text = program_output("show", run, "--json");
    bool is_so = strstr(text, "\"state\": \"running\"");
    free(text);
    return is_so;
}

static void a_run_is_stopped_and_the_second_time_ended(void **state)
{
    (void)state;
    struct program program =
        program_start("run", "--", "sh", "-c", "trap '' TERM; while :; do sleep 0.05; done");
    program_expect(&program, 0, "");
    wait_until(is_at_work, "3");
    assert_played("D", "run 3 is running: stop it first");
    assert_played("s", "run 3 stops after a checkpoint");
    assert_played("s s", "stop run 3 at once, without a checkpoint? (y/n)");
    assert_played("s s y", "run 3");
    wait_until(is_ended, "3");
}

static void a_run_is_started_again(void **state)
{
    (void)state;
    assert_played("R", "run 3 starts, like run 2");
    assert_shown("3", "\"parent\": 2");
    wait_until(is_ended, "3");
}

/* --- files --- */

static void a_run_is_exported(void **state)
{
    (void)state;
    assert_played("E ^U \"keys\" Enter", "'keys' is there already");
    assert_played("E ^U \"out.tgz\" Enter", "out.tgz: run 2, ");
    assert_true(file_exists("out.tgz"));
}

static void code_is_checked_out(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    shell(&arena, "mkdir work && cd work && git init -q && echo 1 >a && git add a && "
                  "git -c user.name=a -c user.email=a@b commit -qm a && "
                  "\"$GANDER_TEST_PROGRAM\" run -f -- true");
    assert_int_equal(chdir("work"), 0);
    assert_played("X ^U \"../code\" Enter", "run 3 is checked out in ");
    assert_true(file_exists("../code/a"));
    assert_played("X ^U \"../code\" Enter", "is there already, and not empty");
    assert_int_equal(chdir(".."), 0);
    arena_release(&arena);
}

/* --- the command line --- */

static void one_line_goes_to_the_foot(void **state)
{
    (void)state;
    assert_played(": \"tag % 'odd'\" Enter", "gander tag 2 odd: done");
    assert_shown("2", "\"odd\"");
    assert_played(": \"lss\" Enter", "'lss' is not a command (did you mean 'ls'?)");
    assert_played(": \"dashboard\" Enter", "this is the dashboard");
    assert_played(": \"tag 'x\" Enter", "a quote (') is not closed");
    assert_played(": \"run -- true\" Enter", "run 3 starts");
    wait_until(is_ended, "3");
}

static void many_lines_open_a_view(void **state)
{
    (void)state;
    assert_played(": \"ls\" Enter", "Output");
    assert_played(": \"log %\" Enter", "said");
    assert_played(": \"help\" Enter", "Keys, by where they hold");
    char *screen = play(": \"q\" Enter");
    assert_string_equal(screen, "");
    free(screen);
}

static void commands_are_completed(void **state)
{
    (void)state;
    assert_played(": \"sho\" Tab", ":show");
    assert_played(": \"run tin\" Tab", ":run tiny.ini");
}

/* --- settings --- */

static void set(const char *text)
{
    assert_int_equal(make_directories("gander"), 0);
    assert_int_equal(file_replace("gander/config.ini", text, strlen(text)), 0);
}

static void keys_are_bound_anew(void **state)
{
    (void)state;
    set("[keys]\narchive = F9, ^S\ndelete = A\ntag = none\n");
    assert_played("F9", "run 2 is archived");
    assert_played("A", "delete run 1?");
    char *screen = play("t D");
    assert_null(strstr(screen, "tag run"));
    assert_null(strstr(screen, "delete run"));
    free(screen);
}

static void mistakes_are_told_and_change_nothing(void **state)
{
    (void)state;
    set("[keys]\nstpo = F9\n");
    assert_played("", "config.ini' line 2: 'stpo' is no action (did you mean 'stop'?)");
    set("[keys]\narchive = Sapce\nstop = F9\n");
    assert_played("", "line 2: 'Sapce' is no key");
    assert_played("A", "run 2 is archived");
    assert_played("F9", "run 1 has ended");
}

#define WITH_RUNS(test) cmocka_unit_test_setup_teardown(test, enter, program_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUNS(tags_are_put_and_taken_away),
        WITH_RUNS(notes_and_names_are_given_to_marked_runs),
        WITH_RUNS(archiving_is_undone),
        WITH_RUNS(deleting_asks_once_and_is_undone),
        WITH_RUNS(what_has_ended_is_neither_stopped_nor_paused),
        WITH_RUNS(a_run_is_stopped_and_the_second_time_ended),
        WITH_RUNS(a_run_is_started_again),
        WITH_RUNS(a_run_is_exported),
        WITH_RUNS(code_is_checked_out),
        WITH_RUNS(one_line_goes_to_the_foot),
        WITH_RUNS(many_lines_open_a_view),
        WITH_RUNS(commands_are_completed),
        WITH_RUNS(keys_are_bound_anew),
        WITH_RUNS(mistakes_are_told_and_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
