/* complete and upscale: what they take, draw, write, measure and refuse. */
#define _GNU_SOURCE
#include "base/image.h"
#include "data/idx.h"
#include "program.h"

enum { SIDE = 28, AREA = SIDE * SIDE, HALF = SIDE / 2 };

#define COMPLETE                                                                                   \
    "-s", "data.corruption=half", "-s", "training.reconstruction=10", "-s",                        \
        "generator.layers=condition | dense 16 | relu | dense 784 | tanh | reshape 1x28x28", "-s", \
        "discriminator.layers=condition | conv 4 4/2 | lrelu 0.2 | flatten | dense 1"
#define UPSCALE                                                                                    \
    "-s", "data.corruption=shrink", "-s",                                                          \
        "generator.layers=condition | dense 16 | relu | dense 784 | tanh | reshape 1x28x28"

#define TRAIN(...)                                                                                 \
    do {                                                                                           \
        struct program trained =                                                                   \
            program_start("run", "-f", "tiny.ini", "-s", "training.steps=20", "-s",                \
                          "samples.every=20", "-s", "training.evaluate_every=0", __VA_ARGS__);     \
        program_expect(&trained, 0, "");                                                           \
    } while (0)

/* What it prints, malloc'ed; what it says on stderr to *errors unless that is NULL. */
static char *output_of(struct program program, char **errors)
{
    int status = program_wait(&program);
    if (status != 0)
        print_error("%s", program.errors);
    assert_int_equal(status, 0);
    if (errors)
        *errors = program.errors;
    else
        free(program.errors);
    return program.output;
}

#define OUTPUT_OF(...) output_of(program_start(__VA_ARGS__), NULL)
#define REFUSED(status, words, ...)                                                                \
    do {                                                                                           \
        struct program refused = program_start(__VA_ARGS__);                                       \
        program_expect(&refused, status, words);                                                   \
    } while (0)

static void read_image(struct image *image, const char *path, int width, int height)
{
    assert_int_equal(image_read_png(image, path, 4096), 0);
    assert_int_equal(image->width, width);
    assert_int_equal(image->height, height);
}

/* A digit-like image: a frame of ink, nothing at the edge. */
static void draw_digit(uint8_t *pixels, int side, uint8_t ink, uint8_t ground)
{
    for (int i = 0; i < side * side; i++) {
        int y = i / side, x = i % side, from = side / 5, to = side - side / 5;
        bool inside = y >= from && y < to && x >= from && x < to;
        bool hollow = y >= from + 3 && y < to - 3 && x >= from + 3 && x < to - 3;
        pixels[i] = inside && !hollow ? ink : ground;
    }
}

static void write_digit(const char *path, int side, uint8_t ink, uint8_t ground)
{
    uint8_t *pixels = malloc((size_t)side * (size_t)side);
    assert_non_null(pixels);
    draw_digit(pixels, side, ink, ground);
    const struct image image = { .width = side, .height = side, .pixels = pixels };
    assert_int_equal(image_write_png(&image, path), 0);
    free(pixels);
}

static void what_is_not_hidden_is_copied_through(void **state)
{
    (void)state;
    struct image in, out;
    TRAIN(COMPLETE);
    write_digit("in.png", SIDE, 230, 0);
    free(OUTPUT_OF("complete", "1", "in.png", "--hide", "left", "-o", "out.png"));
    read_image(&in, "in.png", SIDE, SIDE);
    read_image(&out, "out.png", SIDE, SIDE);
    for (int y = 0; y < SIDE; y++)
        assert_memory_equal(in.pixels + y * SIDE + HALF, out.pixels + y * SIDE + HALF, HALF);
    int differing = 0;
    for (int i = 0; i < AREA; i++)
        differing += in.pixels[i] != out.pixels[i];
    assert_true(differing > AREA / 4);
    image_release(&in);
    image_release(&out);
}

static void test_images_are_completed_without_a_file(void **state)
{
    (void)state;
    TRAIN(COMPLETE);
    char *text = OUTPUT_OF("complete", "1", "--count", "2", "--as", "half");
    assert_memory_equal(text, "run 1, step 20\n", 15);
    const char *line = strstr(text, "hidden");
    assert_non_null(line);
    assert_non_null(strstr(line, "completed"));
    assert_non_null(strstr(line, "original"));
    free(text);
    char *sheet = OUTPUT_OF("complete", "1", "--count", "4", "-o", "out.png");
    assert_string_equal(sheet, "");
    free(sheet);
    struct image out;
    read_image(&out, "out.png", 2 * SIDE, 2 * SIDE);
    image_release(&out);
}

