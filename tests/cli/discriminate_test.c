/* Judging images with what a run has trained. */
#define _GNU_SOURCE
#include <math.h>

#include "base/image.h"
#include "base/json.h"
#include "program.h"
#include "small_digits.h"

enum { SIDE = 28, AREA = SIDE * SIDE };

#define LABELLED                                                                                   \
    "-s", "generator.layers=join | dense 16 | relu | dense 784 | tanh | reshape 1x28x28", "-s",    \
        "discriminator.layers=flatten | join | dense 16 | lrelu 0.2 | dense 1"

static void train(const char *setting)
{
    small_digits();
    struct program program = program_start("run", "-f", "tiny.ini", "-s", SMALL_DATA, "-s",
                                           "training.steps=200", "-s", setting);
    program_expect(&program, 0, "");
}

static void save_digits(int count)
{
    struct dataset *set;
    assert_int_equal(dataset_open(&set, "digits", DATASET_TEST, count, 1), 0);
    const struct idx idx = { count, SIDE, SIDE, set->pixels };
    assert_int_equal(idx_write(&idx, 3, "digits-idx"), 0);
    assert_int_equal(image_write_png(&(struct image){ SIDE, SIDE, set->pixels }, "digit.png"), 0);
    dataset_close(set);
}

/* A ring of `grey` on a page of `paper`, far from 28 pixels. */
static void save_ring(const char *path, uint8_t paper, uint8_t grey)
{
    enum { WIDTH = 90, HEIGHT = 60 };
    struct image image = { WIDTH, HEIGHT, xmalloc((size_t)WIDTH * HEIGHT) };
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int distance = (x - 40) * (x - 40) + (y - 30) * (y - 30);
            image.pixels[y * WIDTH + x] = distance > 200 && distance < 400 ? grey : paper;
        }
    assert_int_equal(image_write_png(&image, path), 0);
    image_release(&image);
}

static void save_noise(void)
{
    uint8_t pixels[AREA];
    for (int i = 0; i < AREA; i++)
        pixels[i] = (uint8_t)(i * 7919 % 251);
    assert_int_equal(image_write_png(&(struct image){ SIDE, SIDE, pixels }, "noise.png"), 0);
}

static struct json *parse(char *text)
{
    struct json *value;
    assert_int_equal(json_parse(&value, text, strlen(text)), 0);
    free(text);
    return value;
}

static double number(const struct json *object, const char *key)
{
    double value;
    if (!json_get_number(json_member(object, key), &value))
        fail_msg("no number '%s'", key);
    return value;
}

static const struct json *verdict(const struct json *root, size_t file, size_t image)
{
    const struct json *files = json_member(root, "files");
    return json_item(json_member(json_item(files, file), "images"), image);
}

static void images_are_set_beside_the_test_images(void **state)
{
    (void)state;
    train("training.seed=3");
    save_digits(30);
    save_ring("ring.png", 240, 20);
    save_noise();
    struct json *root =
        parse(program_output("discriminate", "1", "digits-idx", "ring.png", "noise.png", "--json"));
    assert_true(number(root, "real_images") == SMALL_TEST);
    const struct json *digits = json_item(json_member(root, "files"), 0);
    assert_int_equal(json_length(json_member(digits, "images")), 30);
    assert_true(number(digits, "mean_percentile") > 30 && number(digits, "mean_percentile") < 70);
    const struct json *ring = json_item(json_member(root, "files"), 1);
    bool inverted = false, resized = false, unlike = false;
    assert_true(json_get_bool(json_member(ring, "inverted"), &inverted) && inverted);
    assert_true(json_get_bool(json_member(ring, "resized"), &resized) && resized);
    const struct json *noise = verdict(root, 2, 0);
    assert_true(json_get_bool(json_member(noise, "unlike"), &unlike) && unlike);
    assert_true(number(noise, "percentile") < 1);
    assert_true(number(noise, "logit") < number(verdict(root, 0, 0), "logit"));
    assert_true(number(noise, "probability") > 0 && number(noise, "probability") < 1);
    assert_null(json_member(noise, "class")); /* nobody has trained a classifier */
    json_free(root);
}

