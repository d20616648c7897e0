/* Evaluations while a run trains. */
#define _GNU_SOURCE
#include "small_data.h"

/* --- journal --- */

static void evaluations_are_journalled_and_shown(void **state)
{
    (void)state;
    do_well("run", "-f", "small.ini");
    do_well("run", "-f", "small.ini", "-s", "training.seed=2");
    assert_int_equal(evaluations(RUN_1), 3);
    assert_int_equal(small_count_in(RUN_1 "/events.jsonl", "\"samples\":2000"), 3);
    assert_int_equal(small_count_in(RUN_1 "/events.jsonl", "\"agreement\""), 0);
    assert_int_equal(small_count_in(RUN_1 "/log.txt", LEARNT), 1);
    assert_int_equal(small_count_in(RUN_2 "/log.txt", LEARNS), 0);
    assert_int_equal(small_count_classifiers(), 1);

    char *text = program_output("ls", "--sort", "frechet", "--json");
    assert_non_null(strstr(text, "\"frechet\""));
    free(text);
    text = program_output("show", "1");
    assert_non_null(strstr(text, "\nbest "));
    assert_non_null(strstr(text, "frechet"));
    free(text);
    text = program_output("compare", "1", "2");
    assert_non_null(strstr(text, "frechet"));
    free(text);
    text = program_output("plot", "-m", "frechet", "-m", "coverage", "1");
    assert_non_null(strstr(text, "frechet"));
    free(text);
}

static void none_are_made_where_none_are_wanted(void **state)
{
    (void)state;
    do_well("run", "-f", "small.ini", "-s", "training.evaluate_every=0");
    assert_int_equal(evaluations(RUN_1), 0);
    assert_false(directory_exists(".gander/classifiers"));
    be_refused(1, "which is the best is not known", "generate", "1", "--best");
}

static void a_conditional_generator_is_asked(void **state)
{
    (void)state;
    do_well("run", "-f", "small.ini", "-s",
            "generator.layers=embed 4 | dense 16 | relu | dense 144 | tanh | reshape 1x12x12", "-s",
            "discriminator.layers=join | flatten | dense 16 | lrelu 0.2 | dense 1");
    assert_int_equal(small_count_in(RUN_1 "/events.jsonl", "\"agreement\""), 6);
}

/* --- going on --- */

static void killed_run_goes_on_with_the_same_evaluations(void **state)
{
    static const char *const places[] = { "\"step\":20,", "\"step\":40,", "\"step\":60," };
    (void)state;
    struct story expected = undisturbed("small.ini", "-s", "training.steps=100");
    struct program program = program_start("run", "-f", "small.ini", "-s", "training.steps=100");
    for (int i = 0; i < ARRAY_SIZE(places); i++) {
        while (small_count_in(RUN_1 "/events.jsonl", places[i]) == 0 && !has_ended(RUN_1))
            pause_ms(1);
        kill_run(RUN_1);
        assert_sound(RUN_1);
        (void)program_wait(&program);
        program_release(&program);
        if (program_status(RUN_1).state == RUN_FINISHED)
            break; /* it was quicker */
        program = program_start("resume", "-f", "1");
    }
    if (program_status(RUN_1).state != RUN_FINISHED)
        program_expect(&program, 0, "");
    story_assert_equal(RUN_1, &expected);
    assert_non_null(strstr(expected.text, " frechet="));
    free(expected.text);
}