static void all_parts_are_written_beside_each_other(void **state)
{
    (void)state;
    struct image all, out;
    TRAIN(COMPLETE);
    free(OUTPUT_OF("complete", "1", "--count", "3", "--beside", "-o", "all.png"));
    free(OUTPUT_OF("complete", "1", "--count", "3", "-o", "out.png"));
    read_image(&all, "all.png", 3 * SIDE, 3 * SIDE);
    read_image(&out, "out.png", 2 * SIDE, 2 * SIDE);
    for (int y = 0; y < SIDE; y++) { /* the second of three, and the first of them */
        assert_memory_equal(all.pixels + y * 3 * SIDE + SIDE, out.pixels + y * 2 * SIDE, SIDE);
        assert_memory_not_equal(all.pixels, all.pixels + 2 * SIDE, SIDE);
    }
    image_release(&all);
    image_release(&out);
    char *png = OUTPUT_OF("complete", "1", "--count", "1", "-o", "-");
    assert_memory_equal(png, "\x89PNG", 4);
    free(png);
    REFUSED(2, "'--beside' goes with '--output'", "complete", "1", "--beside");
}

static void images_of_other_sizes_and_polarity_are_made_alike(void **state)
{
    (void)state;
    char *errors;
    TRAIN(COMPLETE);
    write_digit("scan.png", 120, 10, 240);
    free(output_of(program_start("complete", "1", "scan.png", "-o", "out.png"), &errors));
    assert_non_null(strstr(errors, "gander complete: 'scan.png': 120x120 pixels, dark on light"));
    free(errors);
    struct image out;
    read_image(&out, "out.png", SIDE, SIDE);
    assert_true(out.pixels[0] < 128);
    image_release(&out);
}

/* Three images of a size, in one IDX file. */
static void write_idx(const char *path, int side)
{
    uint8_t *pixels = calloc((size_t)side * (size_t)side, 3);
    for (int i = 0; i < 3; i++)
        draw_digit(pixels + i * side * side, side, (uint8_t)(150 + 40 * i), 0);
    struct idx idx = { 3, side, side, pixels };
    assert_int_equal(idx_write(&idx, 3, path), 0);
    free(pixels);
}

static void read_idx(struct idx *idx, const char *path)
{
    char *data;
    size_t size;
    assert_int_equal(file_read(path, 1 << 20, &data, &size), 0);
    assert_int_equal(idx_parse(idx, data, size, 3, path), 0);
    free(data);
}

static void idx_goes_in_and_comes_out(void **state)
{
    (void)state;
    struct idx idx;
    TRAIN(COMPLETE);
    write_idx("in-idx3-ubyte", SIDE);
    free(OUTPUT_OF("complete", "1", "in-idx3-ubyte", "--hide", "top", "-o", "out.idx"));
    read_idx(&idx, "out.idx");
    assert_int_equal(idx.count, 3);
    assert_int_equal(idx.height, SIDE);
    uint8_t wanted[AREA];
    draw_digit(wanted, SIDE, 190, 0);
    assert_memory_equal(idx.bytes + AREA + AREA / 2, wanted + AREA / 2, AREA / 2);
    free(idx.bytes);
    free(OUTPUT_OF("complete", "1", "in-idx3-ubyte", "--count", "2", "-o", "two.idx"));
    read_idx(&idx, "two.idx");
    assert_int_equal(idx.count, 2);
    free(idx.bytes);
}

static void a_plain_gan_is_searched(void **state)
{
    (void)state;
    struct image in, out;
    TRAIN("-s", "training.seed=2");
    write_digit("in.png", SIDE, 230, 0);
    free(OUTPUT_OF("complete", "1", "in.png", "--hide", "box", "-o", "out.png"));
    read_image(&in, "in.png", SIDE, SIDE);
    read_image(&out, "out.png", SIDE, SIDE);
    for (int i = 0; i < AREA; i++) {
        int y = i / SIDE, x = i % SIDE;
        bool hidden = y >= 7 && y < 21 && x >= 7 && x < 21;
        if (!hidden)
            assert_int_equal(in.pixels[i], out.pixels[i]);
    }
    image_release(&in);
    image_release(&out);
}

static void small_images_are_upscaled_as_they_are(void **state)
{
    (void)state;
    struct idx idx;
    TRAIN(UPSCALE);
    write_idx("seven", 7);
    write_idx("fourteen", 14);
    free(OUTPUT_OF("upscale", "1", "seven", "fourteen", "-o", "out.idx"));
    read_idx(&idx, "out.idx");
    assert_int_equal(idx.count, 6);
    assert_int_equal(idx.height, SIDE);
    free(idx.bytes);
    char *small = OUTPUT_OF("upscale", "1", "seven", "--as", "half"); /* nothing to compare with */
    assert_non_null(strstr(small, "bicubic"));
    assert_null(strstr(small, "original"));
    free(small);
    char *test = OUTPUT_OF("upscale", "1", "--from", "14", "--count", "1", "--as", "half");
    assert_non_null(strstr(test, "original"));
    free(test);
}

static void what_a_run_was_not_trained_for_is_refused(void **state)
{
    (void)state;
    TRAIN(COMPLETE);
    TRAIN(UPSCALE);
    TRAIN("-s", "training.seed=2");
    REFUSED(1, "use 'gander upscale 2'", "complete", "2");
    REFUSED(1, "run 1 was not trained to upscale images (data.corruption is 'half')", "upscale",
            "1");
    REFUSED(1, "run 3 was not trained to upscale images (data.corruption is 'none')", "upscale",
            "3");
    REFUSED(1, "run 1 was trained with data.corruption 'half', and so does not complete 'box'",
            "complete", "1", "--hide", "box");
    REFUSED(1, "run 2 was trained to upscale from 14 and 7 pixels a side, not 9", "upscale", "2",
            "--from", "9");
    REFUSED(1, "'gander complete 1' shows and measures what it makes of one", "generate", "1");
    REFUSED(1, "'gander upscale 2' shows and measures what it makes of one", "evaluate", "2");
    REFUSED(1, "'gander complete 1' shows", "augment", "1", "--count", "5", "-o", "made");
    REFUSED(3, "there is no run 4", "complete", "4");
}

