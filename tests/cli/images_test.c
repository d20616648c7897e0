/* Drawing what a run made: samples and generate. */
#define _GNU_SOURCE
#include "base/image.h"
#include "program.h"

#define RUN_1 ".gander/runs/1"
#define SHORT "tiny.ini", "-s", "training.steps=40", "-s", "samples.every=20"

static void train(void)
{
    struct program program = program_start("run", "-f", SHORT);
    program_expect(&program, 0, "");
}

/* What the program says, malloc'ed. */
static char *output_of(const struct launch *launch)
{
    struct program program = program_launch(launch);
    int status = program_wait(&program);
    if (status != 0)
        print_error("%s", program.errors);
    assert_int_equal(status, 0);
    free(program.errors);
    return program.output;
}

#define OUTPUT_OF(...) output_of(&(struct launch){ .words = { __VA_ARGS__ } })

static int count_lines(const char *text)
{
    int lines = 0;
    for (; (text = strchr(text, '\n')); text++)
        lines++;
    return lines;
}

static void samples_draws_the_newest_sheet_cut_to_images(void **state)
{
    (void)state;
    train();
    char *newest = OUTPUT_OF("samples", "1"), *first = OUTPUT_OF("samples", "1", "--step", "0");
    assert_memory_equal(newest, "run 1, step 40\n", 15);
    assert_memory_equal(first, "run 1, step 0\n", 14);
    assert_true(count_lines(newest) > 16);
    assert_string_not_equal(newest, first);
    free(newest);
    free(first);
}

static void samples_obeys_the_mode(void **state)
{
    (void)state;
    train();
    char *braille = OUTPUT_OF("samples", "1", "--as", "braille");
    char *half = OUTPUT_OF("samples", "1", "--as", "half");
    assert_non_null(strstr(braille, "\xe2\xa0")); /* U+2800 … */
    assert_string_not_equal(braille, half);
    free(braille);
    free(half);
    struct program program = program_start("samples", "1", "--as", "brail");
    program_expect(&program, 2, "did you mean 'braille'");
}

static void samples_copies_the_png(void **state)
{
    (void)state;
    train();
    free(OUTPUT_OF("samples", "1", "--step", "20", "-o", "copy.png"));
    char *copy, *sheet;
    size_t copy_size, sheet_size;
    assert_int_equal(file_read("copy.png", 1 << 20, &copy, &copy_size), 0);
    assert_int_equal(file_read(RUN_1 "/samples/00000020.png", 1 << 20, &sheet, &sheet_size), 0);
    assert_int_equal(copy_size, sheet_size);
    assert_memory_equal(copy, sheet, sheet_size);
    free(copy);
    free(sheet);
}

static void what_is_not_there_is_named(void **state)
{
    (void)state;
    train();
    struct program program = program_start("samples", "1", "--step", "7");
    program_expect(&program, 1, "no samples of step 7 (the newest are of 40)");
    program = program_start("generate", "1", "--step", "7");
    program_expect(&program, 1, "no checkpoint of step 7");
    program = program_start("samples", "2");
    program_expect(&program, 3, "there is no run 2");
    program = program_start("generate", "exp:mlp@");
    program_expect(&program, 3, "no run of experiment 'mlp'");
    program = program_start("samples", "1", "-o", "absent/copy.png");
    program_expect(&program, 1, "absent/copy.png");
}

static void sheet_from_elsewhere_is_drawn_as_one_picture(void **state)
{
    (void)state;
    uint8_t pixels[30 * 50] = { 0 };
    train();
    const struct image image = { .width = 50, .height = 30, .pixels = pixels };
    assert_int_equal(image_write_png(&image, RUN_1 "/samples/epoch-50.png"), 0);
    char *text = OUTPUT_OF("samples", "1");
    assert_memory_equal(text, "run 1, step 50\n", 15);
    free(text);
}

static void broken_sheet_is_one_sentence(void **state)
{
    (void)state;
    train();
    assert_int_equal(truncate(RUN_1 "/samples/00000040.png", 100), 0);
    struct program program = program_start("samples", "1");
    program_expect(&program, 1, "00000040.png");
}

static void superseded_samples_are_not_shown(void **state)
{
    (void)state;
    char worker[400];
    struct stat status;
    train();
    assert_int_equal(stat(RUN_1 "/events.jsonl", &status), 0);
    snprintf(worker, sizeof worker,
             "{\"state\":\"running\",\"from_step\":0,\"events\":0}\n"
             "{\"state\":\"running\",\"from_step\":20,\"events\":%lld}\n",
             (long long)status.st_size);
    assert_int_equal(file_replace(RUN_1 "/worker.jsonl", worker, strlen(worker)), 0);
    char *text = OUTPUT_OF("samples", "1");
    assert_memory_equal(text, "run 1, step 20\n", 15);
    free(text);
}

static struct image generate_png(const struct launch *launch)
{
    struct image image;
    free(output_of(launch));
    assert_int_equal(image_read_png(&image, "out.png", 4096), 0);
    return image;
}

#define GENERATE(...)                                                                              \
    generate_png(&(struct launch){ .words = { "generate", "1", "-o", "out.png", __VA_ARGS__ } })