static void table_says_what_was_done_and_what_is_unlike(void **state)
{
    (void)state;
    train("training.seed=3");
    save_digits(30);
    save_ring("ring.png", 240, 20);
    save_noise();
    char *text =
        program_output("discriminate", "1", "noise.png", "ring.png", "digits-idx", "--count", "3");
    assert_non_null(strstr(text, "unlike the training data"));
    assert_non_null(
        strstr(text, "note: 'ring.png': 90x60 pixels, dark on light: inverted, its ink"));
    assert_non_null(strstr(text, "#2 digits-idx"));
    assert_null(strstr(text, "#3 digits-idx"));
    assert_non_null(strstr(text, "'digits-idx': 30 images, 3 listed, mean percentile"));
    assert_non_null(strstr(text, "D(x)"));
    assert_null(strstr(text, "fake"));
    free(text);
}

static void a_probability_is_given_only_where_there_is_one(void **state)
{
    (void)state;
    train("training.objective=hinge");
    save_digits(1);
    char *text = program_output("discriminate", "1", "digit.png");
    assert_non_null(strstr(text, "with the objective hinge, the logit of D is no probability"));
    free(text);
    struct json *root = parse(program_output("discriminate", "1", "digit.png", "--json"));
    assert_null(json_member(verdict(root, 0, 0), "probability"));
    json_free(root);
}

static void snapshots_are_averaged(void **state)
{
    (void)state;
    double logits[3];
    train("training.seed=3");
    save_digits(1);
    static const char *const steps[] = { "200", "180" };
    for (int i = 0; i < 2; i++) {
        struct json *root =
            parse(program_output("discriminate", "1", "digit.png", "--json", "--step", steps[i]));
        logits[i] = number(verdict(root, 0, 0), "logit");
        json_free(root);
    }
    struct json *root =
        parse(program_output("discriminate", "1", "digit.png", "--json", "--snapshots", "2"));
    logits[2] = number(verdict(root, 0, 0), "logit");
    assert_int_equal(json_length(json_member(root, "steps")), 2);
    json_free(root);
    assert_true(logits[0] != logits[1]);
    assert_true(fabs(logits[2] - (logits[0] + logits[1]) / 2) < 1e-5);
}

static void conditional_run_must_be_told_the_class(void **state)
{
    (void)state;
    small_digits();
    struct program program = program_start("run", "-f", "tiny.ini", "-s", SMALL_DATA, LABELLED);
    program_expect(&program, 0, "");
    save_digits(1);
    program = program_start("discriminate", "1", "digit.png");
    program_expect(&program, 1, "run 1 is conditional: say with --label");
    program = program_start("discriminate", "1", "digit.png", "--label", "10");
    program_expect(&program, 1, "knows the classes 0 to 9");
    struct json *root =
        parse(program_output("discriminate", "1", "digit.png", "--label", "7", "--json"));
    assert_true(number(verdict(root, 0, 0), "label") == 7);
    json_free(root);
}

static void a_classifier_is_trained_when_asked_for_and_reads_then(void **state)
{
    (void)state;
    train("training.seed=3");
    save_digits(30);
    struct program program = program_start("discriminate", "1", "digit.png", "--train");
    int status = program_wait(&program);
    assert_int_equal(status, 0);
    assert_non_null(strstr(program.errors, "training the classifier: 90 %\n"));
    assert_non_null(strstr(program.output, "read as"));
    program_release(&program);
    struct json *root = parse(program_output("discriminate", "1", "digits-idx", "--json"));
    int right = 0;
    for (size_t i = 0; i < 30; i++) /* every ten digits are 0 to 9, in any order, of which it has
                                       learned 166 images */
        right += number(verdict(root, 0, i), "confidence") > 0.1;
    assert_int_equal(right, 30);
    json_free(root);
}

