#define _GNU_SOURCE
#include <string.h>

#include "cli/command.h"
#include "testing.h"

static enum exit_status never_run(struct arguments *arguments)
{
    (void)arguments;
    return STATUS_FAILED;
}

static const struct command_option options[] = {
    { 'f', "foreground", NULL, "Stay.", false },
    { 's', "set", "KEY=VALUE", "Set.", true },
    { 0, "count", "N", "Count.", false },
};

static const struct command draw = {
    .name = "draw",
    .summary = "Draw",
    .operands = "RUN [FILE]",
    .options = options,
    .option_count = ARRAY_SIZE(options),
    .uses_store = true,
    .run = never_run,
};

static const struct command draw_many = { .name = "many", .operands = "RUN...", .run = never_run };

static struct arguments arguments;

static int parse(const struct command *command, int argc, const char **words)
{
    static char storage[8][64];
    static char *argv[8];
    arguments_release(&arguments);
    for (int i = 0; i < argc; i++) {
        strncpy(storage[i], words[i], sizeof storage[i] - 1);
        argv[i] = storage[i];
    }
    return arguments_parse(&arguments, command, argc, argv);
}

#define PARSE(command, ...)                                                                        \
    parse(command, (int)(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)),                \
          (const char *[]){ __VA_ARGS__ })

static int release(void **state)
{
    (void)state;
    arguments_release(&arguments);
    arguments = (struct arguments){ 0 };
    return 0;
}

static void options_may_be_written_in_every_usual_way(void **state)
{
    (void)state;
    int count;
    assert_int_equal(PARSE(&draw, "-fsa=1", "7", "--set=b=2", "-s", "c=3", "--set", "d=4"), 0);
    assert_true(option_given(&arguments, "foreground"));
    const char *const *values = option_texts(&arguments, "set", &count);
    assert_int_equal(count, 4);
    assert_string_equal(values[0], "a=1");
    assert_string_equal(values[1], "b=2");
    assert_string_equal(values[2], "c=3");
    assert_string_equal(values[3], "d=4");
    assert_string_equal(arguments.operands[0], "7");
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    assert_int_equal(PARSE(&draw, "--", "-f", "--set"), 0);
    assert_false(option_given(&arguments, "foreground"));
    assert_string_equal(arguments.operands[0], "-f");
    assert_string_equal(arguments.operands[1], "--set");
}

static void tests_that_are_turned_round_are_no_options(void **state)
{
    static const struct command look = { .name = "look",
                                         .operands = "[FILTER...]",
                                         .options = options,
                                         .option_count = ARRAY_SIZE(options),
                                         .run = never_run };
    (void)state;
    assert_int_equal(PARSE(&look, "tag:good", "-note:bad", "-d_loss<0.7", "-min(frechet)>=2", "-f"),
                     0);
    assert_int_equal(arguments.operand_count, 4);
    assert_string_equal(arguments.operands[1], "-note:bad");
    assert_string_equal(arguments.operands[3], "-min(frechet)>=2");
    assert_true(option_given(&arguments, "foreground"));
    assert_int_equal(PARSE(&look, "-s=7"), 0);
    assert_string_equal(option_text(&arguments, "set"), "=7");
    assert_int_equal(PARSE(&look, "-word"), ERR_INVALID);
    assert_int_equal(PARSE(&draw, "7", "-note:bad"), ERR_INVALID);
}

static void one_dash_is_an_operand(void **state)
{
    (void)state;
    assert_int_equal(PARSE(&draw, "-"), 0);
    assert_string_equal(arguments.operands[0], "-");
}

static void last_value_of_an_option_counts(void **state)
{
    (void)state;
    assert_int_equal(PARSE(&draw, "1", "--store", "a", "--store", "b"), 0);
    assert_string_equal(option_text(&arguments, "store"), "b");
}

static void unknown_option_suggests_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(PARSE(&draw, "1", "--foregruond"), ERR_INVALID);
    assert_string_equal(error_text(),
                        "unknown option '--foregruond' (did you mean '--foreground'?)");
    assert_int_equal(PARSE(&draw, "1", "-fx"), ERR_INVALID);
    assert_string_equal(error_text(), "unknown option '-x'");
}

