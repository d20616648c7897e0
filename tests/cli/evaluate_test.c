#define _GNU_SOURCE
#include "on_terminal.h"
#include "small_data.h"

static const char *const measures[] = { "frechet",   "score",  "classes", "entropy",  "confidence",
                                        "precision", "recall", "density", "coverage", "memorised" };

/* A run whose evaluations have trained a classifier. */
static void make_run(void)
{
    do_well("run", "-f", "small.ini");
}

/* One without, so that the store has none. */
static void make_plain_run(void)
{
    do_well("run", "-f", "small.ini", "-s", "training.evaluate_every=0");
}

static struct json *parse(char *text)
{
    struct json *root;
    assert_int_equal(json_parse(&root, text, strlen(text)), 0);
    free(text);
    return root;
}

static double number_of(const struct json *object, const char *key)
{
    double number;
    assert_true(json_get_number(json_member(object, key), &number));
    return number;
}

static void a_table_is_printed(void **state)
{
    (void)state;
    make_run();
    char *text = program_output("evaluate", "1", "--samples", "500");
    assert_non_null(strstr(text, "run 1, step 60, averaged weights: 500 samples of seed 1\n"));
    assert_non_null(strstr(text, "40 test images of "));
    assert_non_null(strstr(text, "100.00 % of the test images"));
    assert_non_null(strstr(text, "\nmeasure "));
    for (int i = 0; i < ARRAY_SIZE(measures); i++)
        assert_non_null(strstr(text, measures[i]));
    assert_non_null(strstr(text, " times the floor\n"));
    assert_non_null(strstr(text, "\nsamples read as each class\n0 "));
    assert_null(strchr(text, '\033'));
    assert_null(strstr(text, "agreement"));
    free(text);
}

static void json_has_every_measure_and_its_real_value(void **state)
{
    (void)state;
    make_run();
    struct json *root = parse(program_output("evaluate", "1", "--samples", "300", "--json"));
    const struct json *real = json_member(root, "real");
    for (int i = 0; i < ARRAY_SIZE(measures); i++) {
        number_of(root, measures[i]);
        number_of(real, measures[i]);
    }
    assert_true(number_of(root, "floor") == number_of(real, "frechet"));
    assert_true(number_of(root, "frechet") > number_of(root, "floor"));
    assert_true(number_of(root, "samples") == 300);
    assert_true(number_of(root, "step") == 60);
    assert_string_equal(json_get_string(json_member(root, "weights")), "averaged");
    const struct json *histogram = json_member(root, "histogram");
    double sum = 0, count;
    assert_int_equal(json_length(histogram), SMALL_CLASSES);
    for (size_t c = 0; c < SMALL_CLASSES; c++) {
        assert_true(json_get_number(json_item(histogram, c), &count));
        sum += count;
    }
    assert_true(sum == 300);
    assert_true(number_of(json_member(root, "classifier"), "accuracy") > 0.9);
    json_free(root);
}

static double frechet_of(const char *option, const char *value)
{
    struct json *root =
        parse(program_output("evaluate", "1", "--json", "--samples", "300", option, value));
    double frechet = number_of(root, "frechet");
    json_free(root);
    return frechet;
}

static void seeds_and_steps_give_other_numbers_and_the_same_ones_again(void **state)
{
    (void)state;
    make_run();
    double usual = frechet_of("--seed", "1");
    assert_true(frechet_of("--seed", "1") == usual);
    assert_true(frechet_of("--seed", "2") != usual);
    assert_true(frechet_of("--step", "30") != usual);
    assert_int_equal(small_count_classifiers(), 1);
    do_well("evaluate", "1", "--samples", "10", "--classifier-seed", "2", "--train");
    assert_true(frechet_of("--classifier-seed", "2") != usual);
    assert_int_equal(small_count_classifiers(), 2);
    assert_true(frechet_of("--seed", "1") == usual);
    char *best = program_output("evaluate", "1", "--best", "--samples", "300");
    assert_non_null(strstr(best, "run 1, step "));
    free(best);
}