static void roc_tells_noise_from_real_images(void **state)
{
    (void)state;
    train("training.seed=3");
    struct program more = program_start("run", "-f", "tiny.ini", "-s", SMALL_DATA);
    program_expect(&more, 0, "");
    save_digits(30);
    struct json *root = parse(program_output("discriminate", "1", "--roc", "--against", "2",
                                             "--count", "150", "--json", "digits-idx"));
    const struct json *others = json_member(root, "others");
    static const char *const names[] = { "own samples", "samples of run 2", "digits-idx", "noise" };
    assert_int_equal(json_length(others), ARRAY_SIZE(names));
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct json *other = json_item(others, i);
        assert_string_equal(json_get_string(json_member(other, "images")), names[i]);
        double auc = number(other, "auc");
        assert_true(auc >= 0 && auc <= 1);
        assert_int_equal(json_length(json_member(other, "roc")), 101);
    }
    assert_true(number(json_item(others, 0), "auc") > 0.9);
    assert_true(number(json_item(others, 3), "auc") > 0.95);
    double same = number(json_item(others, 2), "auc"); /* images of the test set themselves */
    assert_true(same > 0.35 && same < 0.65);
    assert_true(fabs(number(root, "overfit_gap")) < 1);
    json_free(root);
    char *text = program_output("discriminate", "1", "--roc", "--count", "200");
    assert_non_null(strstr(text, "taken for real: test images, over others"));
    assert_non_null(strstr(text, "overfit gap: training images lie"));
    free(text);
}

/* One that completes images, whose D sees each beside what is left of it. */
static void image_to_image_run_judges_pairs(void **state)
{
    (void)state;
    small_digits();
    struct program program = program_start(
        "run", "-f", "tiny.ini", "-s", SMALL_DATA, "-s", "data.corruption=left", "-s",
        "generator.layers=condition | dense 16 | relu | dense 784 | tanh | reshape 1x28x28", "-s",
        "discriminator.layers=condition | flatten | dense 16 | lrelu 0.2 | dense 1");
    program_expect(&program, 0, "");
    save_digits(30);
    struct json *root = parse(program_output("discriminate", "1", "digits-idx", "--json"));
    assert_true(number(verdict(root, 0, 0), "logit") != number(verdict(root, 0, 1), "logit"));
    json_free(root);
    root = parse(program_output("discriminate", "1", "--roc", "--json"));
    const struct json *own = json_item(json_member(root, "others"), 0);
    assert_true(number(own, "count") == SMALL_TEST);
    assert_true(number(own, "auc") > 0.6);
    json_free(root);
    program = program_start("run", "-f", "tiny.ini", "-s", SMALL_DATA);
    program_expect(&program, 0, "");
    program = program_start("discriminate", "2", "--roc", "--against", "1");
    program_expect(&program, 1, "the generator of run 1 gets an image");
}

static void what_cannot_be_judged_is_one_sentence(void **state)
{
    (void)state;
    struct program program = program_start("discriminate", "1", "x.png");
    assert_true(program_wait(&program) != 0);
    program_release(&program);
    train("training.seed=3");
    save_digits(1);
    program = program_start("discriminate", "1");
    program_expect(&program, 2, "it needs images to judge, or --roc");
    program = program_start("discriminate", "1", "digit.png", "--against", "1");
    program_expect(&program, 2, "'--against' goes with --roc");
    program = program_start("discriminate", "1", "tiny.ini");
    program_expect(&program, 1, "'tiny.ini' is neither a PNG nor an IDX file");
    program = program_start("discriminate", "1", "absent.png");
    program_expect(&program, 1, "absent.png");
    program = program_start("discriminate", "1", "digit.png", "--label", "3");
    program_expect(&program, 1, "run 1 is not conditional");
    program = program_start("discriminate", "1", "--roc", "--against", "9");
    program_expect(&program, 3, "there is no run 9");
    program = program_start("run", "-f", "--", "true");
    program_expect(&program, 0, "");
    program = program_start("discriminate", "2", "digit.png");
    program_expect(&program, 1, "run 2 is a command");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PROGRAM_SCRATCH(images_are_set_beside_the_test_images),
        IN_PROGRAM_SCRATCH(table_says_what_was_done_and_what_is_unlike),
        IN_PROGRAM_SCRATCH(a_probability_is_given_only_where_there_is_one),
        IN_PROGRAM_SCRATCH(snapshots_are_averaged),
        IN_PROGRAM_SCRATCH(conditional_run_must_be_told_the_class),
        IN_PROGRAM_SCRATCH(a_classifier_is_trained_when_asked_for_and_reads_then),
        IN_PROGRAM_SCRATCH(roc_tells_noise_from_real_images),
        IN_PROGRAM_SCRATCH(image_to_image_run_judges_pairs),
        IN_PROGRAM_SCRATCH(what_cannot_be_judged_is_one_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
