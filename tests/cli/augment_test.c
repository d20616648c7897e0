/* Labelled images out of a conditional run, and the study of what they are worth. */
#define _GNU_SOURCE
#include "base/json.h"
#include "program.h"
#include "small_digits.h"

#define LABELLED                                                                                   \
    "-s", "generator.layers=join | dense 16 | relu | dense 784 | tanh | reshape 1x28x28", "-s",    \
        "discriminator.layers=flatten | join | dense 16 | lrelu 0.2 | dense 1"

static void train(void)
{
    struct program program = program_start("run", "-f", "tiny.ini", LABELLED);
    program_expect(&program, 0, "");
}

/* --- images --- */

static void count_classes(enum dataset_part part, int counts[10])
{
    struct dataset *set;
    assert_int_equal(dataset_open(&set, "made", part, 0, 1), 0);
    assert_int_equal(set->classes, 10);
    memset(counts, 0, 10 * sizeof *counts);
    for (int i = 0; i < set->count; i++)
        counts[set->labels[i]]++;
    dataset_close(set);
}

static void made_images_are_a_data_set_with_even_classes(void **state)
{
    (void)state;
    int train_part[10], test_part[10];
    train();
    char *text = program_output("augment", "1", "--count", "603", "-o", "made");
    assert_non_null(
        strstr(text, "603 labelled images of 10 classes in 'made', by run 1 (tiny, step"));
    free(text);
    count_classes(DATASET_TRAIN, train_part);
    count_classes(DATASET_TEST, test_part);
    for (int c = 0; c < 10; c++) {
        assert_int_equal(train_part[c] + test_part[c], c < 3 ? 61 : 60);
        assert_true(test_part[c] > 0); /* every sixth is lent: none of them may be of a pattern */
    }
    struct program program =
        program_start("run", "-f", "tiny.ini", "-s", "data.source=made", LABELLED);
    program_expect(&program, 0, "");
    text = program_read_file("made/made.json");
    assert_non_null(strstr(text, "\"run\": 1"));
    assert_non_null(strstr(text, "\"count\": 603"));
    free(text);
}

static struct dataset *make(const char *seed, const char *directory)
{
    struct dataset *set;
    struct program program =
        program_start("augment", "1", "--count", "60", "--seed", seed, "-o", directory);
    program_expect(&program, 0, "");
    assert_int_equal(dataset_open(&set, directory, DATASET_TRAIN, 0, 1), 0);
    return set;
}

static void a_seed_makes_the_same_images(void **state)
{
    (void)state;
    train();
    struct dataset *one = make("5", "a"), *same = make("5", "b"), *other = make("6", "c");
    assert_string_equal(one->hash, same->hash);
    assert_string_not_equal(one->hash, other->hash);
    dataset_close(one);
    dataset_close(same);
    dataset_close(other);
}

static void assert_nothing_left(void)
{
    struct arena arena = { 0 };
    char **names;
    int count;
    assert_int_equal(list_directory(&arena, ".", "", &names, &count), 0);
    for (int i = 0; i < count; i++)
        if (strncmp(names[i], "made", 4) == 0)
            fail_msg("'%s' was left behind", names[i]);
    arena_release(&arena);
}

static void directory_is_whole_or_not_there(void **state)
{
    (void)state;
    train();
    struct program program = program_launch(&(struct launch){
        .words = { "augment", "1", "--count", "600", "-o", "made" }, .file_bytes = 100000 });
    program_expect(&program, 1, "File too large");
    assert_nothing_left();
    assert_int_equal(make_directories("made"), 0);
    program = program_start("augment", "1", "--count", "6", "-o", "made");
    program_expect(&program, 1, "'made' is there already");
    program = program_start("augment", "1", "--count", "6", "-o", "absent/made");
    program_expect(&program, 1, "cannot make 'absent/made'");
}

static void what_cannot_be_made_is_one_sentence(void **state)
{
    (void)state;
    struct program program = program_start("run", "-f", "tiny.ini");
    program_expect(&program, 0, "");
    program = program_start("augment", "1", "--count", "6", "-o", "made");
    program_expect(&program, 1, "run 1 is not conditional: nobody knows the labels");
    program = program_start("augment", "1", "--count", "6");
    program_expect(&program, 2, "it needs --count and --output, or --study");
    program = program_start("augment", "1", "--count", "6", "-o", "made", "--sizes", "10");
    program_expect(&program, 2, "'--sizes' goes with --study");
    program = program_start("augment", "7", "--count", "6", "-o", "made");
    program_expect(&program, 3, "there is no run 7");
    train();
    program = program_start("augment", "2", "--count", "6", "-o", "made", "--keep-agreed");
    program_expect(&program, 1, "--keep-agreed needs a classifier (--train makes one)");
    assert_nothing_left();
}

static void what_is_not_read_as_asked_for_is_not_kept(void **state)
{
    (void)state;
    train();
    struct program program =
        program_start("augment", "1", "--count", "300", "-o", "made", "--keep-agreed", "--train");
    program_expect(&program, 1, "images are not read as the class asked for"); /* 200 steps */
    assert_nothing_left();
    char *text = program_output("augment", "1", "--count", "300", "-o", "made");
    assert_non_null(strstr(text, "that were drawn as what was asked for"));
    free(text);
}