static void a_conditional_generator_has_agreement(void **state)
{
    (void)state;
    do_well("run", "-f", "small.ini", "-s",
            "generator.layers=embed 4 | dense 16 | relu | dense 144 | tanh | reshape 1x12x12", "-s",
            "discriminator.layers=join | flatten | dense 16 | lrelu 0.2 | dense 1");
    struct json *root = parse(program_output("evaluate", "1", "--json", "--samples", "100"));
    double agreement = number_of(root, "agreement");
    assert_true(agreement >= 0 && agreement <= 1);
    json_free(root);
}

/* --- the classifier --- */

static void none_is_trained_unasked(void **state)
{
    (void)state;
    make_plain_run();
    be_refused(1, "yet: --train trains one", "evaluate", "1");
    assert_int_equal(small_count_classifiers(), 0);
    struct program program = program_start("evaluate", "1", "--train", "--samples", "100");
    assert_int_equal(program_wait(&program), 0);
    assert_non_null(strstr(program.errors, "training the classifier: 100 %\n"));
    assert_null(strstr(program.output, "training the classifier"));
    program_release(&program);
    assert_int_equal(small_count_classifiers(), 1);
    free(program_output("evaluate", "1", "--samples", "100"));
}

static void on_a_terminal_it_asks(void **state)
{
    const char *words[TERMINAL_WORDS] = { "evaluate", "1", "--samples", "100" };
    int status;
    size_t size;
    (void)state;
    make_plain_run();
    char *text = on_terminal_typing("n\n", words, 80, &status, &size);
    assert_non_null(strstr(text, "train it now, which takes about "));
    assert_non_null(strstr(text, "nothing was measured"));
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    assert_int_equal(small_count_classifiers(), 0);
    free(text);
    text = on_terminal_typing("\n", words, 80, &status, &size);
    assert_non_null(strstr(text, "training the classifier"));
    assert_non_null(strstr(text, "frechet"));
    assert_int_equal(status, 0);
    assert_int_equal(small_count_classifiers(), 1);
    free(text);
}

static bool trains(const char *path)
{
    return small_count_in(path, "training the classifier") > 0;
}

static void interrupt_leaves_nothing_behind(void **state)
{
    (void)state;
    do_well("run", "-f", "tiny.ini", "-s", "training.steps=20");
    struct program program = program_start("evaluate", "1", "--train");
    wait_until(trains, "errors");
    assert_int_equal(kill(program.pid, SIGINT), 0);
    program_expect_signal(&program, SIGINT);
    assert_int_equal(small_count_classifiers(), 0);
}

/* --- what cannot be evaluated --- */

static void what_cannot_be_evaluated_is_refused(void **state)
{
    (void)state;
    make_run();
    end_with(3, "evaluate", "7");
    end_with(2, "evaluate", "1", "--samples", "3");
    end_with(2, "evaluate", "1", "--step", "30", "--best");
    be_refused(1, "no checkpoint of step 31", "evaluate", "1", "--step", "31");
    do_well("run", "-f", "--", "true");
    be_refused(1, "no checkpoint", "evaluate", "2");

    small_put_part("train", SMALL_TRAIN, 9);
    be_refused(1, "are not those that run 1 learned from", "evaluate", "1");
    assert_int_equal(remove("small/train-images-idx3-ubyte"), 0);
    be_refused(1, "small", "evaluate", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SMALL_SCRATCH(a_table_is_printed),
        IN_SMALL_SCRATCH(json_has_every_measure_and_its_real_value),
        IN_SMALL_SCRATCH(seeds_and_steps_give_other_numbers_and_the_same_ones_again),
        IN_SMALL_SCRATCH(a_conditional_generator_has_agreement),
        IN_SMALL_SCRATCH(none_is_trained_unasked),
        IN_SMALL_SCRATCH(on_a_terminal_it_asks),
        IN_SMALL_SCRATCH(interrupt_leaves_nothing_behind),
        IN_SMALL_SCRATCH(what_cannot_be_evaluated_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