static void image_depends_on_seed_and_place_only(void **state)
{
    (void)state;
    train();
    /* one row of 1, two rows of 2: their first row begins with the same image */
    struct image one = GENERATE("--count", "1", "--seed", "5");
    struct image four = GENERATE("--count", "4", "--seed", "5");
    struct image other = GENERATE("--count", "1", "--seed", "6");
    assert_int_equal(one.width, 28);
    assert_int_equal(four.width, 56);
    assert_int_equal(four.height, 56);
    for (int y = 0; y < 28; y++)
        assert_memory_equal(one.pixels + 28 * y, four.pixels + 56 * y, 28);
    assert_memory_not_equal(one.pixels, other.pixels, 28 * 28);
    image_release(&one);
    image_release(&four);
    image_release(&other);
}

static void without_a_seed_it_draws_the_samples(void **state)
{
    (void)state;
    struct image sheet;
    train();
    struct image drawn = GENERATE("--count", "16");
    assert_int_equal(image_read_png(&sheet, RUN_1 "/samples/00000040.png", 4096), 0);
    assert_int_equal(drawn.width, sheet.width);
    assert_memory_equal(drawn.pixels, sheet.pixels, (size_t)sheet.width * (size_t)sheet.height);
    image_release(&drawn);
    image_release(&sheet);
}

static void older_checkpoint_draws_other_images(void **state)
{
    (void)state;
    train();
    struct image newest = GENERATE("--count", "4");
    struct image older = GENERATE("--count", "4", "--step", "20");
    assert_memory_not_equal(newest.pixels, older.pixels, 56 * 56);
    image_release(&newest);
    image_release(&older);
}

static void label_needs_a_conditional_run(void **state)
{
    (void)state;
    train();
    struct program program = program_start("generate", "1", "--label", "3");
    program_expect(&program, 1, "run 1 is not conditional");
}

static void conditional_run_draws_its_classes(void **state)
{
    (void)state;
    struct program program = program_start(
        "run", "-f", SHORT, "-s",
        "generator.layers=join | dense 16 | relu | dense 784 | tanh | reshape 1x28x28", "-s",
        "discriminator.layers=flatten | join | dense 16 | lrelu 0.2 | dense 1");
    program_expect(&program, 0, "");
    struct image turn = GENERATE("--count", "4"), one = GENERATE("--count", "4", "--label", "0");
    for (int y = 0; y < 28; y++) /* the first is of class 0 in both, the second is not */
        assert_memory_equal(turn.pixels + 56 * y, one.pixels + 56 * y, 28);
    assert_memory_not_equal(turn.pixels, one.pixels, 56 * 56);
    image_release(&turn);
    image_release(&one);
    program = program_start("generate", "1", "--label", "10");
    program_expect(&program, 1, "knows the classes 0 to 9");
}

static void broken_checkpoint_gives_way_to_the_one_before(void **state)
{
    (void)state;
    train();
    assert_int_equal(truncate(RUN_1 "/checkpoints/00000040.safetensors", 100), 0);
    struct program program = program_start("generate", "1", "--count", "1");
    assert_int_equal(program_wait(&program), 0);
    assert_memory_equal(program.output, "run 1, step 20\n", 15);
    assert_non_null(strstr(program.errors, "00000040.safetensors' is cut short"));
    assert_non_null(strstr(program.errors, "; using that of step 20 instead\n"));
    program_release(&program);
    assert_int_equal(truncate(RUN_1 "/checkpoints/00000020.safetensors", 100), 0);
    program = program_start("generate", "1");
    program_expect(&program, 1, "no checkpoint in");
}

static void full_standard_output_is_a_failure(void **state)
{
    (void)state;
    train();
    struct program program =
        program_launch(&(struct launch){ .words = { "samples", "1" }, .output = "/dev/full" });
    program_expect(&program, 1, "cannot write to standard output: No space left on device");
    program = program_launch(&(struct launch){ .words = { "help" }, .output = "/dev/full" });
    program_expect(&program, 1, "cannot write to standard output");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(samples_draws_the_newest_sheet_cut_to_images),
        IN_PROGRAM_SCRATCH(samples_obeys_the_mode),
        IN_PROGRAM_SCRATCH(samples_copies_the_png),
        IN_PROGRAM_SCRATCH(what_is_not_there_is_named),
        IN_PROGRAM_SCRATCH(sheet_from_elsewhere_is_drawn_as_one_picture),
        IN_PROGRAM_SCRATCH(broken_sheet_is_one_sentence),
        IN_PROGRAM_SCRATCH(superseded_samples_are_not_shown),
        IN_PROGRAM_SCRATCH(image_depends_on_seed_and_place_only),
        IN_PROGRAM_SCRATCH(without_a_seed_it_draws_the_samples),
        IN_PROGRAM_SCRATCH(older_checkpoint_draws_other_images),
        IN_PROGRAM_SCRATCH(label_needs_a_conditional_run),
        IN_PROGRAM_SCRATCH(conditional_run_draws_its_classes),
        IN_PROGRAM_SCRATCH(broken_checkpoint_gives_way_to_the_one_before),
        IN_PROGRAM_SCRATCH(full_standard_output_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