/* --- the study --- */

#define STUDY(...)                                                                                 \
    "augment", "tiny.ini", "--study", "-s", SMALL_DATA, LABELLED, "--updates", "20", "--made",     \
        "50", "--steps", "30", "--sizes", "20,50", __VA_ARGS__

static struct json *study_json(const char *store, const char *seeds)
{
    struct json *root;
    struct program program = program_start(STUDY("--json", "--store", store, "--seeds", seeds));
    assert_int_equal(program_wait(&program), 0);
    assert_int_equal(json_parse(&root, program.output, strlen(program.output)), 0);
    program_release(&program);
    return root;
}

/* Sizes, seeds and accuracies, without times. */
static char *cells_of(const struct json *root)
{
    const struct json *cells = json_member(root, "cells");
    char *text = xstrdup("");
    for (size_t i = 0; i < json_length(cells); i++) {
        int64_t size = 0, seed = 0;
        const struct json *cell = json_item(cells, i);
        assert_true(json_get_integer(json_member(cell, "size"), &size));
        assert_true(json_get_integer(json_member(cell, "seed"), &seed));
        char *accuracy = json_text(json_member(cell, "accuracy"), 0);
        char *more =
            xasprintf("%s%lld %lld %s\n", text, (long long)size, (long long)seed, accuracy);
        free(accuracy);
        free(text);
        text = more;
    }
    return text;
}

static void study_goes_on_from_what_is_kept(void **state)
{
    (void)state;
    small_digits();
    struct json *first = study_json("kept", "1"), *both = study_json("kept", "2");
    char *one = cells_of(first), *two = cells_of(both);
    assert_int_equal(json_length(json_member(first, "cells")), 2);
    assert_int_equal(json_length(json_member(both, "cells")), 4);
    json_free(first);
    json_free(both);
    struct program program = program_start(STUDY("--store", "kept", "--seeds", "2"));
    assert_int_equal(program_wait(&program), 0);
    assert_string_equal(program.errors, ""); /* nothing was left to do */
    assert_non_null(strstr(program.output, "% of 200 test images read rightly"));
    assert_non_null(strstr(program.output, "made - real"));
    program_release(&program);
    struct json *afresh = study_json("other", "2");
    char *again = cells_of(afresh);
    assert_string_equal(two, again);
    assert_string_not_equal(one, two);
    json_free(afresh);
    free(one);
    free(two);
    free(again);
}

static bool has_a_line(const char *folder)
{
    struct arena arena = { 0 };
    char **names;
    int count = 0;
    bool found = list_directory(&arena, folder, ".jsonl", &names, &count) == 0 && count > 0 &&
                 file_size(path_join(&arena, folder, names[0])) > 0;
    arena_release(&arena);
    return found;
}

static void study_survives_control_c(void **state)
{
    (void)state;
    small_digits();
    struct json *undisturbed = study_json("undisturbed", "3");
    struct program program = program_start(STUDY("--store", "broken", "--seeds", "3"));
    wait_until(has_a_line, "broken/studies");
    kill(program.pid, SIGINT);
    int status = program_wait(&program);
    assert_true(WIFSIGNALED(status) || status == 0); /* it may just have been done */
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGINT);
        assert_non_null(strstr(program.errors, "the same command goes on from there"));
        assert_non_null(strstr(program.output, "seeds"));
    }
    program_release(&program);
    struct json *resumed = study_json("broken", "3");
    char *text = cells_of(resumed), *expected = cells_of(undisturbed);
    assert_string_equal(text, expected);
    free(text);
    free(expected);
    json_free(resumed);
    json_free(undisturbed);
}

static void study_refuses_what_it_cannot_do(void **state)
{
    (void)state;
    small_digits();
    struct program program = program_start("augment", "tiny.ini", "--study", "--sizes", "20");
    program_expect(&program, 1, "is not conditional");
    program = program_start(STUDY("--sizes", "20,700"));
    program_expect(&program, 1, "size 700: '");
    program = program_start(STUDY("--sizes", "5"));
    program_expect(&program, 1, "fewer images than the 10 classes");
    program = program_start(STUDY("--sizes", "50,20"));
    program_expect(&program, 2, "20 is not more than the size before it");
    program = program_start(STUDY("--sizes", "many"));
    program_expect(&program, 2, "'many' is not a number of images");
    program = program_start(STUDY("--count", "3"));
    program_expect(&program, 2, "'--count' does not go with --study");
    program = program_start(STUDY("--steps", "1000000000"));
    program_expect(&program, 1, ": --yes starts it");
    program = program_start("augment", "absent.ini", "--study");
    program_expect(&program, 1, "absent.ini");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(made_images_are_a_data_set_with_even_classes),
        IN_PROGRAM_SCRATCH(a_seed_makes_the_same_images),
        IN_PROGRAM_SCRATCH(directory_is_whole_or_not_there),
        IN_PROGRAM_SCRATCH(what_cannot_be_made_is_one_sentence),
        IN_PROGRAM_SCRATCH(what_is_not_read_as_asked_for_is_not_kept),
        IN_PROGRAM_SCRATCH(study_goes_on_from_what_is_kept),
        IN_PROGRAM_SCRATCH(study_survives_control_c),
        IN_PROGRAM_SCRATCH(study_refuses_what_it_cannot_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