static void bad_input_is_one_sentence(void **state)
{
    (void)state;
    TRAIN(COMPLETE);
    write_digit("in.png", SIDE, 230, 0);
    assert_int_equal(file_replace("text.png", "hello", 5), 0);
    REFUSED(1, "text.png", "complete", "1", "text.png");
    REFUSED(1, "absent.png", "complete", "1", "in.png", "absent.png", "-o", "out.png");
    assert_int_equal(access("out.png", F_OK), -1);
    REFUSED(2, "'--hide' takes left, right, top, bottom, box, half or part, not 'middle'",
            "complete", "1", "--hide", "middle");
    REFUSED(2, "'--measure' is for test images", "complete", "1", "in.png", "--measure", "5");
    REFUSED(2, "'--json' goes with '--measure'", "complete", "1", "--json");
    REFUSED(1, "--train", "complete", "1", "--measure", "10");
}

static double member_of(const struct json *row, const char *name)
{
    double value;
    assert_true(json_get_number(json_member(row, name), &value));
    return value;
}

/* Names, in their order; the last is the original. */
static void check_measured(const char *text, const char *const *names, int count)
{
    struct json *root;
    assert_int_equal(json_parse(&root, text, strlen(text)), 0);
    const struct json *list = json_member(root, "measured");
    for (int i = 0; i < count; i++) {
        const struct json *row = json_item(list, (size_t)i);
        assert_string_equal(json_get_string(json_member(row, "images")), names[i]);
        assert_true(member_of(row, "class_kept") >= 0 && member_of(row, "class_kept") <= 1);
        assert_true(member_of(row, "frechet") >= 0);
    }
    assert_null(json_item(list, (size_t)count));
    assert_true(member_of(json_item(list, (size_t)count - 1), "class_kept") > 0.7);
    json_free(root);
}

static void restored_images_are_measured(void **state)
{
    static const char *const completed[] = { "hidden", "mean of the training images",
                                             "nearest neighbour", "completed", "original" };
    static const char *const upscaled[] = { "shrunk", "bilinear", "bicubic", "upscaled",
                                            "original" };
    (void)state;
    TRAIN(COMPLETE, "-s", "data.count=1200");
    TRAIN(UPSCALE, "-s", "data.count=1200");
    char *text = OUTPUT_OF("complete", "1", "--measure", "60", "--json", "--train");
    check_measured(text, completed, ARRAY_SIZE(completed));
    free(text);
    text = OUTPUT_OF("upscale", "2", "--measure", "60", "--json"); /* the same classifier */
    check_measured(text, upscaled, ARRAY_SIZE(upscaled));
    free(text);
    text = OUTPUT_OF("upscale", "2", "--measure", "60", "--from", "14");
    assert_non_null(strstr(text, "run 2, step 20: 60 test images from 14x14 to 28x28\n"));
    assert_non_null(strstr(text, "class kept"));
    free(text);
}

static void samples_show_what_the_generator_gets(void **state)
{
    (void)state;
    TRAIN(COMPLETE, "-s", "samples.count=9");
    char *text = OUTPUT_OF("samples", "1", "--as", "half");
    assert_memory_equal(text, "run 1, step 20\n", 15);
    free(text);
    struct image sheet;
    read_image(&sheet, ".gander/runs/1/samples/00000020.png", 3 * SIDE, 3 * SIDE);
    assert_int_equal(sheet.pixels[0], 128); /* the first has its left half hidden */
    assert_int_equal(sheet.pixels[2 * SIDE], 0);
    image_release(&sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(what_is_not_hidden_is_copied_through),
        IN_PROGRAM_SCRATCH(test_images_are_completed_without_a_file),
        IN_PROGRAM_SCRATCH(all_parts_are_written_beside_each_other),
        IN_PROGRAM_SCRATCH(images_of_other_sizes_and_polarity_are_made_alike),
        IN_PROGRAM_SCRATCH(idx_goes_in_and_comes_out),
        IN_PROGRAM_SCRATCH(a_plain_gan_is_searched),
        IN_PROGRAM_SCRATCH(small_images_are_upscaled_as_they_are),
        IN_PROGRAM_SCRATCH(what_a_run_was_not_trained_for_is_refused),
        IN_PROGRAM_SCRATCH(bad_input_is_one_sentence),
        IN_PROGRAM_SCRATCH(restored_images_are_measured),
        IN_PROGRAM_SCRATCH(samples_show_what_the_generator_gets),
    };
    return cmocka_run_group_tests_name("complete and upscale", tests, NULL, NULL);
}
