/* Runs that are started from the form, by keys that are played. */
#define _GNU_SOURCE
#include <string.h>

#include "program.h"

/* To a good end; it may remark on something. */
#define run_program(...)                                                                           \
    do {                                                                                           \
        struct program program_ = program_start(__VA_ARGS__);                                      \
        program_expect(&program_, 0, "");                                                          \
    } while (0)

static char *play(const char *keys)
{
    assert_int_equal(file_replace("keys", keys, strlen(keys)), 0);
    return program_output("dashboard", "--keys", "keys", "--print", "--size", "100x30");
}

static void assert_shows(const char *screen, const char *part)
{
    if (!strstr(screen, part))
        print_error("'%s' is not on\n%s", part, screen);
    assert_non_null(strstr(screen, part));
}

static void assert_recipe_says(const char *run, const char *part)
{
    char *path = xasprintf(".gander/runs/%s/recipe.ini", run);
    char *text = program_read_file(path);
    assert_shows(text, part);
    free(text);
    free(path);
}

static void one_trained_run(void)
{
    run_program("run", "-f", "-s", "training.steps=400", "-s", "samples.every=200", "--name",
                "first", "tiny.ini");
}

/* From the last row up to training.steps. */
static const char to_steps[] = "G k k k k k k k k k k k k k k k k k";

static void a_copy_is_started_with_another_value(void **state)
{
    (void)state;
    one_trained_run();
    char *keys =
        xasprintf("i %s \"30\" Enter\n.print\ng Enter \"again\" Enter ^X\n.print\ny\n", to_steps);
    char *screen = play(keys);
    assert_shows(screen, "* steps            30 steps");
    assert_shows(screen, "* 1 change");
    assert_shows(screen, "start 1 run of tiny (30 steps, about ");
    assert_shows(screen, ", as run 1)?");
    assert_shows(screen, "run 2 started: tiny");
    free(screen);
    free(keys);
    run_program("wait", "2");
    assert_recipe_says("2", "steps = 30");
    char *shown = program_output("show", "2", "--json");
    assert_shows(shown, "\"name\": \"again\"");
    assert_shows(shown, "\"parent\": 1");
    free(shown);
}

static void several_seeds_are_started(void **state)
{
    (void)state;
    one_trained_run();
    char *screen = play("i ^N \"2\" Enter\n.print\ny\n");
    assert_shows(screen, "start 2 runs of tiny, seeds 1 to 2 (400 steps");
    assert_shows(screen, "runs 2 to 3 started: tiny");
    free(screen);
    run_program("wait", "2", "3");
    assert_recipe_says("2", "seed = 1");
    assert_recipe_says("3", "seed = 2");
}

static void a_command_is_started(void **state)
{
    (void)state;
    one_trained_run();
    char *screen = play("i ^R \"command\" Enter \"sh -c 'echo a  b'\" Enter\n");
    assert_shows(screen, "run 2 started: sh");
    free(screen);
    run_program("wait", "2");
    char *log = program_output("log", "2");
    assert_shows(log, "a b");
    free(log);
    screen = play("g i\n");
    assert_shows(screen, " command: sh -c echo\\ a\\ \\ b");
    free(screen);
}

static void what_is_left_is_found_again(void **state)
{
    (void)state;
    setenv("XDG_STATE_HOME", scratch_path, 1);
    one_trained_run();
    char *keys = xasprintf("i %s \"77\" Enter q i\n.print\nq\n", to_steps);
    char *screen = play(keys);
    assert_shows(screen, "* 1 change");
    free(screen);
    screen = play("i ^R\n");
    assert_shows(screen, "what you left: run 1, 1 change");
    free(screen);
    free(keys);
    unsetenv("XDG_STATE_HOME");
}

/* Nothing runs an editor where keys are played: what was written for it is read back. */
static void a_recipe_is_written_to_a_file(void **state)
{
    struct recipe recipe;
    (void)state;
    one_trained_run();
    char *keys =
        xasprintf("i %s \"55\" Enter ^E\n.print\n^W\n.print\n^U \"made.ini\" Enter\n", to_steps);
    char *screen = play(keys);
    assert_shows(screen, "1 value differs from run 1");
    assert_shows(screen, "write recipe to: tiny.ini");
    assert_shows(screen, "written: made.ini");
    free(screen);
    free(keys);
    assert_int_equal(recipe_read(&recipe, "made.ini", NULL, 0), 0);
    assert_int_equal(recipe.training.steps, 55);
    recipe_release(&recipe);
}

/* A run alone is compared with the one that it repeats; the best of all is marked. */
static void runs_are_compared_with_the_best_marked(void **state)
{
    static const char line[] = "echo '{\"step\":1,\"metrics\":{\"acc\":%s}}' >>\"$GANDER_JOURNAL\"";
    (void)state;
    for (int i = 0; i < 2; i++) {
        char *command = xasprintf(line, i == 0 ? "0.25" : "0.75");
        run_program("run", "-f", "--", "sh", "-c", command);
        free(command);
    }
    char *screen = play("g =\n");
    assert_shows(screen, "with run 1, the newest other run of sh");
    assert_shows(screen, "*0.75");
    assert_shows(screen, " 0.25");
    assert_null(strstr(screen, "*0.25"));
    free(screen);
}

static void a_run_alone_is_compared_with_what_it_repeats(void **state)
{
    (void)state;
    one_trained_run();
    run_program("run", "-f", "-s", "training.steps=5", "tiny.ini");
    run_program("rerun", "-f", "-s", "training.steps=6", "1");
    char *screen = play("g =\n");
    assert_shows(screen, "with run 1, which it repeats");
    assert_shows(screen, "runs 1 3");
    assert_shows(screen, "training.steps");
    free(screen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(a_copy_is_started_with_another_value),
        IN_PROGRAM_SCRATCH(several_seeds_are_started),
        IN_PROGRAM_SCRATCH(a_command_is_started),
        IN_PROGRAM_SCRATCH(what_is_left_is_found_again),
        IN_PROGRAM_SCRATCH(a_recipe_is_written_to_a_file),
        IN_PROGRAM_SCRATCH(runs_are_compared_with_the_best_marked),
        IN_PROGRAM_SCRATCH(a_run_alone_is_compared_with_what_it_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