static void value_is_required_where_the_table_says_so_and_only_there(void **state)
{
    (void)state;
    assert_int_equal(PARSE(&draw, "1", "--set"), ERR_INVALID);
    assert_string_equal(error_text(), "option '--set' needs a value: KEY=VALUE");
    assert_int_equal(PARSE(&draw, "1", "-s"), ERR_INVALID);
    assert_int_equal(PARSE(&draw, "1", "--set", ""), ERR_INVALID);
    assert_string_equal(error_text(), "option '--set' needs a value that is not empty: KEY=VALUE");
    assert_int_equal(PARSE(&draw, "1", "--set="), ERR_INVALID);
    assert_int_equal(PARSE(&draw, "1", "-s", ""), ERR_INVALID);
    assert_int_equal(PARSE(&draw, "1", "--foreground=yes"), ERR_INVALID);
    assert_string_equal(error_text(), "option '--foreground' takes no value");
}

static void operands_are_counted(void **state)
{
    (void)state;
    assert_int_equal(PARSE(&draw, "-f"), ERR_INVALID);
    assert_string_equal(error_text(), "RUN is missing");
    assert_int_equal(PARSE(&draw, "1", "a", "b"), ERR_INVALID);
    assert_string_equal(error_text(), "unexpected 'b'");
    assert_int_equal(PARSE(&draw_many, "1", "a", "b", "c"), 0);
    assert_int_equal(PARSE(&draw_many, "--"), ERR_INVALID);
}

static void help_needs_no_operands(void **state)
{
    (void)state;
    assert_int_equal(PARSE(&draw, "--help"), 0);
    assert_true(arguments.wants_help);
}

static void numbers_are_whole_and_in_range(void **state)
{
    (void)state;
    int64_t count = 64;
    assert_int_equal(PARSE(&draw, "1"), 0);
    assert_int_equal(option_integer(&arguments, "count", 1, 100, &count), 0);
    assert_int_equal(count, 64);
    assert_int_equal(PARSE(&draw, "1", "--count", "100"), 0);
    assert_int_equal(option_integer(&arguments, "count", 1, 100, &count), 0);
    assert_int_equal(count, 100);
    assert_int_equal(PARSE(&draw, "1", "--count", "101"), 0);
    assert_int_equal(option_integer(&arguments, "count", 1, 100, &count), ERR_INVALID);
    assert_string_equal(error_text(), "option '--count': 101 is not between 1 and 100");
    assert_int_equal(PARSE(&draw, "1", "--count", "7x"), 0);
    assert_int_equal(option_integer(&arguments, "count", 1, 100, &count), ERR_INVALID);
    assert_string_equal(error_text(), "option '--count': '7x' is not a whole number");
}

static void synopsis_comes_from_the_tables(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    assert_string_equal(command_synopsis(&arena, &draw),
                        "gander draw [-f] [-s KEY=VALUE]... [--count N] [--store DIR] RUN [FILE]");
    arena_release(&arena);
}

static void commands_are_found_and_typos_answered(void **state)
{
    (void)state;
    assert_string_equal(command_find("help")->name, "help");
    assert_string_equal(command_find("--version")->name, "version");
    assert_null(command_find("verison"));
    assert_string_equal(error_text(), "'verison' is not a command (did you mean 'version'?)");
}

static void no_two_options_of_a_command_share_a_name(void **state)
{
    (void)state;
    const struct command_option *a, *b;
    for (int i = 0; commands[i]; i++)
        for (int j = 0; (a = command_option_at(commands[i], j)); j++)
            for (int k = j + 1; (b = command_option_at(commands[i], k)); k++) {
                assert_string_not_equal(a->name, b->name);
                assert_true(!a->letter || a->letter != b->letter);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(options_may_be_written_in_every_usual_way, release),
        cmocka_unit_test_teardown(two_dashes_end_the_options, release),
        cmocka_unit_test_teardown(tests_that_are_turned_round_are_no_options, release),
        cmocka_unit_test_teardown(one_dash_is_an_operand, release),
        cmocka_unit_test_teardown(last_value_of_an_option_counts, release),
        cmocka_unit_test_teardown(unknown_option_suggests_the_nearest, release),
        cmocka_unit_test_teardown(value_is_required_where_the_table_says_so_and_only_there,
                                  release),
        cmocka_unit_test_teardown(operands_are_counted, release),
        cmocka_unit_test_teardown(help_needs_no_operands, release),
        cmocka_unit_test_teardown(numbers_are_whole_and_in_range, release),
        cmocka_unit_test(synopsis_comes_from_the_tables),
        cmocka_unit_test(commands_are_found_and_typos_answered),
        cmocka_unit_test(no_two_options_of_a_command_share_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