static void best_checkpoint_stays_beside_the_newest(void **state)
{
    struct arena arena = { 0 };
    struct run_best best;
    struct run_file *files;
    int count;
    (void)state;
    do_well("run", "-f", "small.ini", "-s", "training.steps=120", "-s", "training.keep=1", "-s",
            "training.checkpoint_every=7", "-s", "training.evaluate_every=10");
    assert_int_equal(run_best_checkpoint(&arena, RUN_1, &best), 0);
    assert_int_equal(run_list_checkpoints(&arena, RUN_1, &files, &count), 0);
    assert_in_range(count, 1, 2);
    assert_int_equal(files[count - 1].step, 120);
    assert_int_equal(files[0].step, best.file.step);
    assert_int_equal(best.file.step % 10, 0);

    char *shown = program_output("show", "1");
    char *said = xasprintf("\nbest      step %lld: ", (long long)best.file.step);
    assert_non_null(strstr(shown, said));
    free(said);
    free(shown);
    char *drawn = program_output("generate", "1", "--best", "--count", "1");
    said = xasprintf("run 1, step %lld\n", (long long)best.file.step);
    assert_non_null(strstr(drawn, said));
    free(said);
    free(drawn);
    end_with(2, "generate", "1", "--best", "--step", "120");
    do_well("gc", "-y");
    assert_int_equal(run_best_checkpoint(&arena, RUN_1, &best), 0);
    assert_int_equal(files[0].step, best.file.step);
    arena_release(&arena);
}

/* --- what cannot be measured --- */

static void data_without_labels_cost_one_remark(void **state)
{
    (void)state;
    assert_int_equal(remove("small/train-labels-idx1-ubyte"), 0);
    do_well("run", "-f", "small.ini");
    assert_state(RUN_1, RUN_FINISHED);
    assert_int_equal(evaluations(RUN_1), 0);
    assert_int_equal(small_count_in(RUN_1 "/log.txt", CANNOT), 1);
    assert_int_equal(small_count_in(RUN_1 "/log.txt", "has no labels of two classes or more"), 1);
    be_refused(1, "has no labels of two classes or more", "evaluate", "1", "--train");
    be_refused(1, "has no labels of two classes or more", "evaluate", "1");
}

static void where_nothing_can_be_kept_it_is_measured_all_the_same(void **state)
{
    (void)state;
    do_well("run", "-f", "small.ini", "-s", "training.steps=5");
    write_text(".gander/classifiers", "no directory");
    do_well("run", "-f", "small.ini");
    assert_int_equal(evaluations(RUN_2), 3);
    assert_int_equal(small_count_in(RUN_2 "/log.txt", LEARNT), 1);
}

static void full_disk_costs_the_classifier_alone(void **state)
{
    enum { ROOM = 80000 }; /* more than these checkpoints take, less than the classifier */
    (void)state;
    struct program program = program_launch(
        &(struct launch){ .words = { "run", "-f", "small.ini", "-s",
                                     "generator.layers=dense 144 | tanh | reshape 1x12x12" },
                          .file_bytes = ROOM });
    program_expect(&program, 0, "");
    assert_int_equal(evaluations(RUN_1), 3);
    assert_int_equal(small_count_classifiers(), 0);
}

static void foreign_classifier_is_trained_anew(void **state)
{
    struct arena arena = { 0 };
    char **names;
    int count;
    (void)state;
    do_well("run", "-f", "small.ini");
    assert_int_equal(list_directory(&arena, ".gander/classifiers", ".safetensors", &names, &count),
                     0);
    assert_int_equal(count, 1);
    char *path = path_join(&arena, ".gander/classifiers", names[0]);
    assert_int_equal(truncate(path, 1000), 0);
    do_well("run", "-f", "small.ini");
    assert_int_equal(small_count_in(RUN_2 "/log.txt", LEARNT), 1);
    assert_true(file_size(path) > 1000);
    struct story first = story_of(RUN_1);
    story_assert_equal(RUN_2, &first);
    free(first.text);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SMALL_SCRATCH(evaluations_are_journalled_and_shown),
        IN_SMALL_SCRATCH(none_are_made_where_none_are_wanted),
        IN_SMALL_SCRATCH(a_conditional_generator_is_asked),
        IN_SMALL_SCRATCH(killed_run_goes_on_with_the_same_evaluations),
        IN_SMALL_SCRATCH(best_checkpoint_stays_beside_the_newest),
        IN_SMALL_SCRATCH(data_without_labels_cost_one_remark),
        IN_SMALL_SCRATCH(where_nothing_can_be_kept_it_is_measured_all_the_same),
        IN_SMALL_SCRATCH(full_disk_costs_the_classifier_alone),
        IN_SMALL_SCRATCH(foreign_classifier_is_trained_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
