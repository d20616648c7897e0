/* A run once more: are the numbers the same? */
#define _GNU_SOURCE
#include "background.h"

static void expect(int exit_status, const char *sentence, struct launch launch)
{
    struct program program = program_launch(&launch);
    int status = program_wait(&program);
    if (!strstr(program.output, sentence) || WEXITSTATUS(status) != exit_status)
        print_error("status %d: %s%s", status, program.output, program.errors);
    assert_int_equal(WEXITSTATUS(status), exit_status);
    assert_non_null(strstr(program.output, sentence));
    program_release(&program);
}

#define verify(exit_status, sentence, ...)                                                         \
    expect(exit_status, sentence, (struct launch){ .words = { "verify", __VA_ARGS__ } })

static void a_run_of_a_recipe_is_the_same_again(void **state)
{
    (void)state;
    do_well("run", "-f", "tiny.ini", "-s", "training.steps=60");
    verify(0, "runs 1 and 2 are the same, bit for bit: ", "1");
    assert_state(RUN_2, RUN_FINISHED);
    char *tags = program_output("ls", "tag:verify", "--columns", "run");
    assert_non_null(strstr(tags, "2"));
    free(tags);
}

static void a_run_that_was_stopped_is_run_as_far(void **state)
{
    (void)state;
    end_with(128 + SIGTERM, "run", "-f", "tiny.ini", "-s", "training.until=35");
    verify(0, "runs 1 and 2 are the same", "1");
    struct story story = story_of(RUN_2);
    assert_non_null(strstr(story.text, "\n35 d_loss="));
    assert_null(strstr(story.text, "\n40 d_loss="));
    free(story.text);
}

static void runs_part_where_they_do(void **state)
{
    (void)state;
    do_well("run", "-f", "tiny.ini", "-s", "training.steps=60");
    do_well("run", "-f", "tiny.ini", "-s", "training.steps=60", "-s", "training.seed=2");
    verify(1, "runs 1 and 2 part at step ", "1", "--with", "2");
    char *text = program_read_file(RUN_1 "/events.jsonl"),
         *at = strstr(text, "\"step\":30,\"metrics\"");
    assert_non_null(at);
    at = strstr(at, "\"g_loss\":");
    at[strlen("\"g_loss\":")] = at[strlen("\"g_loss\":")] == '1' ? '2' : '1';
    write_text(RUN_1 "/events.jsonl", text);
    free(text);
    verify(1, "runs 1 and 3 part at step 30: g_loss is ", "1");
    verify(1, "\"what\": \"g_loss\"", "1", "--with", "3", "--json");
}

static void a_run_that_works_is_not_verified(void **state)
{
    (void)state;
    do_well("run", ENDLESS);
    wait_until(is_running, RUN_1);
    be_refused(1, "it can be verified when it has ended", "verify", "1");
    be_refused(3, "there is no run 7", "verify", "7");
}

static void a_command_needs_its_code(void **state)
{
    (void)state;
    do_well("run", "-f", "--", "true");
    be_refused(1, "is not pinned", "verify", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(a_run_of_a_recipe_is_the_same_again),
        IN_PROGRAM_SCRATCH(a_run_that_was_stopped_is_run_as_far),
        IN_PROGRAM_SCRATCH(runs_part_where_they_do),
        IN_PROGRAM_SCRATCH(a_run_that_works_is_not_verified),
        IN_PROGRAM_SCRATCH(a_command_needs_its_code),
    };
    return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
